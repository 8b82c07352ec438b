import { describe, expect, it } from 'vitest'
import type { TopicSource } from '../flow/index.ts'
import { PositionTracker } from './position-tracker.ts'
import { REWIND_BACKOFF, type RewindCause, Rewinds } from './rewinds.ts'

/** Pauses of a partition that fails `times` times at one offset, in whole seconds. */
function pausesOf(cause: RewindCause, times: number, pauseMs?: number): number[] {
  const pauses: number[] = []
  const source = { pause: () => undefined, seek: () => undefined, resume: () => undefined }
  const rewinds = new Rewinds({
    source: source as unknown as TopicSource,
    positions: new PositionTracker(),
    clock: {
      nowMs: () => 0,
      monotonicMs: () => 0,
      sleep: async ms => {
        pauses.push(ms)
      },
    },
    backoff: { ...REWIND_BACKOFF, jitter: 0 },
    pauseMs,
  })
  for (let i = 0; i < times; i++) {
    rewinds.request({ topic: 't', partition: 0, offset: 7 }, cause)
    rewinds.carryOut()
  }
  return pauses.map(ms => ms / 1000)
}

describe('Rewinds', () => {
  it.each<[RewindCause, number[]]>([
    ['record', [1, 2, 4, 8, 16, 32, 60, 60]],
    ['target', [1, 2, 4, 5, 5, 5, 5, 5]],
    ['delivery', [1, 2, 4, 5, 5, 5, 5, 5]],
  ])('waits longer each time for a %s', (cause, expected) => {
    expect(pausesOf(cause, expected.length)).toEqual(expected)
  })

  it.each<RewindCause>(['record', 'target'])('waits the configured interval for a %s', cause => {
    expect(pausesOf(cause, 3, 60_000)).toEqual([60, 60, 60])
  })

  it('does not wait the interval for a delivery that nobody judged', () => {
    expect(pausesOf('delivery', 3, 60_000)).toEqual([1, 2, 4])
  })
})
