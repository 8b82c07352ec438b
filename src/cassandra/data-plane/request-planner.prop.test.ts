/** Every row in exactly one request; limits kept; waves never hold two rows of one key. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildTokenRing } from '../token-ring.ts'
import type { NodeRef } from '../topology.ts'
import { ReplicaRouter } from './replica-router.ts'
import { RequestLimits } from './request-limits.ts'
import { type PlannedRequest, planRequests } from './request-planner.ts'
import { FLAG_ORDERED, FLAG_UNROUTED } from './row-batch.ts'
import { batchOf, nodeOf, PLANNER, statementOf } from './test-plane.ts'

const NODES: readonly NodeRef[] = [1, 2, 3].map(port => nodeOf({ port }))
const RING = buildTokenRing(
  { keyspace: 'ks', version: 1 },
  NODES.map((node, i) => ({
    node,
    tokens: Array.from({ length: 8 }, (_, k) =>
      String(BigInt(k * 3 + i - 12) * 700_000_000_000_000_001n),
    ),
  })),
  { strategy: 'network', factors: new Map([['dc', 2]]) },
)
const ROUTER = new ReplicaRouter(RING)
const STATEMENTS = [0, 1].map(batchGroup => statementOf({ batchGroup }))

const row = fc.record({
  key: fc.integer({ min: 0, max: 12 }),
  value: fc.constant(0),
  flags: fc.constantFrom(0, 0, 0, FLAG_ORDERED, FLAG_UNROUTED, FLAG_UNROUTED | FLAG_ORDERED),
  statement: fc.constantFrom(...STATEMENTS),
  padding: fc.constantFrom(0, 0, 100, 3000, 9000),
})
const options = fc.record({
  batchBy: fc.constantFrom('partition' as const, 'replica-set' as const),
  rowsMax: fc.constantFrom(1, 2, 32),
  partitionsMax: fc.constantFrom(1, 10),
  bytesMax: fc.constantFrom(200, 4800),
})
const CHILD_BYTES = 24
const PARTITION_BYTES_MAX = 256 * 1024

describe('planRequests', () => {
  it('keeps its promises', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), options, (rows, planner) => {
        const batch = batchOf(rows)
        const waves = planRequests(batch, () => ROUTER, planner)
        const all = waves.flat().flatMap(request => request.rows)
        expect([...all].sort((a, b) => a - b)).toEqual(rows.map((_, index) => index))
        const token = (at: number) => `${batch.tokenHigh[at]} ${batch.tokenLow[at]}`
        const check = ({ rows: members, replicas, bytes }: PlannedRequest) => {
          expect(inOrder(members, token)).toEqual(members)
          expect(new Set(members.map(at => batch.statements[at]!.batchGroup)).size).toBe(1)
          const sum = members.reduce((total, at) => total + batch.sizeOf(at), 0)
          expect(bytes).toBeGreaterThanOrEqual(sum)
          if (members.length === 1) return
          expect(members.some(at => (batch.flags[at]! & FLAG_UNROUTED) !== 0)).toBe(false)
          expect(members.length).toBeLessThanOrEqual(planner.rowsMax)
          const withChildren = sum + members.length * CHILD_BYTES
          if (planner.batchBy === 'partition') {
            expect(new Set(members.map(token)).size).toBe(1)
            expect(withChildren).toBeLessThanOrEqual(PARTITION_BYTES_MAX)
          } else {
            const partitions = new Set(members.map(token)).size
            expect(partitions).toBeLessThanOrEqual(planner.partitionsMax)
            const limit = partitions === 1 ? PARTITION_BYTES_MAX : planner.bytesMax
            expect(withChildren).toBeLessThanOrEqual(limit)
          }
          for (const at of members) {
            const set = ROUTER.replicaSetOf(batch.tokenHigh[at]!, batch.tokenLow[at]!)
            expect(replicas).toBe(ROUTER.sets[set])
          }
        }
        for (const request of waves.flat()) check(request)
        const waveOf = new Map<number, number>()
        waves.forEach((wave, number) => {
          for (const at of wave.flatMap(request => request.rows)) waveOf.set(at, number)
        })
        const last = new Map<string, number>()
        rows.forEach(({ flags }, at) => {
          if ((flags & FLAG_ORDERED) === 0) {
            expect(waveOf.get(at)).toBe(0)
            return
          }
          const before = last.get(token(at)) ?? -1
          expect(waveOf.get(at)).toBeGreaterThan(before)
          last.set(token(at), waveOf.get(at)!)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('brings the rows of a partition together, in the order of their records', () => {
    const rows = Array.from({ length: 60 }, (_, at) => ({ key: at % 4, value: 0 }))
    const batch = batchOf(rows)
    const none = new ReplicaRouter(undefined)
    const [wave] = planRequests(batch, () => none, { ...PLANNER, rowsMax: 32, partitionsMax: 2 })
    expect(wave!.map(({ rows: members }) => members.length)).toEqual([30, 30])
    for (const { rows: members } of wave!) {
      const keys = members.map(at => rows[at]!.key)
      expect(new Set(keys.slice(0, 15)).size).toBe(1)
      expect(new Set(keys.slice(15)).size).toBe(1)
      for (const half of [members.slice(0, 15), members.slice(15)]) {
        expect([...half].sort((a, b) => a - b)).toEqual(half)
      }
    }
  })

  it('fills requests: rows of one replica set share batches of ten', () => {
    const rows = Array.from({ length: 25 }, (_, key) => ({ key, value: 0 }))
    const none = new ReplicaRouter(undefined)
    const [wave] = planRequests(batchOf(rows), () => none, PLANNER)
    expect(wave!.map(request => request.rows.length)).toEqual([10, 10, 5])
    expect(wave![0]!.replicas).toBeUndefined()
  })
})

/** Rows of one partition ascending, partitions where they stand. */
function inOrder(members: readonly number[], token: (at: number) => string): number[] {
  const sorted = new Map<string, number[]>()
  for (const at of [...members].sort((a, b) => a - b)) {
    sorted.set(token(at), [...(sorted.get(token(at)) ?? []), at])
  }
  return members.map(at => sorted.get(token(at))!.shift()!)
}

