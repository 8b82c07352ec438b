/**
 * Figures over a span of time from counts of buckets.
 */
import { expect, it } from 'vitest'
import { difference, quantile, sumOf } from './bucket-counts.ts'

it('counts what came between two readings, and all of a counter that began again', () => {
  expect(difference([5, 7, 1], [2, 7, 0])).toEqual([3, 0, 1])
  expect(difference([5, 7, 1], [])).toEqual([5, 7, 1])
  expect(difference([1, 0], [4, 0])).toEqual([1, 0])
})

it('adds up', () => {
  expect(sumOf([[1, 2], [], [3, 4, 5]])).toEqual([4, 6, 5])
  expect(sumOf([])).toEqual([])
})

it.each([
  { counts: [], part: 0.5, found: null },
  { counts: [0, 0, 0], part: 0.5, found: null },
  { counts: [10, 0, 0], part: 0.5, found: 0.05 },
  { counts: [0, 10, 0], part: 0.5, found: 0.3 },
  { counts: [5, 5, 0], part: 1, found: 0.5 },
  { counts: [0, 0, 3], part: 0.99, found: 0.5 },
])('tells the quantile $part of $counts', ({ counts, part, found }) => {
  const told = quantile([0.1, 0.5], counts, part)
  if (found === null) expect(told).toBeNull()
  else expect(told).toBeCloseTo(found, 9)
})
