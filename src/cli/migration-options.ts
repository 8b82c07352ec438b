/**
 * The options that `migrate` and `validate` share: clusters, selection, rates. Declared once, for the
 * parser, the help and the reference; turned into settings of the migration room.
 * Booleans take a value, or none for true. A wrong value is told before anything is connected.
 * Spec: live-migration 1.1 (booleans), 3.2, 4.1.
 */
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  type ContactPoint,
  detectLocalDc,
  type TlsMaterial,
} from '../cassandra/index.ts'
import { CONSISTENCY, type ConsistencyCode } from '../cql/index.ts'
import {
  SELECTION_DEFAULTS,
  type SelectionSettings,
  TOKEN_MAX,
  TOKEN_MIN,
} from '../migrate/index.ts'
import { CLI_ERRORS } from './errors.ts'
import {
  toBoolean,
  toHosts,
  toLevel,
  toList,
  toPairs,
  toPositive,
  toShare,
  toToken,
  toWhole,
} from './migration-values.ts'

export interface ClusterOptions {
  readonly source: readonly ContactPoint[]
  readonly target: readonly ContactPoint[]
  readonly sourceUsername?: string
  readonly sourcePassword?: string
  readonly targetUsername?: string
  readonly targetPassword?: string
  readonly sourceLocalDc?: string
  readonly targetLocalDc?: string
  readonly sourceTls?: boolean
  readonly targetTls?: boolean
  readonly sourceCa?: string
  readonly targetCa?: string
  readonly sourceCert?: string
  readonly targetCert?: string
  readonly sourceKey?: string
  readonly targetKey?: string
  readonly sourceVerifyHostname?: boolean
  readonly targetVerifyHostname?: boolean
  readonly compression: 'none' | 'lz4' | 'snappy'
  readonly requestTimeoutMs: number
}

export interface SelectionOptions {
  readonly keyspace: string
  readonly table?: readonly string[]
  readonly targetKeyspace?: string
  readonly targetTable?: string
  readonly rename?: ReadonlyMap<string, string>
  readonly skipColumns?: readonly string[]
  readonly where?: string
  readonly tokenMin?: bigint
  readonly tokenMax?: bigint
  readonly samplePercent: number
  readonly splits?: number
  readonly pageSize: number
  readonly concurrency: number
  readonly readCl: ConsistencyCode
  readonly writeCl: ConsistencyCode
  readonly readRate?: number
  readonly readMb?: number
}

export function addClusterOptions(command: Command): void {
  command.requiredOption(
    '--source <hosts>',
    'cluster to read: host[:port], several by comma',
    toHosts,
  )
  command.requiredOption(
    '--target <hosts>',
    'cluster to write: host[:port], several by comma',
    toHosts,
  )
  for (const side of ['source', 'target']) {
    command
      .option(`--${side}-username <name>`, `login at the ${side}`)
      .option(
        `--${side}-password <secret>`,
        `password at the ${side}; better in the environment, see below`,
      )
      .option(
        `--${side}-local-dc <name>`,
        `data centre at the ${side}; default: that of the first host`,
      )
      .option(`--${side}-tls [bool]`, `TLS to the ${side}`, toBoolean)
      .option(`--${side}-ca <file>`, `PEM certificates to trust at the ${side}`)
      .option(`--${side}-cert <file>`, `PEM client certificate for the ${side}`)
      .option(`--${side}-key <file>`, `PEM key of the client certificate for the ${side}`)
      .option(
        `--${side}-verify-hostname [bool]`,
        `check the host names in the ${side}'s certificates`,
        toBoolean,
      )
  }
  command
    .addOption(
      new Option('--compression <name>', 'of the connections')
        .choices(['none', 'lz4', 'snappy'])
        .default('none'),
    )
    .option('--request-timeout-ms <ms>', 'for one request', toWhole(1), 10_000)
}

export function addSelectionOptions(command: Command): void {
  const defaults = SELECTION_DEFAULTS
  command
    .requiredOption('--keyspace <name>', 'keyspace of the source')
    .option('--table <names>', 'tables, several by comma; default: all of the keyspace', toList)
    .option('--target-keyspace <name>', 'keyspace of the target; default: the same name')
    .option('--target-table <name>', 'table of the target; default: the same name')
    .option('--rename <a:b,...>', 'column of the source : column of the target', toPairs)
    .option('--skip-columns <names>', 'columns that are left out', toList)
    .option('--where <cql>', 'condition for rows of the source, with ALLOW FILTERING')
    .option('--token-min <n>', 'first token; default: the smallest', toToken)
    .option('--token-max <n>', 'last token; default: the largest', toToken)
    .option('--sample-percent <n>', 'share of each token range', toShare, defaults.samplePercent)
    .option(
      '--splits <n>',
      'token ranges; default: by the size of the table',
      toWhole(1, 1_000_000),
    )
    .option('--page-size <rows>', 'rows per page at most', toWhole(1, 100_000), defaults.pageSize)
    .option('--concurrency <n>', 'token ranges at once', toWhole(1, 256), defaults.concurrency)
    .addOption(levelOption('--read-cl <level>', 'consistency level of reads'))
    .addOption(levelOption('--write-cl <level>', 'consistency level of writes'))
    .option('--read-rate <rows>', 'rows per second from the source; default: no limit', toPositive)
    .option('--read-mb <n>', 'megabytes per second from the source; default: no limit', toPositive)
}

