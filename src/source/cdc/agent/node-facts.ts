/**
 * What a node tells about itself: identity, folders, limits; and which nodes of a cluster run on this
 * machine. Read over CQL when agents start.
 * Spec: cdc-replication 1.5 (start), commit-log 4.1 (names of 4.0 and of later releases).
 */
import { networkInterfaces } from 'node:os'
import type { ContactPoint, LinkRow, NodeLink } from '../../../cassandra/index.ts'
import type { CqlValue } from '../../../cql/index.ts'
import type { NodeRecord } from '../state/records.ts'

export interface ClusterNode {
  readonly hostId: string
  readonly dataCenter: string
  readonly point: ContactPoint
  readonly isHere: boolean
}

export interface ClusterFacts {
  readonly name: string
  /** Of the node that was asked. */
  readonly dataCenter: string
  readonly nodes: readonly ClusterNode[]
}

/** `isCdcEnabled` is told apart: with it off there is nothing to read. */
export interface NodeFacts {
  readonly record: NodeRecord
  readonly isCdcEnabled: boolean
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1024 * 1024,
  B: 1,
  KIB: 1024,
  MIB: 1024 * 1024,
  GIB: 1024 ** 3,
}

/** Cassandra's default period. */
const SYNC_MS = 10_000

/** `point` is the node that the link leads to. */
export async function fetchCluster(link: NodeLink, point: ContactPoint): Promise<ClusterFacts> {
  const [local] = await link.rows('SELECT * FROM system.local')
  const peers = await fetchPeers(link)
  const here = addressesHere()
  const dataCenter = text(local?.['data_center'])
  const self = {
    hostId: text(local?.['host_id']),
    dataCenter,
    point,
    isHere: isHere(point.host, here),
  }
  const others = peers.map(row => {
    const host = text(row['native_address'] ?? row['rpc_address'])
    const port = Number(row['native_port'] ?? point.port)
    const hostId = text(row['host_id'])
    const dc = text(row['data_center'])
    return { hostId, dataCenter: dc, point: { host, port }, isHere: isHere(host, here) }
  })
  return { name: text(local?.['cluster_name']), dataCenter, nodes: [self, ...others] }
}

export async function fetchNode(link: NodeLink, point: ContactPoint): Promise<NodeFacts> {
  const [local] = await link.rows('SELECT * FROM system.local')
  const rows = await link.rows('SELECT name, value FROM system_views.settings')
  const settings = new Map(rows.map(row => [text(row['name']), text(row['value'])]))
  const space = settings.get('cdc_total_space') ?? settings.get('cdc_total_space_in_mb') ?? ''
  return {
    isCdcEnabled: settings.get('cdc_enabled') === 'true',
    record: {
      cluster: text(local?.['cluster_name']),
      hostId: text(local?.['host_id']),
      dataCenter: text(local?.['data_center']),
      rack: text(local?.['rack']),
      ...{ address: point.host, port: point.port },
      cdcRawDirectory: settings.get('cdc_raw_directory') ?? '',
      commitLogDirectory: settings.get('commitlog_directory') ?? '',
      blocksWrites: settings.get('cdc_block_writes') !== 'false',
      limitBytes: parseSpace(space),
      syncMs: syncMsOf(settings),
    },
  }
}

/** 4.0 and later have peers_v2 with ports; some compatible servers only the old table. */
async function fetchPeers(link: NodeLink): Promise<LinkRow[]> {
  try {
    return await link.rows('SELECT * FROM system.peers_v2')
  } catch {
    // The answer of a server without that table; the old one has no ports.
    return await link.rows('SELECT * FROM system.peers')
  }
}

/** How long a write may be answered and not be on disk. */
function syncMsOf(settings: ReadonlyMap<string, string>): number {
  if (settings.get('commitlog_sync') !== 'periodic') return 0
  const period =
    settings.get('commitlog_sync_period') ?? settings.get('commitlog_sync_period_in_ms') ?? ''
  const found = /^(\d+)\s*(ms|s|m)?$/.exec(period)
  if (found === null) return SYNC_MS
  const scale = { ms: 1, s: 1000, m: 60_000 }[found[2] ?? 'ms'] ?? 1
  return Number(found[1]) * scale
}

function parseSpace(value: string): number {
  const found = /^(\d+)\s*([A-Za-z]*)$/.exec(value)
  const unit = UNITS[found?.[2]?.toUpperCase() ?? '']
  return found === null || unit === undefined ? 0 : Number(found[1]) * unit
}

function addressesHere(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return new Set(all.map(one => one.address))
}

function isHere(host: string, here: ReadonlySet<string>): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost' || here.has(host)
}

function text(value: CqlValue | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
