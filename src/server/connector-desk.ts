/**
 * What the page asks of a connector beside the Connect REST API: positions against their topics, the
 * preview of a change, dead letters and their replay.
 * Made for a worker's listeners; connects to Kafka with the first question.
 * Invariants: nothing is changed but by a replay; contents of records leave only where a route says so.
 * Spec: ui 5.4; connect-rest 2.3, 14.
 */
import type {
  ConnectorPositions,
  DeadLetter,
  DeadLetterDetail,
  DeadLetters,
  PositionsDraft,
  PositionsPreview,
  RecordBytes,
  ReplayDraft,
  ReplayResult,
} from '../api-v1-connectors.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, toRecord } from '../config/index.ts'
import {
  CONNECT_ERRORS,
  type FoundLetter,
  type Herder,
  LetterDesk,
  type LetterPlace,
  type PartitionRange,
  previewPositions,
} from '../connect/index.ts'
import {
  CLIENT_KEYS,
  type KafkaClientSettings,
  TopicInspector,
  toClientSettings,
} from '../kafka/index.ts'
import { Logger } from '../telemetry/index.ts'
import type { Replaying } from './activity/activity-items.ts'

const LETTERS_KEY = 'errors.deadletterqueue.topic.name'
const TRACE_HEADER = '__connect.errors.exception.stacktrace'
const SHOWN_MAX = 500
const SHOWN_BYTES_MAX = 100_000
const IDS_MAX = 1_000
/** The farthest that JavaScript's dates go. */
const DATE_MS_MAX = 8.64e15

export class ConnectorDesk {
  readonly #herder: Herder
  readonly #worker: ConfigSource
  readonly #logger: Logger
  #inspector: TopicInspector | undefined
  #letters: LetterDesk | undefined
  readonly #replays = new Map<number, Replaying>()
  #lastReplay = 0

  constructor(herder: Herder, worker: ConfigSource, logger: Logger) {
    this.#herder = herder
    this.#worker = worker
    this.#logger = logger
  }

  async positions(name: string): Promise<ConnectorPositions> {
    const { offsets } = await this.#herder.offsets(name)
    const { type } = await this.#herder.info(name)
    if (type !== 'sink') return { partitions: [], maps: offsets, missing: [] }
    const { ranges, missing } = await this.#ranges(name)
    const partitions = ranges.map(({ topic, partition, earliest, latest, committed }) => ({
      ...{ topic, partition, earliest: String(earliest), latest: String(latest) },
      committed: committed === undefined ? null : String(committed),
      lag: committed === undefined ? null : String(Math.max(0, latest - committed)),
    }))
    return { partitions, maps: [], missing }
  }

