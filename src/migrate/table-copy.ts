/**
 * The copy of one table: its plan and statements, then its ranges, several at once, each marked in the
 * run store when it is done. Made by `runCopy`, which decides when to stop.
 * Counter tables go row by row through the counter copier, all others through range copiers.
 * Invariant: `run` ends only when nothing of the table is under way any more.
 * Spec: live-migration 3.1, 3.7.
 */
import { createHash } from 'node:crypto'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { ReadSession } from '../cassandra/index.ts'
import type { CellCursor } from '../cql/index.ts'
import { type CopyRunParts, type CopySessions, isStopped } from './copy-parts.ts'
import { CounterCopier } from './counter-copier.ts'
import { CounterRange } from './counter-range.ts'
import { pageSizeFor } from './page-stream.ts'
import { patiently } from './patience.ts'
import { RangeCopier, ROW_ATTEMPTS_MAX } from './range-copier.ts'
import { forEachRange, rangeShare, retryNote } from './range-pool.ts'
import { Throttle } from './rate-limiter.ts'
import { RowFilter } from './row-filter.ts'
import type { RangeCounts, StoredRange, StoredRun } from './run-store.ts'
import { estimateSplits } from './split-estimate.ts'
import { hasElementTimes, targetTable } from './table-list.ts'
import { planTable, rangeSelect, type TablePlan } from './table-plan.ts'
import { prepareTarget, type UsingClause } from './target-statements.ts'
import { sampleRanges, splitRange, type TokenRange } from './token-range.ts'
import { TruncationWatch, timesFromText, timesToText } from './truncation.ts'
import { cellJson, type JsonValue } from './value-text.ts'

export interface TableCopyListener {
  onPlanned(state: { readonly share: number }): void
  onPage(counts: RangeCounts): void
  /** That share of the whole selection is done. */
  onRangePart(share: number): void
  /** `isRange`: one range failed, others may go on. */
  onError(error: unknown, isRange: boolean): void
}

interface RangeWorker {
  copy(range: TokenRange, onCheckpoint: (token: bigint) => void): Promise<RangeCounts>
}

export class TableCopy {
  readonly name: string
  readonly plan: TablePlan
  readonly #parts: CopyRunParts
  readonly #sessions: CopySessions
  readonly #using: UsingClause
  /** Of the target, for counters; one for all attempts. */
  #reader: ReadSession | undefined

  private constructor(
    plan: TablePlan,
    parts: CopyRunParts,
    of: { readonly sessions: CopySessions; readonly using: UsingClause },
  ) {
    this.name = plan.source.name
    this.plan = plan
    this.#parts = parts
    this.#sessions = of.sessions
    this.#using = of.using
  }

  /** Reads both schemas and plans; throws when they do not fit. */
  static async prepare(
    parts: CopyRunParts,
    sessions: CopySessions,
    name: string,
  ): Promise<TableCopy> {
    const { settings } = parts
    const source = await sessions.source.control.table(settings.keyspace, name)
    const targetName = settings.targetTable ?? name
    const target = await targetTable(sessions.target.control, settings.targetKeyspace, targetName)
    const isPreserving = settings.writetime === 'preserve'
    const hasBounds = settings.writetimeMin !== undefined || settings.writetimeMax !== undefined
    const plan = planTable(source, target, {
      ...{ renames: settings.renames, skipColumns: settings.skipColumns },
      constants: settings.constants,
      withTimes: isPreserving || hasBounds,
      withTtls: settings.keepTtl,
      hasElementTimes: hasElementTimes(sessions.source.control),
    })
    new RowFilter(plan, settings)
    const using = { timestamp: settings.writetime !== 'none', ttl: settings.keepTtl }
    return new TableCopy(plan, parts, { sessions, using })
  }

  async run(signal: AbortSignal, listener: TableCopyListener): Promise<void> {
    const { store, settings } = this.#parts
    let run: StoredRun | undefined
    try {
      const patience = { signal, onRetry: retryNote(this.#parts.logger, this.name) }
      const estimate = () => estimateSplits(this.#sessions.source, this.plan)
      const splits = settings.splits ?? (await patiently(patience, estimate))
      const truncation = this.#truncation()
      const times = await patiently(patience, () => truncation.times())
      const begun = this.#begin(splits, timesToText(times))
      run = begun
      const check = () => truncation.check(timesFromText(begun.info))
      await patiently(patience, check)
      const worker = await patiently(patience, () => this.#worker(begun, { signal, listener }))
      if (hasLists(this.plan)) await unlessStopped(store.secured(), signal)
      const isComplete = await this.#copyRanges(begun, worker, { signal, listener })
      if (isComplete) await patiently(patience, check)
      store.finish(run.runId, isComplete)
    } catch (error) {
      if (run !== undefined) store.finish(run.runId, false)
      if (!isStopped(error, signal)) listener.onError(error, false)
    }
  }

  #truncation(): TruncationWatch {
    const { source, target } = this.#sessions
    return new TruncationWatch({ source: source.control, target: target.control }, this.plan)
  }

  #begin(splits: number, info: string): StoredRun {
    const { store, settings, isRestart } = this.#parts
    const { source, target } = this.plan
    const { clusters } = this.#parts
    const tables = [
      ...[clusters.source.contactPoints, source.keyspace, source.name],
      ...[clusters.target.contactPoints, target.keyspace, target.name],
    ]
    const name = JSON.stringify([
      ...tables,
      ...[settings.where ?? '', settings.samplePercent, settings.filters],
      ...[String(settings.tokens.start), String(settings.tokens.end)],
    ])
    const plan = () => sampleRanges(splitRange(settings.tokens, splits), settings.samplePercent)
    const { backdateUs } = settings
    const table = `${source.keyspace}.${source.name}`
    const family = JSON.stringify(tables).slice(0, -1)
    const options = optionsText(settings)
    const run = store.begin(
      { name, type: 'MIGRATE', table, family },
      { isRestart, backdateUs, info, options, plan },
    )
    if (run.hasOtherOptions === true) {
      this.#parts.logger.warn(
        `table ${table}: the unfinished copy had other options, so this one begins anew`,
      )
    }
    return run
  }

  /** True when every range is done. */
  async #copyRanges(
    run: StoredRun,
    worker: RangeWorker,
    { signal, listener }: { readonly signal: AbortSignal; readonly listener: TableCopyListener },
  ): Promise<boolean> {
    const { store, settings } = this.#parts
    const share = (range: TokenRange) => rangeShare(range, settings)
    const open = run.ranges.reduce((sum, one) => sum + share(restOf(one)), 0)
    listener.onPlanned({ share: Math.max(0, 1 - open) })
    let isComplete = true
    await forEachRange(run.ranges, settings.concurrency, signal, async one => {
      store.mark(run.runId, one.id, 'STARTED')
      let left = restOf(one)
      try {
        const counts = await worker.copy(left, token => {
          store.checkpoint(run.runId, one.id, token)
          listener.onRangePart(share({ start: left.start, end: token - 1n }))
          left = { start: token, end: left.end }
        })
        store.mark(run.runId, one.id, counts.rejected > 0 ? 'FAIL' : 'PASS')
        if (counts.rejected > 0) isComplete = false
        listener.onRangePart(share(left))
      } catch (error) {
        isComplete = false
        if (isStopped(error, signal)) return
        store.mark(run.runId, one.id, 'FAIL')
        listener.onError(error, true)
      }
    })
    return isComplete && !signal.aborted
  }

