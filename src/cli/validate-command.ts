/**
 * `scamander validate`: compares tables of two clusters row by row, and repairs when told to.
 * Parses options and calls the migration room; prints progress, the rows that differ, the summary and
 * the exit code. Spec: live-migration 4.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  CSV_HEAD,
  countsText,
  type Failure,
  failureCsv,
  failureText,
  JsonLines,
  LineFile,
  RunStore,
  reportHtml,
  reportJunit,
  requireWritable,
  runValidation,
  VALIDATE_DEFAULTS,
  type ValidateReport,
  type ValidateSettings,
  writeReport,
} from '../migrate/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { listenForMetrics } from './metrics-listener.ts'
import { DEFAULT_STATE, toMicros } from './migrate-command.ts'
import { ProgressLine, withMigrationExit } from './migration-ending.ts'
import {
  addClusterOptions,
  addSelectionOptions,
  type ClusterOptions,
  type SelectionOptions,
  toClusters,
  toSelection,
} from './migration-options.ts'
import { toBoolean, toList, toWhole } from './migration-values.ts'
import { listenForStop } from './stop-signals.ts'

interface ValidateOptions extends ClusterOptions, SelectionOptions, CommonOptions {
  readonly compareTimestamps?: boolean
  readonly ttlToleranceMs: number
  readonly writetimeToleranceMs: number
  readonly floatTolerance: number
  readonly timestampToleranceMs: number
  readonly ignoreWritetimeColumns?: readonly string[]
  readonly maxFailures: number
  readonly recheck: number
  readonly recheckDelay: number
  readonly reverse: boolean
  readonly repair?: readonly string[]
  readonly repairTimestamp: 'source' | 'now' | bigint
  readonly repairMissingCounters?: boolean
  readonly deleteExtra?: boolean
  readonly report?: string
  readonly html?: string
  readonly csv?: string
  readonly junit?: string
  readonly format: 'text' | 'json'
  readonly state: string
  readonly restart?: boolean
  readonly metricsPort?: number
}

/** Rows kept for the summary and the page; the report file has all. */
const SHOWN_MAX = 1_000

export function addValidateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('validate')
    .summary('compare tables of two clusters')
    .description(
      'Compares tables of two Cassandra clusters row by row and cell by cell, in both directions. ' +
        'A row counts as different only after it was read again. Passwords may be given by the environment: ' +
        'SCAMANDER_SOURCE_PASSWORD, SCAMANDER_TARGET_PASSWORD. ' +
        'Exit codes: 0 equal or all repaired, 1 differences remain, 2 stopped at --max-failures, 3 fatal or wrong usage, 4 interrupted, 5 crash.',
    )
  addClusterOptions(command)
  addSelectionOptions(command)
  addCompareOptions(command)
  addRepairOptions(command)
  command
    .addHelpText(
      'after',
      examples(
        'scamander validate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --compare-timestamps',
        'scamander validate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --repair missing,mismatch',
        'scamander validate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --html result.html --report rows.jsonl',
      ),
    )
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<ValidateOptions>()
      const run = () => runValidate(options, context)
      context.exitCode = await withMigrationExit(context, options.debug === true, run)
    })
}

function addCompareOptions(command: Command): void {
  const defaults = VALIDATE_DEFAULTS
  command
    .option('--compare-timestamps [bool]', 'compare write times and TTLs as well', toBoolean)
    .option(
      '--ttl-tolerance-ms <ms>',
      'difference of TTLs that is none',
      toTolerance,
      defaults.ttlToleranceMs,
    )
    .option(
      '--writetime-tolerance-ms <ms>',
      'difference of write times that is none',
      toTolerance,
      defaults.writetimeToleranceMs,
    )
    .option(
      '--float-tolerance <x>',
      'difference of float, double and decimal that is none',
      toTolerance,
      defaults.floatTolerance,
    )
    .option(
      '--timestamp-tolerance-ms <ms>',
      'difference of timestamps that is none',
      toTolerance,
      defaults.timestampToleranceMs,
    )
    .option(
      '--ignore-writetime-columns <names>',
      'columns whose write times are not compared',
      toList,
    )
    .option(
      '--max-failures <n>',
      'rows that differ at which it stops; 0: never',
      toWhole(0),
      defaults.maxFailures,
    )
    .option(
      '--recheck <n>',
      'times that a different row is read again before it counts',
      toWhole(0, 100),
      defaults.recheck,
    )
    .option(
      '--recheck-delay <ms>',
      'pause before each of them',
      toWhole(0, 3_600_000),
      defaults.recheckDelayMs,
    )
    .option('--reverse [bool]', 'tell rows that only the target has', toBoolean, defaults.reverse)
    .option('--report <file>', 'JSON lines: every row that differs')
    .option('--html <file>', 'the result as a page')
    .option('--csv <file>', 'every difference as a line')
    .option('--junit <file>', 'the result as tests, one per table')
    .addOption(
      new Option('--format <form>', 'of the result').choices(['text', 'json']).default('text'),
    )
    .option('--state <file>', 'remembers finished token ranges', DEFAULT_STATE)
    .option('--restart [bool]', 'begin anew although an earlier run is unfinished', toBoolean)
    .option('--metrics-port <n>', 'serve /metrics on 127.0.0.1 while it runs', toWhole(1, 65_535))
}

