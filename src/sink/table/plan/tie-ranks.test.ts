import { describe, expect, it } from 'vitest'
import { RANK_MAX, TieRanks } from './tie-ranks.ts'

describe('TieRanks', () => {
  it('ranks records of one key within a millisecond, other keys stay at 0', () => {
    const ranks = new TieRanks()
    expect([ranks.next(5, 1), ranks.next(5, 1), ranks.next(5, 2), ranks.next(5, 1)]).toEqual([
      0, 1, 0, 2,
    ])
    expect(ranks.next(6, 1)).toBe(0)
  })

  it('continues above what it gave when a millisecond comes back', () => {
    const ranks = new TieRanks()
    ranks.next(5, 1)
    ranks.next(5, 1)
    ranks.next(6, 1)
    expect(ranks.next(5, 1)).toBe(2)
    expect(ranks.next(5, 9)).toBe(2)
  })

  it('continues above the committed rank after a restart', () => {
    const before = new TieRanks()
    before.next(5, 1)
    before.next(5, 1)
    const after = new TieRanks()
    after.restore(5, before.highestOf(5))
    expect(after.next(5, 1)).toBe(2)
    expect(after.next(7, 1)).toBe(0)
  })

  it('remembers milliseconds that are far apart, and their latest rank', () => {
    const ranks = new TieRanks()
    const times = [7, 7 + 4096, 7 + 2 * 4096, 7 + 3 * 4096]
    for (const ms of times) for (let i = 0; i <= ms % 5; i++) ranks.next(ms, 1)
    ranks.next(0, 1)
    expect(times.map(ms => ranks.highestOf(ms))).toEqual(times.map(ms => ms % 5))
    ranks.next(7, 1)
    ranks.next(0, 1)
    expect(times.map(ms => ranks.highestOf(ms))).toEqual([3, ...times.slice(1).map(ms => ms % 5)])
  })

  it('stops at 999', () => {
    const ranks = new TieRanks()
    for (let i = 0; i < 1500; i++) ranks.next(5, 1)
    expect(ranks.next(5, 1)).toBe(RANK_MAX)
  })

  it('tells -1 for a millisecond it never saw', () => {
    expect(new TieRanks().highestOf(3)).toBe(-1)
  })

  it('bounds the keys of one millisecond, and never gives a lower rank to a later record', () => {
    const ranks = new TieRanks()
    ranks.next(5, -1)
    expect(ranks.next(5, -1)).toBe(1)
    for (let key = 0; key < 70_000; key++) ranks.next(5, key)
    expect(ranks.next(5, -1)).toBe(2)
    expect(ranks.next(5, -1)).toBe(3)
  })
})
