/**
 * Dead letters for people: the newest of a topic, one with its contents, and single ones or all that
 * match sent back to where they came from.
 * Used by the server for the page; the command line replays with topic-replay.ts. Both know of each
 * other by the position of the command line's group.
 * Invariants: reading leaves no trace; a letter that was sent from here is not sent twice while the
 * process lives, not even by two people at once; a letter that fails for ever is replayed a bounded
 * number of times; a list holds a bounded number of letters and of bytes.
 * Spec: connect-rest 14; ui 5.4 (dead letters).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { RawMessage } from '../../flow/index.ts'
import {
  type KafkaClientSettings,
  type ProducerRecord,
  RecordProducer,
  TopicInspector,
} from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { type Letter, toLetter } from './letter.ts'
import { replayGroup } from './letter-filter.ts'
import { ReplayTargets } from './topic-replay.ts'

export interface FoundLetter {
  readonly letter: Letter
  readonly message: RawMessage
  readonly isReplayed: boolean
}

export interface LetterPlace {
  readonly partition: number
  readonly offset: number
}

export interface ReplayCount {
  readonly asked: number
  readonly sent: number
  readonly passed: number
}

type View = Parameters<TopicInspector['committed']>[1]

interface Range {
  readonly partition: number
  readonly start: number
  readonly end: number
}

const LOOKED_AT_MAX = 1_000
/** Of all partitions. */
const LOOKED_AT_BYTES_MAX = 64 * 1024 * 1024
const REPLAYS_MAX = 3
const MARKS_MAX = 100_000
const SEND_MAX = 200
const READ_MS = 20_000

export class LetterDesk {
  readonly #settings: KafkaClientSettings
  readonly #logger: Logger
  readonly #inspector: TopicInspector
  /** `topic/partition/offset` of what was sent from here. */
  readonly #sent = new Set<string>()

  constructor(settings: KafkaClientSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
    this.#inspector = new TopicInspector(settings.connection)
  }

