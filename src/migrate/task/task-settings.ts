/**
 * From the keys of a connector to what the copy and the validation are told, and which part of the
 * token ranges a task has.
 * Files of certificates are read when a task starts: they may have changed.
 * Invariant: what is not given has the default of the commands.
 * Spec: live-migration 3.2, 4.1.
 */
import { readFileSync } from 'node:fs'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  detectLocalDc,
  type TlsMaterial,
} from '../../cassandra/index.ts'
import { CONSISTENCY } from '../../cql/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import {
  BACKDATE_MARGIN_MS,
  type ClusterPair,
  COPY_DEFAULTS,
  type CopySettings,
  SELECTION_DEFAULTS,
  type SelectionSettings,
} from '../settings.ts'
import { VALIDATE_DEFAULTS, type ValidateSettings } from '../validate-settings.ts'
import type { CopyConnectorSettings } from './copy-connector-config.ts'
import { PART_KEY, type SharedSettings } from './task-fields.ts'
import type { ValidationConnectorSettings } from './validation-connector-config.ts'

/** Every n-th range of each table, from `index` on. */
export interface TaskPart {
  readonly index: number
  readonly count: number
}

export function partConfigs(tasksMax: number, splits: number): Record<string, string>[] {
  const count = Math.max(1, Math.min(tasksMax, splits))
  return Array.from({ length: count }, (_, index) => ({ [PART_KEY]: `${index}/${count}` }))
}

export function parsePart(text: string | undefined): TaskPart {
  const [index, count] = (text ?? '0/1').split('/').map(Number)
  return { index: index!, count: count! }
}

export function toCopySettings(settings: CopyConnectorSettings, nowMs: number): CopySettings {
  const { writetime, backdateUs, keepTtl, writeRate, errorsMax, writeConsistency } = settings
  return {
    ...COPY_DEFAULTS,
    ...toSelection(settings),
    ...{ writetime, keepTtl },
    writeConsistency: CONSISTENCY[writeConsistency],
    backdateUs: backdateUs > 0 ? BigInt(backdateUs) : BigInt(nowMs - BACKDATE_MARGIN_MS) * 1000n,
    writeRate: writeRate > 0 ? writeRate : undefined,
    errorsMax: errorsMax < 0 ? undefined : errorsMax,
  }
}

export function toValidateSettings(settings: ValidationConnectorSettings): ValidateSettings {
  const { compareTimestamps, ttlToleranceMs, writetimeToleranceMs, floatTolerance } = settings
  const { timestampToleranceMs, maxFailures, recheck, recheckDelayMs, reverse } = settings
  return {
    ...VALIDATE_DEFAULTS,
    ...toSelection(settings),
    ...{ compareTimestamps, ttlToleranceMs, writetimeToleranceMs, floatTolerance },
    ...{ timestampToleranceMs, maxFailures, recheck, recheckDelayMs, reverse },
    ignoreWritetime: new Set(settings.ignoreWritetime),
  }
}

function toSelection(settings: SharedSettings): SelectionSettings {
  const { keyspace, tables, targetKeyspace, where, splits, pageSize, concurrency } = settings
  return {
    ...SELECTION_DEFAULTS,
    ...{ keyspace, tables, splits, pageSize, concurrency },
    targetKeyspace: targetKeyspace === '' ? keyspace : targetKeyspace,
    renames: new Map(settings.renames.map(toPair)),
    skipColumns: new Set(settings.skipColumns),
    where: where === '' ? undefined : where,
    readConsistency: CONSISTENCY[settings.readConsistency],
    writeConsistency: CONSISTENCY[settings.writeConsistency],
    readRate: settings.readRate > 0 ? settings.readRate : undefined,
  }
}

function toPair(text: string): [string, string] {
  const [from, to, more] = text.split(':')
  if (from && to && more === undefined) return [from, to]
  return refuse(`rename.columns: expected source:target, found "${text}"`)
}

/** Asks a contact point for the data centre where none is given. */
export async function toClusterPair(settings: SharedSettings): Promise<ClusterPair> {
  return {
    source: await toConnection({
      ...{ name: 'source', hosts: settings.sourceContactPoints, port: settings.sourcePort },
      ...{ localDc: settings.sourceLocalDc, username: settings.sourceUsername },
      password: settings.sourcePassword?.reveal() ?? '',
      ...{ isTls: settings.sourceTls, ca: settings.sourceCa, cert: settings.sourceCert },
      ...{ key: settings.sourceKey, verifyHostname: settings.sourceVerifyHostname },
    }),
    target: await toConnection({
      ...{ name: 'target', hosts: settings.targetContactPoints, port: settings.targetPort },
      ...{ localDc: settings.targetLocalDc, username: settings.targetUsername },
      password: settings.targetPassword?.reveal() ?? '',
      ...{ isTls: settings.targetTls, ca: settings.targetCa, cert: settings.targetCert },
      ...{ key: settings.targetKey, verifyHostname: settings.targetVerifyHostname },
    }),
  }
}

interface Side {
  readonly name: string
  readonly hosts: readonly string[]
  readonly port: number
  readonly localDc: string
  readonly username: string
  readonly password: string
  readonly isTls: boolean
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly verifyHostname: boolean
}

async function toConnection(side: Side): Promise<CassandraConnectionSettings> {
  const { hosts, port, username, password, localDc } = side
  const tls = toTls(side)
  const settings: CassandraConnectionSettings = {
    ...CONNECTION_DEFAULTS,
    contactPoints: hosts.map(text => toPoint(text, port, side.name)),
    poolLocalSize: 2,
    reconnectBaseMs: 200,
    reconnectMaxMs: 5_000,
    heartbeatIntervalMs: 10_000,
    ...(username === '' ? {} : { credentials: { username, password } }),
    ...(tls === undefined ? {} : { tls }),
    localDc,
  }
  return localDc === '' ? { ...settings, localDc: await detectLocalDc(settings) } : settings
}

function toPoint(text: string, port: number, side: string): { host: string; port: number } {
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.trim())
  const host = found?.[1] ?? found?.[2]
  if (host !== undefined) return { host, port: Number(found?.[3] ?? port) }
  return refuse(`${side}.contact.points: expected host or host:port, found "${text}"`)
}

function toTls({ name, isTls, ca, cert, key, verifyHostname }: Side): TlsMaterial | undefined {
  if (!isTls) return undefined
  if ((cert === '') !== (key === '')) {
    refuse(`${name}.ssl.cert and ${name}.ssl.key are given together or not at all`)
  }
  const read = (path: string, field: string) => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      return refuse(`${name}.ssl.${field}: ${messageOf(error)}`)
    }
  }
  return {
    ...(ca === '' ? {} : { ca: [read(ca, 'ca')] }),
    ...(cert === '' ? {} : { cert: read(cert, 'cert'), key: read(key, 'key') }),
    hostnameValidation: verifyHostname,
  }
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.OPTION, message)
}
