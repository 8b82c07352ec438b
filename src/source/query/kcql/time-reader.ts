/**
 * Reads a table by a column of time, window after window: modes TIMESTAMP, TIMEUUID,
 * BUCKETTIMESERIES and DSESEARCHTIMESTAMP. Rows of a window come in no order of time, so that the position moves to the
 * latest time only when the window is read to its end; within it, pages mark the place.
 * Invariants: the millisecond of the position is read again by the next query, and what was given of
 * it is left out: rows of equal time are given once, also when they are written between two queries.
 * A millisecond of more rows than can be remembered is read twice as a whole, then passed.
 * Spec: cassandra-sink 11.3, 11.4, 12 (D18, D21).
 */
import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import { SimpleDateFormat } from '../../../base/java-time/simple-date-format.ts'
import { quoteIdentifier, type ReadStatement } from '../../../cassandra/index.ts'
import { CellCursor, type CqlValue, type RowsResult } from '../../../cql/index.ts'
import type { SourceBatch, SourceOffset, SourcePosition } from '../../../flow/index.ts'
import { boundValues } from '../bound-values.ts'
import type { Lane } from '../lanes.ts'
import { PageFetch } from '../page-fetch.ts'
import { parseOffsetTime, timeUuidMs } from './offset-text.ts'
import type { RecordMaker } from './record-maker.ts'
import { rowDigest, SEEN_MAX, SeenRows } from './seen-rows.ts'
import {
  checkKeyKind,
  keyIndex,
  prepareSelect,
  type ReaderContext,
  recordMaker,
  SEARCH_COLUMN,
  type TableQuery,
} from './table-query.ts'
import { type BucketUnit, bucketsOf, cutToBuckets } from './time-buckets.ts'
import { fromOffset, type TimePosition, toOffset } from './time-position.ts'
import { type TimeSpan, TimeWindow } from './time-window.ts'

export interface TimeReaderParts {
  readonly query: TableQuery
  readonly context: ReaderContext
  readonly clock: Clock
  readonly stored: SourceOffset | undefined
}

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }

/** A window that is being read. */
interface Reading {
  readonly span: TimeSpan
  /** How far the window reached before it was cut to what one query may ask for. */
  readonly wholeUpperMs: number
  readonly pages: PageFetch
  /** Latest rows so far. */
  latest: SeenRows | undefined
}

export class TimeReader implements Lane {
  readonly #parts: TimeReaderParts
  readonly #prepared: ReadStatement
  readonly #maker: RecordMaker
  readonly #cursor: CellCursor
  readonly #window: TimeWindow
  readonly #keyIndex: number
  readonly #rowKey: readonly number[]
  #position: TimePosition
  #reading: Reading | undefined
  #dueAtMs = 0
  #hasWarned = false

