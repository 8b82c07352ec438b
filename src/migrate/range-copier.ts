/**
 * Copies token ranges of one table: page after page from the source, bound and written to the target,
 * the next page on its way meanwhile. Ranges of one table share a copier; each has its own binder.
 * A failed row is bound and written again with back-off, then rejected; the others go on.
 * Invariants: a page is left only when each of its rows was acknowledged, skipped or rejected; a
 * checkpoint names a token before which that holds; one page is written per range at a time.
 * Spec: live-migration 3.1, 3.7.
 */
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import { isScamanderError, type ScamanderError } from '../base/scamander-error.ts'
import {
  type ReadSession,
  type ReadStatement,
  RowBatch,
  type RowFailure,
  type WriteSession,
} from '../cassandra/index.ts'
import { CellCursor, tokenToBigint } from '../cql/index.ts'
import { KeyToken } from './key-token.ts'
import { type Page, PageSizes, PageStream, RowSize } from './page-stream.ts'
import { mayRetry } from './patience.ts'
import type { Throttle } from './rate-limiter.ts'
import { RowBinder } from './row-binder.ts'
import type { RowFilter } from './row-filter.ts'
import type { BinderOptions, RowMoment } from './row-times.ts'
import type { RangeCounts } from './run-store.ts'
import type { TablePlan } from './table-plan.ts'
import type { TargetStatements } from './target-statements.ts'
import type { TokenRange } from './token-range.ts'

export interface RangeCopierParts {
  readonly plan: TablePlan
  readonly source: ReadSession
  readonly target: WriteSession
  readonly select: ReadStatement
  readonly statements: TargetStatements
  readonly binder: BinderOptions
  readonly filter: RowFilter
  readonly pageSize: number
  readonly readThrottle: Throttle
  readonly writeThrottle: Throttle
  /** Added to the time of lists in the first attempt, and once more per further one. */
  readonly listShiftUs: { readonly first: number; readonly step: number }
  /** In the first attempt at a row lists older than that keep their time; 0n: none. */
  readonly listsNewBeforeUs: bigint
  readonly signal: AbortSignal
  /** The cursor stands on the row. */
  readonly onReject: (error: ScamanderError, cursor: CellCursor) => void
  readonly onPage: (counts: RangeCounts) => void
  /** Something is tried again: the first error of it. */
  readonly onRetry: (error: unknown) => void
}

/** Attempts at one row within a run. */
export const ROW_ATTEMPTS_MAX = 40
const RETRY_BASE_MS = 100
const RETRY_MAX_MS = 5_000
const CHECKPOINT_MS = 500

export function noCounts(): RangeCounts {
  return { read: 0, written: 0, skipped: 0, rejected: 0 }
}

export class RangeCopier {
  readonly #parts: RangeCopierParts
  readonly #rowSize = new RowSize()

  constructor(parts: RangeCopierParts) {
    this.#parts = parts
  }