function addRepairOptions(command: Command): void {
  command
    .option(
      '--repair <kinds>',
      'missing, mismatch or both by comma: write them to the target',
      toRepairs,
    )
    .option(
      '--repair-timestamp <time>',
      'write time of repairs: source, now, or fixed=TIME (microseconds or a date)',
      toRepairTime,
      'source',
    )
    .option(
      '--repair-missing-counters [bool]',
      'add counters that the target does not have',
      toBoolean,
    )
    .option('--delete-extra [bool]', 'delete rows that only the target has', toBoolean)
}

async function runValidate(options: ValidateOptions, context: CommandContext): Promise<number> {
  const startedAt = new Date()
  const settings = toSettings(options, startedAt.getTime())
  for (const path of [options.html, options.junit]) if (path !== undefined) requireWritable(path)
  const lines = new JsonLines(options.report)
  const csv = new LineFile(options.csv, CSV_HEAD)
  const stop = listenForStop(context.err)
  const shown: Failure[] = []
  const open = new Map<string, number>()
  let store: RunStore | undefined
  const metrics = await listenForMetrics(options.metricsPort)
  try {
    const clusters = await toClusters(options)
    store = new RunStore(options.state)
    const progress = new ProgressLine(context.err, process.stderr.isTTY)
    const outcome = await runValidation({
      ...{ clusters, settings, store, signal: stop.signal },
      isRestart: options.restart === true,
      metrics: metrics.registry && { registry: metrics.registry, job: 'validate' },
      logger: loggerOf({ logLevel: 'warn', ...options }),
      onFailure: failure => {
        lines.write({ ...failure, differences: failure.differences.map(one => ({ ...one })) })
        csv.append(failureCsv(failure))
        if (!failure.isRepaired) open.set(failure.table, (open.get(failure.table) ?? 0) + 1)
        if (shown.length < SHOWN_MAX) shown.push(failure)
      },
      onProgress: ({ table, tableIndex, tables, read, ...rest }) => {
        const title = tables === 1 ? table : `${table} (${tableIndex} of ${tables})`
        progress.show({ ...rest, title, rows: read })
      },
    })
    const report: ValidateReport = {
      startedAt: startedAt.toISOString(),
      elapsedMs: Date.now() - startedAt.getTime(),
      ...{ tables: outcome.tables, counts: outcome.counts, failures: shown },
      exitCode: outcome.exitCode,
    }
    context.out(
      options.format === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : textOf(report),
    )
    if (options.html !== undefined) writeReport(options.html, reportHtml(report))
    const { junit } = options
    const { keyspace } = settings
    if (junit !== undefined) writeReport(junit, reportJunit(report, { keyspace, open }))
    return outcome.exitCode
  } finally {
    stop.release()
    lines.close()
    csv.close()
    store?.close()
    await metrics.close()
  }
}

function textOf({ failures, counts }: ValidateReport): string {
  return `${failures.map(failureText).join('')}${countsText(counts)}`
}

function toSettings(options: ValidateOptions, startMs: number): ValidateSettings {
  const time = options.repairTimestamp
  return {
    ...toSelection(options),
    compareTimestamps: options.compareTimestamps === true,
    ttlToleranceMs: options.ttlToleranceMs,
    writetimeToleranceMs: options.writetimeToleranceMs,
    floatTolerance: options.floatTolerance,
    timestampToleranceMs: options.timestampToleranceMs,
    ignoreWritetime: new Set(options.ignoreWritetimeColumns ?? []),
    maxFailures: options.maxFailures,
    recheck: options.recheck,
    recheckDelayMs: options.recheckDelay,
    reverse: options.reverse || options.deleteExtra === true,
    repairMissing: options.repair?.includes('missing') === true,
    repairMismatch: options.repair?.includes('mismatch') === true,
    repairMissingCounters: options.repairMissingCounters === true,
    deleteExtra: options.deleteExtra === true,
    repairTimeUs: time === 'source' ? undefined : time === 'now' ? BigInt(startMs) * 1000n : time,
  }
}

function toTolerance(text: string): number {
  const value = Number(text)
  if (/^\d/.test(text) && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Expected a number from 0 on.')
}

function toRepairs(text: string): string[] {
  const kinds = toList(text)
  if (kinds.every(kind => kind === 'missing' || kind === 'mismatch')) return kinds
  throw new InvalidArgumentError('Expected missing, mismatch or missing,mismatch.')
}

function toRepairTime(text: string): 'source' | 'now' | bigint {
  if (text === 'source' || text === 'now') return text
  if (text.startsWith('fixed=')) return toMicros(text.slice('fixed='.length))
  throw new InvalidArgumentError('Expected source, now or fixed=TIME.')
}