  private constructor(parts: TimeReaderParts, prepared: ReadStatement) {
    this.#parts = parts
    this.#prepared = prepared
    const { query, stored } = parts
    const { settings, table } = query
    this.#keyIndex = keyIndex(query, prepared)
    this.#maker = recordMaker(query, prepared)
    this.#cursor = new CellCursor(prepared.columns.length)
    const { sliceMs, delayMs, pollIntervalMs: pollMs } = settings
    this.#window = new TimeWindow({ sliceMs, delayMs, pollMs })
    this.#rowKey = [...table.partitionKey, ...table.clusteringKey].map(({ name }) =>
      prepared.columns.findIndex(column => column.name === name),
    )
    const initialMs = parseOffsetTime(settings.initialOffset) ?? 0
    this.#position = fromOffset(this.#column, stored, initialMs)
  }

  static async open(parts: TimeReaderParts): Promise<TimeReader> {
    const { query } = parts
    checkKeyKind(query, [query.statement.mode === 'timeuuid' ? 'timeuuid' : 'timestamp'])
    return new TimeReader(parts, await prepareSelect(query, conditionOf(query)))
  }

  async next(signal: AbortSignal): Promise<SourceBatch | undefined> {
    this.#parts.context.watch.check()
    const reading = this.#reading ?? (await this.#begin(signal))
    if (reading === undefined) return EMPTY
    const page = await reading.pages.next()
    if (page === 'refused') {
      this.#parts.query.logger.warn(
        'the cluster refuses a stored paging state: a window is read again',
      )
      this.#reading = undefined
      this.#position = { ...this.#position, window: undefined }
      this.#dueAtMs = 0
      return EMPTY
    }
    return this.#toBatch(page, reading)
  }

  get #column(): string {
    return this.#parts.query.keyColumn?.name ?? ''
  }

  async #begin(signal: AbortSignal): Promise<Reading | undefined> {
    const { clock, query, context } = this.#parts
    await clock.sleep(Math.max(0, this.#dueAtMs - clock.monotonicMs()), signal)
    if (signal.aborted) return undefined
    this.#dueAtMs = clock.monotonicMs() + query.settings.pollIntervalMs
    const { window, goalMs } = this.#position
    const whole = this.#whole()
    const span = this.#cut(whole)
    const { session, pageSize } = query
    const pages = new PageFetch(session, {
      statement: this.#prepared,
      watch: context.watch,
      values: this.#valuesOf(span),
      pageSize,
      resume: window?.pagingState,
    })
    const wholeUpperMs = Math.max(whole.upperMs, goalMs ?? whole.upperMs)
    this.#reading = { span, wholeUpperMs, pages, latest: window?.latest }
    return this.#reading
  }

  #whole(): TimeSpan {
    const { seen, window, goalMs } = this.#position
    const lowerMs = seen.timeMs
    if (window !== undefined) return { lowerMs, upperMs: window.upperMs }
    if (goalMs !== undefined && goalMs > lowerMs) return { lowerMs, upperMs: goalMs }
    return this.#window.next(lowerMs, this.#parts.clock.nowMs())
  }

  /** One query asks for so many buckets only. */
  #cut(span: TimeSpan): TimeSpan {
    const { settings, statement } = this.#parts.query
    if (statement.mode !== 'bucket') return span
    return cutToBuckets(span, settings.bucketUnit as BucketUnit)
  }

  /** The lower bound is excluded by the query: one millisecond less includes it. */
  #valuesOf({ lowerMs, upperMs }: TimeSpan): Buffer {
    const fromMs = this.#position.hasRows ? lowerMs - 1 : lowerMs
    const values: CqlValue[] = [BigInt(fromMs), BigInt(upperMs)]
    const { settings, statement } = this.#parts.query
    const { variables } = this.#prepared
    if (statement.mode === 'search') {
      return boundValues([
        [variables[0]!.type, searchText(this.#column, { lowerMs: fromMs, upperMs })],
      ])
    }
    if (statement.mode === 'bucket')
      values.push(this.#buckets({ lowerMs: fromMs, upperMs }, settings))
    return boundValues(variables.map(({ type }, i) => [type, values[i] ?? null] as const))
  }

  #buckets(
    span: TimeSpan,
    settings: { readonly bucketUnit: string; readonly bucketFormat: string },
  ): string[] {
    const unit = settings.bucketUnit as BucketUnit
    const buckets = bucketsOf(span, unit, new SimpleDateFormat(settings.bucketFormat))
    assert(buckets !== undefined, 'windows are cut to what one query may ask for')
    return buckets
  }

  #toBatch(page: RowsResult, reading: Reading): SourceBatch {
    const made = this.#maker.make(this.#cursor, page, () => this.#isNew(reading))
    const sizeBytes = page.rowsEnd - page.rowsStart
    const positions = this.#advance(reading)
    return { items: made.records, failures: made.failures, sizeBytes, positions }
  }

  /** Not given before; the latest rows are remembered. */
  #isNew(reading: Reading): boolean {
    const timeMs = this.#timeOfRow()
    const { seen } = this.#position
    const { latest } = reading
    const isAtLower = timeMs === seen.timeMs
    const isLatest = latest === undefined ? timeMs >= seen.timeMs : timeMs >= latest.timeMs
    if (!isAtLower && !isLatest) return true
    const digest = rowDigest(this.#cursor, this.#rowKey)
    if (isAtLower && seen.has(digest)) return false
    if (isLatest) {
      if (latest?.timeMs === timeMs) latest.add(digest)
      else reading.latest = new SeenRows(timeMs, [digest])
    }
    return true
  }

  #timeOfRow(): number {
    const { bytes, starts } = this.#cursor
    const start = starts[this.#keyIndex]!
    return this.#parts.query.statement.mode === 'timeuuid'
      ? timeUuidMs(bytes, start)
      : Number(bytes.readBigInt64BE(start))
  }

  /** Where the batch leads to; none when nothing moved. */
  #advance(reading: Reading): SourcePosition[] {
    const { pages, latest, span, wholeUpperMs } = reading
    const { partition } = this.#parts.query
    const { pagingState } = pages
    if (!pages.isDone && pagingState !== undefined) {
      const window = { upperMs: span.upperMs, pagingState, latest }
      // A copy of the digests would be large; they are written out at once.
      const offset = toOffset(this.#column, { ...this.#position, window, goalMs: wholeUpperMs })
      return [{ partition, offset }]
    }
    this.#reading = undefined
    const { seen, hasRows, window, goalMs } = this.#position
    const isCut = span.upperMs < wholeUpperMs
    this.#window.seen(latest !== undefined && latest.timeMs > seen.timeMs)
    this.#position = {
      ...merged(this.#position, latest),
      window: undefined,
      goalMs: isCut ? wholeUpperMs : undefined,
    }
    if (hasRows && latest?.timeMs === seen.timeMs && seen.isOverfull) this.#passOverfull()
    if (isCut) this.#dueAtMs = 0
    const isStep = isCut || goalMs !== undefined
    // Nothing can come of a step any more: the next query goes on behind it, after a restart too.
    if (isStep && latest === undefined) this.#pass(span.upperMs)
    else if (window === undefined && latest === undefined) return []
    return [{ partition, offset: toOffset(this.#column, this.#position) }]
  }

  /**
   * The lower bound was read again as a whole, and some of its rows came twice: not a third time.
   * The lower bound is included by the query: one millisecond more excludes the old one.
   */
  #passOverfull(): void {
    const { seen } = this.#position
    this.#position = { ...this.#position, seen: new SeenRows(seen.timeMs + 1) }
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { query } = this.#parts
    query.logger.warn(
      `${query.statement.table}: more than ${SEEN_MAX.toLocaleString('en-US')} rows have the same millisecond in ${this.#column}: ` +
        'those beyond come twice, and rows that are added to it later are not read; write times that differ',
    )
  }

  #pass(upperMs: number): void {
    this.#position = { ...this.#position, seen: new SeenRows(upperMs), hasRows: true }
  }
}