  /** Copies the range; `onCheckpoint` is told now and then, and never too early. */
  async copy(range: TokenRange, onCheckpoint: (token: bigint) => void): Promise<RangeCounts> {
    const { source, select, pageSize, readThrottle, signal, plan, onRetry } = this.#parts
    const pages = new PageStream({
      ...{ session: source, statement: select, range, throttle: readThrottle, signal, onRetry },
      sizes: new PageSizes(this.#rowSize, pageSize),
    })
    const work = new RangeWork(this.#parts)
    const total = noCounts()
    let checkpointMs = performance.now()
    const token = new KeyToken(plan.partitionKeyCount)
    for (;;) {
      const page = await pages.read()
      if (page === undefined) return total
      const counts = await work.writePage(page)
      for (const key of ['read', 'written', 'skipped', 'rejected'] as const) {
        total[key] += counts[key]
      }
      this.#parts.onPage(counts)
      signal.throwIfAborted()
      if (total.rejected > 0 || performance.now() - checkpointMs < CHECKPOINT_MS) continue
      checkpointMs = performance.now()
      if (work.moveToLast(page)) onCheckpoint(tokenToBigint(token.ofRow(work.cursor)))
    }
  }
}

/** What one range under way keeps: cursor, binder, batch, and the partition it is in. */
class RangeWork {
  readonly cursor: CellCursor
  readonly #parts: RangeCopierParts
  readonly #binder: RowBinder
  readonly #batch = new RowBatch()
  #partition: Buffer | undefined
  /** Per row of the page: first of its partition. */
  #starts = new Uint8Array(0)
  /** The next row that is bound is the first of its partition. */
  #isStart = false
  #counts = noCounts()

  constructor(parts: RangeCopierParts) {
    this.#parts = parts
    this.cursor = new CellCursor(parts.plan.selectors.length)
    this.#binder = new RowBinder(parts.plan, parts.statements, parts.binder)
  }

  async writePage(page: Page): Promise<RangeCounts> {
    const counts = noCounts()
    this.#counts = counts
    counts.read = page.rows.rowCount
    this.#starts = new Uint8Array(this.#parts.plan.statics.length === 0 ? 0 : counts.read)
    const backoff = new Backoff({ baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS })
    let pending: ReadonlyMap<number, ScamanderError> | undefined
    for (let attempt = 0; ; attempt++) {
      const bound = this.#bindPage(page, pending, attempt)
      const failures = await this.#write()
      const { retry, rejected } = sortOut(failures, attempt + 1 < ROW_ATTEMPTS_MAX)
      if (rejected.size > 0) this.#reject(page, rejected)
      counts.written += bound - retry.size - rejected.size
      if (retry.size === 0) return counts
      this.#parts.signal.throwIfAborted()
      this.#parts.onRetry(retry.values().next().value)
      await systemClock.sleep(backoff.next(), this.#parts.signal)
      pending = retry
    }
  }

  /** Puts the cursor on the last row of a page that was read to the end. */
  moveToLast(page: Page): boolean {
    this.cursor.reset(page.rows)
    let isThere = false
    while (this.cursor.nextRow()) isThere = true
    return isThere
  }

  /** Binds all rows of the page, or those that failed before; returns how many. */
  #bindPage(
    page: Page,
    only: ReadonlyMap<number, ScamanderError> | undefined,
    attempt: number,
  ): number {
    const { filter, listShiftUs, listsNewBeforeUs } = this.#parts
    const { cursor } = this
    const elapsedSeconds = Math.floor((performance.now() - page.readMs) / 1000)
    const moment = {
      elapsedSeconds,
      listShiftUs: listShiftUs.first + attempt * listShiftUs.step,
      listsNewBeforeUs: attempt === 0 ? listsNewBeforeUs : 0n,
    }
    this.#batch.reset()
    cursor.reset(page.rows)
    let bound = 0
    for (let index = 0; cursor.nextRow(); index++) {
      if (only === undefined) this.#notePartition()
      else if (!only.has(index)) continue
      if (!filter.isIdle && only === undefined && !this.#passes()) continue
      if (this.#bindRow(index, moment)) bound += 1
    }
    return bound
  }

  #passes(): boolean {
    const { filter, onReject } = this.#parts
    if (!filter.accepts(this.cursor)) {
      this.#counts.skipped += 1
      return false
    }
    const error = filter.tooLarge(this.cursor)
    if (error === undefined) return true
    this.#counts.rejected += 1
    onReject(error, this.cursor)
    return false
  }

  #bindRow(index: number, moment: RowMoment): boolean {
    const batch = this.#batch
    const count = batch.count
    const { position } = batch.arena
    if (this.#isStart) this.#starts[index] = 1
    this.#isStart = false
    try {
      const isPartitionStart = this.#starts[index] === 1
      this.#binder.bind(this.cursor, batch, { index, isPartitionStart, moment })
      return true
    } catch (error) {
      if (!isScamanderError(error, 'data')) throw error
      batch.count = count
      batch.arena.position = position
      this.#counts.rejected += 1
      this.#parts.onReject(error, this.cursor)
      return false
    }
  }

  /** Static cells are written with the first row of a partition only. */
  #notePartition(): void {
    const { plan } = this.#parts
    if (plan.statics.length === 0) return
    const { bytes, starts, lengths, rowStart } = this.cursor
    const last = plan.partitionKeyCount - 1
    const end = starts[last]! + Math.max(0, lengths[last]!)
    const known = this.#partition
    if (known !== undefined && bytes.compare(known, 0, known.length, rowStart, end) === 0) return
    this.#isStart = true
    this.#partition = Buffer.from(bytes.subarray(rowStart, end))
  }

  async #write(): Promise<readonly RowFailure[]> {
    const { target, writeThrottle, signal } = this.#parts
    const batch = this.#batch
    if (batch.count === 0) return []
    await writeThrottle.wait(signal)
    writeThrottle.use(batch.count, batch.arena.position)
    return await target.write(batch)
  }

  #reject(page: Page, rejected: ReadonlyMap<number, ScamanderError>): void {
    const { cursor } = this
    cursor.reset(page.rows)
    for (let index = 0; cursor.nextRow(); index++) {
      const error = rejected.get(index)
      if (error === undefined) continue
      this.#counts.rejected += 1
      this.#parts.onReject(error, cursor)
    }
  }
}

/** By row, because a row may be several statements. */
function sortOut(
  failures: readonly RowFailure[],
  isRetrying: boolean,
): { retry: Map<number, ScamanderError>; rejected: Map<number, ScamanderError> } {
  const retry = new Map<number, ScamanderError>()
  const rejected = new Map<number, ScamanderError>()
  for (const { recordIndex, error } of failures) {
    const into = isRetrying && mayRetry(error) ? retry : rejected
    into.set(recordIndex, error)
  }
  for (const index of rejected.keys()) retry.delete(index)
  return { retry, rejected }
}
