/**
 * One task of the capture connector: reads the queues of its destination, makes events of the frames
 * and gives them as records; forgets frames once Kafka has their records.
 * Each task has queue partitions of its own, of every channel; channels may come and go meanwhile.
 * Invariant: frames of a partition are given in queue order; the position of a frame stands on its
 * last record, so that a frame is delivered whole or again.
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
import type { Capture } from '../capture.ts'
import { pathOfChannel } from '../channel-requests.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { QueuedFrame } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import type { EventMaker } from './event-maker.ts'

export interface CdcSourceOptions {
  readonly capture: Capture
  readonly destination: string
  readonly partitions: readonly number[]
  readonly events: EventMaker
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

const FRAMES_MAX = 500
const IDLE_MS = 500

export class CdcSource implements RecordSource {
  readonly #options: CdcSourceOptions
  /** Last frame that was given, per channel. */
  readonly #cursors = new Map<number, number>()
  /** Last frame that was delivered before, per channel and partition. */
  readonly #delivered = new Map<string, number>()
  #opening: SourceOpening | undefined

  constructor(options: CdcSourceOptions) {
    this.#options = options
  }

  async open(opening: SourceOpening): Promise<void> {
    this.#opening = opening
    this.#cursors.clear()
    this.#delivered.clear()
  }

  async read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    const { capture, destination, partitions } = this.#options
    for (const channel of capture.transmitting(destination)) {
      const after = await this.#cursorOf(channel)
      const frames = capture.read(channel, { after, partitions, limit: FRAMES_MAX })
      if (frames.length === 0) continue
      const batch = await this.#toBatch(channel, frames, signal)
      this.#cursors.set(channel.id, frames.at(-1)!.seq)
      return batch
    }
    await capture.waitForWork(IDLE_MS, signal)
    return { items: [], sizeBytes: 0 }
  }

  async commit(positions: readonly SourcePosition[]): Promise<void> {
    const { capture, destination } = this.#options
    for (const { partition, offset } of positions) {
      const [dataCenter, keyspace, table] = String(partition['channel']).split('/')
      const found = capture
        .channels({ destinations: [destination] })
        .find(one => one.id === Number(partition['queue']))
      const isIt = found?.dataCenter === dataCenter && found?.keyspace === keyspace
      if (found === undefined || !isIt || found.table !== table) continue
      capture.delivered(found, Number(partition['partition']), Number(offset['offset']))
    }
  }

  async close(): Promise<void> {
    this.#options.events.close()
  }

  async #toBatch(
    channel: Channel,
    frames: readonly QueuedFrame[],
    signal: AbortSignal,
  ): Promise<SourceBatch> {
    const items: SourceRecord[] = []
    const silent = new Map<number, SourcePosition>()
    let sizeBytes = 0
    for (const { seq, partition, frame } of frames) {
      if (signal.aborted) break
      if (seq <= (this.#delivered.get(`${channel.id}/${partition}`) ?? 0)) continue
      const position = this.#positionOf(channel, partition, seq, frame.readAtMs)
      const records = await this.#recordsOf(channel, frame, position)
      if (records.length === 0) silent.set(partition, position)
      else silent.delete(partition)
      items.push(...records)
      sizeBytes += frame.bytes.length
    }
    return { items, sizeBytes, positions: [...silent.values()] }
  }

  /** A frame that cannot be decoded costs itself alone, and is told. */
  async #recordsOf(
    channel: Channel,
    frame: QueuedFrame['frame'],
    position: SourcePosition,
  ): Promise<SourceRecord[]> {
    const { events, logger, metrics } = this.#options
    try {
      return await events.toRecords(channel, frame, position)
    } catch (error) {
      if (!isScamanderError(error, 'data')) throw error
      const { hostId, segmentId, position: at } = frame
      const place = `${hostId}:${segmentId}:${at}`
      logger.error(`a captured change was left out: ${place}: ${messageOf(error)}`, error)
      metrics.series(CDC_METRICS.undecodable, hostId).add()
      return []
    }
  }

  /** Where to go on: after what was given, or what is stored as delivered. */
  async #cursorOf(channel: Channel): Promise<number> {
    const known = this.#cursors.get(channel.id)
    if (known !== undefined) return known
    const { partitions } = this.#options
    const keys = partitions.map(partition => this.#partitionOf(channel, partition))
    const stored = await this.#opening!.offsets.read(keys)
    const offsets = stored.map(one => Number(one?.['offset'] ?? 0))
    for (const [i, partition] of partitions.entries()) {
      this.#delivered.set(`${channel.id}/${partition}`, offsets[i]!)
    }
    const cursor = Math.min(...offsets)
    this.#cursors.set(channel.id, cursor)
    return cursor
  }

  #partitionOf(channel: Channel, partition: number): SourcePartition {
    const { destination } = this.#options
    // The number of the queue tells a channel from one that had its name before.
    return { destination, channel: pathOfChannel(channel), partition, queue: channel.id }
  }

  #positionOf(channel: Channel, partition: number, seq: number, at: number): SourcePosition {
    return { partition: this.#partitionOf(channel, partition), offset: { offset: seq, at } }
  }
}
