/**
 * A validation from start to end: connect, plan each table, compare its ranges, repair when told to.
 * Called by the command line, and by a task of the worker group with ranges of its own.
 * Invariant: exit code 0 is given only when every range was compared to its end and no row differed,
 * or all that differed was repaired and found equal afterwards.
 * Spec: live-migration 4.
 */
import { messageOf } from '../base/scamander-error.ts'
import { ReadSession, WriteSession } from '../cassandra/index.ts'
import { COMPARED_ROWS, watchCounts } from './metrics.ts'
import { patiently } from './patience.ts'
import { ProgressMeter } from './progress.ts'
import { retryNote } from './range-pool.ts'
import { listTables, requireApart, requireMurmur, requireWritableKeyspace } from './table-list.ts'
import { TableValidation } from './table-validation.ts'
import type {
  TableValidationListener,
  ValidateRunParts,
  ValidateSessions,
} from './validate-parts.ts'
import { type Failure, noValidateCounts, type ValidateCounts } from './validate-report.ts'
import type { ValidateSettings } from './validate-settings.ts'

export interface ValidateOutcome {
  readonly counts: ValidateCounts
  readonly tables: readonly string[]
  /** 0 equal, 1 differences remain, 2 stopped at too many, 3 fatal, 4 interrupted. */
  readonly exitCode: 0 | 1 | 2 | 3 | 4
}

const REQUESTS_MAX = 64
const PLANNER = { batchBy: 'replica-set', rowsMax: 1, partitionsMax: 1, bytesMax: 1024 } as const

/** Throws only for what keeps it from starting; what happens later is in the outcome. */
export async function runValidation(parts: ValidateRunParts): Promise<ValidateOutcome> {
  const { clusters, settings, logger, signal } = parts
  if (isRepairing(settings)) requireWritableKeyspace(settings.targetKeyspace)
  const opened: { close(): Promise<void> }[] = []
  try {
    const both = [clusters.source, clusters.target].map(async one => {
      const session = await ReadSession.open(one, { logger, signal })
      opened.push(session)
      return session
    })
    // All of them, so that none is left open.
    await Promise.allSettled(both)
    const [source, target] = (await Promise.all(both)) as [ReadSession, ReadSession]
    let writer: WriteSession | undefined
    if (isRepairing(settings)) {
      const options = { logger, signal, requestsMax: REQUESTS_MAX, planner: PLANNER }
      writer = await WriteSession.open(clusters.target, options)
      opened.push(writer)
    }
    requireMurmur(source.control, 'source')
    requireMurmur(target.control, 'target')
    requireApart(source.control, target.control, settings)
    const names = await listTables(source.control, settings)
    return await validateTables(parts, { source, target, writer }, names)
  } finally {
    await Promise.allSettled(opened.reverse().map(one => one.close()))
  }
}

function isRepairing(settings: ValidateSettings): boolean {
  const { repairMissing, repairMismatch, repairMissingCounters, deleteExtra } = settings
  return repairMissing || repairMismatch || repairMissingCounters || deleteExtra
}

async function validateTables(
  parts: ValidateRunParts,
  sessions: ValidateSessions,
  names: readonly string[],
): Promise<ValidateOutcome> {
  const { settings, logger, signal } = parts
  const stop = new AbortController()
  const counts = noValidateCounts()
  const meter = new ProgressMeter(names.length, parts.onProgress)
  const tables: TableValidation[] = []
  // Everything is checked before the first row.
  for (const name of names) {
    const patience = { signal, onRetry: retryNote(logger, name) }
    tables.push(await patiently(patience, () => TableValidation.prepare(parts, sessions, name)))
  }
  const state = { failures: 0, open: 0, hasFailed: false }
  const listener: TableValidationListener = {
    counts,
    onPlanned: planned => meter.planned(planned),
    onRead: rows => meter.add({ read: rows, written: 0, skipped: 0, rejected: 0 }),
    onRangePart: share => meter.move(share),
    onFailure: (failure: Failure) => {
      if (stop.signal.aborted) return
      state.failures += 1
      if (!failure.isRepaired) state.open += 1
      parts.onFailure(failure)
      if (settings.maxFailures > 0 && state.open >= settings.maxFailures) stop.abort()
    },
    onError: (error, isRange) => {
      counts.errors += 1
      state.hasFailed ||= !isRange
      logger.error(`validation: ${messageOf(error)}`)
    },
  }
  const unwatch = watchCounts(parts.metrics, COMPARED_ROWS, () => ({
    outcomes: outcomesOf(counts),
    ...{ errors: counts.errors, share: meter.share },
  }))
  for (const table of tables) {
    if (signal.aborted || stop.signal.aborted || state.hasFailed) break
    meter.begin(table.name)
    await table.run(AbortSignal.any([signal, stop.signal]), listener)
  }
  meter.end()
  unwatch()
  const isStopped = stop.signal.aborted
  return { counts, tables: names, exitCode: exitCodeOf({ ...state, isStopped, signal, counts }) }
}

function exitCodeOf(state: {
  readonly open: number
  readonly hasFailed: boolean
  readonly isStopped: boolean
  readonly signal: AbortSignal
  readonly counts: ValidateCounts
}): ValidateOutcome['exitCode'] {
  if (state.hasFailed || state.counts.errors > 0) return 3
  if (state.isStopped) return 2
  if (state.signal.aborted) return 4
  return state.open > 0 ? 1 : 0
}

function outcomesOf(counts: ValidateCounts): Record<string, number> {
  const { read, valid, mismatch, missing, extra, skipped } = counts
  const repaired = counts.correctedMismatch + counts.correctedMissing + counts.correctedExtra
  return { read, valid, mismatch, missing, extra, skipped, repaired }
}
