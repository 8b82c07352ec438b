/**
 * Writes what capture has in its file to topics of Kafka as well, so that another worker can go on when
 * the machine is lost. The file stays what everybody works with; agents are answered when the topics
 * have what they gave.
 * Made by `openReplica`, used by Capture. One round at a time; who asks during a round shares the next.
 * Invariants: definitions are in the topics before frames that need them, frames before the position
 * that covers them; nothing is answered after another worker has taken over; a topic forgets a frame
 * only when the file has, and not before its time.
 * Spec: cdc-replication 1.3, 1.4; docs/adr/0032-queues-in-topics.md.
 */
import { systemClock } from '../../../base/clock.ts'
import { messageOf, type ScamanderError } from '../../../base/scamander-error.ts'
import type { RecordProducer, TransactionalWriter } from '../../../kafka/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { CaptureStore } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import { type StateEntry, stateKey } from '../state/state-mirror.ts'
import type { OwnerWriter } from './owner-writer.ts'
import type { ReplicaTopics } from './replica-topics.ts'
import { TopicMarks } from './topic-marks.ts'

export interface QueueReplicaParts {
  readonly store: CaptureStore
  readonly topics: ReplicaTopics
  readonly writer: TransactionalWriter
  readonly owner: OwnerWriter
  readonly producer: RecordProducer
  /** The keys that the topic of state had at the start. */
  readonly known: readonly string[]
  readonly keepMs: number
  readonly logger: Logger
}

const BACKGROUND_MS = 1000
const MARK_MS = 10_000
const FRAMES_MAX = 500
/** Numbers in the topic of state run ahead of the queue by so much. */
const SEQUENCE_AHEAD = 100_000_000

export class QueueReplica {
  readonly #parts: QueueReplicaParts
  readonly #stop = new AbortController()
  /** The last number of each queue that its topic has. */
  readonly #written = new Map<number, number>()
  readonly #sequences = new Map<number, number>()
  readonly #marks: TopicMarks
  #channels: () => readonly Channel[] = () => []
  #last: Promise<unknown> = Promise.resolve()
  #queued: Promise<void> | undefined
  #markedMs = 0
  #running: Promise<void> = Promise.resolve()

  constructor(parts: QueueReplicaParts) {
    this.#parts = parts
    this.#marks = new TopicMarks(parts.topics, parts.keepMs)
    for (const { channel, seq } of parts.store.readAll<Written>(WRITTEN)) {
      this.#written.set(channel, seq)
    }
  }

  /** `onLost`: another worker has taken over. */
  start(
    channels: () => readonly Channel[],
    onLost: (error: ScamanderError) => void = () => undefined,
  ): void {
    this.#channels = channels
    this.#parts.owner.onLost = onLost
    this.#parts.store.mirror.begin(this.#parts.known)
    this.#running = this.#run()
  }

  /** Where agents and deliverers find this worker from now on. */
  announce(url: string): void {
    this.#parts.owner.announce(url)
  }

