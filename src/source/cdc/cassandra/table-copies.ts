/**
 * The rows that are there already, for a destination in Cassandra: ordered by `channel snapshot`, read a
 * chunk at a time between two pages of the queue, and written with their own write times.
 * Made by DestinationWriter per connection. Progress is stored behind every chunk, so that a restart
 * writes at most one chunk per interval again, which changes nothing.
 * Invariants: the first row is read when every node is captured from; a source that is away or a table
 * that cannot be read holds up no queue.
 * Spec: cdc-replication 5; docs/adr/0024-snapshots-and-reading-ahead.md.
 */
import { isScamanderError, messageOf } from '../../../base/scamander-error.ts'
import { CONSISTENCY } from '../../../cql/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { nameOfChannel } from '../channel-requests.ts'
import { CDC_ERRORS } from '../errors.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import { type CopiedChange, toCopiedChanges } from '../snapshot/copied-changes.ts'
import { PartitionSnapshot } from '../snapshot/partition-snapshot.ts'
import type { SnapshotDesk } from '../snapshot/snapshot-desk.ts'
import { type ReadChunk, SnapshotReader } from '../snapshot/snapshot-reader.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'

export interface TableCopiesParts {
  readonly desk: SnapshotDesk
  readonly cluster: SourceCluster
  /** Of the destination. */
  channels(): readonly Channel[]
  readonly logger: Logger
}

/** What is to be written now. */
export interface CopiedChunk {
  readonly channel: Channel
  readonly definition: KnownDefinition
  readonly changes: readonly CopiedChange[]
  /** Call when all of it is written. */
  done(): Promise<void>
}

interface Run {
  readonly run: number
  readonly definition: KnownDefinition
  readonly parts: readonly PartitionSnapshot[]
}

const PAGE_ROWS = 500
const RETRY_MS = 1000

export class TableCopies {
  readonly #parts: TableCopiesParts
  readonly #reader: SnapshotReader
  readonly #runs = new Map<number, Run>()
  /** By channel: the last order of which all rows are written. */
  readonly #finished = new Map<number, number>()
  /** By channel: not before then. */
  readonly #waiting = new Map<number, number>()
  #last = 0

  constructor(parts: TableCopiesParts) {
    this.#parts = parts
    const reading = { consistency: CONSISTENCY.LOCAL_QUORUM, pageSize: PAGE_ROWS }
    this.#reader = new SnapshotReader(parts.cluster, reading)
  }

  close(): void {
    this.#reader.close()
  }

  /** Channels take turns; undefined: there is nothing to be read now. */
  async next(): Promise<CopiedChunk | undefined> {
    const channels = this.#parts.channels()
    const later = channels.filter(one => one.id > this.#last)
    for (const channel of [...later, ...channels.filter(one => one.id <= this.#last)]) {
      const chunk = await this.#nextOf(channel)
      if (chunk === undefined) continue
      this.#last = channel.id
      return chunk
    }
    return undefined
  }

  async #nextOf(channel: Channel): Promise<CopiedChunk | undefined> {
    const { desk } = this.#parts
    const order = desk.order(channel)
    if (order === undefined || order.run === 0 || order.isCancelled) {
      this.#runs.delete(channel.id)
      return undefined
    }
    if (this.#finished.get(channel.id) === order.run) return undefined
    if ((this.#waiting.get(channel.id) ?? 0) > performance.now()) return undefined
    try {
      const run = await this.#runOf(channel, order.run)
      const part = run?.parts.find(one => !one.isDone)
      if (run === undefined || part === undefined) return undefined
      const startMs = Date.now()
      const chunk = await this.#reader.read(run.definition.table, part.after, part.to)
      const changes = toCopiedChanges(run.definition, chunk, { startMs, endMs: chunk.endMs })
      const done = () => this.#store(channel, run, { part, chunk })
      return { channel, definition: run.definition, changes, done }
    } catch (error) {
      this.#tell(channel, error)
      return undefined
    }
  }

  async #runOf(channel: Channel, number: number): Promise<Run | undefined> {
    const { desk, logger } = this.#parts
    const known = this.#runs.get(channel.id)
    if (known?.run === number) return known
    const stored = desk.copied(channel, number)
    const parts = Array.from(
      { length: QUEUE_PARTITIONS },
      (_, partition) => new PartitionSnapshot(partition, stored[partition]),
    )
    if (parts.every(part => part.isDone)) {
      this.#finished.set(channel.id, number)
      return undefined
    }
    const why = await desk.barrier(channel)
    if (why !== undefined) {
      logger.warnLimited(
        `snapshot ${channel.id}`,
        `the snapshot of ${nameOfChannel(channel)} waits: ${why}`,
      )
      this.#waiting.set(channel.id, performance.now() + RETRY_MS)
      return undefined
    }
    logger.info(`the snapshot of ${nameOfChannel(channel)} begins`)
    const run = { run: number, definition: await desk.definition(channel), parts }
    this.#runs.set(channel.id, run)
    return run
  }

  async #store(
    channel: Channel,
    { run, parts }: Run,
    { part, chunk }: { readonly part: PartitionSnapshot; readonly chunk: ReadChunk },
  ): Promise<void> {
    const { desk, logger } = this.#parts
    part.pass(chunk)
    desk.putCopied(
      channel,
      run,
      parts.map(one => one.offset),
    )
    await desk.progress(channel, {
      ...{ partition: part.partition, rows: part.rows, part: part.part, isDone: part.isDone },
    })
    if (!parts.every(one => one.isDone)) return
    this.#finished.set(channel.id, run)
    this.#runs.delete(channel.id)
    const rows = parts.reduce((sum, one) => sum + one.rows, 0)
    logger.info(`the snapshot of ${nameOfChannel(channel)} is done`, { rows })
  }

  /** For good: the rows cannot be written, whoever tries; delivery goes on. */
  callOff(channel: Channel, error: unknown): void {
    const { desk, logger } = this.#parts
    const name = nameOfChannel(channel)
    desk.give(channel, 'cancel')
    logger.error(`the snapshot of ${name} was called off: ${messageOf(error)}`, error)
  }

  #tell(channel: Channel, error: unknown): void {
    const isLasting = isScamanderError(error) && error.code === CDC_ERRORS.SNAPSHOT.code
    if (isLasting) {
      this.callOff(channel, error)
      return
    }
    this.#waiting.set(channel.id, performance.now() + RETRY_MS)
    // The table may be another one by then.
    this.#runs.delete(channel.id)
    const name = nameOfChannel(channel)
    this.#parts.logger.warnLimited(
      `snapshot ${channel.id}`,
      `the snapshot of ${name} waits: ${messageOf(error)}`,
    )
  }
}
