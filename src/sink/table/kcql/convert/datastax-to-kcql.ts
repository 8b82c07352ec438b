/**
 * Converts a configuration of the DataStax dialect into the current KCQL sink's: connection keys one
 * by one, each table's settings as one statement.
 * Called by `convertSinkConfig`. Spec: cassandra-sink 3, 10.7 read backwards.
 */
import { type KcqlColumn, type KcqlInsert, printKcql } from '../../../../kcql/index.ts'
import { DRIVER } from '../../datastax/connection-fields.ts'
import { type MappingEntry, parseMapping } from '../../datastax/mapping.ts'
import { CODEC_SETTINGS, TABLE_SETTINGS, tableFields } from '../../datastax/table-fields.ts'
import { KCQL_KEY } from '../shared-fields.ts'
import { translatedKeys } from '../translate.ts'
import { type Conversion, ConversionWriter } from './conversion-writer.ts'

const PREFIX = 'connect.cassandra.'
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/
const at = { start: 0, end: 0 }
type Entries = ReadonlyMap<string, { readonly value: string }>

/** Where the two dialects have different defaults, that of this one is written out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  contactPoints: '127.0.0.1',
  maxConcurrentRequests: '500',
  connectionPoolLocalSize: '4',
  maxNumberOfRecordsInBatch: '32',
}

export function datastaxToKcql(source: Entries): Conversion {
  const writer = new ConversionWriter(source)
  statements(writer, source)
  for (const [datastax, kcql] of translatedKeys()) {
    if (datastax === 'ignoreErrors') continue
    writer.set(kcql, writer.take(datastax) ?? DEFAULTS[datastax])
  }
  if ((writer.entries.get(`${PREFIX}ssl.provider`) ?? 'None') !== 'None') {
    writer.set(`${PREFIX}ssl.enabled`, 'true')
  }
  errors(writer)
  timeout(writer)
  driver(writer)
  for (const key of ['jmx', 'jmxConnectorDomain', 'scamander.batch.by']) {
    if (writer.take(key) !== undefined) writer.lost(key, 'the KCQL sink has no such key')
  }
  for (const key of writer.keys()) {
    if (key.startsWith('scamander.compat.')) writer.set(key, writer.take(key))
  }
  if (source.has('topics.regex')) {
    writer.take('topics.regex')
    writer.lost('topics.regex', 'a KCQL sink names its topics in topics')
  }
  return writer
}

const MODES: Readonly<Record<string, string>> = { true: 'driver', false: 'none' }

/** Records are tried again for ever here, unless told otherwise; there the task would fail. */
function errors(writer: ConversionWriter): void {
  const ignored = writer.take('ignoreErrors')?.toLowerCase()
  if (ignored !== undefined) writer.set(`${PREFIX}ignore.errors.mode`, MODES[ignored] ?? ignored)
  const attempts = Number(writer.take('scamander.errors.max.attempts') ?? '0')
  writer.set(`${PREFIX}error.policy`, attempts === 1 ? 'THROW' : 'RETRY')
  if (attempts !== 1) writer.set(`${PREFIX}max.retries`, String(attempts === 0 ? -1 : attempts - 1))
  if (attempts !== 1) writer.set(`${PREFIX}retry.interval`, '1000')
}

function timeout(writer: ConversionWriter): void {
  const seconds = writer.take('queryExecutionTimeout')
  const hasDriver = writer.keys().includes(`${DRIVER}basic.request.timeout`)
  if (seconds === undefined && hasDriver) return
  writer.set(`${PREFIX}query.timeout.ms`, String(Number(seconds ?? '30') * 1000))
}

/** Keys without one of their own go through the driver's options. */
const THROUGH_DRIVER: Readonly<Record<string, string>> = {
  'cloud.secureConnectBundle': 'basic.cloud.secure-connect-bundle',
  metricsHighestLatency: 'advanced.metrics.session.cql-requests.highest-latency',
}

function driver(writer: ConversionWriter): void {
  for (const [key, path] of Object.entries(THROUGH_DRIVER)) {
    const value = writer.take(key)
    const unit = key === 'metricsHighestLatency' ? ' seconds' : ''
    if (value !== undefined) writer.set(`${PREFIX}driver.${path}`, value + unit)
  }
  for (const key of writer.keys()) {
    if (!key.startsWith(DRIVER)) continue
    writer.set(`${PREFIX}driver.${key.slice(DRIVER.length)}`, writer.take(key))
  }
}

