/**
 * Reads ranges one after the other, a page per batch, rows decoded straight from the page's bytes.
 * A token-range source has a few of these side by side.
 * Invariants: pages of a range keep their order; a position names a token below which everything
 * was given, so that a resumed range repeats whole partitions at most, and normally nothing.
 * Spec: cassandra-sink 11.8.
 */
import { isScamanderError, type ScamanderError } from '../../../base/scamander-error.ts'
import type { ReadStatement } from '../../../cassandra/index.ts'
import { CellCursor, type RowsResult, tokenFromBigint } from '../../../cql/index.ts'
import { type SourceBatch, SourceRecord, type Struct } from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { boundValues } from '../bound-values.ts'
import type { Lane, PreparedBatch } from '../lanes.ts'
import { PageFetch } from '../page-fetch.ts'
import type { RowShape } from '../row-shape.ts'
import type { TableSession } from '../table-session.ts'
import type { TableWatch } from '../table-watch.ts'
import { type RangeWork, reachedEnd, reachedWithin, type ScanProgress } from './scan-progress.ts'
import type { TokenOf } from './token-of.ts'

export interface ScanPlan {
  readonly session: TableSession
  readonly statement: ReadStatement
  readonly pageSize: number
  readonly topic: string
  /** Undefined: the query does not select the whole primary key. */
  readonly key: RowShape | undefined
  readonly value: RowShape
  readonly tokenOf: TokenOf
  readonly watch: TableWatch
  readonly logger: Logger
}

const LOW_BITS = 64

export class RangeLane implements Lane {
  readonly #plan: ScanPlan
  readonly #progress: ScanProgress
  readonly #cursor: CellCursor
  #work: RangeWork | undefined
  #pages: PageFetch | undefined

  constructor(plan: ScanPlan, progress: ScanProgress) {
    this.#plan = plan
    this.#progress = progress
    this.#cursor = new CellCursor(plan.statement.columns.length)
  }

  async next(signal: AbortSignal): Promise<PreparedBatch | undefined> {
    this.#plan.watch.check()
    if (this.#work === undefined || this.#pages === undefined) {
      const work = await this.#progress.take(signal)
      if (work === undefined) return undefined
      this.#begin(work, work.resume)
    }
    const work = this.#work!
    const page = await this.#pages!.next()
    if (page === 'refused') {
      this.#plan.logger.warn('the cluster refuses a stored paging state: a part is read again')
      this.#begin(work, undefined)
      return { items: [], sizeBytes: 0 }
    }
    // Decoded in its turn: then the rows are converted at once and never grow old.
    return () => this.#toBatch(page, work, signal)
  }

  #begin(work: RangeWork, resume: Buffer | undefined): void {
    const { session, statement, pageSize, watch } = this.#plan
    const [lower, upper] = statement.variables
    // With a paging state the values must be those it was made with.
    const start = resume === undefined ? work.afterToken : work.range.start
    const bound = [
      [lower!.type, tokenValue(lower!.type.kind, start)],
      [upper!.type, tokenValue(upper!.type.kind, work.range.end)],
    ] as const
    const token =
      BigInt.asIntN(LOW_BITS, work.range.end) === work.range.end
        ? tokenFromBigint(work.range.end)
        : undefined
    this.#work = work
    this.#pages = new PageFetch(session, {
      statement,
      watch,
      values: boundValues(bound),
      pageSize,
      token,
      resume,
    })
  }

  #toBatch(page: RowsResult, work: RangeWork, signal: AbortSignal): SourceBatch {
    const { records, failures } = this.#read(page)
    const { isDone, pagingState } = this.#pages!
    const sizeBytes = page.rowsEnd - page.rowsStart
    const token = page.rowCount > 0 ? this.#plan.tokenOf(this.#cursor) : undefined
    if (isDone || pagingState === undefined) {
      this.#work = undefined
      this.#pages = undefined
      this.#progress.finish(signal)
      return { items: records, sizeBytes, failures, positions: [reachedEnd(work)] }
    }
    // The last partition may go on in the next page: only what is before it is complete.
    const reached = token === undefined ? work.afterToken : token - 1n
    const positions = [reachedWithin(work, { token: reached, pagingState })]
    return { items: records, sizeBytes, failures, positions }
  }

  #read(page: RowsResult): { records: SourceRecord[]; failures: ScamanderError[] } {
    const { topic, key, value } = this.#plan
    const cursor = this.#cursor
    const records: SourceRecord[] = []
    const failures: ScamanderError[] = []
    cursor.reset(page)
    while (cursor.nextRow()) {
      try {
        const keyed: Struct | null = key === undefined ? null : key.read(cursor)
        records.push(
          new SourceRecord({
            topic,
            keySchema: key?.schema ?? null,
            key: keyed,
            valueSchema: value.schema,
            value: value.read(cursor),
            position: null,
          }),
        )
      } catch (error) {
        if (!isScamanderError(error, 'data')) throw error
        failures.push(error)
      }
    }
    return { records, failures }
  }
}

function tokenValue(kind: string, token: bigint): bigint | string {
  return kind === 'bigint' || kind === 'varint' ? token : String(token)
}
