/**
 * The pages of one token range, one ahead of the reader: while a page is being written the next one is
 * on its way, never more. Retries by error class, with smaller pages after time-outs, and shrinks
 * pages of wide rows so that each holds a few megabytes.
 * Used by the copy and by both sides of a validation.
 * Invariant: pages come in token order; what was given is never given again.
 * Spec: live-migration 3.1, 3.7.
 */
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { ReadSession, ReadStatement } from '../cassandra/index.ts'
import { type RowsResult, tokenFromBigint } from '../cql/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { mayRetry } from './patience.ts'
import type { Throttle } from './rate-limiter.ts'
import type { TokenRange } from './token-range.ts'

export interface Page {
  readonly rows: RowsResult
  /** When its rows were read, monotonic: their TTLs run on from there. */
  readonly readMs: number
}

/** Pages in token order; undefined after the last. */
export interface PageReader {
  read(): Promise<Page | undefined>
}

/** How large rows are, as far as known: shared by the ranges of a table. */
export class RowSize {
  #bytes = 0

  /** Rows that fill a page, but no more than asked for; few while nothing is known. */
  rowsFor(rowsMax: number): number {
    if (this.#bytes === 0) return Math.min(rowsMax, FIRST_PAGE_ROWS)
    return Math.min(rowsMax, Math.max(PAGE_ROWS_MIN, Math.floor(PAGE_BYTES_WANTED / this.#bytes)))
  }

  learn(rows: RowsResult): void {
    if (rows.rowCount > 0)
      this.#bytes = Math.max(1, (rows.rowsEnd - rows.rowsStart) / rows.rowCount)
  }
}

/**
 * Rows of each page of a range. Two streams that share it ask for pages of the same size: when both
 * sides are equal, so are their pages, byte by byte.
 */
export class PageSizes {
  readonly #rowSize: RowSize
  readonly #rowsMax: number
  readonly #known: { page: number; rows: number }[] = []

  constructor(rowSize: RowSize, rowsMax: number) {
    this.#rowSize = rowSize
    this.#rowsMax = rowsMax
  }

  /** `page` from 0. A side that is far behind is on its own: the sides differ then. */
  rowsOf(page: number): number {
    const place = page % PAGES_APART_MAX
    const known = this.#known[place]
    if (known?.page === page) return known.rows
    const rows = this.#rowSize.rowsFor(this.#rowsMax)
    if (known === undefined || known.page < page) this.#known[place] = { page, rows }
    return rows
  }

  learn(rows: RowsResult): void {
    this.#rowSize.learn(rows)
  }
}

export interface PageStreamParts {
  readonly session: ReadSession
  readonly statement: ReadStatement
  readonly range: TokenRange
  readonly sizes: PageSizes
  readonly throttle: Throttle
  readonly signal: AbortSignal
  readonly onRetry: (error: unknown) => void
}

const PAGE_BYTES_WANTED = 2 * 1024 * 1024
const FIRST_PAGE_ROWS = 500
const PAGE_ROWS_MIN = 10
const PAGES_APART_MAX = 32
/** Of each range under way, at least, when the rate is limited. */
const PAGES_PER_SECOND = 4
const RETRIES_MAX = 40
const RETRY_BASE_MS = 100
const RETRY_MAX_MS = 8_000

export class PageStream implements PageReader {
  readonly #parts: PageStreamParts
  readonly #values: Buffer
  readonly #token: { readonly high: number; readonly low: number }
  #page = 0
  #pagingState: Buffer | undefined
  #next: Promise<Page | undefined> | undefined

  constructor(parts: PageStreamParts) {
    this.#parts = parts
    this.#values = rangeValues(parts.range)
    this.#token = tokenFromBigint(parts.range.start)
  }

  /** Undefined after the last page. */
  async read(): Promise<Page | undefined> {
    const page = await (this.#next ?? this.#fetch())
    this.#next = undefined
    if (page === undefined) return undefined
    const state = page.rows.pagingState
    this.#parts.sizes.learn(page.rows)
    if (state === undefined) this.#next = Promise.resolve(undefined)
    else {
      this.#pagingState = state
      this.#next = this.#fetch()
      // Whoever asks for the page gets the error.
      this.#next.catch(() => undefined)
    }
    return page
  }

  async #fetch(): Promise<Page> {
    const { session, statement, sizes, throttle, signal, onRetry } = this.#parts
    const backoff = new Backoff({ baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS })
    let pageSize = sizes.rowsOf(this.#page++)
    for (;;) {
      await throttle.wait(signal)
      signal.throwIfAborted()
      try {
        const rows = await session.readPage(statement, {
          values: this.#values,
          pageSize,
          pagingState: this.#pagingState,
          token: this.#token,
        })
        throttle.use(rows.rowCount, rows.rowsEnd - rows.rowsStart)
        return { rows, readMs: performance.now() }
      } catch (error) {
        if (backoff.attempt >= RETRIES_MAX || !mayRetry(error)) throw this.#unreadable(error)
        pageSize = Math.max(1, Math.min(pageSize, PAGE_ROWS_MIN), pageSize >> 1)
        onRetry(error)
        await systemClock.sleep(backoff.next(), signal)
      }
    }
  }

  #unreadable(error: unknown): unknown {
    if (this.#parts.signal.aborted || isScamanderError(error, 'config')) return error
    const { start, end } = this.#parts.range
    const message = `token range ${start} to ${end}: ${messageOf(error)}`
    return new ScamanderError(MIGRATE_ERRORS.SOURCE_UNREADABLE, message, { cause: error })
  }
}

/** Small enough that the pages of all ranges together are a fraction of a second's rows. */
export function pageSizeFor(
  pageSize: number,
  concurrency: number,
  ...rates: readonly (number | undefined)[]
): number {
  const rate = Math.min(...rates.map(one => one ?? Number.POSITIVE_INFINITY))
  return Math.max(1, Math.min(pageSize, Math.floor(rate / concurrency / PAGES_PER_SECOND)))
}

/** `[short 2] [int 8] start [int 8] end` */
export function rangeValues({ start, end }: TokenRange): Buffer {
  const values = Buffer.alloc(26)
  values.writeInt16BE(2, 0)
  values.writeInt32BE(8, 2)
  values.writeBigInt64BE(start, 6)
  values.writeInt32BE(8, 14)
  values.writeBigInt64BE(end, 18)
  return values
}
