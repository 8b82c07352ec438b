import { describe, expect, it } from 'vitest'
import type { ScamanderError } from '../base/scamander-error.ts'
import { RetryLimit, type RetryPolicy } from './retry-limit.ts'
import { bad, gone } from './test-source.ts'

/** The pauses of an operation that always fails, at most twelve. */
async function pauses(policy: RetryPolicy, error: ScamanderError = gone()): Promise<number[]> {
  let nowMs = 1_000
  const found: number[] = []
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      found.push(ms)
      nowMs += ms
    },
  }
  const limit = new RetryLimit(policy, clock, () => 0.5)
  const { signal } = new AbortController()
  while (found.length < 12 && (await limit.again(error, signal)));
  return found
}

describe('how long a failure that passes is repeated', () => {
  it.each<[string, RetryPolicy, number[]]>([
    ['not at all', { timeoutMs: 0, delayMaxMs: 60_000 }, []],
    ['up to the deadline', { timeoutMs: 1_000, delayMaxMs: 60_000 }, [300, 600, 100]],
    [
      'above its limit a random pause',
      { timeoutMs: 2_500, delayMaxMs: 1_000 },
      [300, 600, 500, 500, 500, 100],
    ],
    [
      'for ever',
      { timeoutMs: -1, delayMaxMs: 400 },
      [300, ...Array.from({ length: 11 }, () => 200)],
    ],
  ])('%s', async (_what, policy, expected) => {
    expect(await pauses(policy)).toEqual(expected)
  })

  it('leaves alone what does not pass', async () => {
    expect(await pauses({ timeoutMs: -1, delayMaxMs: 400 }, bad())).toEqual([])
  })

  it('ends with the task', async () => {
    const stop = new AbortController()
    const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => stop.abort() }
    const limit = new RetryLimit({ timeoutMs: -1, delayMaxMs: 1 }, clock)
    expect(await limit.again(gone(), stop.signal)).toBe(false)
  })
})
