/**
 * A ring of proxies that clients see in place of the cluster's nodes: each proxy is one node, with a
 * host id made from its address and tokens evenly interleaved with those of the others.
 * Called by system-answer.ts with the source's system.local and the columns of system.peers.
 * Invariant: every proxy of a ring makes the same host ids and tokens for the same list of addresses.
 * Spec: live-migration 2.7, mode (b).
 */
import { createHash } from 'node:crypto'
import { ByteWriter } from '../../base/byte-writer.ts'
import { type ColumnSpec, codecFor, parseInet, writeCell } from '../../cql/index.ts'
import type { TopologySettings } from '../settings/proxy-settings.ts'
import { portBytes } from './node-names.ts'
import type { Cell, SystemTable } from './system-rows.ts'

const RACK = Buffer.from('rack0')
const RING = 1n << 64n
const FIRST_TOKEN = -(1n << 63n)
/** Copied from the source's own row. */
const COPIED: ReadonlySet<string> = new Set(['data_center', 'release_version', 'schema_version'])

/** The source's row with the proxy's identity. */
export function localOfTopology(
  local: SystemTable,
  topology: TopologySettings,
  proxyPort: number,
): SystemTable {
  const address = topology.addresses[topology.index]!
  const rows = local.rows.map(row =>
    row.map((cell, i) => identityCell(local.columns[i]!, { topology, address, proxyPort }) ?? cell),
  )
  return { columns: local.columns, rows }
}

/** One row for each of the other proxies. */
export function peersOfTopology(
  local: SystemTable,
  columns: readonly ColumnSpec[],
  given: { topology: TopologySettings; proxyPort: number },
): SystemTable {
  const { topology } = given
  const others = topology.addresses.filter((_, i) => i !== topology.index)
  const row = local.rows[0] ?? []
  const rows = others.map(address =>
    columns.map((column): Cell => {
      if (COPIED.has(column.name)) {
        return row[local.columns.findIndex(one => one.name === column.name)] ?? null
      }
      return identityCell(column, { ...given, address }) ?? null
    }),
  )
  return { columns, rows }
}

/** What tells one proxy from another; undefined for other columns. */
function identityCell(
  column: ColumnSpec,
  given: { topology: TopologySettings; address: string; proxyPort: number },
): Cell | undefined {
  switch (column.name) {
    case 'peer':
    case 'rpc_address':
    case 'broadcast_address':
    case 'listen_address':
    case 'preferred_ip':
      return parseInet(given.address) ?? null
    case 'rpc_port':
    case 'native_port':
      return portBytes(given.proxyPort)
    case 'host_id':
      return hostId(given.address)
    case 'rack':
      return RACK
    case 'tokens':
      return tokensCell(column, tokensOf(given.topology, given.address))
    default:
      return undefined
  }
}

/** A version-5 UUID of the address. */
export function hostId(address: string): Buffer {
  const id = createHash('sha1').update(`scamander proxy ${address}`).digest().subarray(0, 16)
  id[6] = (id[6]! & 0x0f) | 0x50
  id[8] = (id[8]! & 0x3f) | 0x80
  return id
}

export function tokensOf({ addresses, tokens }: TopologySettings, address: string): string[] {
  const index = BigInt(addresses.indexOf(address))
  const proxies = BigInt(addresses.length)
  const step = RING / (BigInt(tokens) * proxies)
  return Array.from({ length: tokens }, (_, t) =>
    String(step * (BigInt(t) * proxies + index) + FIRST_TOKEN),
  )
}

/** A set of text. */
function tokensCell(column: ColumnSpec, tokens: readonly string[]): Cell {
  const writer = new ByteWriter(256)
  writeCell(codecFor(column.type), tokens as string[], writer)
  return Buffer.from(writer.view()).subarray(4)
}
