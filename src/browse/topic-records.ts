/**
 * Pages of records of one topic, live ones too, and one record whole. Called for the tab Records.
 * Invariants: a look ends after LOOK_MS and says how far it came; a live answer tells how many records it
 * left out; nothing is committed anywhere.
 * Spec: ui 4.3 (tails), 5.7.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DecodeAs, RecordDetail, RecordInfo, RecordsPage } from '../api-v1-data.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { NO_TIMESTAMP, type RawMessage } from '../flow/index.ts'
import type { TopicInspector } from '../kafka/index.ts'
import { BROWSE_ERRORS } from './errors.ts'
import { hexOf, type RecordParts } from './record-parts.ts'
import { type Offsets, readWindow, type Topic, type WindowQuery } from './record-window.ts'
import { readFrom, readPage, toPage } from './records-position.ts'

export interface RecordsQuery {
  readonly from: string
  /** `older`, `newer` or `live` of an answer; then `from` has no effect. */
  readonly page: string | undefined
  /** Undefined: all. */
  readonly partition: number | undefined
  /** In key, value or a header, whatever the case. */
  readonly contains: string
  readonly decode: DecodeAs
  readonly recordsMax: number
  /** A live look waits so long for a first record. */
  readonly waitMs: number
}

const LOOK_MS = 10_000
const LIVE_PAUSE_MS = 200
/** The farthest that JavaScript's dates go. */
const DATE_MS_MAX = 8.64e15
const LIST_CHARACTERS = 2_000
const RECORD_CHARACTERS = 1024 * 1024
const HEX_CHARACTERS = 128 * 1024

export class TopicRecords {
  readonly #inspector: TopicInspector
  readonly #parts: RecordParts

  constructor(inspector: TopicInspector, parts: RecordParts) {
    this.#inspector = inspector
    this.#parts = parts
  }

  async page(topic: Topic, query: RecordsQuery): Promise<RecordsPage> {
    const logStarts = only(await this.#inspector.starts(topic), query.partition)
    const place = query.page === undefined ? undefined : readPage(query.page)
    if (place?.kind === 'live')
      return await this.#live(topic, query, { logStarts, since: place.offsets })
    const logEnds = only(await this.#inspector.ends(topic), query.partition)
    const log = { starts: logStarts, ends: logEnds }
    if (place !== undefined) {
      const at = within(place.offsets, log)
      const isOlder = place.kind === 'older'
      const range = isOlder ? { starts: logStarts, ends: at } : { starts: at, ends: logEnds }
      return await this.#look(topic, query, { ...range, log, isBackward: isOlder })
    }
    const starts = await this.#first(topic, query, log)
    const isBackward = starts === undefined
    return await this.#look(topic, query, {
      starts: starts ?? logStarts,
      ends: logEnds,
      log,
      isBackward,
    })
  }

