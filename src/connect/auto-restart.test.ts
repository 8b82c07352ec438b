import { describe, expect, it } from 'vitest'
import type { Clock } from '../base/clock.ts'
import { type ErrorKind, ScamanderError } from '../base/scamander-error.ts'
import { Logger } from '../telemetry/index.ts'
import { AutoRestart } from './auto-restart.ts'

/** Time that moves by hand. */
class TestClock implements Clock {
  #nowMs = 1_000_000
  #waiting: { atMs: number; wake: () => void }[] = []

  nowMs() {
    return this.#nowMs
  }

  monotonicMs() {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ atMs: this.#nowMs + ms, wake: resolve })
    signal?.addEventListener('abort', () => resolve(), { once: true })
    return promise
  }

  async advance(ms: number): Promise<void> {
    this.#nowMs += ms
    const due = this.#waiting.filter(one => one.atMs <= this.#nowMs)
    this.#waiting = this.#waiting.filter(one => one.atMs > this.#nowMs)
    for (const { wake } of due) wake()
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
}

function setUp(more: { isEnabled?: boolean; attemptsMax?: number } = {}) {
  const clock = new TestClock()
  const restarts: string[] = []
  const auto = new AutoRestart({
    settings: { isEnabled: true, pauseMs: 1_000, pauseMsMax: 3_000, attemptsMax: 5, ...more },
    logger: Logger.silent(),
    restart: async (connector, task) => void restarts.push(`${connector}/${task}`),
    clock,
  })
  return { auto, clock, restarts }
}

function failure(kind: ErrorKind): ScamanderError {
  return new ScamanderError({ code: 'SCM_TEST', kind, summary: '', advice: '' }, 'failed')
}

describe('AutoRestart', () => {
  it('waits twice as long after each failure, up to a limit', async () => {
    const { auto, clock, restarts } = setUp()
    for (const pauseMs of [1_000, 2_000, 3_000, 3_000]) {
      restarts.length = 0
      auto.failed('a', 0, failure('fatal'))
      await clock.advance(pauseMs - 1)
      expect(restarts).toEqual([])
      await clock.advance(1)
      expect(restarts).toEqual(['a/0'])
    }
  })

  it('tells when, and when it has given up', async () => {
    const { auto, clock, restarts } = setUp({ attemptsMax: 1 })
    auto.failed('a', 0, failure('retriable'))
    expect(auto.noteOf('a', 0)).toBe('Restarts by itself at 1970-01-01T00:16:41.000Z (1 of 1).')
    await clock.advance(1_000)
    auto.failed('a', 0, failure('retriable'))
    expect(auto.noteOf('a', 0)).toMatch(/^Restarted by itself 1 times in vain/)
    await clock.advance(100_000)
    expect(restarts).toEqual(['a/0'])
    expect(auto.noteOf('a', 1)).toBeUndefined()
  })

  it('begins anew after a task ran for ten minutes', async () => {
    const { auto, clock, restarts } = setUp({ attemptsMax: 1 })
    for (let round = 0; round < 3; round++) {
      auto.failed('a', 0, failure('disconnected'))
      await clock.advance(1_000)
      auto.started('a', 0)
      await clock.advance(600_000)
    }
    expect(restarts).toHaveLength(3)
  })

  it.each(['data', 'request', 'cancelled'] as const)('leaves a failure of kind %s', async kind => {
    const { auto, clock, restarts } = setUp()
    auto.failed('a', 0, failure(kind))
    await clock.advance(100_000)
    expect([restarts, auto.noteOf('a', 0)]).toEqual([[], undefined])
  })

  it('does nothing when it is off, or after the connector is forgotten or the worker closed', async () => {
    const off = setUp({ isEnabled: false })
    off.auto.failed('a', 0, failure('fatal'))
    const { auto, clock, restarts } = setUp()
    for (const name of ['a', 'b', 'c']) {
      auto.failed(name, 0, failure('fatal'))
      auto.failed(name, 1, failure('fatal'))
    }
    auto.forget('a')
    auto.forget('b', 1)
    await off.clock.advance(100_000)
    await clock.advance(1_000)
    expect([off.restarts, restarts.sort()]).toEqual([[], ['b/0', 'c/0', 'c/1']])
    auto.failed('c', 0, failure('fatal'))
    auto.close()
    await clock.advance(100_000)
    expect(restarts).toHaveLength(3)
  })
})
