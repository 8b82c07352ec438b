/**
 * The connections of replication: kept, tested, opened as sources; and the listeners who hear of
 * changes. The replicator is built on it.
 * Invariants: nothing is saved half; secrets stay here and in the clients.
 * Spec: backlog-replication 2.2.
 */
import { randomUUID } from 'node:crypto'
import type {
  ConnectionDraft,
  ConnectionInfo,
  ConnectionPatch,
  ConnectorKind,
  Properties,
  ServerEvent,
  SourceColumnInfo,
  SourceTableInfo,
  TestResult,
} from '../api-v1.ts'
import type { SecretUse } from '../api-v1-access.ts'
import type { Caller } from '../backlog/index.ts'
import { messageOf } from '../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  ControlSession,
  ReadSession,
} from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { BacklogClients, Credential, type Refused, SIGN_IN } from './backlog-clients.ts'
import { cqlTypesFor } from './cell-value.ts'
import {
  type ConnectionRecord,
  cassandraSettings,
  openProperties,
  overSaved,
  sealSecrets,
  toInfo,
} from './connection.ts'
import { testConnection } from './connection-test.ts'
import { checkProperties, connectionFields } from './connector-properties.ts'
import { forgetFields, knownFields, learnFields, tablesWith } from './custom-fields.ts'
import { conflict, unknown } from './errors.ts'
import type { JobRecord } from './job-record.ts'
import { OauthDesk } from './oauth-desk.ts'
import type { OpenSource } from './open-source.ts'
import { SecretDesk } from './secret-desk.ts'
import { SignInRenewals } from './sign-in-renewals.ts'
import { backlogTables, cassandraTable, defaultColumns, type SourceTable } from './source-table.ts'
import type { Store } from './store.ts'
import type { FindTable } from './task-setup.ts'
import { fieldError } from './task-target.ts'

const SIGN_IN_TEST_MS = 60_000
/** Somebody waits for columns. */
const FIELDS_MS = 10_000
const FIELDS_FRESH_MS = 60_000
const NAME = /^[\w .-]{1,64}$/
export const BACKLOG_TABLES = new Map(backlogTables().map(one => [one.name, one]))

export interface CassandraAccess {
  /** Another one whenever the connection was changed. */
  readonly version: string
  readonly settings: CassandraConnectionSettings
  readonly isReadOnly: boolean
  readonly consistency: ConsistencyName
}

export class ConnectionDesk {
  protected readonly store: Store
  protected readonly logger: Logger
  readonly oauth: OauthDesk
  /** Named ones, that connections refer to. */
  readonly secrets: SecretDesk
  readonly #listeners = new Set<(event: ServerEvent) => void>()
  readonly #clients: BacklogClients
  readonly #renewals: SignInRenewals
  /** When somebody last asked for columns of issues, by connection. */
  readonly #fieldsReadMs = new Map<string, number>()

