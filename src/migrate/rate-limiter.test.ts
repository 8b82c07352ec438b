import { describe, expect, it } from 'vitest'
import type { Clock } from '../base/clock.ts'
import { RateLimiter } from './rate-limiter.ts'

class StepClock implements Clock {
  ms = 1000
  nowMs(): number {
    return this.ms
  }
  monotonicMs(): number {
    return this.ms
  }
  sleep(ms: number): Promise<void> {
    this.ms += ms
    return Promise.resolve()
  }
}

describe('RateLimiter', () => {
  const signal = new AbortController().signal

  it.each([1, 10, 700])('keeps within 5 percent of the rate with pages of %i', async size => {
    const clock = new StepClock()
    const limiter = new RateLimiter(1000, clock)
    let rows = 0
    while (clock.ms < 61_000) {
      await limiter.wait(signal)
      limiter.use(size)
      rows += size
      clock.ms += 0.3
    }
    const perSecond = rows / 60
    expect(Math.abs(perSecond - 1000)).toBeLessThan(50)
  })

  it('does not make up for a pause', async () => {
    const clock = new StepClock()
    const limiter = new RateLimiter(1000, clock)
    clock.ms += 60_000
    const startMs = clock.ms
    for (let rows = 0; rows < 2000; rows += 100) {
      await limiter.wait(signal)
      limiter.use(100)
    }
    expect(clock.ms - startMs).toBeGreaterThan(1500)
  })
})
