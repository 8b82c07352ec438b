/**
 * The configuration of the KCQL source, keys of all releases: one declaration, and its parser.
 * Called by the runtime (REST validation), by `scamander lint` and when a connector starts.
 * Invariant: every problem that needs no cluster is found here, with its place in the KCQL text.
 * Spec: cassandra-sink 11.1-11.3.
 */

import { SimpleDateFormat } from '../../../base/java-time/simple-date-format.ts'
import {
  booleanField,
  type CheckContext,
  type ConfigSource,
  checked,
  defineConfig,
  type EvaluateOptions,
  enumField,
  intField,
  longField,
  parseConfig,
  range,
  type Settings,
  type SettingsOf,
  stringField,
} from '../../../config/index.ts'
import { type KcqlInsert, type KcqlText, kcqlField } from '../../../kcql/index.ts'
import { aliasCheck, KCQL_KEY, kcqlSourceFields, reportAt } from '../../../sink/index.ts'
import { parseOffsetTime } from './offset-text.ts'
import { type ReadMode, type SourceStatement, toSourceStatement } from './source-plan.ts'
import { BUCKET_UNITS, type BucketUnit, isTooFar } from './time-buckets.ts'

/** Class names of this dialect, the current one first. */
export const KCQL_SOURCE_CLASSES = [
  'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
  'com.datamountaineer.streamreactor.connect.cassandra.source.CassandraSourceConnector',
] as const

/** Set by the runtime: the tables of one task. */
export const TABLES_KEY = 'connect.cassandra.assigned.tables'
export const BUCKET_COLUMN_KEY = 'connect.cassandra.bucket.timeseries.field.name'
export const INITIAL_OFFSET_KEY = 'connect.cassandra.initial.offset'

const READING = { group: 'Reading' }
const WINDOWS = { group: 'Time windows' }
const BUCKETS = { group: 'Time buckets' }
const ms = { unit: 'milliseconds' as const }
const key = (name: string) => `connect.cassandra.${name}`

const {
  errorPolicy,
  maxRetries,
  retryIntervalMs,
  progress,
  consistency,
  loadBalancing,
  ...connection
} = kcqlSourceFields
const REPEATED = 'a query that fails for a while is repeated from the last position'