  async preview(name: string, { items }: PositionsDraft): Promise<PositionsPreview> {
    const { ranges } = await this.#ranges(name)
    return await previewPositions(ranges, items, async (topic, partition, timeMs) => {
      const view = await this.#look.topic(topic)
      if (view === undefined) return -1
      return (await this.#look.offsetsAt(view, timeMs)).get(partition) ?? -1
    })
  }

  async deadLetters(
    name: string,
    of: { readonly stage: string; readonly sinceMs: number },
  ): Promise<DeadLetters> {
    const topic = await this.#letterTopic(name)
    const none = { items: [], causes: [], isCut: false }
    if (topic === undefined) return { topic: null, ...none }
    const found = await this.#desk.list(topic)
    if (found === undefined) return { topic, ...none }
    const own = found.letters.filter(
      ({ letter }) =>
        (letter.connector === name || letter.connector === '') && letter.timestampMs >= of.sinceMs,
    )
    const causes = new Map<string, { stage: string; error: string; count: number }>()
    for (const { letter } of own) {
      const { stage, error } = shown(letter, false)
      const key = `${stage}\n${error}`
      const known = causes.get(key) ?? { stage, error, count: 0 }
      causes.set(key, { ...known, count: known.count + 1 })
    }
    const wanted = own.filter(({ letter }) => of.stage === '' || letter.stage === of.stage)
    return {
      topic,
      items: wanted.slice(0, SHOWN_MAX).map(one => shown(one.letter, one.isReplayed)),
      causes: [...causes.values()].sort((a, b) => b.count - a.count),
      isCut: found.isCut || wanted.length > SHOWN_MAX,
    }
  }

  async deadLetter(name: string, place: LetterPlace): Promise<DeadLetterDetail> {
    const { letter, message, isReplayed } = await this.#letter(name, place)
    const trace = message.headers.find(one => one.name === TRACE_HEADER)?.value
    return {
      ...shown(letter, isReplayed),
      ...{ key: bytesOf(message.key()), value: bytesOf(message.value()) },
      headers: message.headers
        .filter(one => one.name !== TRACE_HEADER)
        .map(one => ({ name: one.name, value: one.value?.toString() ?? null })),
      trace: trace?.toString() ?? '',
    }
  }

  /** Under way. */
  get replays(): Iterable<Replaying> {
    return this.#replays.values()
  }

  async replay(name: string, draft: ReplayDraft): Promise<ReplayResult> {
    const id = ++this.#lastReplay
    const startedAt = new Date().toISOString()
    const note = (letters: number | undefined) =>
      this.#replays.set(id, { id, connector: name, letters, startedAt })
    note(undefined)
    try {
      return await this.#replay(name, draft, note)
    } finally {
      this.#replays.delete(id)
    }
  }

  async #replay(
    name: string,
    draft: ReplayDraft,
    onCounted: (letters: number) => void,
  ): Promise<ReplayResult> {
    const topic = await this.#letterTopic(name)
    if (topic === undefined) throw noLetters(`${name} names no topic of dead letters`)
    const letters = await this.#chosen(name, topic, draft)
    onCounted(letters.length)
    const isOne = draft.ids !== undefined && letters.length === 1
    if (draft.value !== undefined && !isOne) throw noLetters('a value is for one letter only')
    const value = draft.value === undefined ? undefined : Buffer.from(draft.value)
    const count = await this.#desk.replay(topic, letters, { value, isForced: isOne })
    const { asked, sent, passed } = count
    const more =
      passed === 0 ? '' : `; ${passed} passed over: sent before, or replayed too often already`
    return { ...count, text: `${sent} of ${asked} sent${more}.` }
  }

