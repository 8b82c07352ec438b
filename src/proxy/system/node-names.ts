/**
 * What clients see of nodes when addresses are mapped (`--ghostIps`) or left as they are: rows of the
 * source with the addresses and the port of the proxies.
 * Called by system-answer.ts with whole tables of the source.
 * Invariant: ports always become the proxy's, so that no driver reaches a node by its own port.
 * Spec: live-migration 2.7, mode (a).
 */
import { formatInet, parseInet } from '../../cql/index.ts'
import type { Cell, SystemTable } from './system-rows.ts'

const ADDRESSES: ReadonlySet<string> = new Set([
  'peer',
  'rpc_address',
  'preferred_ip',
  'native_address',
  'native_transport_address',
  'broadcast_address',
  'listen_address',
])
const PORTS: ReadonlySet<string> = new Set(['rpc_port', 'native_port', 'native_transport_port'])

export interface NodeNames {
  readonly ghostIps: Readonly<Record<string, string>>
  /** Leave nodes out that the map does not name. */
  readonly isStrict: boolean
  readonly proxyPort: number
}

export function renameNodes(table: SystemTable, names: NodeNames, isPeers: boolean): SystemTable {
  const isDropping = isPeers && names.isStrict
  const rows = table.rows.filter(row => !isDropping || isKnown(table, row, names))
  return { columns: table.columns, rows: rows.map(row => renameRow(table, row, names)) }
}

function isKnown(table: SystemTable, row: readonly Cell[], { ghostIps }: NodeNames): boolean {
  return table.columns.some(({ name }, i) => {
    const cell = row[i]
    return ADDRESSES.has(name) && cell != null && ghostIps[textOf(cell)] !== undefined
  })
}

function renameRow(table: SystemTable, row: readonly Cell[], names: NodeNames): Cell[] {
  return row.map((cell, i) => {
    const { name } = table.columns[i]!
    if (PORTS.has(name)) return portBytes(names.proxyPort)
    if (cell === null || !ADDRESSES.has(name)) return cell
    const mapped = names.ghostIps[textOf(cell)]
    return mapped === undefined ? cell : (parseInet(mapped) ?? cell)
  })
}

export function textOf(address: Buffer): string {
  return formatInet(address, 0, address.length)
}

export function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(port)
  return bytes
}