  async #worker(
    run: StoredRun,
    { signal, listener }: { readonly signal: AbortSignal; readonly listener: TableCopyListener },
  ): Promise<RangeWorker> {
    const { settings } = this.#parts
    const { source, target, openReader } = this.#sessions
    const { plan } = this
    const filter = new RowFilter(plan, settings)
    const select = await source.prepare(
      rangeSelect(plan, settings.where),
      plan.source.keyspace,
      settings.readConsistency,
    )
    const shared = {
      ...{ plan, source, select, filter, signal },
      pageSize: pageSizeFor(
        settings.pageSize,
        settings.concurrency,
        settings.readRate,
        settings.writeRate,
      ),
      readThrottle: new Throttle(settings.readRate, settings.readMbPerSecond),
      writeThrottle: new Throttle(settings.writeRate, settings.writeMbPerSecond),
      onReject: (error: ScamanderError, cursor: CellCursor) => this.#reject(error, cursor),
      onPage: (counts: RangeCounts) => listener.onPage(counts),
      onRetry: retryNote(this.#parts.logger, this.name),
    }
    if (plan.isCounter) {
      this.#reader ??= await openReader()
      const copier = await CounterCopier.prepare(
        plan,
        { reader: this.#reader, writer: target },
        { read: settings.readConsistency, write: settings.writeConsistency },
      )
      return new CounterRange({ ...shared, copier })
    }
    const step = settings.listRetryIncrementUs
    return new RangeCopier({
      ...shared,
      target,
      statements: await prepareTarget(target, plan, {
        using: this.#using,
        consistency: settings.writeConsistency,
      }),
      binder: {
        using: this.#using,
        backdateUs: run.backdateUs,
        isTimed: settings.writetime === 'preserve',
        collectionTimestamp: settings.collectionTimestamp,
        rowTimestamp: settings.rowTimestamp,
      },
      listShiftUs: { first: ((run.attempt - 1) * ROW_ATTEMPTS_MAX + 1) * step, step },
      // A later attempt may meet the lists of an earlier one.
      listsNewBeforeUs: run.attempt === 1 ? (settings.dualSinceUs ?? 0n) : 0n,
    })
  }

  #reject(error: ScamanderError, cursor: CellCursor): void {
    const { keys, regulars, statics } = this.plan
    const show = (columns: TablePlan['keys']) => {
      const out: Record<string, JsonValue> = {}
      for (const { source, index } of columns) {
        const at = { start: cursor.starts[index]!, length: cursor.lengths[index]! }
        out[source.name] = cellJson(source.type, cursor.bytes, at)
      }
      return out
    }
    const { keyspace, name } = this.plan.source
    this.#parts.rejects.write({
      ...{ kind: 'reject', keyspace, table: name, code: error.code, error: error.message },
      ...{ key: show(keys), values: show([...regulars, ...statics]) },
    })
  }
}

/** Of all settings that decide how a row is written, short. */
function optionsText(settings: CopyRunParts['settings']): string {
  const { writetime, keepTtl, collectionTimestamp, renames, skipColumns, constants } = settings
  const { writetimeMin, writetimeMax, rowTimestamp, backdateGivenUs } = settings
  const all = JSON.stringify([
    ...[writetime, keepTtl, collectionTimestamp, rowTimestamp],
    ...[[...renames], [...skipColumns], [...constants]],
    ...[String(writetimeMin), String(writetimeMax)],
    ...(backdateGivenUs === undefined ? [] : [String(backdateGivenUs)]),
  ])
  return createHash('sha256').update(all).digest('hex').slice(0, 16)
}

/** What a range still has to do. */
function restOf({ range, checkpoint }: StoredRange): TokenRange {
  return checkpoint === undefined ? range : { start: checkpoint, end: range.end }
}

function hasLists({ regulars, statics }: TablePlan): boolean {
  return [...regulars, ...statics].some(column => column.shape === 'list')
}

async function unlessStopped(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => stopped.resolve(), { once: true })
  await Promise.race([wait, stopped.promise])
  signal.throwIfAborted()
}