describe('ReplicaRouter', () => {
  it('names the local replicas of every token, and nobody without a ring', () => {
    expect(RING).toBeDefined()
    const { tokenHigh, tokenLow, count } = batchOf(
      Array.from({ length: 200 }, (_, key) => ({ key, value: 0 })),
    )
    const used = new Set<number>()
    for (let at = 0; at < count; at++) {
      const set = ROUTER.replicaSetOf(tokenHigh[at]!, tokenLow[at]!)
      used.add(set)
      const names = (nodes: readonly NodeRef[]) => nodes.map(node => node.hostId).sort()
      expect(names(ROUTER.sets[set]!)).toEqual(names(RING!.replicas(tokenHigh[at]!, tokenLow[at]!)))
    }
    expect(used.size).toBe(ROUTER.sets.length)
    expect(new ReplicaRouter(undefined).replicaSetOf(1, 2)).toBe(-1)
  })
})

describe('RequestLimits', () => {
  it('bounds requests and bytes, but lets one request of any size through', () => {
    const limits = new RequestLimits(2, 100)
    expect(limits.hasRoom(1000)).toBe(true)
    limits.take(1000)
    expect(limits.hasRoom(1)).toBe(false)
    limits.release(1000)
    limits.take(60)
    expect([limits.hasRoom(40), limits.hasRoom(41)]).toEqual([true, false])
    limits.take(40)
    expect(limits.hasRoom(0)).toBe(false)
    expect([limits.requests, limits.bytes, limits.requestsHigh]).toEqual([2, 100, 2])
  })
})
