/** Replica placement by hand-checked tables, and the search for a token's range. */
import { describe, expect, it } from 'vitest'
import { parseReplication } from './replication.ts'
import { buildTokenRing, type RingNode } from './token-ring.ts'
import type { NodeRef } from './topology.ts'

/** `A1:r1@dc1=0,30`: node A1 in rack r1 of dc1 with tokens 0 and 30. */
function nodes(...texts: string[]): RingNode[] {
  return texts.map(text => {
    const [, hostId, rack, dc, tokens] = /^(\w+):(\w+)@(\w+)=(.*)$/.exec(text)!
    const node: NodeRef = {
      hostId: hostId!,
      address: hostId!,
      endpoint: { host: hostId!, port: 9042 },
      dc: dc!,
      rack: rack!,
      releaseVersion: '5.0.6',
      isLocal: dc === 'dc1',
      isUp: true,
    }
    return { node, tokens: tokens!.split(',') }
  })
}

function replicasOf(ring: RingNode[], replication: Record<string, string>): string[] {
  const built = buildTokenRing({ keyspace: 'ks', version: 1 }, ring, parseReplication(replication))!
  return [...built.replicaSetIds].map(id =>
    built.replicaSets[id]!.map(node => node.hostId).join(' '),
  )
}

const SIMPLE = (factor: string) => ({
  class: 'org.apache.cassandra.locator.SimpleStrategy',
  replication_factor: factor,
})
const NETWORK = (factors: Record<string, string>) => ({
  class: 'org.apache.cassandra.locator.NetworkTopologyStrategy',
  ...factors,
})
const FLAT = ['A:r1@dc1=0', 'B:r1@dc1=10', 'C:r1@dc1=20']
const RACKS = ['A:r1@dc1=0', 'B:r1@dc1=10', 'C:r2@dc1=20', 'D:r2@dc1=30']
const TWO_DCS = ['A:r1@dc1=0', 'X:r1@dc2=5', 'B:r1@dc1=10', 'Y:r2@dc2=15']

describe('placement', () => {
  it.each<[string, string[], Record<string, string>, string[]]>([
    ['simple 1', FLAT, SIMPLE('1'), ['A', 'B', 'C']],
    ['simple 2', FLAT, SIMPLE('2'), ['A B', 'B C', 'C A']],
    ['simple beyond the nodes', FLAT, SIMPLE('9'), ['A B C', 'B C A', 'C A B']],
    ['simple ignores racks', RACKS, SIMPLE('2'), ['A B', 'B C', 'C D', 'D A']],
    ['simple, local first', TWO_DCS, SIMPLE('2'), ['A X', 'B X', 'B Y', 'A Y']],
    ['network 1', FLAT, NETWORK({ dc1: '1' }), ['A', 'B', 'C']],
    ['network, racks first', RACKS, NETWORK({ dc1: '2' }), ['A C', 'B C', 'C A', 'D A']],
    ['network, one repeat', RACKS, NETWORK({ dc1: '3' }), ['A B C', 'B C D', 'C D A', 'D A B']],
    ['network, fewer than racks', RACKS, NETWORK({ dc1: '1' }), ['A', 'B', 'C', 'D']],
    ['transient', FLAT, NETWORK({ dc1: '2/1' }), ['A B', 'B C', 'C A']],
    ['two dcs', TWO_DCS, NETWORK({ dc1: '1', dc2: '1' }), ['A X', 'B X', 'B Y', 'A Y']],
    [
      'two dcs, all',
      TWO_DCS,
      NETWORK({ dc1: '2', dc2: '2' }),
      ['A B X Y', 'B A X Y', 'B A Y X', 'A B Y X'],
    ],
    ['remote only', TWO_DCS, NETWORK({ dc2: '1' }), ['X', 'X', 'Y', 'Y']],
    ['unknown dc', FLAT, NETWORK({ dc9: '3' }), ['', '', '']],
    ['everywhere', FLAT, { class: 'EverywhereStrategy' }, ['A B C', 'B C A', 'C A B']],
    ['several tokens', ['A:r1@dc1=0,20', 'B:r1@dc1=10'], SIMPLE('2'), ['A B', 'B A', 'A B']],
  ])('%s', (_name, texts, replication, expected) => {
    expect(replicasOf(nodes(...texts), replication)).toEqual(expected)
  })

  it('cannot be told for LocalStrategy, unknown strategies and rings without tokens', () => {
    const build = (ring: RingNode[], name: string) =>
      buildTokenRing({ keyspace: 'k', version: 1 }, ring, parseReplication({ class: name }))
    expect(build(nodes(...FLAT), 'org.apache.cassandra.locator.LocalStrategy')).toBeUndefined()
    expect(build(nodes(...FLAT), 'com.example.Mine')).toBeUndefined()
    expect(build([], 'EverywhereStrategy')).toBeUndefined()
  })
})

describe('ranges', () => {
  const low = -(2n ** 63n)
  const ends = [low, -5_000_000_000n, -1n, 0n, 4_294_967_296n, 2n ** 63n - 2n]
  const ring = buildTokenRing(
    { keyspace: 'ks', version: 7 },
    nodes(...ends.map((end, i) => `N${i}:r1@dc1=${end}`)),
    { strategy: 'simple', factor: 1 },
  )!

  it('ascend, with the keyspace and version given', () => {
    const tokens = Array.from(ring.high, (h, i) => (BigInt(h) << 32n) + BigInt(ring.low[i]!))
    expect(tokens).toEqual(ends)
    expect([ring.keyspace, ring.version, ring.size]).toEqual(['ks', 7, 6])
  })

  it.each([
    [low, 0],
    [low + 1n, 1],
    [-5_000_000_000n, 1],
    [-4_999_999_999n, 2],
    [-1n, 2],
    [0n, 3],
    [1n, 4],
    [4_294_967_295n, 4],
    [4_294_967_296n, 4],
    [4_294_967_297n, 5],
    [2n ** 63n - 2n, 5],
    [2n ** 63n - 1n, 0],
  ])('token %s is in range %i', (token, range) => {
    const high = Number(token >> 32n)
    const half = Number(token & 0xffffffffn)
    expect(ring.rangeIndex(high, half)).toBe(range)
    expect(ring.rangeIndex(high, half | 0)).toBe(range)
    expect(ring.replicas(high, half).map(node => node.hostId)).toEqual([`N${range}`])
  })

  it('shares equal replica sets', () => {
    const shared = buildTokenRing(
      { keyspace: 'ks', version: 1 },
      nodes('A:r1@dc1=0,2,4', 'B:r1@dc1=1,3,5'),
      { strategy: 'simple', factor: 1 },
    )!
    expect(shared.replicaSets.length).toBe(2)
    expect([...shared.replicaSetIds]).toEqual([0, 1, 0, 1, 0, 1])
  })
})
