/**
 * The options that `migrate` and `validate` share: clusters, selection, rates. Declared once, for the
 * parser, the help and the reference; turned into settings of the migration room.
 * Booleans take a value, or none for true. A wrong value is told before anything is connected.
 * Spec: live-migration 1.1 (booleans), 3.2, 4.1.
 */
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
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
  readonly tokenMin: bigint
  readonly tokenMax: bigint
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
    hosts,
  )
  command.requiredOption(
    '--target <hosts>',
    'cluster to write: host[:port], several by comma',
    hosts,
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
    .option('--token-min <n>', 'first token', toToken, TOKEN_MIN)
    .option('--token-max <n>', 'last token', toToken, TOKEN_MAX)
    .option('--sample-percent <n>', 'share of each token range', toShare, defaults.samplePercent)
    .option(
      '--splits <n>',
      'token ranges; default: by the size of the table',
      toWhole(1, 1_000_000),
    )
    .option('--page-size <rows>', 'rows per page at most', toWhole(1, 100_000), defaults.pageSize)
    .option('--concurrency <n>', 'token ranges at once', toWhole(1, 256), defaults.concurrency)
    .option('--read-cl <level>', 'consistency level of reads', toLevel, CONSISTENCY.LOCAL_QUORUM)
    .option('--write-cl <level>', 'consistency level of writes', toLevel, CONSISTENCY.LOCAL_QUORUM)
    .option('--read-rate <rows>', 'rows per second from the source; default: no limit', toPositive)
    .option('--read-mb <n>', 'megabytes per second from the source; default: no limit', toPositive)
}

export async function toClusters(options: ClusterOptions): Promise<{
  readonly source: CassandraConnectionSettings
  readonly target: CassandraConnectionSettings
}> {
  return { source: await toCluster(options, 'source'), target: await toCluster(options, 'target') }
}

export function toSelection(options: SelectionOptions): SelectionSettings {
  if (options.tokenMin > options.tokenMax) {
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
    tokens: { start: options.tokenMin, end: options.tokenMax },
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

/** `host`, `host:port`, `[v6]:port`, several by comma. */
function hosts(text: string): ContactPoint[] {
  return toList(text).map(one => {
    const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(one)
    const port = Number(match?.[3] ?? 9042)
    if (match === null || port < 1 || port > 65_535) {
      throw new InvalidArgumentError('Expected host or host:port.')
    }
    return { host: (match[1] ?? match[2])!, port }
  })
}

export function toList(text: string): string[] {
  const all = text.split(',').map(one => one.trim())
  if (all.includes('')) throw new InvalidArgumentError('Expected names, separated by commas.')
  return all
}

function toPairs(text: string): Map<string, string> {
  const pairs = toList(text).map(one => one.split(':'))
  if (pairs.some(pair => pair.length !== 2 || pair.includes(''))) {
    throw new InvalidArgumentError('Expected a:b, several by comma.')
  }
  return new Map(pairs as [string, string][])
}

export function toBoolean(text: string): boolean {
  if (/^(true|yes|on|1)$/i.test(text)) return true
  if (/^(false|no|off|0)$/i.test(text)) return false
  throw new InvalidArgumentError('Expected true or false.')
}

export function toWhole(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d{1,16}$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} on.`)
  }
}

export function toPositive(text: string): number {
  const value = Number(text)
  if (/^[\d.]+$/.test(text) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

function toShare(text: string): number {
  const value = toPositive(text)
  if (value <= 100) return value
  throw new InvalidArgumentError('Expected a percentage above 0, at most 100.')
}

function toToken(text: string): bigint {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : TOKEN_MAX + 1n
  if (value >= TOKEN_MIN && value <= TOKEN_MAX) return value
  throw new InvalidArgumentError('Expected a token: a whole number of 64 bits.')
}

function toLevel(text: string): ConsistencyCode {
  const found = Object.entries(CONSISTENCY).find(([name]) => name === text.toUpperCase())
  if (found !== undefined) return found[1]
  throw new InvalidArgumentError(`Expected one of ${Object.keys(CONSISTENCY).join(', ')}.`)
}
