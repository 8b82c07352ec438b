import { expect, it } from 'vitest'
import { RebalanceWatch } from './rebalance-watch.ts'

it('counts rounds and their times', () => {
  let nowMs = 100
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: async () => undefined }
  const watch = new RebalanceWatch(clock)
  expect(watch.numbers).toMatchObject({ isRebalancing: false, completed: 0, averageMs: 0 })
  watch.ended(1)
  nowMs = 200
  watch.began()
  nowMs = 230
  watch.began()
  expect(watch.numbers.isRebalancing).toBe(true)
  nowMs = 240
  watch.ended(2)
  nowMs = 250
  expect(watch.numbers).toEqual({
    isRebalancing: false,
    epoch: 2,
    completed: 2,
    averageMs: 20,
    maxMs: 40,
    sinceLastMs: 10,
  })
})