  constructor(store: Store, logger: Logger) {
    this.store = store
    this.logger = logger
    this.secrets = new SecretDesk(store, reference => this.#usesOf(reference))
    this.#renewals = new SignInRenewals(store, logger)
    this.#clients = new BacklogClients(store, {
      open: record => this.opened(record),
      renewals: this.#renewals,
      onRefused: (id, told) => this.#markRefused(id, told),
    })
    this.oauth = new OauthDesk({
      identify: (all, storeRefresh) => this.#identify(all, storeRefresh),
      open: properties => this.secrets.resolve(properties),
    })
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  connections(): ConnectionInfo[] {
    return this.store
      .all<ConnectionRecord>('connection')
      .map(one => this.shown(one))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  connection(id: string): ConnectionInfo {
    return this.shown(this.record(id))
  }

  async saveConnection(
    given: ConnectionDraft,
    signal: AbortSignal,
  ): Promise<{ connection: ConnectionInfo | null; test: TestResult | null }> {
    const draft = { ...given, ...connectionFields(given) }
    this.checkName('connection', draft.name)
    checkProperties(draft.connector, draft.properties)
    const id = randomUUID()
    const test = draft.test === true ? await this.testDraft(draft, signal) : null
    if (test?.ok === false) return { connection: null, test }
    // After the test: it may have renewed the token of a sign-in.
    const properties = this.#checked(draft.connector, this.oauth.resolve(draft.properties))
    const now = new Date().toISOString()
    const sealed = sealSecrets(this.store, { id, kind: draft.connector, properties })
    const tested = {
      status: test?.status ?? 'UNTESTED',
      statusText: test?.text ?? '',
      testedAt: test === null ? null : now,
    } as const
    const record: ConnectionRecord = {
      id,
      name: draft.name,
      connector: draft.connector,
      labels: draft.labels ?? [],
      ...sealed,
      ...tested,
      createdAt: now,
      updatedAt: now,
    }
    this.putConnection(record)
    return { connection: this.shown(record), test }
  }

  patchConnection(id: string, wanted: ConnectionPatch): ConnectionInfo {
    const old = this.record(id)
    const patch = connectionFields(wanted)
    if (patch.name !== undefined && patch.name !== old.name)
      this.checkName('connection', patch.name)
    const given = this.oauth.resolve(patch.properties ?? {})
    const all = overSaved(this.store, old, given)
    const sealed = sealSecrets(this.store, {
      id,
      kind: old.connector,
      properties: this.#checked(old.connector, all),
    })
    const untested =
      patch.properties === undefined
        ? {}
        : ({ status: 'UNTESTED', statusText: '', testedAt: null } as const)
    const record = {
      ...old,
      ...sealed,
      ...untested,
      name: patch.name ?? old.name,
      labels: patch.labels ?? old.labels,
      updatedAt: new Date().toISOString(),
    }
    this.putConnection(record)
    return this.shown(record)
  }

  deleteConnection(id: string): void {
    const { usedBy, name } = this.shown(this.record(id))
    if (usedBy.length > 0) throw conflict(`connection ${name} is used by ${usedBy.join(', ')}`)
    this.store.delete('connection', id)
    this.store.delete(SIGN_IN, id)
    forgetFields(this.store, id)
    this.emit({ event: 'change', data: { kind: 'connection', id } })
  }

  async testDraft(
    draft: Pick<ConnectionDraft, 'connector' | 'properties'>,
    signal: AbortSignal,
  ): Promise<TestResult> {
    connectionFields(draft)
    const resolved = this.oauth.resolve(draft.properties)
    const properties = this.secrets.resolve(checkProperties(draft.connector, resolved))
    return await testConnection({
      kind: draft.connector,
      properties,
      logger: this.logger,
      signal,
      storeRefresh: token => this.oauth.renewed(draft.properties, token),
    })
  }

  async testSaved(id: string, signal: AbortSignal): Promise<TestResult> {
    const record = this.record(id)
    const properties = this.opened(record)
    const open = (one: ConnectionRecord) => this.opened(one)
    const of = { id, all: properties, open, renewals: this.#renewals }
    const credential = new Credential(this.store, of)
    const result = await testConnection({
      kind: record.connector,
      properties,
      logger: this.logger,
      signal,
      storeRefresh: token => credential.renew(token),
      exclusively: credential.exclusively,
    })
    this.#note(id, { status: result.status, statusText: result.text })
    return result
  }

  /** The properties of a sign-in over those of a saved connection, whose token it takes the place of. */
  withSaved(id: string | undefined, properties: Properties): Properties {
    if (id === undefined) return properties
    return overSaved(this.store, this.record(id), { oauthRefreshToken: '', ...properties })
  }

  async #identify(given: Properties, storeRefresh: (token: string) => void): Promise<string> {
    const properties = this.secrets.resolve(checkProperties('backlog', given))
    const signal = AbortSignal.timeout(SIGN_IN_TEST_MS)
    const options = { properties, logger: this.logger, signal, storeRefresh }
    const result = await testConnection({ kind: 'backlog', ...options })
    if (!result.ok) throw fieldError('oauthRefreshToken', result.text)
    return result.text
  }

  async tables(id: string): Promise<SourceTableInfo[]> {
    return [...(await this.tablesOf(id)).values()].map(one => one.info)
  }

  async columns(id: string, name: string): Promise<SourceColumnInfo[]> {
    if (name === 'Issues') await this.needFields(id, FIELDS_FRESH_MS)
    const table = (await this.tablesOf(id)).get(name)
    if (table === undefined) throw unknown(`the source has no table ${name}`)
    const defaults = defaultColumns(table)
    return table.columns.map((one, index) => ({
      name: one.name,
      type: one.type,
      isKey: table.key.includes(one.name),
      default: defaults[index]!,
      types: [...new Set([one.cql, ...cqlTypesFor(one.type)])],
    }))
  }

  protected async finder(sourceId: string): Promise<FindTable> {
    const tables = await this.tablesOf(sourceId)
    const byName = new Map([...tables.values()].map(one => [one.name.toLowerCase(), one]))
    return name => tables.get(name) ?? byName.get(name.toLowerCase())
  }

  protected async tablesOf(id: string): Promise<Map<string, SourceTable>> {
    const record = this.record(id)
    if (record.connector === 'backlog')
      return tablesWith(BACKLOG_TABLES, knownFields(this.store, id))
    const keyspace = String(record.properties['database'])
    const control = await ControlSession.open(cassandraSettings(this.opened(record)), {
      logger: this.logger,
    })
    try {
      const rows = await control.execute(
        'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
        [keyspace],
      )
      const tables = new Map<string, SourceTable>()
      for (const row of rows) {
        const schema = await control.table(keyspace, String(row['table_name']))
        if (!schema.isCounter) tables.set(schema.name, cassandraTable(schema))
      }
      return tables
    } finally {
      await control.close()
    }
  }

  /** Custom fields that are not known yet, or not since; a space that does not answer soon has no more for now. */
  protected async needFields(id: string, freshMs = Number.POSITIVE_INFINITY): Promise<void> {
    const isKnown = knownFields(this.store, id) !== undefined
    const isFresh = Date.now() - (this.#fieldsReadMs.get(id) ?? 0) < freshMs
    if ((isKnown && isFresh) || this.record(id).connector !== 'backlog') return
    this.#fieldsReadMs.set(id, Date.now())
    try {
      await this.readFields(id, { signal: AbortSignal.timeout(FIELDS_MS) })
    } catch (error) {
      this.logger.warn(
        `custom fields of ${this.record(id).name} are not known: ${messageOf(error)}`,
      )
    }
  }

  protected async readFields(id: string, caller: Caller): Promise<void> {
    const record = this.record(id)
    if (record.connector !== 'backlog') return
    const client = this.#clients.of(record, this.opened(record))
    const table = BACKLOG_TABLES.get('Issues')!
    await learnFields(this.store, { connection: id, table, client, caller })
  }

  protected async openSource(job: JobRecord, signal: AbortSignal): Promise<OpenSource> {
    const record = this.record(job.source)
    const all = this.opened(record)
    if (record.connector === 'backlog')
      return { kind: 'backlog', client: this.#clients.of(record, all) }
    const session = await ReadSession.open(cassandraSettings(all), { logger: this.logger, signal })
    return {
      kind: 'cassandra',
      session,
      keyspace: String(all['database']),
      pageSize: Number(all['pageSize'] ?? 5000),
      consistency: (all['consistencyLevel'] ?? 'ONE') as ConsistencyName,
    }
  }

  #markRefused(id: string, told: Refused): void {
    const old = this.store.get<ConnectionRecord>('connection', id)
    if (old === undefined || old.status === told.status) return
    this.#note(id, told)
  }

  /** In one transaction: another process may keep a renewed token of the record meanwhile. */
  #note(id: string, told: Refused): void {
    const testedAt = new Date().toISOString()
    this.store.transaction(() =>
      this.store.put('connection', id, { ...this.record(id), ...told, testedAt }),
    )
    this.emit({ event: 'change', data: { kind: 'connection', id } })
  }

  /** How a connection of Cassandra is reached, for those who look into it; not to be told. */
  cassandraAccess(id: string): CassandraAccess {
    const record = this.record(id)
    const { connector, updatedAt } = record
    if (connector !== 'cassandra')
      throw unknown(`expected a connection of Cassandra, found one of ${connector}`)
    const all = this.opened(record)
    return {
      version: `${updatedAt} ${this.#secretsOf(record)}`,
      settings: cassandraSettings(all),
      isReadOnly: all['readOnly'] === true,
      consistency: (all['consistencyLevel'] ?? 'ONE') as ConsistencyName,
    }
  }

  protected properties(id: string): Record<string, string | number | boolean> {
    return this.opened(this.record(id))
  }

  /** With references to named secrets replaced; never leaves the process. */
  protected opened(record: ConnectionRecord): Record<string, string | number | boolean> {
    return this.secrets.resolve(openProperties(this.store, record))
  }

  /** What is saved as it is written; throws at a reference to nothing. */
  #checked(kind: ConnectorKind, given: Properties) {
    const properties = checkProperties(kind, given)
    this.secrets.resolve(properties)
    return properties
  }

