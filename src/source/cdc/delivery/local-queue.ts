/**
 * The queues of this worker, for deliverers: gives pages by priority, shares permits among them, and
 * sees to it that one connector alone serves a destination.
 * Made by Capture. Invariants: frames are forgotten only when they are named as delivered; no deliverer
 * waits for the permits of another for longer than its own next page.
 * Spec: cdc-replication 1.6 (priority, permits, order).
 */
import { systemClock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { AuditLog } from '../audit-log.ts'
import type { ChannelCounters } from '../channel-counters.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { Frame } from '../frame.ts'
import type { SnapshotSeam } from '../snapshot/snapshot-seam.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { CaptureStore } from '../state/capture-store.ts'
import type { Channel, Destination } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import type { Delivered, DeliveryQueue, Polled, PollRequest, Reader } from './delivery-queue.ts'

export interface LocalQueueParts {
  readonly store: CaptureStore
  readonly cluster: SourceCluster
  readonly counters: ChannelCounters
  readonly audit: AuditLog
  /** Throws when there is none. */
  destination(name: string): Destination
  /** Channels of a destination. */
  channels(destination: string): readonly Channel[]
  definitionOf(frame: Frame): KnownDefinition
  readonly snapshots?: SnapshotSeam
  permits(): number
  sliceMs(): number
}

/** A deliverer elsewhere that has not asked for so long is gone. */
const LEASE_MS = 60_000

interface Holder {
  readonly reader: Reader
  /** Infinity: it says when it is gone. */
  untilMs: number
  /** Frames of its last page. */
  out: number
}

export class LocalQueue implements DeliveryQueue {
  readonly #parts: LocalQueueParts
  readonly #waiting = new Set<() => void>()
  readonly #holders = new Map<string, Holder>()
  #ended: ScamanderError | undefined

  constructor(parts: LocalQueueParts) {
    this.#parts = parts
  }

  get cluster(): SourceCluster {
    return this.#parts.cluster
  }

  get snapshots(): SnapshotSeam | undefined {
    return this.#parts.snapshots
  }

  async checkDestination(name: string): Promise<void> {
    this.#parts.destination(name)
  }

  /** The connector that serves a destination now. */
  servedBy(destination: string): string | undefined {
    const nowMs = performance.now()
    for (const { reader, untilMs } of this.#holders.values()) {
      if (reader.destination === destination && untilMs > nowMs) return reader.connector
    }
    return undefined
  }

  /** `isElsewhere`: it may vanish without saying so. */
  async poll(request: PollRequest, signal: AbortSignal, isElsewhere = false): Promise<Polled> {
    const holder = this.#hold(request, isElsewhere)
    holder.out = 0
    const polled = this.#pollNow(request, holder)
    if (polled !== undefined) return polled
    await this.#wait(request.waitMs, signal)
    if (signal.aborted) return NOTHING
    return this.#pollNow(request, holder) ?? NOTHING
  }

  async delivered(_reader: Reader, done: readonly Delivered[]): Promise<void> {
    const { store, counters, audit } = this.#parts
    for (const [channelId, frames] of store.trimAll(done)) {
      if (frames === 0) continue
      counters.addDelivered(channelId, frames)
      audit.add('sent', channelId, frames)
      audit.add('delete', channelId, frames)
    }
  }

  async release(reader: Reader): Promise<void> {
    this.#holders.delete(nameOf(reader))
    this.wake()
  }

  definitionOf(frame: Frame): KnownDefinition {
    return this.#parts.definitionOf(frame)
  }

  /** Another worker has these queues now: nothing is given of them any more. */
  end(error: ScamanderError): void {
    this.#ended = error
    this.wake()
  }

  /** Something was queued or switched. */
  wake(): void {
    for (const wake of this.#waiting) wake()
  }

  #hold(request: PollRequest, isElsewhere: boolean): Holder {
    if (this.#ended !== undefined) throw this.#ended
    const { destination, connector, task } = request
    const other = this.servedBy(destination)
    if (other !== undefined && other !== connector) {
      const message = `destination ${destination}: expected no other connector, found ${other} serving it; make a destination of its own for each`
      throw new ScamanderError(CDC_ERRORS.DESTINATION_BUSY, message)
    }
    const reader = { destination, connector, task }
    const untilMs = isElsewhere ? performance.now() + LEASE_MS : Number.POSITIVE_INFINITY
    const holder = this.#holders.get(nameOf(reader)) ?? { reader, untilMs, out: 0 }
    holder.untilMs = untilMs
    this.#holders.set(nameOf(reader), holder)
    return holder
  }

  #pollNow(request: PollRequest, holder: Holder): Polled | undefined {
    const { store, counters, audit } = this.#parts
    const channels = this.#transmitting(request)
    const unknown = channels.filter(one => !request.cursors.has(one.id))
    if (unknown.length > 0) return { ...NOTHING, unknown }
    for (const channel of channels) {
      const { messages, bytes } = store.count(channel.id)
      if (messages === 0) continue
      // Of large frames fewer: a page is in memory whole, and travels as one text.
      const fitting = Math.max(1, Math.floor((PAGE_BYTES * messages) / Math.max(1, bytes)))
      const limit = Math.min(fitting, this.#share(request.framesMax, holder))
      const sliceMs = channel.order === 'LIFO' ? this.#parts.sliceMs() : undefined
      const cursor = request.cursors.get(channel.id)!
      const { partitions } = request
      const { from, frames } = store.page(channel.id, { cursor, partitions, limit, sliceMs })
      if (frames.length === 0) continue
      holder.out = frames.length
      audit.add('read', channel.id, frames.length)
      counters.of(channel.id)
      return { unknown: [], channel, frames, from }
    }
    return undefined
  }

  /** Most urgent first; equals take turns. */
  #transmitting({ destination, last }: PollRequest): Channel[] {
    if (!this.#parts.destination(destination).transmissionEnabled) return []
    const turn = (channel: Channel) => (channel.id > last ? 0 : 1)
    return this.#parts
      .channels(destination)
      .filter(channel => channel.transmissionEnabled)
      .sort((a, b) => a.priority - b.priority || turn(a) - turn(b) || a.id - b.id)
  }

  /** What is free, and never less than a fair part: a deliverer that hangs keeps nobody waiting. */
  #share(framesMax: number, holder: Holder): number {
    const nowMs = performance.now()
    let out = 0
    let busy = 1
    for (const [name, other] of this.#holders) {
      if (other.untilMs <= nowMs) this.#holders.delete(name)
      else if (other !== holder && other.out > 0) {
        out += other.out
        busy++
      }
    }
    const permits = this.#parts.permits()
    const free = permits - out
    if (free <= 0) this.#parts.counters.permitsDenied++
    return Math.min(framesMax, Math.max(1, Math.floor(permits / busy), free))
  }

  /** Resolves when something was queued or switched, and after `ms` at the latest. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    if (signal.aborted) wake()
    await systemClock.sleep(ms, woken.signal)
    signal.removeEventListener('abort', wake)
    this.#waiting.delete(wake)
  }
}

/** Of a page, as far as the mean size of what is queued tells it. */
const PAGE_BYTES = 16 * 1024 * 1024
const NOTHING: Polled = { unknown: [], channel: undefined, frames: [], from: 0 }

function nameOf({ destination, connector, task }: Reader): string {
  return JSON.stringify([destination, connector, task])
}
