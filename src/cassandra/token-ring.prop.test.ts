/** On any cluster, a token's replicas are those that the official driver computes. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseReplication } from './replication.ts'
import { buildTokenRing } from './token-ring.ts'
import type { NodeRef } from './topology.ts'

interface DriverMetadata {
  keyspaces: Record<string, unknown>
  _schemaParser: { _createKeyspace(...parts: unknown[]): unknown }
  setPartitioner(name: string): void
  buildTokens(hosts: { values(): unknown[] }): void
  newToken(text: string): unknown
  getReplicas(keyspace: string, token: unknown): { hostId: string }[]
}
const require = createRequire(import.meta.url)
const Metadata = require('cassandra-driver/lib/metadata') as new (
  options: object,
  control: object,
) => DriverMetadata

const node = fc.record({
  dc: fc.constantFrom('dc1', 'dc2', 'dc3'),
  rack: fc.constantFrom('r1', 'r2', 'r3'),
  tokens: fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
    minLength: 1,
    maxLength: 5,
  }),
})
const factor = fc.integer({ min: 1, max: 5 }).map(String)
const replication = fc.oneof(
  factor.map(one => ({ class: 'SimpleStrategy', replication_factor: one })),
  fc
    .dictionary(fc.constantFrom('dc1', 'dc2', 'dc3'), factor, { minKeys: 1, noNullPrototype: true })
    .map(factors => ({ class: 'NetworkTopologyStrategy', ...factors })),
)

describe('token ring', () => {
  it('agrees with the driver on every token', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 10 }),
        replication,
        fc.array(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), { maxLength: 8 }),
        (shapes, options, probes) => {
          const seen = new Set<bigint>()
          const hosts = shapes
            .map((shape, i) => ({
              hostId: `h${i}`,
              datacenter: shape.dc,
              rack: shape.rack,
              tokens: shape.tokens.filter(t => !seen.has(t) && seen.add(t)).map(String),
            }))
            .filter(host => host.tokens.length > 0)
          const metadata = new Metadata({}, {})
          metadata.setPartitioner('Murmur3Partitioner')
          metadata.buildTokens({ values: () => hosts })
          const { class: name, ...factors } = options as Record<string, string>
          metadata.keyspaces['ks'] = metadata._schemaParser._createKeyspace(
            'ks',
            true,
            name,
            factors,
          )
          const ring = buildTokenRing(
            { keyspace: 'ks', version: 1 },
            hosts.map(host => ({ node: toNode(host), tokens: host.tokens })),
            parseReplication(options as Record<string, string>),
          )!
          for (const token of [...seen, ...probes]) {
            const ours = ring.replicas(Number(token >> 32n), Number(token & 0xffffffffn))
            const theirs = metadata.getReplicas('ks', metadata.newToken(String(token)))
            const ids = theirs.map(host => host.hostId).toSorted()
            expect(ours.map(one => one.hostId).toSorted()).toEqual(ids)
            expect(ours[0]?.isLocal ?? true).toBe(
              ours.some(one => one.isLocal) || ours.length === 0,
            )
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

function toNode(host: { hostId: string; datacenter: string; rack: string }): NodeRef {
  return {
    hostId: host.hostId,
    address: host.hostId,
    endpoint: { host: host.hostId, port: 9042 },
    dc: host.datacenter,
    rack: host.rack,
    releaseVersion: '5.0.6',
    isLocal: host.datacenter === 'dc1',
    isUp: true,
  }
}
