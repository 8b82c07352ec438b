/**
 * Connections: documents with sealed secrets, and what is opened with them.
 * Invariants: a secret leaves this file only into a client; a patch that leaves a secret out keeps it,
 * unless it changes the address.
 * Spec: backlog-replication 2.2, 2.17.
 */

import type {
  ConnectionInfo,
  ConnectionStatus,
  ConnectorKind,
  Properties,
  SecretState,
} from '../api-v1.ts'
import {
  BacklogClient,
  type BacklogClientOptions,
  type RenewExclusively,
  toOrigin,
} from '../backlog/index.ts'
import { type CassandraConnectionSettings, CONNECTION_DEFAULTS } from '../cassandra/index.ts'
import { propertiesOf } from './connector-properties.ts'
import { lostSecrets } from './kept-secrets.ts'
import { isReference } from './secret-desk.ts'
import type { Store } from './store.ts'

/** As it is stored; secrets are sealed. */
export interface ConnectionRecord {
  readonly id: string
  readonly name: string
  readonly connector: ConnectorKind
  readonly labels: readonly string[]
  readonly properties: Properties
  readonly secrets: Readonly<Record<string, string>>
  readonly hints: Readonly<Record<string, string>>
  readonly status: ConnectionStatus
  readonly statusText: string
  readonly testedAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export function sealSecrets(
  store: Store,
  of: { readonly id: string; readonly kind: ConnectorKind; readonly properties: Properties },
) {
  const open: Record<string, string | number | boolean> = {}
  const secrets: Record<string, string> = {}
  const hints: Record<string, string> = {}
  const names = new Set(
    propertiesOf(of.kind)
      .filter(one => one.type === 'secret')
      .map(one => one.key),
  )
  for (const [key, value] of Object.entries(of.properties)) {
    if (!names.has(key)) open[key] = value
    else if (value !== '') {
      secrets[key] = store.secrets.seal(String(value), `${of.id}/${key}`)
      const text = String(value)
      hints[key] = isReference(text) ? text : `…${text.slice(-2)}`
    }
  }
  return { properties: open, secrets, hints }
}

/** All properties as they were written: secrets opened, references as they are; never leaves the process. */
export function openProperties(
  store: Store,
  record: ConnectionRecord,
): Record<string, string | number | boolean> {
  const all: Record<string, string | number | boolean> = { ...record.properties }
  for (const [key, sealed] of Object.entries(record.secrets))
    all[key] = store.secrets.open(sealed, `${record.id}/${key}`)
  return all
}

/** What is given over what is saved; throws at a secret that is needed again for another address. */
export function overSaved(
  store: Store,
  record: ConnectionRecord,
  given: Properties,
): Record<string, string | number | boolean> {
  const saved = openProperties(store, record)
  const all = { ...saved, ...given }
  for (const key of lostSecrets(propertiesOf(record.connector), { saved, given })) delete all[key]
  return all
}

export function toInfo(record: ConnectionRecord, usedBy: readonly string[]): ConnectionInfo {
  const { secrets: _sealed, hints, ...shown } = record
  const secrets: Record<string, SecretState> = {}
  for (const { key, type } of propertiesOf(record.connector)) {
    if (type !== 'secret') continue
    const hint = hints[key]
    secrets[key] = hint === undefined ? { set: false } : { set: true, hint }
  }
  return {
    ...shown,
    secrets,
    usedBy,
    direction: record.connector === 'backlog' ? 'source' : 'both',
  }
}

export function cassandraSettings(all: Properties): CassandraConnectionSettings {
  const port = Number(all['port'])
  const hosts = String(all['server'])
    .split(',')
    .map(one => one.trim())
  const hasLogin = all['authScheme'] === 'Basic'
  const ca = String(all['sslCa'] ?? '')
  const tls = {
    ...(ca === '' ? {} : { ca: [ca] }),
    hostnameValidation: all['sslVerifyHost'] !== false,
  }
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints: hosts.map(host => ({ host, port })),
    localDc: String(all['localDatacenter'] ?? ''),
    ...(hasLogin
      ? { credentials: { username: String(all['user']), password: String(all['password']) } }
      : {}),
    ...(all['useSsl'] === true ? { tls } : {}),
    compression: (all['compression'] ?? 'none') as 'none' | 'lz4' | 'snappy',
    requestTimeoutMs: Number(all['requestTimeoutMs'] ?? 12_000),
    poolLocalSize: 1,
  }
}

interface ClientOptions extends Pick<BacklogClientOptions, 'retries' | 'onRefused'> {
  readonly exclusively?: RenewExclusively | undefined
}

export function backlogClient(
  all: Properties,
  storeRefresh: (token: string) => void | Promise<void>,
  { exclusively, ...more }: ClientOptions = {},
): BacklogClient {
  const text = (key: string) => String(all[key] ?? '')
  const isOauth = all['authScheme'] === 'OAuth'
  const oauth = {
    clientId: text('oauthClientId'),
    clientSecret: text('oauthClientSecret'),
    refreshToken: text('oauthRefreshToken'),
    store: storeRefresh,
    exclusively,
  }
  return new BacklogClient({
    origin: toOrigin(text('url'), all['allowPlainHttp'] === true),
    apiKey: isOauth ? undefined : text('apiKey'),
    oauth: isOauth ? oauth : undefined,
    keyInQuery: all['keyInQuery'] === true,
    reservePercent: Number(all['reservePercent'] ?? 10),
    requestTimeoutMs: Number(all['requestTimeoutMs'] ?? 60_000),
    ...more,
  })
}
