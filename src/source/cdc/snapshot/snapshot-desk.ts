/**
 * Snapshots as the worker that keeps the queues sees them: orders by command, whether every node is
 * captured from, how far the agents are, and the definition that rows are given under.
 * Made by Capture, asked by tasks. Orders are on disk before they are answered.
 * Spec: cdc-replication 5, steps 1 and 3.
 */

import { ScamanderError } from '../../../base/scamander-error.ts'
import { SchemaCatalog } from '../../../commitlog/index.ts'
import type { SourceOffset } from '../../../flow/index.ts'
import type { MetricRegistry } from '../../../telemetry/index.ts'
import type { AgentStatus } from '../agent/node-agent.ts'
import { labelOfChannel } from '../channel-requests.ts'
import { CDC_ERRORS } from '../errors.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { CaptureStore } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import { type KnownDefinition, toDefinition } from '../state/table-definition.ts'
import type {
  CaptureStanding,
  QueueStretch,
  SnapshotOrder,
  SnapshotProgress,
  SnapshotSeam,
} from './snapshot-seam.ts'

export interface SnapshotDeskParts {
  readonly store: CaptureStore
  readonly cluster: SourceCluster
  readonly metrics: MetricRegistry
  statuses(): readonly AgentStatus[]
  /** The channel is there and its transmission is on. */
  isTransmitting(channel: Channel): boolean
}

const NO_ORDER: SnapshotOrder = { run: 0, isCancelled: false }
const KIND = 'snapshot'
const COPIED = 'copied'

interface Copied {
  readonly id: number
  readonly run: number
  readonly offsets: readonly SourceOffset[]
}

/** How far agents had read at a moment, and what is known to be queued since an earlier one. */
interface Look {
  readonly atMs: number
  readonly readMs: number
  readonly queuedMs: number | undefined
}

const ENDED: ReadonlySet<string> = new Set(['FAILED', 'STOPPED'])

export class SnapshotDesk implements SnapshotSeam {
  readonly lookMs = 0
  readonly #parts: SnapshotDeskParts
  readonly #orders = new Map<number, SnapshotOrder>()
  readonly #progress = new Map<number, Map<number, SnapshotProgress>>()
  readonly #looks = new Map<number, Look>()

  constructor(parts: SnapshotDeskParts) {
    this.#parts = parts
    for (const { id, ...order } of parts.store.readAll<SnapshotOrder & { id: number }>(KIND)) {
      this.#orders.set(id, order)
    }
  }

  /** By command: once more from the beginning, or no further. */
  give(channel: Channel, mode: 'initial' | 'cancel'): SnapshotOrder {
    const { id } = channel
    const { run } = this.#orders.get(id) ?? NO_ORDER
    const isCancelled = mode === 'cancel'
    const order = { run: isCancelled ? Math.max(run, 1) : run + 1, isCancelled }
    this.#parts.store.put(KIND, String(id), { id, ...order })
    this.#orders.set(id, order)
    this.#progress.delete(id)
    return order
  }

  order(channel: Channel): SnapshotOrder | undefined {
    if (!this.#parts.isTransmitting(channel)) return undefined
    return this.#orders.get(channel.id) ?? NO_ORDER
  }

  async barrier({ dataCenter }: Channel): Promise<string | undefined> {
    const { nodes } = await this.#parts.cluster.facts()
    const statuses = this.#parts.statuses()
    for (const { hostId, point } of nodes.filter(node => node.dataCenter === dataCenter)) {
      const agent = statuses.find(one => one.hostId === hostId)
      if (agent?.state === 'RUNNING' && agent.caughtUpMs !== undefined) continue
      const name = `${point.host}:${point.port}`
      if (agent?.state === 'RUNNING') {
        return `the agent of node ${name} has not caught up; with cdc.read.policy=completed it never does`
      }
      // A node that is down logs nothing.
      const isUp = await this.#parts.cluster.node(point).then(
        () => true,
        () => false,
      )
      if (isUp) return `node ${name} has no running agent; start scamander cdc-agent there`
    }
    return undefined
  }

