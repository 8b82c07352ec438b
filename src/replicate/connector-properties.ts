/**
 * What a connection of each kind is made of: properties in the order of the form, with defaults. The
 * check of drafts, the form and the guide follow this one declaration.
 * Spec: backlog-replication 2.2.
 */
import type {
  ConnectionPatch,
  ConnectorInfoV1,
  ConnectorKind,
  Properties,
  PropertyInfo,
} from '../api-v1.ts'
import { type FieldCheck, OBJECT, pick, TEXT, TEXTS } from './named-fields.ts'
import { fieldError } from './task-target.ts'

type Given = Partial<PropertyInfo> & Pick<PropertyInfo, 'key' | 'label'>

function property(given: Given): PropertyInfo {
  return { type: 'text', required: false, advanced: false, ...given }
}

const BASIC = { key: 'authScheme', values: ['Basic'] } as const
const TOKEN = { key: 'authScheme', values: ['APIToken'] } as const
const OAUTH = { key: 'authScheme', values: ['OAuth'] } as const
const LEVELS = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'LOCAL_ONE',
]

export const CONNECTORS: readonly ConnectorInfoV1[] = [
  {
    ...{ kind: 'cassandra', title: 'Cassandra', description: 'Apache Cassandra, DSE' },
    directions: ['source', 'destination'],
    properties: [
      property({
        key: 'server',
        label: 'Server',
        default: 'localhost',
        required: true,
        help: 'a host or a list of hosts',
      }),
      property({ key: 'port', label: 'Port', type: 'number', default: 9042, required: true }),
      property({ key: 'database', label: 'Database', required: true, help: 'keyspace' }),
      property({
        key: 'authScheme',
        label: 'Auth Scheme',
        type: 'choice',
        choices: ['Basic', 'None'],
        default: 'Basic',
        required: true,
      }),
      property({ key: 'user', label: 'User', required: true, when: BASIC }),
      property({ key: 'password', label: 'Password', type: 'secret', required: true, when: BASIC }),
      property({ key: 'useSsl', label: 'Use SSL', type: 'boolean', default: false }),
      property({
        key: 'sslCa',
        label: 'CA certificate',
        type: 'lines',
        when: { key: 'useSsl', values: [true] },
        help: 'PEM',
      }),
      property({
        key: 'sslVerifyHost',
        label: 'Verify host name',
        type: 'boolean',
        default: true,
        when: { key: 'useSsl', values: [true] },
      }),
      property({
        key: 'consistencyLevel',
        label: 'Consistency Level',
        type: 'choice',
        choices: LEVELS,
        default: 'LOCAL_QUORUM',
        required: true,
      }),
      property({
        key: 'localDatacenter',
        label: 'Local Datacenter',
        advanced: true,
        help: 'empty: that of the first server',
      }),
      property({
        key: 'pageSize',
        label: 'Page size',
        type: 'number',
        default: 5000,
        advanced: true,
      }),
      property({
        key: 'requestTimeoutMs',
        label: 'Request timeout, ms',
        type: 'number',
        default: 12_000,
        advanced: true,
      }),
      property({
        key: 'writeConcurrency',
        label: 'Write concurrency',
        type: 'number',
        default: 128,
        advanced: true,
      }),
      property({
        key: 'compression',
        label: 'Compression',
        type: 'choice',
        choices: ['none', 'lz4', 'snappy'],
        default: 'none',
        advanced: true,
      }),
      property({
        key: 'readOnly',
        label: 'Read-only',
        type: 'boolean',
        default: false,
        advanced: true,
      }),
    ],
  },
  {
    ...{ kind: 'backlog', title: 'Backlog', description: 'Nulab Backlog, project tracker' },
    directions: ['source'],
    properties: [
      property({
        key: 'authScheme',
        label: 'Auth Scheme',
        type: 'choice',
        choices: ['APIToken', 'OAuth'],
        default: 'APIToken',
        required: true,
      }),
      property({ key: 'apiKey', label: 'API Key', type: 'secret', required: true, when: TOKEN }),
      property({ key: 'url', label: 'URL', required: true, help: 'https://acme.backlog.com' }),
      property({ key: 'oauthClientId', label: 'OAuth Client Id', required: true, when: OAUTH }),
      property({
        key: 'oauthClientSecret',
        label: 'OAuth Client Secret',
        type: 'secret',
        required: true,
        when: OAUTH,
      }),
      property({
        key: 'oauthRefreshToken',
        label: 'OAuth Refresh Token',
        type: 'secret',
        required: true,
        when: OAUTH,
      }),
      property({
        key: 'reservePercent',
        label: 'Reserve, %',
        type: 'number',
        default: 10,
        advanced: true,
      }),
      property({
        key: 'requestTimeoutMs',
        label: 'Request timeout, ms',
        type: 'number',
        default: 60_000,
        advanced: true,
      }),
      property({
        key: 'allowPlainHttp',
        label: 'Allow plain http',
        type: 'boolean',
        default: false,
        advanced: true,
      }),
      property({
        key: 'keyInQuery',
        label: 'Send key as query parameter',
        type: 'boolean',
        default: false,
        advanced: true,
      }),
    ],
  },
]

