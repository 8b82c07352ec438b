/**
 * `scamander migrate`: copies tables from one cluster to another, with write times and TTLs.
 * Parses options and calls the migration room; prints progress, the summary and the exit code.
 * Running the same command again resumes. Spec: live-migration 3.2, 3.7.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  BACKDATE_MARGIN_MS,
  COPY_DEFAULTS,
  type ColumnFilter,
  type CopyOutcome,
  type CopyProgress,
  type CopySettings,
  JsonLines,
  RunStore,
  runCopy,
  type WritetimeMode,
} from '../migrate/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { CLI_ERRORS } from './errors.ts'
import { listenForMetrics } from './metrics-listener.ts'
import { ProgressLine, withMigrationExit } from './migration-ending.ts'
import {
  addClusterOptions,
  addSelectionOptions,
  type ClusterOptions,
  type SelectionOptions,
  toClusters,
  toSelection,
} from './migration-options.ts'
import { toBoolean, toPositive, toWhole } from './migration-values.ts'
import { listenForStop } from './stop-signals.ts'

export const DEFAULT_STATE = '.scamander/migration.sqlite'

interface MigrateOptions extends ClusterOptions, SelectionOptions, CommonOptions {
  readonly writetime: { readonly mode: WritetimeMode; readonly atUs: bigint | undefined }
  readonly ttl: boolean
  readonly collectionTimestamp: 'row-max' | 'backdate'
  readonly rowTimestamp: 'cells' | 'max'
  readonly listRetryIncrement: number
  readonly dualWritesSince?: bigint
  readonly writeRate?: number
  readonly writeMb?: number
  readonly batchSize: number
  readonly maxRequests: number
  readonly maxErrors: { readonly rows?: number; readonly percent?: number }
  readonly include?: readonly ColumnFilter[]
  readonly exclude?: readonly ColumnFilter[]
  readonly constant?: readonly (readonly [string, string])[]
  readonly writetimeMin?: bigint
  readonly writetimeMax?: bigint
  readonly maxFieldKb?: number
  readonly createSchema?: boolean
  readonly report?: string
  readonly state: string
  readonly restart?: boolean
  readonly metricsPort?: number
}

export function addMigrateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('migrate')
    .summary('copy tables to another cluster')
    .description(
      'Copies tables from one Cassandra cluster to another by token ranges, cell by cell, with write times and TTLs. ' +
        'The same command again resumes an interrupted copy. Passwords may be given by the environment: ' +
        'SCAMANDER_SOURCE_PASSWORD, SCAMANDER_TARGET_PASSWORD. ' +
        'Exit codes: 0 complete, 1 complete with rejected rows, 2 stopped by too many errors, 3 fatal or wrong usage, 4 interrupted, 5 crash.',
    )
  addClusterOptions(command)
  addSelectionOptions(command)
  addTimeOptions(command)
  addCopyOptions(command)
  command
    .addHelpText(
      'after',
      examples(
        'scamander migrate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop',
        'scamander migrate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --table users --create-schema --write-rate 20000',
        'scamander migrate --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --writetime backdate --restart',
      ),
    )
    .action(async (_options, self: Command) => {
      const options = self.optsWithGlobals<MigrateOptions>()
      const run = () => runMigrate(options, context)
      context.exitCode = await withMigrationExit(context, options.debug === true, run)
    })
}

function addTimeOptions(command: Command): void {
  const defaults = COPY_DEFAULTS
  command
    .addOption(
      new Option(
        '--writetime <mode>',
        'preserve: every cell keeps its time; backdate[=TIME]: one time for all, by default the start less a minute; none: the time of the target',
      )
        .argParser(toWritetime)
        .default({ mode: 'preserve', atUs: undefined }, 'preserve'),
    )
    .option('--ttl [bool]', 'keep the remaining TTL of every cell', toBoolean, true)
    .addOption(
      new Option('--collection-timestamp <from>', 'of collections before Cassandra 5.0')
        .choices(['row-max', 'backdate'])
        .default('row-max'),
    )
    .addOption(
      new Option(
        '--row-timestamp <of>',
        'cells: every cell its own write time and TTL; max: the row its largest, in one statement',
      )
        .choices(['cells', 'max'])
        .default('cells'),
    )
    .option(
      '--list-retry-increment <us>',
      'added to the time of lists per attempt',
      toWhole(1, 1000),
      defaults.listRetryIncrementUs,
    )
    .option(
      '--dual-writes-since <time>',
      'when the first proxy began to write to both clusters: older lists keep their exact time',
      toMicros,
    )
}

function addCopyOptions(command: Command): void {
  const defaults = COPY_DEFAULTS
  command
    .option(
      '--write-rate <statements>',
      'statements per second to the target; default: no limit',
      toPositive,
    )
    .option('--write-mb <n>', 'megabytes per second to the target; default: no limit', toPositive)
    .option(
      '--batch-size <rows>',
      'statements per request at most',
      toWhole(1, 1000),
      defaults.batchSize,
    )
    .option(
      '--max-requests <n>',
      'writes under way at once',
      toWhole(1, 10_000),
      defaults.requestsMax,
    )
    .addOption(
      new Option(
        '--max-errors <n>',
        'rejected rows, or percentage with %, at which it stops; -1: never',
      )
        .argParser(toMaxErrors)
        .default({ rows: defaults.errorsMax }, String(defaults.errorsMax)),
    )
    .option('--include <col=value>', 'only rows with that value; may be repeated', toFilter(true))
    .option(
      '--exclude <col=value>',
      'not the rows with that value; may be repeated',
      toFilter(false),
    )
    .option(
      '--constant <col=literal>',
      'column of the target with a CQL literal; may be repeated',
      toConstant,
    )
    .option('--writetime-min <us>', 'only rows whose largest write time is not before', toMicros)
    .option('--writetime-max <us>', 'only rows whose largest write time is not after', toMicros)
    .option('--max-field-kb <n>', 'rows with a larger field are rejected', toWhole(1))
    .option('--create-schema [bool]', 'make keyspace, types and tables on the target', toBoolean)
    .option('--report <file>', 'JSON lines: rejected rows and errors')
    .option('--state <file>', 'remembers finished token ranges', DEFAULT_STATE)
    .option('--restart [bool]', 'begin anew although an earlier run is unfinished', toBoolean)
    .option('--metrics-port <n>', 'serve /metrics on 127.0.0.1 while it runs', toWhole(1, 65_535))
}

async function runMigrate(options: MigrateOptions, context: CommandContext): Promise<number> {
  const startMs = Date.now()
  const settings = toSettings(options, startMs)
  const rejects = new JsonLines(options.report)
  const stop = listenForStop(context.err)
  let store: RunStore | undefined
  const metrics = await listenForMetrics(options.metricsPort)
  try {
    const clusters = await toClusters(options)
    store = new RunStore(options.state)
    const line = new ProgressLine(context.err, process.stderr.isTTY)
    const outcome = await runCopy({
      ...{ clusters, settings, store, rejects, signal: stop.signal },
      isRestart: options.restart === true,
      metrics: metrics.registry && { registry: metrics.registry, job: 'migrate' },
      logger: loggerOf({ logLevel: 'warn', ...options }),
      onProgress: progress => line.show(toState(progress)),
    })
    context.out(summary(outcome, Date.now() - startMs))
    return outcome.exitCode
  } finally {
    stop.release()
    rejects.close()
    store?.close()
    await metrics.close()
  }
}

function toState(progress: CopyProgress): Parameters<ProgressLine['show']>[0] {
  const { table, tableIndex, tables, read, share, rowsPerSecond, leftMs, isLast } = progress
  const title = tables === 1 ? table : `${table} (${tableIndex} of ${tables})`
  return { title, share, rows: read, rowsPerSecond, leftMs, isLast }
}

function summary(outcome: CopyOutcome, elapsedMs: number): string {
  const { read, written, skipped, rejected, errors } = outcome
  const seconds = elapsedMs / 1000
  const lines = [
    ...[`Read: ${read}`, `Written: ${written}`, `Skipped: ${skipped}`],
    ...[`Rejected: ${rejected}`, `Errors: ${errors}`],
    `Seconds: ${seconds.toFixed(1)}`,
  ]
  return `${lines.join('\n')}\n`
}

function toSettings(options: MigrateOptions, startMs: number): CopySettings {
  const { mode, atUs } = options.writetime
  if (options.table?.length !== 1 && (options.constant ?? []).length > 0) {
    throw new ScamanderError(CLI_ERRORS.OPTION, '--constant needs exactly one --table')
  }
  return {
    ...toSelection(options),
    constants: new Map(options.constant ?? []),
    writetime: mode,
    backdateUs: atUs ?? BigInt(startMs - BACKDATE_MARGIN_MS) * 1000n,
    backdateGivenUs: atUs,
    keepTtl: options.ttl,
    collectionTimestamp: options.collectionTimestamp,
    rowTimestamp: options.rowTimestamp,
    listRetryIncrementUs: options.listRetryIncrement,
    dualSinceUs: options.dualWritesSince,
    writeRate: options.writeRate,
    writeMbPerSecond: options.writeMb,
    batchSize: options.batchSize,
    requestsMax: options.maxRequests,
    errorsMax: options.maxErrors.rows,
    errorsPercentMax: options.maxErrors.percent,
    filters: [...(options.include ?? []), ...(options.exclude ?? [])],
    writetimeMin: options.writetimeMin,
    writetimeMax: options.writetimeMax,
    maxFieldBytes: options.maxFieldKb === undefined ? undefined : options.maxFieldKb * 1024,
    createSchema: options.createSchema === true,
  }
}

/** TIME is microseconds, or a date as ISO 8601. */
function toWritetime(text: string): { mode: WritetimeMode; atUs: bigint | undefined } {
  const [mode, ...rest] = text.split('=')
  const at = rest.join('=')
  if ((mode === 'preserve' || mode === 'none') && at === '') return { mode, atUs: undefined }
  if (mode !== 'backdate') throw new InvalidArgumentError('Expected preserve, backdate or none.')
  return { mode, atUs: at === '' ? undefined : toMicros(at) }
}

export function toMicros(text: string): bigint {
  if (/^\d{14,18}$/.test(text)) return BigInt(text)
  const ms = Date.parse(text)
  if (!Number.isNaN(ms) && /^\d{4}-/.test(text)) return BigInt(ms) * 1000n
  throw new InvalidArgumentError(
    'Expected microseconds since 1970, or a date like 2026-01-31T12:00:00Z.',
  )
}

function toMaxErrors(text: string): { rows?: number; percent?: number } {
  if (text === '-1') return {}
  if (/^\d{1,2}(\.\d+)?%$/.test(text)) return { percent: Number(text.slice(0, -1)) }
  return { rows: toWhole(0)(text) }
}

function toFilter(keep: boolean) {
  return (text: string, before: readonly ColumnFilter[] | undefined): ColumnFilter[] => {
    const [column, value] = split(text)
    return [...(before ?? []), { keep, column, value }]
  }
}

function toConstant(
  text: string,
  before: readonly (readonly [string, string])[] | undefined,
): (readonly [string, string])[] {
  return [...(before ?? []), split(text)]
}

function split(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected name=value.')
  return [text.slice(0, at), text.slice(at + 1)]
}
