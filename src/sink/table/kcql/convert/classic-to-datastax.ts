/**
 * Converts a configuration of the classic KCQL sink into the DataStax dialect. References to
 * secrets stay references: values are copied as written.
 * Called by `convertSinkConfig`. Spec: cassandra-sink 3, 10.2-10.6.
 */
import type { ConfigSource } from '../../../../config/index.ts'
import { type KcqlInsert, type KcqlText, parseKcql } from '../../../../kcql/index.ts'
import { DRIVER } from '../../datastax/connection-fields.ts'
import { valueColumns } from '../classic-columns.ts'
import { KCQL_ALIASES, KCQL_KEY } from '../shared-fields.ts'
import { insertsOf, placeIn } from '../statement-checks.ts'
import { type Conversion, ConversionWriter } from './conversion-writer.ts'

const PREFIX = 'connect.cassandra.'

/** Throws `KcqlError` when the KCQL cannot be understood. */
export function classicToDatastax(source: ConfigSource): Conversion {
  const writer = new ConversionWriter(source.entries)
  const take = (key: string) => writer.take(PREFIX + key)
  writer.set('contactPoints', take('contact.points') ?? 'localhost')
  writer.set('port', take('port'))
  dataCentre(writer, take('local.dc'))
  writer.set('auth.username', take('username'))
  writer.set('auth.password', take('password'))
  tls(writer)
  const threads = writer.take(`${PREFIX}threadpool.size`, `${PREFIX}sink.threadpool.size`)
  if (threads !== undefined && !/^(0|-.*)$/.test(threads))
    writer.set('maxConcurrentRequests', threads)
  writer.set(`${DRIVER}basic.request.timeout`, `${take('read.timeout.ms') ?? '12000'} milliseconds`)
  const connectMs = take('connect.timeout.ms') ?? '5000'
  writer.set(`${DRIVER}advanced.connection.connect-timeout`, `${connectMs} milliseconds`)
  errors(writer)
  deletes(writer)
  tables(writer, take)
  withoutMeaning(writer)
  writer.differs(
    KCQL_KEY,
    'rows get the timestamp of their record as write time, and values are converted by the DataStax rules',
  )
  return writer
}

function dataCentre(writer: ConversionWriter, given: string | undefined): void {
  writer.set('loadBalancing.localDc', given ?? 'datacenter1')
  if (given !== undefined) return
  const text = 'the DataStax dialect needs the data centre; datacenter1 was put in, check it'
  writer.differs('loadBalancing.localDc', text)
}

function tls(writer: ConversionWriter): void {
  const isEnabled = writer.take(`${PREFIX}ssl.enabled`)?.toLowerCase() === 'true'
  const stores = [
    'trust.store.path',
    'trust.store.password',
    'key.store.path',
    'key.store.password',
  ]
  const found = stores.map(key => [key, writer.take(PREFIX + key)] as const)
  if (!isEnabled) return
  writer.set('ssl.provider', 'JDK')
  writer.set('ssl.hostnameValidation', 'false')
  for (const [key, value] of found) writer.set(`ssl.${key.replace('.store', 'store')}`, value)
}

function errors(writer: ConversionWriter): void {
  const key = `${PREFIX}error.policy`
  const policy = (writer.take(key, `${PREFIX}sink.error.policy`) ?? 'THROW').toUpperCase()
  const retries = writer.take(`${PREFIX}max.retries`, `${PREFIX}max.retires`) ?? '20'
  const interval = writer.take(`${PREFIX}retry.interval`)
  if (policy === 'NOOP') writer.set('ignoreErrors', 'All')
  else if (policy === 'THROW') writer.set('scamander.errors.max.attempts', '1')
  else if (retries !== '-1')
    writer.set('scamander.errors.max.attempts', String(Number(retries) + 1))
  if (policy === 'RETRY' && interval !== undefined) {
    writer.differs(
      `${PREFIX}retry.interval`,
      'pauses between attempts grow from 1 s to 60 s instead',
    )
  }
}

function deletes(writer: ConversionWriter): void {
  const isEnabled = writer.take(`${PREFIX}delete.enabled`)?.toLowerCase() === 'true'
  writer.take(`${PREFIX}delete.statement`)
  writer.take(`${PREFIX}delete.struct_flds`)
  if (isEnabled) {
    writer.lost(
      `${PREFIX}delete.statement`,
      'the DataStax dialect deletes by a mapping of key fields to the primary key, not by a statement',
    )
  }
  writer.take('scamander.kcql.ignore.tombstones')
}

/** Accepted by the classic sink without any effect. */
function withoutMeaning(writer: ConversionWriter): void {
  const names = ['fetch.size', 'load.balancing.policy', 'ssl.client.cert.auth']
  for (const name of [...names, 'trust.store.type', 'key.store.type']) writer.take(PREFIX + name)
  for (const key of writer.keys()) {
    if (/^connect\.cassandra\.(?:source|import)\./.test(key)) writer.take(key)
  }
  if (writer.take('connect.progress.enabled')?.toLowerCase() === 'true') {
    writer.lost('connect.progress.enabled', 'there is no such log; see the metrics')
  }
}

function tables(writer: ConversionWriter, take: (key: string) => string | undefined): void {
  const text = writer.take(KCQL_KEY, ...KCQL_ALIASES) ?? ''
  const kcql: KcqlText = { text, statements: parseKcql(text) }
  const keyspace = take('key.space') ?? ''
  const consistency = take('consistency.level')
  const isUnset = take('default.value') === 'UNSET'
  for (const statement of insertsOf(kcql)) {
    const prefix = `topic.${statement.source.text}.${keyspace}.${statement.target.text.toLowerCase()}`
    const mapping = mappingOf(statement, problem => {
      writer.lost(placeIn(kcql, problem.offset), problem.text)
    })
    if (mapping === undefined) continue
    writer.set(`${prefix}.mapping`, mapping)
    writer.set(`${prefix}.consistencyLevel`, consistency?.toUpperCase())
    writer.set(`${prefix}.ttl`, statement.clauses.TTL?.value.toString())
    writer.set(`${prefix}.nullToUnset`, String(isUnset))
    writer.set(`${prefix}.allowMissingFields`, 'true')
    writer.set(`${prefix}.deletesEnabled`, 'false')
  }
}

type Tell = (problem: { offset: number; text: string }) => void

/** Undefined when nothing could be mapped. */
function mappingOf(statement: KcqlInsert, lost: Tell): string | undefined {
  const ignored = new Set(statement.ignore.map(path => path.steps.join('.')))
  const entries: string[] = []
  if (statement.clauses.WITHSTRUCTURE !== undefined) {
    const { start } = statement.clauses.WITHSTRUCTURE.at
    lost({ offset: start, text: 'WITHSTRUCTURE: a mapping cannot cut nested values' })
  }
  for (const { expression, alias, at } of valueColumns(statement)) {
    if (expression.kind !== 'path' || expression.path.wildcard) {
      const text = 'a mapping names every column: write the columns instead of the wildcard'
      lost({ offset: at.start, text })
      continue
    }
    const { steps } = expression.path
    if (ignored.has(steps.join('.'))) continue
    const column = alias ?? steps.at(-1)!
    const name = /^"(.*)"$/s.exec(column)?.[1] ?? column.toLowerCase()
    entries.push(`${quoted(name)}=${quoted(['value', ...steps].join('.'))}`)
  }
  return entries.length === 0 ? undefined : entries.join(', ')
}

/** Quotes only where the mapping grammar needs them. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_.]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}
