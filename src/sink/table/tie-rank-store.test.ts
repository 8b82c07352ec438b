import { describe, expect, it } from 'vitest'
import { TieRankStore } from './tie-rank-store.ts'

const at = { topic: 't', partition: 2 }

describe('TieRankStore', () => {
  it('continues after a restart with the ranks of the committed text', () => {
    const before = new TieRankStore()
    const [first, second] = before.of('t', 2, 2)
    first!.next(7, 1)
    first!.next(7, 1)
    second!.next(7, 1)
    const metadata = before.toText(at, 7)
    expect(metadata).toBe('scamander:1:7:1,0')
    const after = new TieRankStore()
    after.restore({ ...at, offset: 5, metadata })
    expect(after.of('t', 2, 2).map(ranks => ranks.next(7, 1))).toEqual([2, 1])
  })

  it('has ranks for every table when a transform changes the topic', () => {
    const ranks = new TieRankStore()
    ranks.restore({ ...at, offset: 5, metadata: 'scamander:1:7:3' })
    expect(ranks.of('t', 2, 1)[0]!.next(7, 1)).toBe(4)
    expect(ranks.of('t', 2, 3).map(one => one.next(7, 1))).toEqual([5, 0, 0])
  })

  it('starts anew without a text that it knows', () => {
    const ranks = new TieRankStore()
    ranks.of('t', 2, 1)[0]!.next(7, 1)
    ranks.restore({ ...at, offset: 5, metadata: 'of somebody else' })
    expect(ranks.of('t', 2, 1)[0]!.next(7, 1)).toBe(0)
    expect(ranks.toText(at, -1)).toBe('')
  })
})