  async record(topic: Topic, partition: number, offset: number): Promise<RecordDetail> {
    const at = { partition, fromOffset: offset, toOffset: offset + 1, recordsMax: 1 }
    const starts = (await this.#inspector.starts(topic)).get(partition)
    const ends = (await this.#inspector.ends(topic)).get(partition)
    const isThere = starts !== undefined && ends !== undefined && offset >= starts && offset < ends
    const got = isThere
      ? await this.#inspector.read(topic, at, AbortSignal.timeout(LOOK_MS))
      : undefined
    const [message] = got?.messages ?? []
    if (message === undefined) {
      const message = `expected a record at ${topic.name}-${partition} @ ${offset}, found none`
      throw new ScamanderError(BROWSE_ERRORS.UNKNOWN, message)
    }
    const headerParts = []
    for (const one of message.headers) {
      headerParts.push({ name: one.name, value: await this.#parts.header(one, LIST_CHARACTERS) })
    }
    return {
      ...(await this.#info(message, 'auto', RECORD_CHARACTERS)),
      headerParts,
      keyHex: hexOf(message.key() ?? Buffer.alloc(0), HEX_CHARACTERS),
      valueHex: hexOf(message.value() ?? Buffer.alloc(0), HEX_CHARACTERS),
    }
  }

  /** First offsets of a look towards the end; undefined: from the end backwards. */
  async #first(
    topic: Topic,
    { from }: RecordsQuery,
    { starts, ends }: Log,
  ): Promise<Offsets | undefined> {
    const place = readFrom(from)
    if (place.kind === 'newest' || place.kind === 'oldest')
      return place.kind === 'newest' ? undefined : starts
    if (place.kind === 'offset') {
      return within(new Map([...starts.keys()].map(one => [one, place.offset])), { starts, ends })
    }
    const found = await this.#inspector.offsetsAt(topic, place.timestampMs)
    const at = new Map(
      [...found].map(([partition, offset]) => [
        partition,
        offset < 0 ? (ends.get(partition) ?? 0) : offset,
      ]),
    )
    return within(at, { starts, ends })
  }

  async #look(topic: Topic, query: RecordsQuery, range: Range): Promise<RecordsPage> {
    const { log, isBackward } = range
    const window = await readWindow(this.#inspector, {
      ...{ topic, starts: range.starts, ends: range.ends, isBackward },
      ...{ recordsMax: query.recordsMax, signal: AbortSignal.timeout(LOOK_MS) },
      ...wanted(query.contains),
    })
    const { lows, highs, scanned, isCutOff } = window
    const newestFirst = isBackward ? window.messages : window.messages.toReversed()
    return {
      records: await this.#infos(newestFirst, query),
      older: isAny(lows, (partition, offset) => offset > (log.starts.get(partition) ?? 0))
        ? toPage('older', lows)
        : null,
      newer: isAny(highs, (partition, offset) => offset < (log.ends.get(partition) ?? 0))
        ? toPage('newer', highs)
        : null,
      live: toPage('live', log.ends),
      ...{ scanned, isCutOff, skipped: 0 },
    }
  }

  /** The newest of what came since; waits for the first of it. */
  async #live(
    topic: Topic,
    query: RecordsQuery,
    { logStarts, since }: { readonly logStarts: Offsets; readonly since: Offsets },
  ): Promise<RecordsPage> {
    const deadlineMs = performance.now() + Math.min(query.waitMs, LOOK_MS)
    for (;;) {
      const ends = only(await this.#inspector.ends(topic), query.partition)
      const log = { starts: logStarts, ends }
      const from = within(since, log)
      const came = [...ends].reduce((sum, [one, end]) => sum + end - (from.get(one) ?? end), 0)
      if (came > 0 || performance.now() >= deadlineMs) {
        const page = await this.#look(topic, query, { starts: from, ends, log, isBackward: true })
        const skipped = query.contains === '' ? Math.max(0, came - page.records.length) : 0
        const isFull = page.records.length >= query.recordsMax
        return { ...page, older: null, newer: null, skipped: isFull ? skipped : 0 }
      }
      await sleep(LIVE_PAUSE_MS)
    }
  }

  async #infos(messages: readonly RawMessage[], { decode }: RecordsQuery): Promise<RecordInfo[]> {
    const out: RecordInfo[] = []
    for (const one of messages) out.push(await this.#info(one, decode, LIST_CHARACTERS))
    return out
  }

  async #info(message: RawMessage, decode: DecodeAs, charactersMax: number): Promise<RecordInfo> {
    const { topic, partition, offset, timestampMs, headers } = message
    const at = { topic, decode, charactersMax }
    return {
      partition,
      offset: String(offset),
      time: timeText(timestampMs),
      key: await this.#parts.read(message.key(), { ...at, isKey: true }),
      value: await this.#parts.read(message.value(), { ...at, isKey: false }),
      headers: headers.length,
    }
  }
}

/** Producers write what they like: a time that no calendar has is shown as none. */
export function timeText(timestampMs: number): string | null {
  const isTime = timestampMs !== NO_TIMESTAMP && Math.abs(timestampMs) <= DATE_MS_MAX
  return isTime ? new Date(timestampMs).toISOString() : null
}

interface Log {
  readonly starts: Offsets
  readonly ends: Offsets
}

interface Range extends Log {
  /** All that there is. */
  readonly log: Log
  readonly isBackward: boolean
}

function only(offsets: Offsets, partition: number | undefined): Offsets {
  if (partition === undefined) return offsets
  const offset = offsets.get(partition)
  if (offset !== undefined) return new Map([[partition, offset]])
  throw new ScamanderError(BROWSE_ERRORS.UNKNOWN, `there is no partition ${partition}`)
}

/** Retention may have passed a place, and the log may have been cut back behind it. */
function within(offsets: Offsets, { starts, ends }: Log): Offsets {
  return new Map(
    [...starts].map(([partition, start]) => {
      const end = ends.get(partition) ?? start
      const wanted = offsets.get(partition) ?? start
      return [partition, Math.min(end, Math.max(start, wanted))] as const
    }),
  )
}

function isAny(offsets: Offsets, test: (partition: number, offset: number) => boolean): boolean {
  return [...offsets].some(([partition, offset]) => test(partition, offset))
}

function wanted(contains: string): Pick<WindowQuery, 'isWanted' | 'hasFilter'> {
  if (contains === '') return { isWanted: () => true, hasFilter: false }
  const text = contains.toLowerCase()
  const isIn = (bytes: Buffer | null) =>
    bytes?.toString('utf8').toLowerCase().includes(text) === true
  return {
    hasFilter: true,
    isWanted: one =>
      isIn(one.key()) || isIn(one.value()) || one.headers.some(header => isIn(header.value)),
  }
}
