import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FULL_RING,
  sampleRanges,
  shuffle,
  splitRange,
  TOKEN_MAX,
  TOKEN_MIN,
} from './token-range.ts'

const token = fc.bigInt({ min: TOKEN_MIN, max: TOKEN_MAX })
const range = fc
  .tuple(token, token)
  .map(pair => pair.sort((a, b) => (a < b ? -1 : 1)))
  .map(([start, end]) => ({ start: start!, end: end! }))

describe('splitRange', () => {
  it('covers the range without gap or overlap', () => {
    fc.assert(
      fc.property(range, fc.integer({ min: 1, max: 300 }), (whole, count) => {
        const parts = splitRange(whole, count)
        expect(parts.length).toBeGreaterThan(0)
        expect(parts.length).toBeLessThanOrEqual(count)
        expect(parts[0]!.start).toBe(whole.start)
        expect(parts.at(-1)!.end).toBe(whole.end)
        for (const [i, part] of parts.entries()) {
          expect(part.start <= part.end).toBe(true)
          if (i > 0) expect(part.start).toBe(parts[i - 1]!.end + 1n)
        }
      }),
    )
  })

  it('makes parts of nearly equal size', () => {
    const sizes = splitRange(FULL_RING, 7).map(one => one.end - one.start + 1n)
    expect(sizes.every(size => size >= 2n ** 64n / 7n && size <= 2n ** 64n / 7n + 1n)).toBe(true)
  })

  it('has no more parts than tokens', () => {
    expect(splitRange({ start: 5n, end: 6n }, 10)).toEqual([
      { start: 5n, end: 5n },
      { start: 6n, end: 6n },
    ])
  })
})

describe('sampleRanges', () => {
  it('keeps the start and at least one token of each', () => {
    fc.assert(
      fc.property(range, fc.double({ min: 0.001, max: 100, noNaN: true }), (whole, percent) => {
        const [part] = sampleRanges([whole], percent)
        expect(part!.start).toBe(whole.start)
        expect(part!.end >= part!.start && part!.end <= whole.end).toBe(true)
      }),
    )
  })

  it('takes half of the ring at 50 percent', () => {
    expect(sampleRanges([FULL_RING], 50)).toEqual([{ start: TOKEN_MIN, end: -1n }])
    expect(sampleRanges([FULL_RING], 100)).toEqual([FULL_RING])
  })
})

describe('shuffle', () => {
  it('keeps every item once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), items => {
        expect(shuffle(items).sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b))
      }),
    )
  })
})
