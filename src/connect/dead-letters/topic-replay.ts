/**
 * Writes dead letters back to the topics they came from, in order, with their original key, value,
 * headers and timestamp, so that connectors read them again.
 * Called by `scamander dlq replay`. The position is committed after the broker has the records: a
 * replay that is cut off goes on there and may repeat the last ones.
 * Invariants: at least once; a letter that fails for ever is replayed a bounded number of times;
 * nothing is passed over silently: the report counts every letter.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { NO_TIMESTAMP, type RawMessage } from '../../flow/index.ts'
import {
  type KafkaClientSettings,
  type ProducerRecord,
  RecordProducer,
  TopicAdmin,
} from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { type Letter, originalHeaders, REPLAY_HEADER, toLetter } from './letter.ts'
import { type LetterFilter, matchesLetter } from './letter-filter.ts'
import { LetterReader } from './letter-reader.ts'

export interface TopicReplayOptions {
  /** Of consumer and producer; the consumer's group keeps the position. */
  readonly settings: KafkaClientSettings
  readonly topic: string
  readonly filter: LetterFilter
  /** Instead of the topic that the letter names. */
  readonly to: string | undefined
  /** Count only; nothing is written or committed. */
  readonly isDryRun: boolean
  readonly fromStart: boolean
  /** Most letters to write. */
  readonly limit: number
  /** Letters that were replayed as often as this are passed over. */
  readonly replaysMax: number
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface ReplayReport {
  read: number
  /** Written, or that would be. */
  replayed: number
  /** Not meant by the filter. */
  filtered: number
  /** Passed over because they were replayed too often. */
  exhausted: number
  /** By topic they went to. */
  readonly topics: Record<string, number>
}

export async function replayToTopics(options: TopicReplayOptions): Promise<ReplayReport> {
  const { settings, logger, isDryRun, signal } = options
  const reader = new LetterReader(options)
  const targets = new ReplayTargets(settings)
  const producer = new RecordProducer({ settings, logger })
  const report: ReplayReport = { read: 0, replayed: 0, filtered: 0, exhausted: 0, topics: {} }
  try {
    await reader.open(signal)
    while (report.replayed < options.limit) {
      const messages = await reader.read(signal)
      if (messages === undefined) break
      const { done, records } = await select(messages, { options, report, targets })
      if (isDryRun) continue
      await write(producer, records)
      await reader.commit(done)
    }
  } finally {
    await Promise.all([reader.close(), producer.close(), targets.close()])
  }
  return report
}

interface Selecting {
  readonly options: TopicReplayOptions
  readonly report: ReplayReport
  readonly targets: ReplayTargets
}

/** What is to be written, and the messages that are done with then; the limit may cut both. */
async function select(messages: readonly RawMessage[], { options, report, targets }: Selecting) {
  const done: RawMessage[] = []
  const records: ProducerRecord[] = []
  for (const message of messages) {
    if (report.replayed >= options.limit) break
    done.push(message)
    report.read++
    const letter = toLetter(message)
    if (!matchesLetter(letter, options.filter)) report.filtered++
    else if (letter.replayCount >= options.replaysMax) report.exhausted++
    else {
      const record = await targets.toRecord(message, letter, options.to)
      records.push(record)
      report.replayed++
      report.topics[record.topic] = (report.topics[record.topic] ?? 0) + 1
    }
  }
  return { done, records }
}

async function write(producer: RecordProducer, records: readonly ProducerRecord[]): Promise<void> {
  const { failures } = await producer.send(records)
  const failure = failures[0]
  if (failure === undefined) return
  const topic = records[failure.index]?.topic
  const message = `topic ${topic} does not take a letter: ${failure.error.message}`
  throw new ScamanderError(CONNECT_ERRORS.REPLAY_REFUSED, message, { cause: failure.error })
}

/** The topics that letters go back to, with their partitions. */
export class ReplayTargets {
  readonly #admin: TopicAdmin
  readonly #partitions = new Map<string, number>()

  constructor(settings: KafkaClientSettings) {
    this.#admin = new TopicAdmin(settings.connection)
  }

  /** The original partition where the topic still has it: order is kept. */
  async toRecord(message: RawMessage, letter: Letter, to: string | undefined) {
    const topic = to ?? letter.origin?.topic
    if (topic === undefined) {
      const message_ = `the letter at ${letter.partition}/${letter.offset} does not tell its topic: name one with --to`
      throw new ScamanderError(CONNECT_ERRORS.NO_LETTERS, message_)
    }
    const count = await this.#partitionsOf(topic)
    const partition = letter.origin?.topic === topic ? letter.origin.partition : undefined
    const counted = Buffer.from(String(letter.replayCount + 1))
    return {
      topic,
      ...(partition === undefined || partition >= count ? {} : { partition }),
      key: copyOf(message.key()),
      value: copyOf(message.value()),
      headers: [...originalHeaders(message.headers), { name: REPLAY_HEADER, value: counted }],
      ...(message.timestampMs === NO_TIMESTAMP ? {} : { timestampMs: message.timestampMs }),
    }
  }

  async close(): Promise<void> {
    await this.#admin.close()
  }

  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic)
    if (known !== undefined) return known
    const view = await this.#admin.describeTopic(topic)
    if (view === undefined) {
      const message = `there is no topic ${topic} to replay to: create it, or name another with --to`
      throw new ScamanderError(CONNECT_ERRORS.NO_LETTERS, message)
    }
    this.#partitions.set(topic, view.partitions.length)
    return view.partitions.length
  }
}

/** The record outlives the fetch response that the message points into. */
function copyOf(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
