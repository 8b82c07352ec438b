/**
 * The validation of one table: plans, statements, then its ranges, several at once. A range passes when
 * no row of it differs in the last look; ranges with differences are looked at again by the next run.
 * Made by `runValidation`, which decides when to stop.
 * Invariant: `run` ends only when nothing of the table is under way any more.
 * Spec: live-migration 4.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { ReadStatement } from '../cassandra/index.ts'
import { compareColumns } from './compare-columns.ts'
import { RowComparer } from './compare-rows.ts'
import { isStopped } from './copy-parts.ts'
import { CounterCopier } from './counter-copier.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { failureOf, keyTextOf } from './failure-of.ts'
import { PageSizes, PageStream, pageSizeFor, RowSize } from './page-stream.ts'
import { patiently } from './patience.ts'
import { PointSelect } from './point-select.ts'
import { forEachRange, rangeShare, retryNote } from './range-pool.ts'
import { scanRange } from './range-validator.ts'
import { Throttle } from './rate-limiter.ts'
import { Repairer } from './repairer.ts'
import type { RowCells } from './row-cells.ts'
import type { StoredRange, StoredRun } from './run-store.ts'
import { type RangeLook, SecondLook } from './second-look.ts'
import { estimateSplits } from './split-estimate.ts'
import { hasElementTimes, targetTable } from './table-list.ts'
import { planTable, rangeSelect, type TablePlan } from './table-plan.ts'
import { prepareTarget } from './target-statements.ts'
import { sampleRanges, splitRange } from './token-range.ts'
import type {
  TableValidationListener,
  ValidateRunParts,
  ValidateSessions,
} from './validate-parts.ts'
import type { Failure } from './validate-report.ts'
import type { ValidationScope } from './validation-scope.ts'
import type { RepairResult, Verdict } from './verdict.ts'

interface Tools {
  readonly sourceSelect: ReadStatement
  readonly targetSelect: ReadStatement
  readonly comparer: RowComparer
  readonly throttle: Throttle
  readonly look: SecondLook
  readonly rowSize: RowSize
}

export class TableValidation {
  readonly name: string
  /** What the scans select. */
  readonly #scan: TablePlan
  /** The same with times: what second looks and repairs select. */
  readonly #point: TablePlan
  readonly #parts: ValidateRunParts
  readonly #sessions: ValidateSessions
  readonly #columnFailures: readonly Failure[]

  private constructor(
    plans: { readonly scan: TablePlan; readonly point: TablePlan },
    parts: ValidateRunParts,
    of: { readonly sessions: ValidateSessions; readonly columnFailures: readonly Failure[] },
  ) {
    this.name = plans.scan.source.name
    this.#scan = plans.scan
    this.#point = plans.point
    this.#parts = parts
    this.#sessions = of.sessions
    this.#columnFailures = of.columnFailures
  }

  static async prepare(
    parts: ValidateRunParts,
    sessions: ValidateSessions,
    name: string,
  ): Promise<TableValidation> {
    const { settings } = parts
    const source = await sessions.source.control.table(settings.keyspace, name)
    const targetName = settings.targetTable ?? name
    const target = await targetTable(sessions.target.control, settings.targetKeyspace, targetName)
    const { failures, skipped } = compareColumns(source, target, settings)
    const options = {
      ...{ renames: settings.renames, constants: new Map<string, string>() },
      skipColumns: new Set([...settings.skipColumns, ...skipped]),
      hasElementTimes: [sessions.source, sessions.target].every(one =>
        hasElementTimes(one.control),
      ),
    }
    const withTimes = settings.compareTimestamps
    const scan = planTable(source, target, { ...options, withTimes, withTtls: withTimes })
    const point = planTable(source, target, { ...options, withTimes: true, withTtls: true })
    if (scan.keys.some(key => key.convert !== undefined)) {
      const message = `table ${source.keyspace}.${name}: key columns of different types cannot be validated`
      throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message)
    }
    return new TableValidation({ scan, point }, parts, { sessions, columnFailures: failures })
  }

  async run(signal: AbortSignal, listener: TableValidationListener): Promise<void> {
    const { store, settings } = this.#parts
    for (const failure of this.#columnFailures) listener.onFailure(failure)
    let run: StoredRun | undefined
    try {
      const patience = { signal, onRetry: retryNote(this.#parts.logger, this.name) }
      const estimate = () => estimateSplits(this.#sessions.source, this.#scan)
      run = this.#begin(settings.splits ?? (await patiently(patience, estimate)))
      const tools = await patiently(patience, () => this.#tools(signal, listener))
      const isComplete = await this.#scanRanges(run, tools, { signal, listener })
      store.finish(run.runId, isComplete)
    } catch (error) {
      if (run !== undefined) store.finish(run.runId, false)
      if (!isStopped(error, signal)) listener.onError(error, false)
    }
  }

  #begin(splits: number): StoredRun {
    const { store, settings, isRestart, clusters } = this.#parts
    const { source, target } = this.#scan
    const name = JSON.stringify([
      ...['validate', clusters.source.contactPoints, source.keyspace, source.name],
      ...[clusters.target.contactPoints, target.keyspace, target.name],
      ...[settings.where ?? '', settings.samplePercent, settings.compareTimestamps],
      scopeOf(settings),
      ...[String(settings.tokens.start), String(settings.tokens.end)],
    ])
    const plan = () => sampleRanges(splitRange(settings.tokens, splits), settings.samplePercent)
    const table = `${source.keyspace}.${source.name}`
    return store.begin(
      { name, type: 'VALIDATE', table },
      { isRestart, backdateUs: 0n, info: '', plan },
    )
  }

  async #tools(signal: AbortSignal, listener: TableValidationListener): Promise<Tools> {
    const { settings } = this.#parts
    const { source, target } = this.#sessions
    const consistency = settings.readConsistency
    const prepare = (plan: TablePlan, side: 'source' | 'target') =>
      this.#sessions[side].prepare(
        rangeSelect(plan, settings.where, side),
        plan[side].keyspace,
        consistency,
      )
    const { selectors, targetSelectors } = this.#point
    const sourcePoint = await PointSelect.prepare(source, this.#point.source, {
      ...{ selectors, consistency },
    })
    const targetPoint = await PointSelect.prepare(target, this.#point.target, {
      ...{ selectors: targetSelectors, consistency },
    })
    const judge = (keys: RowCells): Promise<Verdict> => look.judge(keys)
    const repairer = await this.#repairer(judge, signal)
    const look = new SecondLook({
      ...{ plan: this.#point, comparer: this.#comparer(this.#point), signal },
      ...{ source: sourcePoint, target: targetPoint },
      ...{ looks: settings.recheck, delayMs: settings.recheckDelayMs },
      repair: repairer?.repair,
      onVerdict: (verdict, result) => this.#note(verdict, result, listener),
    })
    return {
      sourceSelect: await prepare(this.#scan, 'source'),
      targetSelect: await prepare(this.#scan, 'target'),
      comparer: this.#comparer(this.#scan),
      throttle: new Throttle(settings.readRate, settings.readMbPerSecond),
      look,
      rowSize: new RowSize(),
    }
  }

  #comparer(plan: TablePlan): RowComparer {
    const { settings } = this.#parts
    return new RowComparer(plan, {
      tolerances: { float: settings.floatTolerance, timestampMs: settings.timestampToleranceMs },
      compareTimestamps: settings.compareTimestamps,
      ttlToleranceMs: settings.ttlToleranceMs,
      writetimeToleranceMs: settings.writetimeToleranceMs,
      ignoreWritetime: settings.ignoreWritetime,
    })
  }

  async #repairer(
    judge: (keys: RowCells) => Promise<Verdict>,
    signal: AbortSignal,
  ): Promise<Repairer | undefined> {
    const { settings } = this.#parts
    const { writer, target } = this.#sessions
    if (writer === undefined) return undefined
    const plan = this.#point
    const consistency = settings.writeConsistency
    const levels = { read: settings.readConsistency, write: consistency }
    const using = { timestamp: !plan.isCounter, ttl: !plan.isCounter }
    return new Repairer({
      ...{ plan, target: writer, consistency, signal, judge },
      isChosen: keys => settings.repairKeys?.has(keyTextOf(plan, keys)) ?? true,
      statements: plan.isCounter
        ? undefined
        : await prepareTarget(writer, plan, { using, consistency }),
      counters: plan.isCounter
        ? await CounterCopier.prepare(plan, { reader: target, writer }, levels)
        : undefined,
      settings: {
        missing: settings.repairMissing,
        mismatch: settings.repairMismatch,
        missingCounters: settings.repairMissingCounters,
        deleteExtra: settings.deleteExtra,
        timeUs: settings.repairTimeUs,
      },
    })
  }

  /** True when every range was compared to its end: then the next run begins anew. */
  async #scanRanges(
    run: StoredRun,
    tools: Tools,
    {
      signal,
      listener,
    }: { readonly signal: AbortSignal; readonly listener: TableValidationListener },
  ): Promise<boolean> {
    const { settings } = this.#parts
    const open = run.ranges.reduce((sum, one) => sum + rangeShare(one.range, settings), 0)
    listener.onPlanned({ share: Math.max(0, 1 - open) })
    const settling = new Set<Promise<boolean>>()
    let isComplete = true
    await forEachRange(run.ranges, settings.concurrency, signal, async one => {
      const look = tools.look.ofRange()
      const scanned = await this.#scanOne(one, { tools, look, signal, listener })
      // The second looks of a range go on while the next one is scanned.
      const settled = this.#settle(run, one, { look, scanned, signal, listener })
      settling.add(settled)
      void settled.then(isCompared => {
        isComplete &&= isCompared
        settling.delete(settled)
      })
    })
    await Promise.all(settling)
    return isComplete && !signal.aborted
  }

  /** True when the scan came to its end. */
  async #scanOne(
    { range }: StoredRange,
    of: {
      readonly tools: Tools
      readonly look: RangeLook
      readonly signal: AbortSignal
      readonly listener: TableValidationListener
    },
  ): Promise<boolean> {
    const { tools, look, signal, listener } = of
    const { settings } = this.#parts
    const pageSize = pageSizeFor(settings.pageSize, settings.concurrency, settings.readRate)
    const sizes = new PageSizes(tools.rowSize, pageSize)
    const stream = (side: 'source' | 'target') =>
      new PageStream({
        session: this.#sessions[side],
        statement: side === 'source' ? tools.sourceSelect : tools.targetSelect,
        ...{ range, sizes, throttle: side === 'source' ? tools.throttle : NO_LIMIT, signal },
        onRetry: retryNote(this.#parts.logger, this.name),
      })
    try {
      await scanRange({
        ...{ plan: this.#scan, comparer: tools.comparer },
        ...{ source: stream('source'), target: stream('target') },
        putAside: look.put,
        onEqual: rows => {
          listener.counts.valid += rows
        },
        onRead: rows => {
          listener.counts.read += rows
          listener.onRead(rows)
        },
      })
      return true
    } catch (error) {
      if (!isStopped(error, signal)) listener.onError(error, true)
      return false
    }
  }

  async #settle(
    run: StoredRun,
    one: StoredRange,
    of: {
      readonly look: RangeLook
      readonly scanned: boolean
      readonly signal: AbortSignal
      readonly listener: TableValidationListener
    },
  ): Promise<boolean> {
    const { look, scanned, signal, listener } = of
    const { store, settings } = this.#parts
    try {
      await look.settled()
    } catch (error) {
      if (!isStopped(error, signal)) listener.onError(error, true)
      return this.#markFailed(run, one, listener)
    }
    if (!scanned || signal.aborted) return this.#markFailed(run, one, listener)
    const status = look.open > 0 ? 'DIFF' : look.found > 0 ? 'DIFF_CORRECTED' : 'PASS'
    store.mark(run.runId, one.id, status)
    if (look.open > 0) listener.counts.rangesFailed += 1
    else listener.counts.rangesPassed += 1
    listener.onRangePart(rangeShare(one.range, settings))
    return true
  }

  #markFailed(run: StoredRun, one: StoredRange, listener: TableValidationListener): boolean {
    this.#parts.store.mark(run.runId, one.id, 'FAIL')
    listener.counts.rangesFailed += 1
    return false
  }

  #note(
    verdict: Verdict,
    result: RepairResult | undefined,
    { counts, onFailure }: TableValidationListener,
  ): void {
    const { kind } = verdict
    if (kind === 'equal') counts.valid += 1
    if (kind === 'unsettled') counts.skipped += 1
    if (kind === 'equal' || kind === 'gone' || kind === 'unsettled') return
    if (kind === 'extra' && !this.#parts.settings.reverse) return
    counts[kind] += 1
    if (result?.isRepaired === true) counts[CORRECTED[kind]] += 1
    onFailure(failureOf(this.#point, { ...verdict, kind }, result))
  }
}

/** What else decides whether a range is equal: what passed with other options did not pass. */
function scopeOf(settings: ValidateRunParts['settings']): ValidationScope {
  const { floatTolerance, timestampToleranceMs, ttlToleranceMs, writetimeToleranceMs } = settings
  return {
    reverse: settings.reverse,
    skipped: [...settings.skipColumns].sort(),
    renames: [...settings.renames],
    ignored: [...settings.ignoreWritetime].sort(),
    tolerances: [floatTolerance, timestampToleranceMs, ttlToleranceMs, writetimeToleranceMs],
  }
}

const NO_LIMIT = new Throttle(undefined, undefined)
const CORRECTED = {
  missing: 'correctedMissing',
  mismatch: 'correctedMismatch',
  extra: 'correctedExtra',
} as const
