/**
 * The snapshots of one task: for each channel the intervals of the task's queue partitions, a chunk
 * at a time between two pages of the queue; and the filter for changes that a chunk contains.
 * Used by CdcSource (what to give next) and by EventMaker (what a change has still to say).
 * Invariants: rows are read only while nothing is taken from the queue; no more than `HELD_ROWS_MAX`
 * rows are remembered; progress is stored only for chunks that nothing older can follow.
 * Spec: cdc-replication 5.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type {
  SourceOffset,
  SourcePartition,
  SourcePosition,
  StoredOffsets,
} from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { nameOfChannel, pathOfChannel } from '../channel-requests.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import { CDC_ERRORS } from '../errors.ts'
import { type Frame, partitionOf } from '../frame.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import { PartitionSnapshot } from './partition-snapshot.ts'
import { toSnapshotEvents } from './snapshot-events.ts'
import type { SnapshotReader } from './snapshot-reader.ts'
import type { SnapshotSeam } from './snapshot-seam.ts'

export type SnapshotMode = 'none' | 'initial' | 'only'

export interface TaskSnapshotsOptions {
  readonly seam: SnapshotSeam
  readonly reader: SnapshotReader
  readonly mode: SnapshotMode
  readonly destination: string
  readonly partitions: readonly number[]
  /** 0: as fast as it goes. */
  readonly rowsPerSecond: number
  readonly logger: Logger
}

/** What a task gives instead of a page of the queue. */
export interface SnapshotPage {
  readonly events: readonly ChangeEvent[]
  /** Reached without any record of their own. */
  readonly positions: readonly SourcePosition[]
}

interface ChannelRun {
  readonly run: number
  readonly definition: KnownDefinition
  readonly parts: readonly PartitionSnapshot[]
  isTold: boolean
}

const HELD_ROWS_MAX = 100_000
const BARRIER_MS_MAX = 600_000
const BARRIER_RETRY_MS = 500

export class TaskSnapshots {
  readonly #options: TaskSnapshotsOptions
  readonly #runs = new Map<number, ChannelRun>()
  /** Channels that wait for their agents, since when, and when to ask again. */
  readonly #waiting = new Map<number, { readonly sinceMs: number; nextMs: number }>()
  #offsets: StoredOffsets | undefined
  #nextRowsMs = 0
  /** By channel. */
  readonly #nextLookMs = new Map<number, number>()

  constructor(options: TaskSnapshotsOptions) {
    this.#options = options
  }

  /** Begins where the stored offsets say. */
  open(offsets: StoredOffsets): void {
    this.#offsets = offsets
    this.#runs.clear()
    this.#waiting.clear()
  }

  close(): void {
    this.#options.reader.close()
  }

  /** The queue of the channel is not given at all. */
  get withoutQueue(): boolean {
    return this.#options.mode === 'only'
  }

  /** Something is being waited for, so that the task does not sleep long. */
  get isBusy(): boolean {
    return this.#waiting.size > 0 || [...this.#runs.values()].some(run => !isDone(run))
  }

  /** Changes of the channel go `through` here. */
  isWatching(channel: Channel): boolean {
    const run = this.#runs.get(channel.id)
    return run !== undefined && !isDone(run)
  }

  /** Nothing may be given of the queue yet. */
  isBehind(channel: Channel): boolean {
    return this.#runs.get(channel.id)?.parts.some(part => part.isBehind) ?? false
  }

