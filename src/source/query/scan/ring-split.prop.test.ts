import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatRanges,
  MURMUR3_BOUNDS,
  parseRanges,
  RANDOM_BOUNDS,
  shareOut,
  splitRing,
} from './ring-split.ts'

const bounds = fc.constantFrom(MURMUR3_BOUNDS, RANDOM_BOUNDS)
const token = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 127n })

describe('splitRing', () => {
  it('covers every token exactly once, keeps the boundaries, and is as many as asked', () => {
    const ends = fc.array(token, { maxLength: 40 })
    fc.assert(
      fc.property(bounds, ends, fc.integer({ min: 1, max: 300 }), (ring, tokens, count) => {
        const ranges = splitRing(ring, tokens, count)
        expect(ranges[0]!.start).toBe(ring.below)
        expect(ranges.at(-1)!.end).toBe(ring.highest)
        for (let i = 0; i < ranges.length; i++) {
          expect(ranges[i]!.start < ranges[i]!.end).toBe(true)
          if (i > 0) expect(ranges[i]!.start).toBe(ranges[i - 1]!.end)
        }
        expect(ranges.length).toBeGreaterThanOrEqual(count)
        const inside = tokens.filter(one => one > ring.below && one < ring.highest)
        const all = new Set(ranges.map(range => range.end))
        for (const end of inside) expect(all.has(end)).toBe(true)
      }),
    )
  })

  it('shares out neighbours, none lost, none twice, evenly; texts give them back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 20 }),
        (count, tasks) => {
          const ranges = splitRing(MURMUR3_BOUNDS, [], count)
          const shares = shareOut(ranges, tasks)
          expect(shares.flat()).toEqual(ranges)
          const sizes = shares.map(share => share.length)
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
          expect(sizes.length).toBe(Math.min(tasks, ranges.length))
          for (const share of shares) expect(parseRanges(formatRanges(share))).toEqual(share)
        },
      ),
    )
  })

  it.each(['', '1', '1:', '5:5', '6:5', 'a:b', '1:2;3:4'])('is not ours: "%s"', text => {
    expect(parseRanges(text)).toBeUndefined()
  })
})
