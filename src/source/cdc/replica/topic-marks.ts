/**
 * Up to where the topics of queues may forget: marks that say which numbers lie before which offset.
 * Used by QueueReplica. Marks are few: the older they are the fewer.
 * Invariant: a topic forgets only what lies before a mark that is old enough and of which nothing is
 * queued any more.
 * Spec: cdc-replication 4.3 (trimmed behind delivery).
 */
import type { Channel } from '../state/records.ts'
import type { ReplicaTopics } from './replica-topics.ts'

interface Mark {
  /** All records before it have at most this number. */
  readonly offset: number
  readonly seq: number
  readonly atMs: number
}

const MARKS_MAX = 256

export class TopicMarks {
  readonly #topics: ReplicaTopics
  readonly #keepMs: number
  readonly #marks = new Map<number, Mark[]>()
  /** The number of the last mark of a channel, also when it is gone. */
  readonly #last = new Map<number, number>()

  constructor(topics: ReplicaTopics, keepMs: number) {
    this.#topics = topics
    this.#keepMs = keepMs
  }

  /** Everything that the topic has now has at most the number `seq`. */
  async set(channel: Channel, seq: number): Promise<void> {
    if (this.#last.get(channel.id) === seq) return
    const range = await this.#topics.range(this.#topics.nameOf(channel))
    if (range === undefined) return
    this.#last.set(channel.id, seq)
    const marks = [
      ...(this.#marks.get(channel.id) ?? []),
      { offset: range.end, seq, atMs: performance.now() },
    ]
    // Of a queue that is long not delivered every second mark is enough.
    const isSpare = (i: number) => marks.length > MARKS_MAX && i % 2 === 0 && i < marks.length - 1
    this.#marks.set(
      channel.id,
      marks.filter((_, i) => !isSpare(i)),
    )
  }

  /** `firstSeq`: the oldest that is queued; undefined: nothing is. */
  async forget(channel: Channel, firstSeq: number | undefined): Promise<void> {
    const marks = this.#marks.get(channel.id) ?? []
    const isOver = ({ atMs, seq }: Mark) =>
      performance.now() - atMs >= this.#keepMs && (firstSeq === undefined || seq < firstSeq)
    const at = marks.findLastIndex(isOver)
    if (at < 0) return
    await this.#topics.forget(this.#topics.nameOf(channel), marks[at]!.offset)
    this.#marks.set(channel.id, marks.slice(at + 1))
  }

  clear(channel: number): void {
    this.#marks.delete(channel)
    this.#last.delete(channel)
  }
}