export function propertiesOf(kind: ConnectorKind): readonly PropertyInfo[] {
  const connector = CONNECTORS.find(one => one.kind === kind)
  if (connector === undefined)
    throw fieldError('connector', `connector: expected cassandra or backlog, found ${kind}`)
  return connector.properties
}

const CONNECTION: Readonly<Record<keyof ConnectionPatch, FieldCheck>> = {
  name: TEXT,
  labels: TEXTS,
  properties: OBJECT,
}

/** What a draft or a change may set, each of the right type. */
export function connectionFields(given: ConnectionPatch): ConnectionPatch {
  return pick<ConnectionPatch>(given, CONNECTION)
}

/** All properties with their defaults; throws at the first that is wrong. */
export function checkProperties(
  kind: ConnectorKind,
  given: Properties,
): Record<string, string | number | boolean> {
  const declared = propertiesOf(kind)
  if (!OBJECT.fits(given)) throw fieldError('properties', 'properties: expected an object')
  for (const key of Object.keys(given)) {
    if (!declared.some(one => one.key === key))
      throw fieldError(key, `${key} is no property of a ${kind} connection`)
  }
  const checked: Record<string, string | number | boolean> = {}
  for (const one of declared) {
    const value = given[one.key] ?? one.default
    if (value !== undefined) checked[one.key] = checkedValue(one, value)
  }
  for (const { key, label, type } of declared)
    if (String(checked[key] ?? '').includes('${secret:')) checkReference(key, label, type)
  for (const { key, label, required, when } of declared) {
    const isShown = when === undefined || when.values.includes(checked[when.key] as string)
    if (required && isShown && (checked[key] ?? '') === '')
      throw fieldError(key, `${label} is missing`)
  }
  return checked
}

/** What is told and logged is no place for one, and neither is a token that renews itself. */
function checkReference(key: string, label: string, type: PropertyInfo['type']): void {
  if (type !== 'secret')
    throw fieldError(key, `${label}: expected the text itself; references stand for secrets only`)
  if (key === 'oauthRefreshToken')
    throw fieldError(key, `${label}: expected the token itself, because each use renews it`)
}

function checkedValue(
  { key, label, type, choices }: PropertyInfo,
  value: string | number | boolean,
): string | number | boolean {
  if (typeof value === 'object') throw fieldError(key, `${label}: expected a text, found an object`)
  if (type === 'boolean' && typeof value !== 'boolean')
    throw fieldError(key, `${label}: expected true or false`)
  if (type === 'number') {
    const number = Number(value)
    const max = key === 'port' ? 65_535 : 10_000_000
    const min = key === 'reservePercent' ? 0 : 1
    if (!Number.isInteger(number) || number < min || number > max)
      throw fieldError(key, `${label}: expected a number of ${min} to ${max}`)
    return number
  }
  if (type === 'choice' && !choices?.includes(String(value)))
    throw fieldError(key, `${label}: expected one of ${choices?.join(', ')}`)
  return type === 'boolean' ? value : String(value).trim()
}