  /** Resolves when the topics have everything that the file had at the call. */
  flush(): Promise<void> {
    this.#queued ??= this.#exclusive(() => {
      this.#queued = undefined
      return this.#round(false)
    })
    return this.#queued
  }

  /** The same, with the positions of nodes: before anything that they cover is deleted. */
  async flushPositions(): Promise<void> {
    await this.#exclusive(() => this.#round(true))
  }

  /** What was dropped from a queue is dropped from its topic. */
  truncated(channel: Channel): Promise<void> {
    return this.#exclusive(async () => {
      const { topics, store } = this.#parts
      await this.#checkOwner()
      const name = topics.nameOf(channel)
      const range = await topics.range(name)
      if (range === undefined) return
      const first = store.mirror.firstSeq(channel.id)
      if (first !== undefined) {
        // What came meanwhile may be in the topic, and answered: it is written again before.
        this.#written.set(channel.id, first - 1)
        await this.#writeFrames(channel, store.lastSeq(channel.id))
      }
      await topics.forget(name, range.end)
      this.#marks.clear(channel.id)
    })
  }

  deleted(channel: Channel): Promise<void> {
    return this.#exclusive(async () => {
      await this.#checkOwner()
      this.#written.delete(channel.id)
      this.#parts.store.remove(WRITTEN, String(channel.id))
      this.#marks.clear(channel.id)
      await this.#parts.topics.delete(this.#parts.topics.nameOf(channel))
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    const { owner, writer, producer, topics, logger } = this.#parts
    if (owner.lost === undefined) {
      await this.#exclusive(async () => {
        await this.#round(true)
        await owner.release()
      }).catch(error => logger.warn(`queues were not written to Kafka: ${messageOf(error)}`))
    }
    await producer.close()
    await writer.close()
    await topics.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { logger, store, owner } = this.#parts
    while (!signal.aborted) {
      try {
        await this.#exclusive(() => this.#round(true))
        for (const [channel, seq] of this.#written) {
          store.put(WRITTEN, String(channel), { channel, seq } satisfies Written)
        }
        await this.#trim()
      } catch (error) {
        if (owner.lost !== undefined) return
        logger.warnLimited('replica', `queues are not written to Kafka: ${messageOf(error)}`)
      }
      await systemClock.sleep(BACKGROUND_MS, signal)
    }
  }

  async #round(withPositions: boolean): Promise<void> {
    const { owner, store } = this.#parts
    if (owner.lost !== undefined) throw owner.lost
    const { mirror } = store
    const channels = this.#channels()
    // Taken at one moment: what comes while this is written may need definitions and channels that
    // are not in it, so that its positions and its frames belong to the next round.
    const targets = channels.map(one => [one, store.lastSeq(one.id)] as const)
    const positions = withPositions ? mirror.take('positions') : []
    const others = mirror.take('others')
    try {
      await this.#writeState(others, channels)
      for (const [channel, upTo] of targets) await this.#writeFrames(channel, upTo)
    } catch (error) {
      mirror.giveBack(positions)
      throw error
    }
    await this.#writeEntries(positions)
    owner.checkLease()
  }

  async #writeState(changes: readonly StateEntry[], channels: readonly Channel[]): Promise<void> {
    const sequences: StateEntry[] = []
    for (const { id } of channels) {
      const last = this.#parts.store.lastSeq(id)
      if (last < (this.#sequences.get(id) ?? -1)) continue
      const ahead = last + SEQUENCE_AHEAD
      sequences.push([stateKey.sequence(id), String(ahead)])
    }
    const { isHeartbeatDue } = this.#parts.owner
    if (changes.length === 0 && sequences.length === 0 && !isHeartbeatDue) return
    await this.#writeEntries(changes, { withOwner: true, more: sequences })
    for (const [key, ahead] of sequences) {
      this.#sequences.set(Number((JSON.parse(key) as string[])[1]), Number(ahead))
    }
  }

  /** `more`: found anew by a later round, when this one fails. */
  async #writeEntries(
    entries: readonly StateEntry[],
    { withOwner = false, more = [] }: { withOwner?: boolean; more?: readonly StateEntry[] } = {},
  ): Promise<void> {
    const { owner, store } = this.#parts
    if (entries.length === 0 && !withOwner) return
    try {
      await owner.write([...entries, ...more], { withOwner })
    } catch (error) {
      store.mirror.giveBack(entries)
      throw error
    }
  }

  async #writeFrames(channel: Channel, upTo: number): Promise<void> {
    const { store, topics, producer, owner } = this.#parts
    let written = this.#written.get(channel.id) ?? 0
    while (written < upTo) {
      const frames = store.mirror.frames(channel.id, written, FRAMES_MAX)
      // Delivered meanwhile, or dropped.
      if (frames.length === 0) written = upTo
      else {
        await topics.ensureQueue(channel).catch(error => {
          throw owner.unavailable(error)
        })
        const topic = topics.nameOf(channel)
        const records = frames.map(({ seq, frame }) => {
          const key = Buffer.alloc(8)
          key.writeBigUInt64BE(BigInt(seq))
          return { topic, partition: 0, key, value: frame, headers: [] }
        })
        const { failures } = await producer.send(records)
        if (failures.length > 0) throw owner.unavailable(failures[0]!.error)
        written = frames.at(-1)!.seq
      }
      this.#written.set(channel.id, written)
    }
  }

  /** Topics forget what was delivered long enough ago. */
  async #trim(): Promise<void> {
    if (performance.now() - this.#markedMs < MARK_MS) return
    this.#markedMs = performance.now()
    const { mirror } = this.#parts.store
    for (const channel of this.#channels()) {
      const written = this.#written.get(channel.id)
      if (written === undefined) continue
      // Nothing is being written meanwhile: all that the topic has is not newer.
      await this.#exclusive(() => this.#marks.set(channel, this.#written.get(channel.id) ?? 0))
      await this.#marks.forget(channel, mirror.firstSeq(channel.id))
    }
  }

  /** Only who may still write may let topics forget. */
  #checkOwner(): Promise<void> {
    return this.#writeEntries([], { withOwner: true })
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.catch(() => undefined).then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

/** Kept in the file alone: how far the topics are. */
export const WRITTEN = 'replicated'

interface Written {
  readonly channel: number
  readonly seq: number
}
