/**
 * One task of the capture connector: reads the queues of its destination, makes events of the frames
 * and gives them as records; forgets frames once Kafka has their records.
 * Each task has queue partitions of its own, of every channel; channels may come and go meanwhile.
 * Invariant: frames of a partition are given in queue order; the positions of a page stand behind all
 * of its records, so that a frame is delivered whole or again.
 * Spec: cdc-replication 1.6, 1.8.
 */
import { isScamanderError, messageOf } from '../../../base/scamander-error.ts'
import type {
  RecordSource,
  SourceBatch,
  SourceOpening,
  SourcePartition,
  SourcePosition,
  SourceRecord,
} from '../../../flow/index.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import { pathOfChannel } from '../channel-requests.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { TaskSnapshots } from '../snapshot/task-snapshots.ts'
import type { Channel } from '../state/records.ts'
import type { DeliveryQueue, Polled, QueuedFrame, Reader } from './delivery-queue.ts'
import type { EventMaker } from './event-maker.ts'
import { formatCursor, isTaken, parseCursor, type QueueCursor, take } from './queue-cursor.ts'

export interface CdcSourceOptions {
  readonly queue: DeliveryQueue
  /** The connector is the only one of its destination. */
  readonly connector: string
  readonly destination: string
  readonly partitions: readonly number[]
  readonly events: EventMaker
  readonly snapshots: TaskSnapshots | undefined
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

const FRAMES_MAX = 500
const IDLE_MS = 500
/** Between two looks while a snapshot goes on. */
const SNAPSHOT_MS = 20
/** An estimate for the engine's bound. */
const ROW_BYTES = 200

export class CdcSource implements RecordSource {
  readonly #options: CdcSourceOptions
  readonly #reader: Reader
  /** What was given, per channel. */
  readonly #cursors = new Map<number, QueueCursor>()
  /** What was delivered before, per channel and partition. */
  readonly #delivered = new Map<number, ReadonlyMap<number, QueueCursor>>()
  readonly #channels = new Map<number, Channel>()
  #opening: SourceOpening | undefined
  /** Snapshot and queue take turns. */
  #isSnapshotTurn = true
  #last = 0

  constructor(options: CdcSourceOptions) {
    this.#options = options
    const { connector, destination, partitions } = options
    this.#reader = { destination, connector, task: partitions.join(',') }
  }

  async open(opening: SourceOpening): Promise<void> {
    this.#opening = opening
    this.#cursors.clear()
    this.#delivered.clear()
    this.#channels.clear()
    this.#options.snapshots?.open(opening.offsets)
    this.#options.events.begin()
  }