  async standing(channel: Channel): Promise<CaptureStanding> {
    const caughtUpMs = this.#queuedUpToMs(channel)
    return { caughtUpMs, lastSeq: this.#parts.store.lastSeq(channel.id) }
  }

  async isQueued({ id }: Channel, stretch: QueueStretch): Promise<boolean> {
    return this.#parts.store.isQueued(id, stretch)
  }

  async definition({
    keyspace,
    table: name,
  }: Channel): Promise<KnownDefinition & { readonly text: string }> {
    const { store, cluster } = this.#parts
    const catalog = new SchemaCatalog()
    catalog.load(await cluster.schema())
    const table = catalog.tables().find(one => one.keyspace === keyspace && one.name === name)
    if (table === undefined) {
      const message = `${keyspace}.${name}: expected a table to read, found none`
      throw new ScamanderError(CDC_ERRORS.SNAPSHOT, message)
    }
    const definition = toDefinition(table)
    store.putDefinition(definition)
    const number = store.definitionNumber(definition.tableId, definition.hash)
    return { table, number, text: definition.text }
  }

  /** The same as text, for deliverers elsewhere. */
  async definitionText(channel: Channel): Promise<{ text: string; number: number }> {
    const { text, number } = await this.definition(channel)
    return { text, number }
  }

  /** How far the rows of an order are in a destination in Cassandra, by queue partition. */
  copied({ id }: Channel, run: number): readonly (SourceOffset | undefined)[] {
    const all = this.#parts.store.readAll<Copied>(COPIED)
    const found = all.find(one => one.id === id)
    return found?.run === run ? found.offsets : []
  }

  putCopied({ id }: Channel, run: number, offsets: readonly SourceOffset[]): void {
    this.#parts.store.put(COPIED, String(id), { id, run, offsets } satisfies Copied)
  }

  /** What was given of a table; undefined: nothing since the worker started. */
  given({ id }: Channel): { readonly rows: number; readonly part: number } | undefined {
    const parts = this.#progress.get(id)
    if (parts === undefined) return undefined
    let rows = 0
    let part = 0
    for (const one of parts.values()) {
      rows += one.rows
      part += one.isDone ? 1 : one.part
    }
    return { rows, part: Math.min(1, part / QUEUE_PARTITIONS) }
  }

  async progress(channel: Channel, progress: SnapshotProgress): Promise<void> {
    let parts = this.#progress.get(channel.id)
    if (parts === undefined) {
      parts = new Map()
      this.#progress.set(channel.id, parts)
    }
    const before = parts.get(progress.partition)?.rows ?? 0
    parts.set(progress.partition, progress)
    const rows = progress.rows - before
    if (rows <= 0) return
    this.#parts.metrics.series(CDC_METRICS.snapshotRows, labelOfChannel(channel)).add(rows)
  }

  /**
   * What waits for copies of other replicas is read and not queued: how far agents were at some moment
   * counts when all that waited then went on, however long that took.
   */
  #queuedUpToMs(channel: Channel): number | undefined {
    const readMs = this.#caughtUpMs(channel)
    const oldestMs = this.#parts.store.oldestHeldMs(channel.id)
    if (oldestMs === undefined || readMs === undefined) {
      this.#looks.delete(channel.id)
      return readMs
    }
    const nowMs = Date.now()
    const before = this.#looks.get(channel.id) ?? { atMs: nowMs, readMs, queuedMs: undefined }
    const hasGone = oldestMs > before.atMs
    const look = hasGone ? { atMs: nowMs, readMs, queuedMs: before.readMs } : before
    this.#looks.set(channel.id, look)
    return look.queuedMs
  }

  #caughtUpMs({ dataCenter }: Channel): number | undefined {
    const live = this.#parts
      .statuses()
      .filter(one => one.dataCenter === dataCenter && !ENDED.has(one.state))
    if (live.length === 0 || live.some(one => one.caughtUpMs === undefined)) return undefined
    return Math.min(...live.map(one => one.caughtUpMs!))
  }
}
