/**
 * Bodies of the calls on migrations, checked member by member. Used by migration-routes.ts.
 * Invariant: what leaves here has every member of the right type; nothing unknown is passed on.
 * Shapes: src/api-v1-migrations.ts.
 */
import type {
  MigrationActDraft,
  MigrationCluster,
  MigrationDraft,
  MigrationProxyChange,
} from '../../api-v1-migrations.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { MIGRATE_ERRORS, type ProjectCluster, type ProjectDraft } from '../../migrate/index.ts'
import type { Call } from '../route.ts'

type ClusterOf = (connection: string) => ProjectCluster

export function bodyOf<T>(call: Call): Partial<T> {
  const value: unknown = JSON.parse(call.body === '' ? '{}' : call.body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return refuse('expected a JSON object')
}

export function toDraft(draft: Partial<MigrationDraft>, clusterOf: ClusterOf): ProjectDraft {
  const { name, source, target, keyspace, targetKeyspace, tables = [], proxies = [] } = draft
  if (typeof name !== 'string' || typeof keyspace !== 'string' || keyspace === '') {
    return refuse('expected name and keyspace')
  }
  return {
    ...{ name, keyspace, proxies: toUrls(proxies) },
    targetKeyspace: typeof targetKeyspace === 'string' ? targetKeyspace : keyspace,
    source: toCluster(source, 'source', clusterOf),
    target: toCluster(target, 'target', clusterOf),
    tables: toTexts(tables, 'tables'),
  }
}

export function toUrls(proxies: unknown): string[] {
  const urls = toTexts(proxies, 'proxies')
  const wrong = urls.find(url => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  return wrong === undefined ? urls : refuse(`proxies: expected http://host:port, found ${wrong}`)
}

function toCluster(
  given: Partial<MigrationCluster> | undefined,
  side: string,
  clusterOf: ClusterOf,
): ProjectCluster {
  if (typeof given?.connection === 'string') return clusterOf(given.connection)
  const points = toTexts(given?.contactPoints ?? [], `${side}.contactPoints`)
  if (points.length === 0) refuse(`${side}.contactPoints: expected host:port`)
  const text = (name: 'localDc' | 'username' | 'ca' | 'cert' | 'key') => {
    const value: unknown = given?.[name] ?? ''
    return typeof value === 'string' ? value : refuse(`${side}.${name}: expected a text`)
  }
  return {
    contactPoints: points.map(point => (/:\d+$/.test(point) ? point : `${point}:9042`)),
    ...{ localDc: text('localDc'), username: text('username'), tls: given?.tls === true },
    ...{ ca: text('ca'), cert: text('cert'), key: text('key') },
  }
}

/** By address with a login: its password comes from the server's environment. */
export function isLoginOfServer(given: Partial<MigrationCluster> | null | undefined): boolean {
  return typeof given?.connection !== 'string' && (given?.username ?? '') !== ''
}

export function toActDraft(given: Partial<MigrationActDraft>): MigrationActDraft {
  const { kind, tables, writeRate, differences, time, restart, compareTimestamps } = given
  if (kind !== 'copy' && kind !== 'validate' && kind !== 'repair') {
    return refuse('kind: expected copy, validate or repair')
  }
  if (writeRate !== undefined && !(Number(writeRate) > 0)) {
    refuse('writeRate: expected a number above 0')
  }
  if (time !== undefined && time !== 'source' && time !== 'now') {
    refuse('time: expected source or now')
  }
  const areIds = Array.isArray(differences) && differences.every(one => Number.isInteger(one))
  if (differences !== undefined && !areIds) refuse('differences: expected a list of ids')
  return {
    kind,
    ...(tables === undefined ? {} : { tables: toTexts(tables, 'tables') }),
    ...(writeRate === undefined ? {} : { writeRate: Number(writeRate) }),
    ...(differences === undefined ? {} : { differences }),
    ...(time === undefined ? {} : { time }),
    ...{ restart: restart === true, compareTimestamps: compareTimestamps === true },
  }
}

export function toProxyChange(given: Partial<MigrationProxyChange>): MigrationProxyChange {
  const { url, primary, readMode } = given
  if (typeof url !== 'string') return refuse('url: expected the address of a proxy')
  if (primary === 'source' || primary === 'target') return { url, primary }
  if (readMode === 'primary' || readMode === 'dual-async' || readMode === 'compare') {
    return { url, readMode }
  }
  return refuse('expected primary: source or target, or readMode: primary, dual-async or compare')
}

export function toTexts(given: unknown, field: string): string[] {
  if (Array.isArray(given) && given.every(one => typeof one === 'string')) return [...given]
  return refuse(`${field}: expected a list of texts`)
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.OPTION, message)
}
