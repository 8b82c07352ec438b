/**
 * Reads a whole table at every poll, page by page. After a restart it begins with the first row,
 * as every poll does.
 * Spec: cassandra-sink 11.3 (absent mode, BULK, NONE), 11.5 (constant offset).
 */
import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import type { ReadStatement } from '../../../cassandra/index.ts'
import { CellCursor } from '../../../cql/index.ts'
import type { SourceBatch } from '../../../flow/index.ts'
import { boundValues } from '../bound-values.ts'
import type { Lane } from '../lanes.ts'
import { PageFetch } from '../page-fetch.ts'
import { formatOffsetTime, parseOffsetTime } from './offset-text.ts'
import type { RecordMaker } from './record-maker.ts'
import { prepareSelect, type ReaderContext, recordMaker, type TableQuery } from './table-query.ts'

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }
const NO_VALUES = boundValues([])

export class BulkReader implements Lane {
  readonly #query: TableQuery
  readonly #prepared: ReadStatement
  readonly #maker: RecordMaker
  readonly #cursor: CellCursor
  readonly #context: ReaderContext
  readonly #clock: Clock
  #pages: PageFetch | undefined
  #dueAtMs = 0

  private constructor(
    query: TableQuery,
    prepared: ReadStatement,
    around: { readonly context: ReaderContext; readonly clock: Clock },
  ) {
    this.#query = query
    this.#prepared = prepared
    this.#maker = recordMaker(query, prepared)
    this.#cursor = new CellCursor(prepared.columns.length)
    this.#context = around.context
    this.#clock = around.clock
  }

  static async open(query: TableQuery, context: ReaderContext, clock: Clock): Promise<BulkReader> {
    return new BulkReader(query, await prepareSelect(query, ''), { context, clock })
  }

  async next(signal: AbortSignal): Promise<SourceBatch | undefined> {
    this.#context.watch.check()
    const { session, pageSize, settings, partition } = this.#query
    if (this.#pages === undefined) {
      await this.#clock.sleep(Math.max(0, this.#dueAtMs - this.#clock.monotonicMs()), signal)
      if (signal.aborted) return EMPTY
      this.#dueAtMs = this.#clock.monotonicMs() + settings.pollIntervalMs
      const [statement, { watch }] = [this.#prepared, this.#context]
      this.#pages = new PageFetch(session, { statement, watch, values: NO_VALUES, pageSize })
    }
    const page = await this.#pages.next()
    assert(page !== 'refused', 'nothing is resumed')
    const made = this.#maker.make(this.#cursor, page, () => true)
    const sizeBytes = page.rowsEnd - page.rowsStart
    const batch = { items: made.records, failures: made.failures, sizeBytes }
    if (!this.#pages.isDone) return batch
    this.#pages = undefined
    const initialMs = parseOffsetTime(settings.initialOffset) ?? 0
    return { ...batch, positions: [{ partition, offset: { '': formatOffsetTime(initialMs) } }] }
  }
}