interface Table {
  readonly topic: string
  readonly keyspace: string
  readonly table: string
  readonly settings: Map<string, string>
}

function statements(writer: ConversionWriter, source: Entries): void {
  const tables = new Map<string, Table>()
  const codecs = new Map<string, Map<string, string>>()
  for (const key of source.keys()) {
    for (const setting of TABLE_SETTINGS) {
      const { topic, keyspace, table } = tableFields[setting].match(key) ?? {}
      if (topic === undefined || keyspace === undefined || table === undefined) continue
      const name = `topic.${topic}.${keyspace}.${table}`
      const known = tables.get(name) ?? { topic, keyspace, table, settings: new Map() }
      tables.set(name, known)
      known.settings.set(setting, writer.take(key) ?? '')
    }
    const [, topic, setting] = CODEC_KEY.exec(key) ?? []
    if (topic === undefined || setting === undefined || writer.used.has(key)) continue
    const known = codecs.get(topic) ?? new Map<string, string>()
    codecs.set(topic, known.set(`codec.${setting}`, writer.take(key) ?? ''))
  }
  const inserts: KcqlInsert[] = []
  for (const [name, table] of tables) {
    const insert = toInsert(name, table, { writer, codec: codecs.get(table.topic) })
    // The codec is the topic's: one statement is enough to say it.
    codecs.delete(table.topic)
    if (insert !== undefined) inserts.push(insert)
  }
  if (inserts.length > 0) writer.set(KCQL_KEY, printKcql(inserts).replaceAll('\n', ' '))
}

const CODEC_KEY = new RegExp(`^topic\\.([\\w.-]+)\\.codec\\.(${CODEC_SETTINGS.join('|')})$`)

function toInsert(
  name: string,
  { topic, keyspace, table, settings }: Table,
  more: { writer: ConversionWriter; codec: ReadonlyMap<string, string> | undefined },
): KcqlInsert | undefined {
  const { writer, codec = new Map<string, string>() } = more
  if (!NAME.test(keyspace) || !NAME.test(table)) {
    writer.lost(name, 'KCQL takes keyspaces and tables of letters, digits and _ only')
    return undefined
  }
  const parsed = parseMapping(settings.get('mapping') ?? '')
  if ('problems' in parsed) {
    writer.lost(`${name}.mapping`, 'the mapping cannot be understood: see scamander lint')
    return undefined
  }
  settings.delete('mapping')
  const columns = parsed.mapping.entries.flatMap(entry => {
    const column = toColumn(entry)
    if (column === undefined) {
      writer.lost(
        `${name}.mapping`,
        `KCQL cannot tell the column "${entry.column}" from the pseudo-column`,
      )
    }
    return column === undefined ? [] : [column]
  })
  const properties = [...settings, ...codec].map(([key, value]) => ({ key, value, at }))
  for (const { key, value } of properties) {
    if (value.includes("'") && value.includes('`'))
      writer.lost(`${name}.${key}`, 'KCQL cannot quote it')
  }
  return {
    kind: 'insert',
    verb: 'INSERT',
    upsertKey: undefined,
    target: { text: `${keyspace}.${table}`, at },
    columns,
    source: { text: topic, at },
    ignore: [],
    clauses: properties.length === 0 ? {} : { PROPERTIES: { value: properties, at } },
    at,
  }
}

const SIDES = { key: '_key', value: '_value', header: '_header' } as const

function toColumn({ column, quoted, pseudo, source }: MappingEntry): KcqlColumn | undefined {
  if (quoted && pseudo === undefined && /^__(ttl|timestamp)$/.test(column)) return undefined
  if (source.kind === 'now') {
    return { expression: { kind: 'function', name: 'now', arguments: [] }, alias: column, at }
  }
  if (source.kind === 'named') return undefined
  const field = source.field === undefined ? [] : source.field.split('.')
  const steps =
    source.kind === 'value' && field.length > 0 && !(field[0]! in META)
      ? field
      : [SIDES[source.kind], ...field]
  const alias = field.at(-1) === column ? undefined : column
  return { expression: { kind: 'path', path: { steps, wildcard: false, at } }, alias, at }
}

const META: Readonly<Record<string, true>> = { _key: true, _value: true, _header: true }