function levelOption(flags: string, text: string): Option {
  const option = new Option(flags, text).argParser(toLevel)
  return option.default(CONSISTENCY.LOCAL_QUORUM, 'LOCAL_QUORUM')
}

export async function toClusters(options: ClusterOptions): Promise<{
  readonly source: CassandraConnectionSettings
  readonly target: CassandraConnectionSettings
}> {
  const sides = (['source', 'target'] as const).map(side => toCluster(options, side))
  const [source, target] = await Promise.all(sides)
  return { source: source!, target: target! }
}

export function toSelection(options: SelectionOptions): SelectionSettings {
  const { tokenMin: start = TOKEN_MIN, tokenMax: end = TOKEN_MAX } = options
  if (start > end) {
    throw new ScamanderError(CLI_ERRORS.OPTION, '--token-min is larger than --token-max')
  }
  return {
    keyspace: options.keyspace,
    tables: options.table ?? [],
    targetKeyspace: options.targetKeyspace ?? options.keyspace,
    targetTable: options.targetTable,
    renames: options.rename ?? new Map(),
    skipColumns: new Set(options.skipColumns ?? []),
    constants: new Map(),
    where: options.where,
    tokens: { start, end },
    samplePercent: options.samplePercent,
    splits: options.splits,
    pageSize: options.pageSize,
    concurrency: options.concurrency,
    readConsistency: options.readCl,
    writeConsistency: options.writeCl,
    readRate: options.readRate,
    readMbPerSecond: options.readMb,
  }
}

async function toCluster(
  options: ClusterOptions,
  side: 'source' | 'target',
): Promise<CassandraConnectionSettings> {
  const of = options as unknown as Readonly<Record<string, string | boolean | undefined>>
  const username = of[`${side}Username`] as string | undefined
  const variable = `SCAMANDER_${side.toUpperCase()}_PASSWORD`
  const password = (of[`${side}Password`] as string | undefined) ?? process.env[variable]
  if (username !== undefined && password === undefined) {
    const message = `--${side}-username needs --${side}-password or the variable ${variable}`
    throw new ScamanderError(CLI_ERRORS.OPTION, message)
  }
  const tls = toTls(of, side)
  const settings: CassandraConnectionSettings = {
    ...CONNECTION_DEFAULTS,
    contactPoints: options[side],
    compression: options.compression,
    requestTimeoutMs: options.requestTimeoutMs,
    poolLocalSize: 2,
    reconnectBaseMs: 200,
    reconnectMaxMs: 5_000,
    heartbeatIntervalMs: 10_000,
    ...(username === undefined ? {} : { credentials: { username, password: password! } }),
    ...(tls === undefined ? {} : { tls }),
    localDc: (of[`${side}LocalDc`] as string | undefined) ?? '',
  }
  if (settings.localDc !== '') return settings
  try {
    return { ...settings, localDc: await detectLocalDc(settings) }
  } catch (error) {
    throw ofSide(error, side)
  }
}

/** The same error, with the side that it is about. */
function ofSide(error: unknown, side: 'source' | 'target'): unknown {
  if (!(error instanceof ScamanderError)) return error
  const declaration =
    error.kind === 'disconnected'
      ? CASSANDRA_ERRORS.CONTACT_REFUSED
      : { code: error.code, kind: error.kind, advice: error.advice, summary: '' }
  return new ScamanderError(declaration, `--${side}: ${error.message}`, { cause: error })
}

function toTls(
  of: Readonly<Record<string, string | boolean | undefined>>,
  side: string,
): TlsMaterial | undefined {
  const [ca, cert, key] = ['Ca', 'Cert', 'Key'].map(name => of[`${side}${name}`] as string)
  if (of[`${side}Tls`] !== true && ca === undefined && cert === undefined) return undefined
  if ((cert === undefined) !== (key === undefined)) {
    const message = `--${side}-cert and --${side}-key are given together or not at all`
    throw new ScamanderError(CLI_ERRORS.OPTION, message)
  }
  return {
    ...(ca === undefined ? {} : { ca: [readText(ca, `--${side}-ca`)] }),
    ...(cert === undefined || key === undefined
      ? {}
      : { cert: readText(cert, `--${side}-cert`), key: readText(key, `--${side}-key`) }),
    hostnameValidation: of[`${side}VerifyHostname`] === true,
  }
}

function readText(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ScamanderError(CLI_ERRORS.OPTION, `${option}: ${path} cannot be read`, { cause })
  }
}
