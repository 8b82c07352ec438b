/**
 * Delivers the channels of one destination in Cassandra: takes pages from the queues, writes each change
 * with its own write time and TTL, forgets a page when all of it is written.
 * Made by DestinationWriters. Statements are idempotent, so a page that was written in part is written
 * again whole.
 * Invariants: what the cluster cannot take now is tried for ever; what it will never take is tried
 * twice, logged and counted; pages of a channel are written one after the other.
 * Spec: cdc-replication 1.6, 9.1.
 */
import { Backoff } from '../../../base/backoff.ts'
import { systemClock } from '../../../base/clock.ts'
import { isScamanderError, messageOf } from '../../../base/scamander-error.ts'
import { WriteSession } from '../../../cassandra/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { ChannelCounters } from '../channel-counters.ts'
import type { Trouble } from '../channel-health.ts'
import type { Polled } from '../delivery/delivery-queue.ts'
import type { LocalQueue } from '../delivery/local-queue.ts'
import { type QueueCursor, START, take } from '../delivery/queue-cursor.ts'
import { QUEUE_PARTITIONS } from '../frame.ts'
import type { SnapshotDesk } from '../snapshot/snapshot-desk.ts'
import type { Channel, Destination } from '../state/records.ts'
import { destinationConsistency, toDestinationConnection } from './destination-settings.ts'
import type { InvalidLog } from './invalid-log.ts'
import { isData, PageWriter, type WrittenPage } from './page-writer.ts'
import { type CopiedChunk, TableCopies } from './table-copies.ts'

export interface DestinationWriterParts {
  readonly destination: Destination
  readonly queue: LocalQueue
  readonly counters: ChannelCounters
  readonly invalid: InvalidLog
  readonly desk: SnapshotDesk
  /** Channels of a destination. */
  channels(destination: string): readonly Channel[]
  readonly logger: Logger
}

const PARTITIONS = Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i)
const FRAMES_MAX = 500
const WAIT_MS = 500
const RETRY = { baseMs: 200, maxMs: 10_000 }
const REQUESTS_MAX = 256
const PLANNER = {
  batchBy: 'partition',
  rowsMax: 64,
  partitionsMax: 1,
  bytesMax: 64 * 1024,
} as const

export class DestinationWriter {
  trouble: Trouble | undefined
  readonly #parts: DestinationWriterParts
  readonly #stop = new AbortController()
  readonly #cursors = new Map<number, QueueCursor>()
  readonly #running: Promise<void>
  #last = 0

  constructor(parts: DestinationWriterParts) {
    this.#parts = parts
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  get #reader() {
    const { name } = this.#parts.destination
    return { destination: name, connector: `advrep-${name}`, task: '' }
  }

  /** Connects, delivers, and begins again when the connection is lost. */
  async #run(): Promise<void> {
    const { signal } = this.#stop
    const backoff = new Backoff(RETRY)
    while (!signal.aborted) {
      try {
        await this.#deliver(() => {
          this.trouble = undefined
          backoff.reset()
        })
      } catch (error) {
        if (signal.aborted) break
        this.#tell(error)
        await systemClock.sleep(backoff.next(), signal)
      }
    }
    await this.#parts.queue.release(this.#reader)
  }

  async #deliver(onWell: () => void): Promise<void> {
    const { destination, logger, queue } = this.#parts
    const { signal } = this.#stop
    const session = await WriteSession.open(toDestinationConnection(destination), {
      ...{ logger, signal, requestsMax: REQUESTS_MAX, planner: PLANNER, isStart: false },
    })
    onWell()
    const consistency = destinationConsistency(destination)
    const writer = new PageWriter({ session, queue, consistency })
    const { desk, channels } = this.#parts
    const copies = new TableCopies({
      ...{ desk, cluster: queue.cluster, logger },
      channels: () => channels(destination.name),
    })
    // What was taken and not written is taken again.
    this.#cursors.clear()
    try {
      while (!signal.aborted) {
        const chunk = await copies.next()
        if (chunk !== undefined) await this.#copy(writer, chunk, copies)
        const polled = await this.#poll(chunk === undefined ? WAIT_MS : 0)
        for (const one of polled.unknown) this.#cursors.set(one.id, START)
        if (polled.channel === undefined) continue
        await this.#write(writer, polled.channel, polled)
        onWell()
      }
    } finally {
      copies.close()
      writer.close()
      await session.close()
    }
  }

  #poll(waitMs: number): Promise<Polled> {
    const request = { ...this.#reader, cursors: this.#cursors, partitions: PARTITIONS }
    return this.#parts.queue.poll(
      { ...request, last: this.#last, framesMax: FRAMES_MAX, waitMs },
      this.#stop.signal,
    )
  }

  async #write(writer: PageWriter, channel: Channel, { frames, from }: Polled): Promise<void> {
    const { queue } = this.#parts
    this.#last = channel.id
    await this.#note(channel, await writer.write(channel, frames))
    const cursor = take(this.#cursors.get(channel.id) ?? START, from, frames.at(-1)!.seq)
    this.#cursors.set(channel.id, cursor)
    const done = PARTITIONS.map(partition => ({ channelId: channel.id, partition, cursor }))
    await queue.delivered(this.#reader, done)
  }

  /** Rows that are there already; a large partition in parts. */
  async #copy(writer: PageWriter, chunk: CopiedChunk, copies: TableCopies): Promise<void> {
    const { channel, definition, changes, done } = chunk
    this.#last = channel.id
    try {
      for (let at = 0; at < changes.length; at += FRAMES_MAX) {
        const rows = changes.slice(at, at + FRAMES_MAX)
        await this.#note(channel, await writer.writeRows(channel, definition, rows))
      }
    } catch (error) {
      // The other channels of the destination do not wait for a table that is not there.
      if (!isData(error)) throw error
      return copies.callOff(channel, error)
    }
    await done()
  }

  /** What was left out or not taken. */
  async #note(channel: Channel, { failures, missing }: WrittenPage): Promise<void> {
    const { counters, invalid, logger } = this.#parts
    for (const name of missing) {
      const where = `${channel.destinationKeyspace}.${channel.destinationTable}`
      const what = `column ${name} of ${channel.keyspace}.${channel.table} is not in ${where}`
      logger.warnLimited(`missing ${channel.id} ${name}`, `${what} and was left out`)
    }
    counters.of(channel.id).invalid += failures.length
    await invalid.write(channel, failures)
  }

  #tell(error: unknown): void {
    const { destination, logger, counters } = this.#parts
    const reason = messageOf(error)
    const message = `destination ${destination.name} is not reached: ${reason}`
    const advice = isScamanderError(error)
      ? error.advice
      : 'changes wait in the queue; delivery goes on by itself'
    this.trouble = { message, advice }
    const last = this.#last
    if (last !== 0) counters.of(last).deliveryErrors++
    logger.warnLimited(`destination ${destination.name}`, `${message}; ${advice}`)
  }
}