  /** Newest first; undefined: there is no such topic. */
  async list(topic: string): Promise<{ letters: FoundLetter[]; isCut: boolean } | undefined> {
    const view = await this.#inspector.topic(topic)
    if (view === undefined) return undefined
    const [starts, ends, committed] = await Promise.all([
      this.#inspector.starts(view),
      this.#inspector.ends(view),
      this.#replayedUpTo(view),
    ])
    const share = 1 / Math.max(1, view.partitions.length)
    const letters: FoundLetter[] = []
    let isCut = false
    for (const [partition, end] of ends) {
      const range = { partition, start: starts.get(partition) ?? 0, end }
      const { messages, from } = await this.#newest(view, range, share)
      isCut ||= from > range.start
      for (const message of messages) letters.push(this.#found(topic, message, committed))
    }
    letters.sort((a, b) => b.letter.timestampMs - a.letter.timestampMs)
    return { letters, isCut }
  }

  async find(topic: string, { partition, offset }: LetterPlace): Promise<FoundLetter | undefined> {
    const view = await this.#inspector.topic(topic)
    if (view === undefined || view.partitions[partition] === undefined) return undefined
    const [starts, ends] = await Promise.all([
      this.#inspector.starts(view),
      this.#inspector.ends(view),
    ])
    // Retention may have removed it.
    if (offset < (starts.get(partition) ?? 0) || offset >= (ends.get(partition) ?? 0)) return
    const read = { partition, fromOffset: offset, toOffset: offset + 1, recordsMax: 1 }
    const { messages } = await this.#inspector.read(view, read, AbortSignal.timeout(READ_MS))
    const [message] = messages
    if (message === undefined || message.offset !== offset) return undefined
    return this.#found(topic, message, await this.#replayedUpTo(view))
  }

  /** `value`: instead of the letter's own; `isForced`: also what was sent before. */
  async replay(
    topic: string,
    letters: readonly FoundLetter[],
    more: { readonly value?: Buffer | undefined; readonly isForced: boolean },
  ): Promise<ReplayCount> {
    const targets = new ReplayTargets(this.#settings)
    const producer = new RecordProducer({ settings: this.#settings, logger: this.#logger })
    const meant = letters.filter(one => this.#isMeant(topic, one, more.isForced))
    // Marked first: who asks meanwhile does not send them once more.
    const open = new Set(meant.filter(one => this.#mark(topic, one.letter)))
    let sent = 0
    try {
      for (let at = 0; at < meant.length; at += SEND_MAX) {
        const part = meant.slice(at, at + SEND_MAX)
        const records: ProducerRecord[] = []
        for (const { message, letter } of part) {
          const record = await targets.toRecord(message, letter, undefined)
          records.push(more.value === undefined ? record : { ...record, value: more.value })
        }
        const { failures } = await producer.send(records)
        const failed = new Set(failures.map(one => one.index))
        for (const [index, one] of part.entries()) if (!failed.has(index)) open.delete(one)
        sent += part.length - failed.size
        if (failures[0] !== undefined) {
          throw refused(records, failures[0], `${sent} of ${meant.length} were sent`)
        }
      }
      return { asked: letters.length, sent, passed: letters.length - meant.length }
    } finally {
      for (const { letter } of open) this.#sent.delete(markOf(topic, letter))
      await Promise.all([producer.close(), targets.close()])
    }
  }

  async close(): Promise<void> {
    await this.#inspector.close()
  }

  async #replayedUpTo(view: View): Promise<ReadonlyMap<number, number>> {
    const group = replayGroup(view.name, {}, '')
    const found = await this.#inspector.committed(group, view)
    return new Map(found.map(one => [one.partition, one.offset]))
  }

  #found(topic: string, message: RawMessage, committed: ReadonlyMap<number, number>): FoundLetter {
    const letter = toLetter(message)
    const isPassed = letter.offset < (committed.get(letter.partition) ?? 0)
    return { letter, message, isReplayed: isPassed || this.#sent.has(markOf(topic, letter)) }
  }

  #isMeant(topic: string, { letter, isReplayed }: FoundLetter, isForced: boolean): boolean {
    const isSent = isReplayed || this.#sent.has(markOf(topic, letter))
    const isPossible = letter.origin !== undefined && letter.replayCount < REPLAYS_MAX
    return isPossible && (isForced || !isSent)
  }

  /** False: it was marked before. */
  #mark(topic: string, letter: Letter): boolean {
    const mark = markOf(topic, letter)
    if (this.#sent.has(mark)) return false
    this.#sent.add(mark)
    const [oldest] = this.#sent
    if (this.#sent.size > MARKS_MAX && oldest !== undefined) this.#sent.delete(oldest)
    return true
  }

  /** The last ones of a partition, as many as may be held. */
  async #newest(view: View, { partition, start, end }: Range, share: number) {
    let count = Math.ceil(LOOKED_AT_MAX * share)
    const bytesMax = Math.max(1, LOOKED_AT_BYTES_MAX * share)
    const signal = AbortSignal.timeout(READ_MS)
    for (;;) {
      const from = Math.max(start, end - count)
      const read = { partition, fromOffset: from, toOffset: end, recordsMax: count, bytesMax }
      const { messages, nextOffset } = await this.#inspector.read(view, read, signal)
      const isWhole = nextOffset >= end || messages.length >= count || count === 1
      if (isWhole || signal.aborted) return { messages, from }
      // They are large: fewer, so that the newest are among them.
      count = Math.max(1, Math.floor(Math.min(count, nextOffset - from) / 2))
    }
  }
}

function refused(
  records: readonly ProducerRecord[],
  { index, error }: { readonly index: number; readonly error: Error },
  done: string,
): ScamanderError {
  const message = `topic ${records[index]?.topic} does not take a letter: ${error.message}; ${done}`
  return new ScamanderError(CONNECT_ERRORS.REPLAY_REFUSED, message, { cause: error })
}

function markOf(topic: string, { partition, offset }: LetterPlace): string {
  return `${topic}/${partition}/${offset}`
}
