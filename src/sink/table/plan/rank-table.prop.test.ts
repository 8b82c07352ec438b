/** RankTable against the map it replaces. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RankTable } from './rank-table.ts'

const key = fc.oneof(
  fc.integer({ min: -3, max: 40 }),
  fc.maxSafeInteger(),
  fc.integer({ min: 0, max: 300 }).map(n => n * 4_294_967_296),
)
const act = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(key, fc.integer({ min: 0, max: 999 })) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
)

describe('RankTable', () => {
  it('answers as a map does, through growth, collisions and clearings', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 600 }), acts => {
        const table = new RankTable()
        const map = new Map<number, number>()
        for (const one of acts) {
          if (one === 'clear') {
            table.clear()
            map.clear()
            continue
          }
          expect(table.get(one[0])).toBe(map.get(one[0]) ?? -1)
          table.set(...one)
          map.set(...one)
          expect(table.get(one[0])).toBe(one[1])
        }
        expect(table.size).toBe(map.size)
        for (const [known, rank] of map) expect(table.get(known)).toBe(rank)
      }),
      { numRuns: 60 },
    )
  })
})
