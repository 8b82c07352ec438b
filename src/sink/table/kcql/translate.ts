/**
 * Translates a configuration of the current KCQL sink into the DataStax dialect, key by key, and
 * tells which key each came from. The sink runs what comes out; `scamander convert` prints it.
 * Invariant: a value keeps being hidden; two keys never mean one thing unnoticed.
 * Spec: cassandra-sink 10.7, 12 (D16).
 */
import type { ConfigEntry, ConfigSource } from '../../../config/index.ts'
import type { KcqlText } from '../../../kcql/index.ts'
import { DRIVER } from '../datastax/connection-fields.ts'
import { KCQL_KEY } from './shared-fields.ts'
import { insertsOf, type KcqlReport } from './statement-checks.ts'
import { type TranslatedTable, translateStatement } from './translate-statement.ts'

const PREFIX = 'connect.cassandra.'

/** KCQL key behind the prefix, key of the DataStax dialect, default where it differs. */
const KEYS: readonly (readonly [kcql: string, datastax: string, byDefault?: string])[] = [
  ['contact.points', 'contactPoints', 'localhost'],
  ['port', 'port'],
  ['load.balancing.local.dc', 'loadBalancing.localDc'],
  ['max.concurrent.requests', 'maxConcurrentRequests', '100'],
  ['connection.pool.size', 'connectionPoolLocalSize', '2'],
  ['max.batch.size', 'maxNumberOfRecordsInBatch', '64'],
  ['compression', 'compression'],
  ['auth.provider', 'auth.provider'],
  ['auth.username', 'auth.username'],
  ['auth.password', 'auth.password'],
  ['auth.gssapi.keytab', 'auth.gssapi.keyTab'],
  ['auth.gssapi.principal', 'auth.gssapi.principal'],
  ['auth.gssapi.service', 'auth.gssapi.service'],
  ['ignore.errors.mode', 'ignoreErrors'],
]

const TLS_KEYS: readonly (readonly [kcql: string, datastax: string])[] = [
  ['ssl.provider', 'ssl.provider'],
  ['ssl.truststore.path', 'ssl.truststore.path'],
  ['ssl.truststore.password', 'ssl.truststore.password'],
  ['ssl.keystore.path', 'ssl.keystore.path'],
  ['ssl.keystore.password', 'ssl.keystore.password'],
  ['ssl.cipher.suites', 'ssl.cipherSuites'],
  ['ssl.hostname.verification', 'ssl.hostnameValidation'],
  ['ssl.openssl.key.cert.chain', 'ssl.openssl.keyCertChain'],
  ['ssl.openssl.private.key', 'ssl.openssl.privateKey'],
]

const TIMEOUT = `${DRIVER}basic.request.timeout`
const TIMEOUT_DEFAULT = '20000'

export interface Translation {
  /** Of the DataStax dialect. */
  readonly entries: ReadonlyMap<string, ConfigEntry>
  /** Key of the DataStax dialect to the key it came from. */
  readonly origins: ReadonlyMap<string, string>
  readonly tables: readonly TranslatedTable[]
  readonly problems: readonly KcqlReport[]
}

/** Keys of the DataStax dialect by the keys that mean the same here, behind the prefix. */
export function translatedKeys(): ReadonlyMap<string, string> {
  return new Map([...KEYS, ...TLS_KEYS].map(([kcql, datastax]) => [datastax, `${PREFIX}${kcql}`]))
}

export function translateConfig(source: ConfigSource, kcql: KcqlText): Translation {
  const writer = new Writer(source)
  for (const [key, datastax, byDefault] of KEYS) writer.copy(key, datastax, byDefault)
  writer.driver()
  writer.timeout()
  writer.tls()
  const tables: TranslatedTable[] = []
  const problems: KcqlReport[] = []
  for (const statement of insertsOf(kcql)) {
    const translated = translateStatement(statement)
    problems.push(...translated.problems)
    if (translated.table === undefined) continue
    problems.push(...codecConflicts(translated.table, tables))
    tables.push(translated.table)
    writer.table(translated.table)
  }
  return { entries: writer.entries, origins: writer.origins, tables, problems }
}

/** Codecs belong to the topic: its statements cannot have different ones. */
function codecConflicts(
  { topic, settings }: TranslatedTable,
  before: readonly TranslatedTable[],
): KcqlReport[] {
  const others = before.filter(one => one.topic === topic).flatMap(one => one.settings)
  return settings
    .filter(({ key }) => key.startsWith('codec.'))
    .filter(({ key, value }) => others.some(one => one.key === key && one.value !== value))
    .map(({ key, at }) => ({
      offset: at.start,
      message: `another statement of the topic ${topic} sets ${key} to another value`,
      hint: 'codecs belong to the topic: give its statements the same value',
    }))
}

class Writer {
  readonly entries = new Map<string, ConfigEntry>()
  readonly origins = new Map<string, string>()
  readonly #source: ConfigSource

  constructor(source: ConfigSource) {
    this.#source = source
    for (const [key, entry] of source.entries) {
      if (key.startsWith('scamander.compat.')) this.#set(key, key, entry)
    }
  }

  copy(kcql: string, datastax: string, byDefault?: string): void {
    const key = `${PREFIX}${kcql}`
    const entry = this.#source.entries.get(key)
    if (entry !== undefined) this.#set(datastax, key, entry)
    else if (byDefault !== undefined) this.#set(datastax, key, { value: byDefault })
  }

  driver(): void {
    const prefix = `${PREFIX}driver.`
    for (const [key, entry] of this.#source.entries) {
      if (key.startsWith(prefix)) this.#set(`${DRIVER}${key.slice(prefix.length)}`, key, entry)
    }
  }

  /** Milliseconds here, a duration there; the key of its own wins over the driver's option. */
  timeout(): void {
    const key = `${PREFIX}query.timeout.ms`
    const entry = this.#source.entries.get(key)
    if (entry === undefined && this.entries.has(TIMEOUT)) return
    const { value } = entry ?? { value: TIMEOUT_DEFAULT }
    this.#set(TIMEOUT, key, { ...entry, value: `${value.trim()} milliseconds` })
  }

  tls(): void {
    const enabled = this.#source.entries.get(`${PREFIX}ssl.enabled`)
    if (enabled?.value.trim().toLowerCase() !== 'true') return
    for (const [key, datastax] of TLS_KEYS) this.copy(key, datastax)
    const provider = this.entries.get('ssl.provider')?.value.trim().toLowerCase() ?? 'none'
    const spelling = provider === 'openssl' ? 'OpenSSL' : 'JDK'
    this.#set('ssl.provider', `${PREFIX}ssl.enabled`, { value: spelling })
  }

  table(of: TranslatedTable): void {
    const prefix = `topic.${of.topic}.${of.keyspace}.${of.table}`
    const mapping = of.mapping.length > 0 ? of.mapping.join(', ') : WHOLE_ROW
    this.#set(`${prefix}.mapping`, KCQL_KEY, { value: mapping })
    for (const { key, value } of of.settings) {
      const target = key.startsWith('codec.') ? `topic.${of.topic}.${key}` : `${prefix}.${key}`
      this.#set(target, KCQL_KEY, { value })
    }
  }

  #set(key: string, origin: string, entry: ConfigEntry): void {
    this.entries.set(key, entry)
    this.origins.set(key, origin)
  }
}

/** Stands where `*` alone was selected: a mapping must not be empty. */
export const WHOLE_ROW = '"*"=value'