const ownFields = {
  kcql: kcqlField(KCQL_KEY, {
    ...READING,
    doc: 'What goes where: INSERT INTO <topic> SELECT <columns> FROM <table> [PK column] [INCREMENTALMODE=mode], several separated by semicolons.',
    importance: 'high',
    examples: ['INSERT INTO orders-topic SELECT * FROM orders PK created INCREMENTALMODE=TIMEUUID'],
    aliases: [key('source.kcql'), key('import.route.query')],
    required: true,
  }),
  pollIntervalMs: longField(key('import.poll.interval'), {
    ...READING,
    ...ms,
    doc: 'Pause between two queries of a table.',
    validator: range({ min: 1 }),
    default: 1000,
  }),
  batchSize: intField(key('batch.size'), {
    ...READING,
    doc: 'Most records of a table that are given at once; also the most rows asked for at once.',
    validator: range({ min: 1 }),
    aliases: [key('source.task.batch.size')],
    default: 100,
  }),
  bufferSize: intField(key('task.buffer.size'), {
    ...READING,
    doc: 'Rows kept in memory per table.',
    noEffect: 'one page of a table is prepared while another is produced',
    importance: 'low',
    aliases: [key('source.task.buffer.size')],
    default: 10_000,
  }),
  fetchSize: intField(key('fetch.size'), {
    ...READING,
    doc: 'Most rows asked for at once.',
    validator: range({ min: 1 }),
    aliases: [key('import.fetch.size')],
    default: 5000,
  }),
  allowFiltering: booleanField(key('import.allow.filtering'), {
    ...READING,
    doc: 'Add ALLOW FILTERING to the queries of modes TIMESTAMP and TIMEUUID.',
    aliases: [key('import.source.allow.filtering')],
    default: true,
  }),
  collectionsAsJson: booleanField(key('mapping.collection.to.json'), {
    ...READING,
    doc: 'Lists, sets and maps as JSON text; else as arrays and maps.',
    default: true,
  }),
  sliceMs: longField(key('slice.duration'), {
    ...WINDOWS,
    ...ms,
    doc: 'Length of the window of one query.',
    validator: range({ min: 1 }),
    default: 10_000,
  }),
  delayMs: longField(key('slice.delay.ms'), {
    ...WINDOWS,
    ...ms,
    doc: 'Distance kept from now: rows written later than that after their time are missed.',
    validator: range({ min: 0 }),
    default: 30_000,
  }),
  timeSliceMs: longField(key('time.slice.ms'), {
    ...WINDOWS,
    doc: 'Accepted for compatibility.',
    noEffect: 'slice.duration is the length of windows',
    importance: 'low',
    default: 10_000,
  }),
  initialOffset: stringField(INITIAL_OFFSET_KEY, {
    ...WINDOWS,
    doc: "Where to begin without a stored position: yyyy-MM-dd HH:mm:ss.SSS'Z', UTC.",
    validator: checked("a time as yyyy-MM-dd HH:mm:ss.SSS'Z'", text =>
      parseOffsetTime(text) === undefined ? ["expected yyyy-MM-dd HH:mm:ss.SSS'Z'"] : [],
    ),
    default: '1900-01-01 00:00:00.0000000Z',
  }),
  bucketUnit: enumField(key('bucket.timeseries.mode'), ['', ...BUCKET_UNITS], {
    ...BUCKETS,
    doc: 'Length of a bucket, for INCREMENTALMODE=BUCKETTIMESERIES.',
    default: '',
  }),
  bucketFormat: stringField(key('bucket.timeseries.format'), {
    ...BUCKETS,
    doc: 'Pattern of bucket texts, UTC.',
    examples: ['yyyyMMddHH'],
    validator: checked('a pattern of date and time letters', text =>
      isPattern(text) ? [] : ['not a valid pattern'],
    ),
    default: '',
  }),
  bucketColumn: stringField(BUCKET_COLUMN_KEY, {
    ...BUCKETS,
    doc: 'Column of the bucket.',
    default: 'bucket',
  }),
  importMode: enumField(key('import.mode'), ['bulk', 'incremental'], {
    ...READING,
    doc: 'Of old releases: how statements without INCREMENTALMODE are read.',
    importance: 'low',
    ignoreCase: true,
    deprecated: { replacement: 'INCREMENTALMODE in the statement' },
  }),
  timestampType: enumField(key('source.timestamp.type'), ['timeuuid', 'timestamp'], {
    ...READING,
    doc: 'Of old releases: the type of the PK column when import.mode is incremental.',
    importance: 'low',
    ignoreCase: true,
    deprecated: { replacement: 'INCREMENTALMODE in the statement' },
  }),
  assignedTables: stringField(TABLES_KEY, {
    doc: 'Set by the runtime.',
    internal: true,
    default: '',
  }),
  ...connection,
  consistency: { ...consistency, group: 'Reading', doc: 'Of queries; empty: LOCAL_ONE.' },
  loadBalancing: {
    ...loadBalancing,
    doc: 'Queries always go to replicas of the local data centre (TOKEN_AWARE); other values are accepted.',
  },
  errorPolicy: { ...errorPolicy, doc: 'What a failed query does.', noEffect: REPEATED },
  maxRetries: { ...maxRetries, doc: 'Repetitions of a failed query.', noEffect: REPEATED },
  progress: {
    ...progress,
    doc: 'Log how many records were read.',
    noEffect: 'metrics tell how many records each task gave',
  },
  retryIntervalMs: { ...retryIntervalMs, doc: 'Pause before them.', noEffect: REPEATED },
}

export const kcqlSourceConfig = defineConfig('cassandra-kcql-source', ownFields, {
  summary: 'Reads tables by query into topics, told by KCQL.',
  description:
    'Keys, defaults and meaning are those of the Stream Reactor Cassandra source; configurations of all its releases run unchanged. ' +
    'Each statement selects columns of a table for a topic. Tables are divided among tasks.',
  examples: [
    {
      title: 'New orders, by the time in their key',
      config: {
        name: 'cassandra-source-orders',
        'connector.class': KCQL_SOURCE_CLASSES[0],
        'tasks.max': '1',
        [KCQL_KEY]:
          'INSERT INTO orders-topic SELECT * FROM orders PK created INCREMENTALMODE=TIMEUUID',
        'connect.cassandra.contact.points': '127.0.0.1',
        'connect.cassandra.key.space': 'demo',
      },
    },
  ],
  crossChecks: [aliasCheck(ownFields), checkStatements],
})

