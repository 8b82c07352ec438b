/** What is counted per channel: the rate is that of the last minute, whenever it is asked for. */
import { expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { ChannelCounters } from './channel-counters.ts'

it('tells what was delivered in the last minute, and forgets what is older', () => {
  let nowMs = 1_000_000
  const counters = new ChannelCounters({ ...systemClock, monotonicMs: () => nowMs })
  expect(counters.rate(1)).toBe(0)
  counters.addDelivered(1, 60)
  expect(counters.rate(1)).toBe(1)
  nowMs += 30_000
  counters.addDelivered(1, 30)
  expect([counters.rate(1), counters.rate(2)]).toEqual([1.5, 0])
  nowMs += 31_000
  expect(counters.rate(1)).toBe(0.5)
  nowMs += 3_600_000
  expect([counters.rate(1), counters.of(1).delivered]).toEqual([0, 90])
})