  async read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    const { queue, snapshots } = this.#options
    const rows = await this.#snapshotBatch()
    if (rows !== undefined) return rows
    // Without changes there is nothing to take of the queue; channels are still learned of.
    const partitions = snapshots?.withoutQueue === true ? [] : this.#options.partitions
    const waitMs = snapshots?.isBusy === true ? SNAPSHOT_MS : IDLE_MS
    const asking = { cursors: this.#cursors, last: this.#last, waitMs }
    const request = { ...this.#reader, ...asking, partitions, framesMax: FRAMES_MAX }
    const polled = await queue.poll(request, signal)
    for (const channel of polled.unknown) await this.#load(channel)
    const { channel } = polled
    if (channel === undefined) return { items: [], sizeBytes: 0 }
    this.#last = channel.id
    return await this.#toBatch(channel, polled, signal)
  }

  async commit(positions: readonly SourcePosition[]): Promise<void> {
    // Those of snapshots are nothing that a queue could forget.
    const ofQueue = positions.filter(({ partition }) => partition['snapshot'] === undefined)
    const done = ofQueue.map(({ partition, offset }) => ({
      channelId: Number(partition['queue']),
      partition: Number(partition['partition']),
      cursor: parseCursor(offset),
    }))
    if (done.length === 0) return
    await this.#options.queue.delivered(this.#reader, done)
  }

  async close(): Promise<void> {
    this.#options.events.close()
    this.#options.snapshots?.close()
    await this.#options.queue.release(this.#reader)
  }

  /** Rows of a snapshot, in turn with pages of the queue; undefined: the queue's turn. */
  async #snapshotBatch(): Promise<SourceBatch | undefined> {
    const { snapshots, events } = this.#options
    if (snapshots === undefined) return undefined
    const isTurn = this.#isSnapshotTurn
    this.#isSnapshotTurn = true
    for (const channel of this.#channels.values()) {
      if (!isTurn && !snapshots.isBehind(channel)) continue
      const page = await snapshots.next(channel, this.#cursors.get(channel.id)!.after)
      if (page === undefined) continue
      this.#isSnapshotTurn = false
      const { items, failures } = await events.toSnapshotRecords(channel, page.events)
      const sizeBytes = items.length * ROW_BYTES
      return { items, sizeBytes, positions: page.positions, failures }
    }
    return undefined
  }

  /** Positions stand behind the whole page: no promise and no position per frame. */
  async #toBatch(
    channel: Channel,
    { frames, from }: Polled,
    signal: AbortSignal,
  ): Promise<SourceBatch> {
    const items: SourceRecord[] = []
    const given = new Map<number, number>()
    let sizeBytes = 0
    let last = from - 1
    for (const { seq, partition, frame } of frames) {
      if (signal.aborted) break
      last = seq
      if (isTaken(this.#delivered.get(channel.id)!.get(partition)!, seq)) continue
      const records = this.#recordsOf(channel, frame)
      for (const one of records instanceof Promise ? await records : records) items.push(one)
      given.set(partition, frame.readAtMs)
      sizeBytes += frame.bytes.length
    }
    const before = this.#cursors.get(channel.id)!
    const cursor = last < from ? before : take(before, from, last)
    this.#cursors.set(channel.id, cursor)
    const positions = [...given].map(([partition, at]) =>
      this.#positionOf(channel, partition, cursor, at),
    )
    return { items, sizeBytes, positions }
  }

  /** A frame that cannot be decoded costs itself alone, and is told. */
  #recordsOf(
    channel: Channel,
    frame: QueuedFrame['frame'],
  ): readonly SourceRecord[] | Promise<readonly SourceRecord[]> {
    try {
      const records = this.#options.events.toRecords(channel, frame)
      return records instanceof Promise
        ? records.catch(error => this.#leaveOut(frame, error))
        : records
    } catch (error) {
      return this.#leaveOut(frame, error)
    }
  }

  #leaveOut(frame: QueuedFrame['frame'], error: unknown): readonly SourceRecord[] {
    if (!isScamanderError(error, 'data')) throw error
    const { logger, metrics } = this.#options
    const { hostId, segmentId, position: at } = frame
    const place = `${hostId}:${segmentId}:${at}`
    logger.error(`a captured change was left out: ${place}: ${messageOf(error)}`, error)
    metrics.series(CDC_METRICS.undecodable, hostId).add()
    return []
  }

  /** Where to go on: after what is stored as delivered, which the queue may forget. */
  async #load(channel: Channel): Promise<void> {
    const { partitions, queue } = this.#options
    const keys = partitions.map(partition => this.#partitionOf(channel, partition))
    const stored = await this.#opening!.offsets.read(keys)
    const cursors = stored.map(parseCursor)
    const delivered = partitions.map((partition, i) => [partition, cursors[i]!] as const)
    this.#delivered.set(channel.id, new Map(delivered))
    const channelId = channel.id
    const done = partitions.map((partition, i) => ({ channelId, partition, cursor: cursors[i]! }))
    await queue.delivered(this.#reader, done)
    const after = Math.min(...cursors.map(one => one.after))
    this.#cursors.set(channelId, { after, done: [] })
    this.#channels.set(channelId, channel)
  }

  #partitionOf(channel: Channel, partition: number): SourcePartition {
    const { destination } = this.#options
    // The number of the queue tells a channel from one that had its name before.
    return { destination, channel: pathOfChannel(channel), partition, queue: channel.id }
  }

  #positionOf(
    channel: Channel,
    partition: number,
    cursor: QueueCursor,
    at: number,
  ): SourcePosition {
    const offset = { ...formatCursor(cursor), at }
    return { partition: this.#partitionOf(channel, partition), offset }
  }
}
