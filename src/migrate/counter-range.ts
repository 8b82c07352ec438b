/**
 * Copies token ranges of a counter table: pages from the source, each row by difference, a few rows
 * at once. Stands beside the range copier, which deals with every other table.
 * Invariant: as there, a page is left only when each of its rows was acknowledged or rejected.
 * Spec: live-migration 3.5.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { CellCursor, tokenToBigint } from '../cql/index.ts'
import type { CounterCopier } from './counter-copier.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { KeyToken } from './key-token.ts'
import { type Page, PageSizes, PageStream, RowSize } from './page-stream.ts'
import { noCounts, type RangeCopierParts } from './range-copier.ts'
import { cellsOf, pageOfRow, type RowCells } from './row-cells.ts'
import type { RangeCounts } from './run-store.ts'
import type { TokenRange } from './token-range.ts'

export interface CounterRangeParts
  extends Pick<
    RangeCopierParts,
    | 'plan'
    | 'source'
    | 'select'
    | 'filter'
    | 'pageSize'
    | 'readThrottle'
    | 'writeThrottle'
    | 'signal'
    | 'onReject'
    | 'onPage'
    | 'onRetry'
  > {
  readonly copier: CounterCopier
}

const ROWS_AT_ONCE = 16

export class CounterRange {
  readonly #parts: CounterRangeParts

  constructor(parts: CounterRangeParts) {
    this.#parts = parts
  }

  async copy(range: TokenRange, onCheckpoint: (token: bigint) => void): Promise<RangeCounts> {
    const { source, select, pageSize, readThrottle, signal, plan, onRetry } = this.#parts
    const pages = new PageStream({
      ...{ session: source, statement: select, range, throttle: readThrottle, signal, onRetry },
      sizes: new PageSizes(new RowSize(), pageSize),
    })
    const total = noCounts()
    const token = new KeyToken(plan.partitionKeyCount)
    const cursor = new CellCursor(plan.selectors.length)
    for (;;) {
      const page = await pages.read()
      if (page === undefined) return total
      const counts = await this.#copyPage(page)
      for (const key of ['read', 'written', 'skipped', 'rejected'] as const) {
        total[key] += counts[key]
      }
      this.#parts.onPage(counts)
      signal.throwIfAborted()
      cursor.reset(page.rows)
      let hasRows = false
      while (cursor.nextRow()) hasRows = true
      if (hasRows && total.rejected === 0) onCheckpoint(tokenToBigint(token.ofRow(cursor)))
    }
  }

  async #copyPage(page: Page): Promise<RangeCounts> {
    const { filter, plan } = this.#parts
    const counts = noCounts()
    const cursor = new CellCursor(plan.selectors.length)
    const rows: RowCells[] = []
    cursor.reset(page.rows)
    while (cursor.nextRow()) {
      counts.read += 1
      if (filter.isIdle || filter.accepts(cursor)) rows.push(cellsOf(cursor))
      else counts.skipped += 1
    }
    const worker = async () => {
      for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
        await this.#copyRow(row, counts)
      }
    }
    await Promise.all(Array.from({ length: Math.min(ROWS_AT_ONCE, rows.length) }, worker))
    return counts
  }

  async #copyRow(row: RowCells, counts: RangeCounts): Promise<void> {
    const { copier, signal, writeThrottle, onReject } = this.#parts
    await writeThrottle.wait(signal)
    writeThrottle.use(1, 64)
    const outcome = await copier.copy(row, { isAdding: true, signal })
    if (outcome.kind !== 'failed') {
      counts.written += 1
      return
    }
    counts.rejected += 1
    const cursor = new CellCursor(row.length)
    cursor.reset(pageOfRow(row))
    cursor.nextRow()
    const message = `the counters were not added: ${outcome.error.message}`
    onReject(new ScamanderError(MIGRATE_ERRORS.VALUE, message, { cause: outcome.error }), cursor)
  }
}