export type KcqlSourceSettings = SettingsOf<typeof kcqlSourceConfig>

export interface ParsedKcqlSource {
  readonly settings: KcqlSourceSettings
  readonly statements: readonly SourceStatement[]
}

/** Throws one `ConfigError` with all problems. */
export function parseKcqlSource(source: ConfigSource, options: EvaluateOptions): ParsedKcqlSource {
  const { settings } = parseConfig(kcqlSourceConfig, source, options)
  const fallback = fallbackMode(settings)
  const inserts = insertsOfText(settings.kcql)
  return {
    settings,
    statements: inserts.map(insert => toSourceStatement(insert, fallback).statement),
  }
}

type OwnSettings = Settings<typeof ownFields>

/** Spec: cassandra-sink 11.2, last sentence. */
function fallbackMode({
  importMode,
  timestampType,
}: Pick<OwnSettings, 'importMode' | 'timestampType'>): ReadMode {
  if (importMode !== 'incremental') return 'bulk'
  return timestampType ?? 'timeuuid'
}

function insertsOfText(kcql: KcqlText | undefined): KcqlInsert[] {
  return (kcql?.statements ?? []).filter(statement => statement.kind === 'insert')
}

function checkStatements(settings: OwnSettings, context: CheckContext): void {
  const { kcql } = settings
  if (kcql === undefined) return
  const tables = new Set<string>()
  for (const one of kcql.statements) {
    if (one.kind === 'select') {
      const hint = 'write INSERT INTO <topic> in front of SELECT'
      reportAt(context, kcql, { offset: one.at.start, message: 'a source needs a topic', hint })
      continue
    }
    const { statement, problems } = toSourceStatement(one, fallbackMode(settings))
    for (const problem of problems) reportAt(context, kcql, problem)
    if (tables.has(statement.table)) {
      const message = `the table ${statement.table} is read by another statement`
      const hint = 'positions are kept by table: use another connector for the second statement'
      reportAt(context, kcql, { offset: one.source.at.start, message, hint })
    }
    tables.add(statement.table)
    if (statement.mode === 'bucket') checkBuckets(settings, context)
  }
}

function checkBuckets(settings: OwnSettings, context: CheckContext): void {
  for (const [name, value] of [
    [key('bucket.timeseries.mode'), settings.bucketUnit],
    [key('bucket.timeseries.format'), settings.bucketFormat],
  ] as const) {
    if (value !== '' || context.hasFailed(name)) continue
    const message = `${name} is required for INCREMENTALMODE=BUCKETTIMESERIES`
    context.report({ key: name, kind: 'missing', message })
  }
  checkBeginning(settings, context)
}

/** Not set, it means 1900: too many buckets of minutes or seconds, wherever now is. */
function checkBeginning(settings: OwnSettings, context: CheckContext): void {
  const initialMs = parseOffsetTime(settings.initialOffset)
  const { bucketUnit } = settings
  if (bucketUnit === '' || initialMs === undefined || initialMs >= UNSET_BEFORE_MS) return
  if (!isTooFar(initialMs, 0, bucketUnit as BucketUnit)) return
  const message = `${INITIAL_OFFSET_KEY} is required for INCREMENTALMODE=BUCKETTIMESERIES with buckets of one ${bucketUnit}: there are too many since 1900`
  context.report({
    key: INITIAL_OFFSET_KEY,
    kind: 'missing',
    message,
    advice: `Set it to where the data begins, for instance 2024-01-01 00:00:00.000Z.`,
  })
}

const UNSET_BEFORE_MS = Date.UTC(1901, 0)

function isPattern(text: string): boolean {
  try {
    return new SimpleDateFormat(text) !== undefined
  } catch {
    return false
  }
}