  /** When the named secrets of a connection were set. */
  #secretsOf({ hints }: ConnectionRecord): string {
    return Object.values(hints)
      .map(hint => this.secrets.setAt(hint))
      .join(' ')
  }

  #usesOf(reference: string): SecretUse[] {
    const all = this.store.all<ConnectionRecord>('connection')
    return all
      .filter(one => Object.values(one.hints).includes(reference))
      .map(({ id, name }) => ({ kind: 'connection', id, name }))
  }

  protected record(id: string): ConnectionRecord {
    const record = this.store.get<ConnectionRecord>('connection', id)
    if (record === undefined) throw unknown(`there is no connection ${id}`)
    return record
  }

  protected shown(record: ConnectionRecord): ConnectionInfo {
    const jobs = this.store
      .all<JobRecord>('job')
      .filter(one => one.source === record.id || one.destination === record.id)
    return toInfo(
      record,
      jobs.map(one => one.name),
    )
  }

  protected putConnection(record: ConnectionRecord): void {
    this.store.put('connection', record.id, record)
    this.emit({ event: 'change', data: { kind: 'connection', id: record.id } })
  }

  protected checkName(kind: 'connection' | 'job', name: string): void {
    if (!NAME.test(name ?? ''))
      throw fieldError('name', 'name: expected 1 to 64 letters, digits, blanks or _ . -')
    if (this.store.all<{ name: string }>(kind).some(one => one.name === name))
      throw fieldError('name', `name: there is a ${kind} ${name} already`)
  }

  protected emit(event: ServerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.logger.error(`a listener of events failed: ${messageOf(error)}`, error)
      }
    }
  }
}
