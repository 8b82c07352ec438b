import { expect, it } from 'vitest'
import { SHARED_TIME_BYTES, TimestampGenerator } from './timestamps.ts'

it('grows without end, also when the clock stands still or goes back', () => {
  let nowMs = 1_000
  const one = new TimestampGenerator(() => nowMs)
  expect([one.next(), one.next()]).toEqual([1_000_000, 1_000_001])
  nowMs = 900
  expect(one.next()).toBe(1_000_002)
  nowMs = 1_001
  expect(one.next()).toBe(1_001_000)
})

it('threads share the last value: what comes later on another thread is younger', () => {
  const shared = new SharedArrayBuffer(SHARED_TIME_BYTES)
  let nowMs = 1_000
  const threads = [0, 1].map(() => new TimestampGenerator(() => nowMs, shared))
  const [a, b] = threads as [TimestampGenerator, TimestampGenerator]
  expect([a.next(), a.next(), b.next(), a.next()]).toEqual([
    1_000_000, 1_000_001, 1_000_002, 1_000_003,
  ])
  nowMs = 999
  expect(b.next()).toBe(1_000_004)
  nowMs = 1_002
  expect([b.next(), a.next()]).toEqual([1_002_000, 1_002_001])
})