  async close(): Promise<void> {
    await Promise.all([this.#inspector?.close(), this.#letters?.close()])
  }

  /** The worker's own way to Kafka. */
  get #settings(): KafkaClientSettings {
    const own = Object.entries(toRecord(this.#worker)).filter(([key]) => key in CLIENT_KEYS)
    const properties = { ...Object.fromEntries(own), 'client.id': 'scamander-page', acks: 'all' }
    return toClientSettings(properties, Logger.silent())
  }

  get #look(): TopicInspector {
    this.#inspector ??= new TopicInspector(this.#settings.connection)
    return this.#inspector
  }

  get #desk(): LetterDesk {
    this.#letters ??= new LetterDesk(this.#settings, this.#logger)
    return this.#letters
  }

  /** Every partition of the topics that it reads, or has read; and topics that are not there. */
  async #ranges(name: string): Promise<{ ranges: PartitionRange[]; missing: string[] }> {
    const { offsets } = await this.#herder.offsets(name)
    const committed = new Map(
      offsets.map(({ partition, offset }) => [
        `${partition?.['kafka_topic']}-${partition?.['kafka_partition']}`,
        Number(offset?.['kafka_offset']),
      ]),
    )
    const config = await this.#herder.shownConfig(name)
    const listed = (config['topics'] ?? '').split(',').map(one => one.trim())
    const read = offsets.map(one => String(one.partition?.['kafka_topic'] ?? ''))
    const topics = [...new Set([...listed, ...read])].filter(one => one !== '').sort()
    const ranges: PartitionRange[] = []
    const missing: string[] = []
    for (const topic of topics) {
      const view = await this.#look.topic(topic)
      if (view === undefined) {
        if (listed.includes(topic)) missing.push(topic)
        continue
      }
      const [starts, ends] = await Promise.all([this.#look.starts(view), this.#look.ends(view)])
      for (const partition of view.partitions.keys()) {
        ranges.push({
          ...{ topic, partition, committed: committed.get(`${topic}-${partition}`) },
          ...{ earliest: starts.get(partition) ?? 0, latest: ends.get(partition) ?? 0 },
        })
      }
    }
    return { ranges, missing }
  }

  async #letterTopic(name: string): Promise<string | undefined> {
    const topic = (await this.#herder.shownConfig(name))[LETTERS_KEY]?.trim() ?? ''
    return topic === '' ? undefined : topic
  }

  async #letter(name: string, place: LetterPlace): Promise<FoundLetter> {
    const topic = await this.#letterTopic(name)
    const found = topic === undefined ? undefined : await this.#desk.find(topic, place)
    const isOwn = found?.letter.connector === name || found?.letter.connector === ''
    if (found !== undefined && isOwn) return found
    throw noLetters(`${name} has no dead letter ${place.partition}/${place.offset}`)
  }

  async #chosen(
    name: string,
    topic: string,
    { ids, stage, error }: ReplayDraft,
  ): Promise<FoundLetter[]> {
    if (ids !== undefined) {
      if (ids.length > IDS_MAX) throw noLetters(`expected at most ${IDS_MAX} ids`)
      const listed = ids.length === 1 ? [] : await this.#own(name, topic)
      const known = new Map(listed.map(one => [shown(one.letter, false).id, one]))
      const letters: FoundLetter[] = []
      // One after the other: each that is asked for alone holds a whole answer of Kafka.
      for (const id of new Set(ids)) {
        letters.push(known.get(id) ?? (await this.#letter(name, toPlace(id))))
      }
      return letters
    }
    return (await this.#own(name, topic))
      .filter(({ letter }) => {
        const own = shown(letter, false)
        return (stage ?? own.stage) === own.stage && (error ?? own.error) === own.error
      })
      .reverse()
  }

  async #own(name: string, topic: string): Promise<FoundLetter[]> {
    const all = (await this.#desk.list(topic))?.letters ?? []
    return all.filter(({ letter }) => letter.connector === name || letter.connector === '')
  }
}

/** `partition/offset`. */
export function toPlace(id: string): LetterPlace {
  const [, partition, offset] = /^(\d{1,9})\/(\d{1,16})$/.exec(id) ?? []
  if (partition === undefined) throw noLetters(`expected partition/offset, found ${id}`)
  return { partition: Number(partition), offset: Number(offset) }
}

function shown(letter: FoundLetter['letter'], isReplayed: boolean): DeadLetter {
  const { partition, offset, timestampMs, origin, stage, replayCount } = letter
  return {
    id: `${partition}/${offset}`,
    at: timestampMs < 0 || timestampMs > DATE_MS_MAX ? null : new Date(timestampMs).toISOString(),
    from: origin === undefined ? null : `${origin.topic}-${origin.partition}@${origin.offset}`,
    ...{ stage, isReplayed, replays: replayCount, message: letter.exceptionMessage },
    error: letter.exceptionClass.split('.').at(-1) ?? '',
  }
}

function bytesOf(bytes: Buffer | null): RecordBytes {
  if (bytes === null) return { text: null, hex: null, bytes: 0, isCut: false }
  const part = bytes.subarray(0, SHOWN_BYTES_MAX)
  return {
    ...{ text: part.toString('utf8'), hex: part.toString('hex') },
    ...{ bytes: bytes.length, isCut: part.length < bytes.length },
  }
}

function noLetters(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.NO_LETTERS, message)
}
