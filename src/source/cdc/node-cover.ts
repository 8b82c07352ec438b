/**
 * Looks for nodes of the cluster that nobody captures from: one that joined, one whose machine has no
 * agent. Nodes on this machine get their agent; the others are shown with every channel concerned,
 * and where nobody else logs their changes there is a gap until an agent reads.
 * Used by ChannelHealth. Invariant: agents that are about to report after a start of the worker have
 * time to do so.
 * Spec: cdc-replication 2.3, 6.4, 10.3 (bootstrap).
 */
import type { LinkRow } from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { AgentGroup } from './agent/agent-group.ts'
import type { ClusterNode } from './agent/node-facts.ts'
import type { Trouble } from './channel-health.ts'
import { nameOfChannel } from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { GapBook } from './gap-book.ts'
import type { SourceCluster } from './source-cluster.ts'
import type { Channel } from './state/records.ts'

export interface NodeCoverParts {
  readonly cluster: Pick<SourceCluster, 'facts' | 'withLink'>
  readonly gaps: GapBook
  readonly logger: Logger
  channels(): readonly Channel[]
  readonly agents: Pick<AgentGroup, 'statuses' | 'startMissing'>
}

/** Agents elsewhere report once a second, to a worker that may have been away. */
const GRACE_MS = 15_000

interface Uncovered {
  readonly dataCenter: string
  readonly sinceMs: number
  /** Undefined: the worker has just started. */
  readonly beforeMs: number | undefined
  trouble: Trouble | undefined
  gap: number | undefined
}

export class NodeCover {
  readonly #parts: NodeCoverParts
  readonly #uncovered = new Map<string, Uncovered>()
  #lookedMs: number | undefined
  #nodes: readonly ClusterNode[] | undefined

  constructor(parts: NodeCoverParts) {
    this.#parts = parts
  }

  of({ dataCenter }: Channel): Trouble | undefined {
    for (const one of this.#uncovered.values()) {
      if (one.dataCenter === dataCenter && one.trouble !== undefined) return one.trouble
    }
    return undefined
  }

  /** In the data centre; undefined: nobody has looked yet. */
  nodesOf({ dataCenter }: Channel): number | undefined {
    return this.#nodes?.filter(one => one.dataCenter === dataCenter).length
  }

  async check(): Promise<void> {
    const { cluster, channels, agents } = this.#parts
    const { nodes } = await cluster.facts()
    this.#nodes = nodes
    const dataCenters = new Set(channels().map(one => one.dataCenter))
    const read = new Set(
      agents.statuses.filter(one => one.state !== 'STARTING').map(one => one.hostId),
    )
    const concerned = nodes.filter(node => dataCenters.has(node.dataCenter))
    const without = concerned.filter(node => !read.has(node.hostId))
    const names = new Set(without.map(node => node.hostId))
    for (const hostId of [...this.#uncovered.keys()]) if (!names.has(hostId)) this.#cover(hostId)
    for (const node of without) await this.#uncover(node)
    if (without.some(node => node.isHere)) agents.startMissing()
    this.#lookedMs = Date.now()
  }

  #cover(hostId: string): void {
    const { gaps, logger } = this.#parts
    const { gap, trouble } = this.#uncovered.get(hostId)!
    this.#uncovered.delete(hostId)
    if (trouble !== undefined) logger.info(`well again: ${trouble.message}`)
    if (gap !== undefined) gaps.extend(gap, Date.now())
  }

  async #uncover({ hostId, dataCenter, point, isHere }: ClusterNode): Promise<void> {
    const { gaps, logger } = this.#parts
    const nowMs = Date.now()
    const beforeMs = this.#lookedMs
    const fresh = { dataCenter, sinceMs: nowMs, beforeMs, trouble: undefined, gap: undefined }
    const state: Uncovered = this.#uncovered.get(hostId) ?? fresh
    this.#uncovered.set(hostId, state)
    const isJustStarted = state.beforeMs === undefined && nowMs - state.sinceMs < GRACE_MS
    if (state.trouble !== undefined || isJustStarted) return
    const place = `${point.host}:${point.port}`
    const message = `node ${place} has no agent: changes that only it logs are not captured`
    const advice = isHere
      ? 'see the log of the worker'
      : 'run scamander cdc-agent on its machine, with --url of this worker'
    state.trouble = { message, advice }
    logger.warn(`${message}; ${advice}`, { code: CDC_ERRORS.NOT_LOGGED.code })
    const alone = await this.#unreplicated(dataCenter)
    if (alone.length === 0) return
    const subject = `agent ${hostId}`
    // Also one that was found before a restart.
    const known = gaps.list().find(one => one.subject === subject && one.toTime === null)
    const bounds = { fromMs: state.beforeMs, toMs: undefined }
    const gap = { kind: 'node', node: hostId, subject, ...bounds } as const
    state.gap = known?.id ?? gaps.open({ ...gap, channels: alone, reason: message }).id
  }

  /** Names of channels that collect and whose changes a single node logs. */
  async #unreplicated(dataCenter: string): Promise<string[]> {
    const { cluster, channels } = this.#parts
    const query = 'SELECT keyspace_name, replication FROM system_schema.keyspaces'
    const rows = await cluster.withLink(link => link.rows(query))
    const single = new Set(rows.filter(row => replicasOf(row, dataCenter) < 2).map(nameOf))
    return channels()
      .filter(one => one.collectionEnabled && one.dataCenter === dataCenter)
      .filter(one => single.has(one.keyspace))
      .map(nameOfChannel)
  }
}

function nameOf(row: LinkRow): string {
  return String(row['keyspace_name'])
}

/** `3`, or `3/1` of transient replication. */
function replicasOf(row: LinkRow, dataCenter: string): number {
  const options = new Map((row['replication'] as [string, string][] | null) ?? [])
  return Number.parseInt(options.get(dataCenter) ?? options.get('replication_factor') ?? '0', 10)
}
