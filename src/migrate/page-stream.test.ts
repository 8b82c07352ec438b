import { describe, expect, it } from 'vitest'
import { pageSizeFor, rangeValues } from './page-stream.ts'

describe('pageSizeFor', () => {
  it.each([
    [2000, 6, [undefined, undefined], 2000],
    [2000, 6, [24_000, undefined], 1000],
    [2000, 6, [24_000, 2400], 100],
    [2000, 6, [5], 1],
  ])('%i rows, %i ranges, rates %j: %i', (pageSize, concurrency, rates, expected) => {
    expect(pageSizeFor(pageSize, concurrency, ...rates)).toBe(expected)
  })
})

describe('rangeValues', () => {
  it('is the values region of both tokens', () => {
    const values = rangeValues({ start: -1n, end: 2n ** 63n - 1n })
    expect(values.toString('hex')).toBe('000200000008ffffffffffffffff000000087fffffffffffffff')
  })
})
