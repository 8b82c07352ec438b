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

const token = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const node = (racks: string[], tokensMax: number) =>
  fc.record({
    dc: fc.constantFrom('dc1', 'dc2', 'dc3'),
    rack: fc.constantFrom(...racks),
    tokens: fc.uniqueArray(token, { minLength: 1, maxLength: tokensMax }),
  })
// Not both: with several racks and tokens the driver skips a node twice and then repeats it.
const nodes = fc.oneof(
  fc.array(node(['r1', 'r2', 'r3'], 1), { minLength: 1, maxLength: 8 }),
  fc.array(node(['r1'], 5), { minLength: 1, maxLength: 8 }),
)
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
        nodes,
        replication,
        fc.array(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), { maxLength: 6 }),
        (shapes, options: Record<string, string>, probes) => {
          const hosts = toHosts(shapes)
          const metadata = new Metadata({}, {})
          metadata.setPartitioner('Murmur3Partitioner')
          metadata.buildTokens({ values: () => hosts })
          const ring = buildTokenRing(
            { keyspace: 'ks', version: 1 },
            hosts.map(host => ({ node: toNode(host), tokens: host.tokens })),
            parseReplication(options),
          )!
          for (const part of partsOf(options)) {
            const { class: name, ...factors } = part.options
            const keyspace = metadata._schemaParser._createKeyspace('ks', true, name, factors)
            metadata.keyspaces['ks'] = keyspace
            for (const token of [...hosts.flatMap(host => host.tokens.map(BigInt)), ...probes]) {
              const all = ring.replicas(Number(token >> 32n), Number(token & 0xffffffffn))
              const ours = all.filter(one => part.dc === undefined || one.dc === part.dc)
              const theirs = metadata.getReplicas('ks', metadata.newToken(String(token)))
              const ids = theirs.map(host => host.hostId).toSorted()
              expect(ours.map(one => one.hostId).toSorted()).toEqual(ids)
              expect(all.map(one => one.isLocal)).toEqual(
                all
                  .map(one => one.isLocal)
                  .toSorted()
                  .toReversed(),
              )
            }
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

/** Distinct tokens; hosts without any hold nothing. */
function toHosts(shapes: readonly { dc: string; rack: string; tokens: bigint[] }[]) {
  const seen = new Set<bigint>()
  const hosts = shapes.map((shape, i) => ({
    hostId: `h${i}`,
    datacenter: shape.dc,
    rack: shape.rack,
    tokens: shape.tokens.filter(token => !seen.has(token) && seen.add(token)).map(String),
  }))
  return hosts.filter(host => host.tokens.length > 0)
}

/** Data centres are placed independently; the driver mixes them up when several have racks. */
function partsOf(options: Record<string, string>) {
  if (options['class'] === 'SimpleStrategy') return [{ dc: undefined, options }]
  return Object.entries(options)
    .filter(([name]) => name !== 'class')
    .map(([dc, factor]) => ({ dc, options: { class: options['class']!, [dc]: factor } }))
}

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
