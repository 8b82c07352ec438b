/**
 * A bulk copy from start to end: connect, plan each table, copy its ranges, remember what is done.
 * Called by the command line, and by a task of the worker group with ranges of its own.
 * Tables go one after the other, ranges of a table several at once.
 * Invariants: an interrupted run ends its pages under way and can be resumed; a range that rejected a
 * row, or could not be read, is not done.
 * Spec: live-migration 3.
 */
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { ReadSession, WriteSession } from '../cassandra/index.ts'
import type { CopyRunParts, CopySessions } from './copy-parts.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { COPIED_ROWS, watchCounts } from './metrics.ts'
import { patiently } from './patience.ts'
import { ProgressMeter } from './progress.ts'
import { retryNote } from './range-pool.ts'
import type { RangeCounts } from './run-store.ts'
import { copySchema } from './schema-copy.ts'
import type { CopySettings } from './settings.ts'
import { TableCopy } from './table-copy.ts'
import {
  listTables,
  noteRisks,
  requireApart,
  requireMurmur,
  requireWritableKeyspace,
} from './table-list.ts'

export interface CopyOutcome extends RangeCounts {
  /** Ranges that could not be read. */
  readonly errors: number
  readonly tables: readonly string[]
  /** Of dsbulk: 0 complete, 1 with rejects, 2 too many errors, 3 fatal, 4 interrupted. */
  readonly exitCode: 0 | 1 | 2 | 3 | 4
}

/** The server warns of batches of more partitions or bytes. */
const PLANNER = { batchBy: 'replica-set', partitionsMax: 10, bytesMax: 5 * 1024 } as const

/** Throws only for what keeps it from starting; what happens later is in the outcome. */
export async function runCopy(parts: CopyRunParts): Promise<CopyOutcome> {
  const { clusters, settings, logger, signal } = parts
  requireWritableKeyspace(settings.targetKeyspace)
  const opened: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one)
    return one
  }
  try {
    const source = keep(await ReadSession.open(clusters.source, { logger, signal }))
    const target = keep(
      await WriteSession.open(clusters.target, {
        ...{ logger, signal, requestsMax: settings.requestsMax },
        planner: { ...PLANNER, rowsMax: settings.batchSize },
      }),
    )
    requireMurmur(source.control, 'source')
    requireApart(source.control, target.control, settings)
    if (target.protocolVersion < 4) {
      const message = `expected protocol 4 or newer of the target, found ${target.protocolVersion}`
      throw new ScamanderError(MIGRATE_ERRORS.VERSION, message)
    }
    const names = await listTables(source.control, settings)
    if (settings.createSchema) await makeSchema(parts, { source, target }, names)
    // The target is read for counters only.
    const again = { logger, signal, isStart: false }
    const openReader = async () => keep(await ReadSession.open(clusters.target, again))
    return await copyTables(parts, { source, target, openReader }, names)
  } finally {
    await Promise.allSettled(opened.reverse().map(one => one.close()))
  }
}

async function makeSchema(
  { settings, logger }: CopyRunParts,
  { source, target }: { readonly source: ReadSession; readonly target: WriteSession },
  names: readonly string[],
): Promise<void> {
  const tables = new Map(names.map(name => [name, settings.targetTable ?? name]))
  const { keyspace, targetKeyspace } = settings
  const run = await copySchema(source.control, target.control, { keyspace, targetKeyspace, tables })
  logger.info(`schema on the target: ${run.length} statements, what was there is left as it was`)
}

async function copyTables(
  parts: CopyRunParts,
  sessions: CopySessions,
  names: readonly string[],
): Promise<CopyOutcome> {
  const { settings, logger, rejects, signal } = parts
  const stop = new AbortController()
  const total = { read: 0, written: 0, skipped: 0, rejected: 0, errors: 0 }
  const isTooMany = () => hasTooMany(total, settings)
  const meter = new ProgressMeter(names.length, parts.onProgress)
  const tables = []
  // Everything is checked before the first row.
  for (const name of names) {
    const patience = { signal, onRetry: retryNote(logger, name) }
    const table = await patiently(patience, () => TableCopy.prepare(parts, sessions, name))
    await patiently(patience, () => noteRisks(sessions.target.control, table.plan, logger))
    tables.push(table)
  }
  const unwatch = watchCounts(parts.metrics, COPIED_ROWS, () => {
    const { errors, ...outcomes } = total
    return { outcomes, errors, share: meter.share }
  })
  let hasFailed = false
  const report = (line: { readonly [key: string]: string }) => {
    try {
      rejects.write(line)
      return true
    } catch (error) {
      logger.error(messageOf(error))
      return false
    }
  }
  for (const table of tables) {
    if (signal.aborted || stop.signal.aborted || hasFailed) break
    const both = AbortSignal.any([signal, stop.signal])
    meter.begin(table.name)
    await table.run(both, {
      onPlanned: state => meter.planned(state),
      onPage: counts => {
        for (const key of ['read', 'written', 'skipped', 'rejected'] as const) {
          total[key] += counts[key]
        }
        meter.add(counts)
        if (isTooMany()) stop.abort()
      },
      onRangePart: share => meter.move(share),
      onError: (error, isRange) => {
        total.errors += 1
        hasFailed ||= !isRange
        logger.error(`table ${table.name}: ${messageOf(error)}`)
        if (report({ kind: 'error', table: table.name, error: messageOf(error) })) return
        // What cannot be told must not go on.
        hasFailed = true
        stop.abort()
      },
    })
  }
  meter.end()
  unwatch()
  if (isTooMany()) logger.error(`stopped: ${total.rejected} rejected rows are more than allowed`)
  const exitCode = exitCodeOf({ ...total, isTooMany: isTooMany(), hasFailed, signal })
  return { ...total, tables: names, exitCode }
}

function hasTooMany(
  counts: { readonly read: number; readonly rejected: number },
  { errorsMax, errorsPercentMax }: CopySettings,
): boolean {
  if (errorsPercentMax !== undefined) {
    return counts.read >= 100 && counts.rejected * 100 > counts.read * errorsPercentMax
  }
  return errorsMax !== undefined && counts.rejected > errorsMax
}

function exitCodeOf(state: {
  readonly isTooMany: boolean
  readonly hasFailed: boolean
  readonly signal: AbortSignal
  readonly rejected: number
  readonly errors: number
}): CopyOutcome['exitCode'] {
  if (state.isTooMany) return 2
  if (state.hasFailed) return 3
  if (state.signal.aborted) return 4
  if (state.errors > 0) return 3
  return state.rejected > 0 ? 1 : 0
}
