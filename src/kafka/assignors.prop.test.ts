import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions, type GroupSubscription, type TopicPartition } from './assignors.ts'

const TOPICS = ['a', 'b', 'c']
const counts = fc.record({ a: fc.nat(9), b: fc.nat(9), c: fc.nat(9) })
const subscriptions = fc
  .array(fc.subarray(TOPICS, { minLength: 1 }), { minLength: 1, maxLength: 5 })
  .map(list =>
    list.map(
      (topics, i): GroupSubscription => ({ memberId: `m${i}`, topics, owned: [], generation: -1 }),
    ),
  )
const same = fc.integer({ min: 1, max: 6 }).map(count =>
  Array.from(
    { length: count },
    (_, i): GroupSubscription => ({
      memberId: `m${i}`,
      topics: TOPICS,
      owned: [],
      generation: -1,
    }),
  ),
)

const names = (partitions: readonly TopicPartition[]) =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`)

describe('assignors', () => {
  it.each(['range', 'roundrobin', 'cooperative-sticky'] as const)(
    '%s gives every subscribed partition to exactly one subscriber',
    assignor => {
      fc.assert(
        fc.property(subscriptions, counts, (members, sizes) => {
          const result = assignPartitions(assignor, members, new Map(Object.entries(sizes)))
          const given = [...result.values()].flatMap(names)
          const wanted = TOPICS.filter(t => members.some(m => m.topics.includes(t))).flatMap(
            topic => Array.from({ length: sizes[topic as 'a'] }, (_, p) => `${topic}-${p}`),
          )
          expect(given.sort()).toEqual(wanted.sort())
          for (const { memberId, topics } of members) {
            for (const { topic } of result.get(memberId)!) expect(topics).toContain(topic)
          }
        }),
      )
    },
  )

  it('cooperative-sticky balances to a difference of one when all subscribe the same', () => {
    fc.assert(
      fc.property(same, counts, (members, sizes) => {
        const result = assignPartitions(
          'cooperative-sticky',
          members,
          new Map(Object.entries(sizes)),
        )
        const loads = [...result.values()].map(list => list.length)
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('cooperative-sticky never gives a partition to two owners, and settles in two rounds', () => {
    fc.assert(
      fc.property(same, same, counts, (before, after, sizes) => {
        const map = new Map(Object.entries(sizes))
        const first = assignPartitions('cooperative-sticky', before, map)
        const joined = after.map(member => ({
          ...member,
          owned: first.get(member.memberId) ?? [],
          generation: first.has(member.memberId) ? 1 : -1,
        }))
        const second = assignPartitions('cooperative-sticky', joined, map)
        for (const [memberId, given] of second) {
          const others = joined.filter(m => m.memberId !== memberId).flatMap(m => names(m.owned))
          for (const name of names(given)) expect(others).not.toContain(name)
        }
        const third = assignPartitions(
          'cooperative-sticky',
          joined.map(m => ({ ...m, owned: second.get(m.memberId)!, generation: 2 })),
          map,
        )
        const total = Object.values(sizes).reduce((sum, n) => sum + n, 0)
        const loads = [...third.values()].map(list => list.length)
        expect(loads.reduce((sum, n) => sum + n, 0)).toBe(total)
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('range deals out ranges per topic, the first members one more', () => {
    const members = ['x', 'y'].map(memberId => ({
      memberId,
      topics: ['a'],
      owned: [],
      generation: -1,
    }))
    const result = assignPartitions('range', members, new Map([['a', 5]]))
    expect(names(result.get('x')!)).toEqual(['a-0', 'a-1', 'a-2'])
    expect(names(result.get('y')!)).toEqual(['a-3', 'a-4'])
  })

  it('ignores claims of an older generation', () => {
    const owned = [{ topic: 'a', partition: 0 }]
    const members = [
      { memberId: 'new', topics: ['a'], owned, generation: 5 },
      { memberId: 'old', topics: ['a'], owned, generation: 4 },
    ]
    const result = assignPartitions('cooperative-sticky', members, new Map([['a', 1]]))
    expect([names(result.get('new')!), result.get('old')]).toEqual([['a-0'], []])
  })
})
