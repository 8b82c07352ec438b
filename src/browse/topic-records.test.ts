import { expect, it } from 'vitest'
import { timeText } from './topic-records.ts'

it.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [1_763_733_751_204, '2025-11-21T14:02:31.204Z'],
  // Nanoseconds, as some producers write them.
  [1_763_733_751_204_000_000, null],
  [-1, null],
] as const)('shows the timestamp %d as %s', (ms, text) => {
  expect(timeText(ms)).toBe(text)
})