/** The latest time becomes the lower bound; rows added to the present one join those known. */
function merged(position: TimePosition, latest: SeenRows | undefined): TimePosition {
  if (latest === undefined) return position
  const { seen } = position
  if (latest.timeMs !== seen.timeMs) return { ...position, seen: latest, hasRows: true }
  seen.addAll(latest)
  return { ...position, seen, hasRows: true }
}

function conditionOf({ statement, keyColumn, settings }: TableQuery): string {
  const key = quoteIdentifier(keyColumn?.name ?? '')
  const filtering = settings.allowFiltering ? ' ALLOW FILTERING' : ''
  if (statement.mode === 'timeuuid') {
    return ` WHERE ${key} > maxTimeuuid(?) AND ${key} <= minTimeuuid(?)${filtering}`
  }
  if (statement.mode === 'search') return ` WHERE ${SEARCH_COLUMN} = ?`
  const span = ` WHERE ${key} > ? AND ${key} <= ?`
  if (statement.mode === 'timestamp') return span + filtering
  return `${span} AND ${quoteIdentifier(settings.bucketColumn)} IN ?`
}

/** The range excludes its lower bound and includes the upper. */
export function searchText(column: string, { lowerMs, upperMs }: TimeSpan): string {
  const [lower, upper] = [new Date(lowerMs).toISOString(), new Date(upperMs).toISOString()]
  const q = `${column}:{${lower} TO ${upper}]`
  return JSON.stringify({ q, sort: `${column} asc`, paging: 'driver' })
}