  /** Rows and positions that are due now; undefined: the queue's turn. `cursor`: given up to there. */
  async next(channel: Channel, cursor: number): Promise<SnapshotPage | undefined> {
    const run = await this.#runOf(channel)
    if (run === undefined) return undefined
    const positions = await this.#close(channel, run, cursor)
    const part = this.#nextPart(run)
    if (part === undefined) {
      if (isDone(run)) this.#tell(channel, run)
      return positions.length === 0 ? undefined : { events: [], positions }
    }
    const chunk = await this.#options.reader.read(run.definition.table, part.after, part.to)
    part.take(chunk)
    const { rowsPerSecond } = this.#options
    if (rowsPerSecond > 0) {
      this.#nextRowsMs = performance.now() + (chunk.rows.length / rowsPerSecond) * 1000
    }
    await this.#tellProgress(channel, part)
    positions.push(this.#positionOf(channel, part, run.run))
    return { events: toSnapshotEvents(channel, run.definition, chunk), positions }
  }

  /** The change as it has still to be given: not at all, in part, or with rows read again behind it. */
  async through(
    channel: Channel,
    frame: Frame,
    event: ChangeEvent,
  ): Promise<readonly ChangeEvent[]> {
    const run = this.#runs.get(channel.id)
    if (run === undefined) return [event]
    const { token } = frame
    const part = run.parts.find(one => one.partition === partitionOf(token))
    if (part === undefined) return [event]
    const verdict = part.judge(token, event)
    if (verdict.kind === 'drop') return []
    if (verdict.kind === 'pass') return [verdict.event]
    const { table } = run.definition
    const chunk = await this.#options.reader.readAgain(table, event.key, event.change.clustering)
    part.retake(token, event, chunk)
    return [event, ...toSnapshotEvents(channel, run.definition, chunk)]
  }

  async #runOf(channel: Channel): Promise<ChannelRun | undefined> {
    const { seam, mode } = this.#options
    const order = seam.order(channel)
    if (order === undefined) return undefined
    const { run, isCancelled } = order
    const known = this.#runs.get(channel.id)
    const isWanted = run > 0 ? !isCancelled : mode !== 'none'
    if (!isWanted) {
      this.#runs.delete(channel.id)
      this.#waiting.delete(channel.id)
      return undefined
    }
    if (known?.run === run) return known
    if (!(await this.#isReady(channel))) return undefined
    const { partitions } = this.#options
    const keys = partitions.map(partition => this.#partitionOf(channel, partition, run))
    const stored = await this.#offsets!.read(keys)
    const made: ChannelRun = {
      ...{ run, definition: await seam.definition(channel), isTold: false },
      parts: partitions.map((partition, i) => new PartitionSnapshot(partition, stored[i])),
    }
    this.#runs.set(channel.id, made)
    if (!isDone(made)) {
      this.#options.logger.info(`the snapshot of ${nameOfChannel(channel)} begins`)
    }
    return made
  }

  /** Every node's changes must be captured before the first row is read. */
  async #isReady(channel: Channel): Promise<boolean> {
    if (this.withoutQueue) return true
    const nowMs = performance.now()
    const waiting = this.#waiting.get(channel.id) ?? { sinceMs: nowMs, nextMs: 0 }
    if (waiting.nextMs > nowMs) return false
    const why = await this.#options.seam.barrier(channel)
    if (why === undefined) {
      this.#waiting.delete(channel.id)
      return true
    }
    const message = `the snapshot of ${nameOfChannel(channel)} waits: ${why}`
    if (nowMs - waiting.sinceMs > BARRIER_MS_MAX) {
      throw new ScamanderError(CDC_ERRORS.SNAPSHOT, message)
    }
    this.#options.logger.warnLimited(`snapshot ${channel.id}`, message)
    waiting.nextMs = nowMs + BARRIER_RETRY_MS
    this.#waiting.set(channel.id, waiting)
    return false
  }

  async #close(channel: Channel, run: ChannelRun, cursor: number): Promise<SourcePosition[]> {
    const open = run.parts.filter(part => part.hasOpen)
    if (open.length === 0) return []
    const closed = this.withoutQueue
      ? open.filter(part => part.closeAll())
      : await this.#closeGiven(channel, open, cursor)
    for (const part of closed) await this.#tellProgress(channel, part)
    return closed.map(part => this.#positionOf(channel, part, run.run))
  }

  /** Those of which everything was given that may concern their rows. */
  async #closeGiven(
    channel: Channel,
    open: readonly PartitionSnapshot[],
    cursor: number,
  ): Promise<PartitionSnapshot[]> {
    const { seam } = this.#options
    const nowMs = performance.now()
    if (nowMs < (this.#nextLookMs.get(channel.id) ?? 0)) return []
    this.#nextLookMs.set(channel.id, nowMs + seam.lookMs)
    const standing = await seam.standing(channel)
    const closed: PartitionSnapshot[] = []
    for (const part of open) {
      part.mark(standing)
      const { partition } = part
      let isAny = false
      while (part.closingSeq !== undefined) {
        const stretch = { partition, after: cursor, upTo: part.closingSeq }
        if (await seam.isQueued(channel, stretch)) break
        part.closeFirst()
        isAny = true
      }
      if (isAny) closed.push(part)
    }
    return closed
  }

  #tellProgress(channel: Channel, part: PartitionSnapshot): Promise<void> {
    const { partition, rows, isDone } = part
    const progress = { partition, rows, part: part.part, isDone }
    return this.#options.seam.progress(channel, progress)
  }

  /** The interval with the fewest rows goes on, when there is room and it is time. */
  #nextPart({ parts }: ChannelRun): PartitionSnapshot | undefined {
    let held = 0
    for (const run of this.#runs.values()) for (const part of run.parts) held += part.openRows
    const behind = parts.find(part => part.isBehind)
    if (behind !== undefined) return behind
    if (held >= HELD_ROWS_MAX || performance.now() < this.#nextRowsMs) return undefined
    const unread = parts.filter(part => !part.isRead)
    return unread.reduce<PartitionSnapshot | undefined>(
      (best, part) => (best === undefined || part.rows < best.rows ? part : best),
      undefined,
    )
  }

  #tell(channel: Channel, run: ChannelRun): void {
    if (run.isTold) return
    run.isTold = true
    const rows = run.parts.reduce((sum, part) => sum + part.rows, 0)
    this.#options.logger.info(`the snapshot of ${nameOfChannel(channel)} is done`, { rows })
  }

  #positionOf(channel: Channel, part: PartitionSnapshot, run: number): SourcePosition {
    const offset: SourceOffset = part.offset
    return { partition: this.#partitionOf(channel, part.partition, run), offset }
  }

  #partitionOf(channel: Channel, partition: number, snapshot: number): SourcePartition {
    const { destination } = this.#options
    const { id: queue } = channel
    return { destination, channel: pathOfChannel(channel), partition, queue, snapshot }
  }
}

function isDone({ parts }: ChannelRun): boolean {
  return parts.every(part => part.isDone)
}
