/**
 * The configuration of the token-range source: one declaration, and its parser.
 * Called by the runtime (REST validation), by `scamander lint` and when a connector starts.
 * Invariant: every problem that needs no cluster is found here, before anything is opened.
 * Spec: cassandra-sink 11.8.
 */
import {
  type CheckContext,
  type ConfigSource,
  defineConfig,
  type EvaluateOptions,
  enumField,
  intField,
  longField,
  parseConfig,
  range,
  type SettingsOf,
  stringField,
} from '../../../config/index.ts'
import { datastaxSourceChecks, datastaxSourceFields } from '../../../sink/index.ts'
import { readQuery } from './scan-query.ts'

export const TOKEN_RANGE_SOURCE_CLASS = 'com.datastax.oss.kafka.source.CassandraSourceConnector'
/** Set by the runtime: the ranges of one task. */
export const RANGES_KEY = 'scamander.source.ranges'

const READING = { group: 'Reading' }

export const tokenRangeSourceConfig = defineConfig(
  'cassandra-source',
  {
    keyspace: stringField('keyspace', {
      ...READING,
      doc: 'Keyspace of the table; needed unless the query names it.',
      importance: 'high',
      examples: ['shop'],
      default: '',
    }),
    table: stringField('table.name.format', {
      ...READING,
      doc: 'Table to read; needed unless query is given.',
      importance: 'high',
      examples: ['orders'],
      default: '',
    }),
    query: stringField('query', {
      ...READING,
      doc: 'SELECT with exactly one token(…) > ? and one token(…) <= ? over the whole partition key. Not given: all columns of the table.',
      importance: 'medium',
      width: 'LONG',
      examples: ['SELECT id, name FROM shop.users WHERE token(id) > ? AND token(id) <= ?'],
      default: '',
    }),
    topicPrefix: stringField('topic.prefix', {
      ...READING,
      doc: 'The topic is this prefix and the name of the table.',
      importance: 'high',
      default: '',
    }),
    splits: intField('splits', {
      ...READING,
      doc: 'Token ranges that the table is read in; 0: eight per node, at least sixteen. Ranges of nodes are never joined.',
      importance: 'low',
      validator: range({ min: 0, max: 100_000 }),
      default: 0,
    }),
    mode: enumField('mode', ['repeat', 'once'], {
      ...READING,
      doc: 'repeat: the table is read again after each pause. once: a single pass.',
      ignoreCase: true,
      default: 'repeat',
    }),
    pollIntervalMs: longField('poll.interval.ms', {
      ...READING,
      doc: 'Pause between passes.',
      unit: 'milliseconds',
      validator: range({ min: 0 }),
      default: 60_000,
    }),
    pageSize: intField('page.size', {
      ...READING,
      doc: 'Rows asked for at once.',
      importance: 'low',
      aliases: ['datastax-java-driver.basic.request.page-size'],
      validator: range({ min: 1, max: 100_000 }),
      default: 5000,
    }),
    ranges: stringField(RANGES_KEY, { doc: 'Set by the runtime.', internal: true, default: '' }),
    ...datastaxSourceFields,
  },
  {
    summary: 'Reads whole tables by token ranges into topics.',
    description:
      'Connection keys are those of the DataStax sink. Ranges are divided among tasks; after a restart each goes on where it was. ' +
      'The key of a record is a struct of the primary key, its value a struct of the columns.',
    examples: [
      {
        title: 'A table into the topic copy-orders, once',
        config: {
          name: 'orders-source',
          'connector.class': TOKEN_RANGE_SOURCE_CLASS,
          'tasks.max': '2',
          contactPoints: '127.0.0.1',
          'loadBalancing.localDc': 'datacenter1',
          keyspace: 'shop',
          'table.name.format': 'orders',
          'topic.prefix': 'copy-',
          mode: 'once',
        },
      },
    ],
    crossChecks: [
      (settings, context) => datastaxSourceChecks(settings, context),
      (settings, context) => checkTable(settings, context),
    ],
  },
)

export type TokenRangeSettings = SettingsOf<typeof tokenRangeSourceConfig>

/** Throws one `ConfigError` with all problems. */
export function parseTokenRangeSource(
  source: ConfigSource,
  options: EvaluateOptions,
): TokenRangeSettings {
  return parseConfig(tokenRangeSourceConfig, source, options).settings
}

interface TableChoice {
  readonly keyspace: string
  readonly table: string
  readonly query: string
}

/** Table and keyspace as given, from the query where that names them. */
export function tableOf({ keyspace, table, query }: TableChoice): {
  readonly keyspace: string
  readonly table: string
} {
  const read = query === '' ? undefined : readQuery(query)
  if (read === undefined || 'problem' in read) return { keyspace, table }
  return { keyspace: read.keyspace ?? keyspace, table: read.table }
}

function checkTable(settings: TableChoice, context: CheckContext): void {
  const read = settings.query === '' ? undefined : readQuery(settings.query)
  if (read !== undefined && 'problem' in read) {
    context.report({ key: 'query', kind: 'invalid', message: `query: ${read.problem}` })
    return
  }
  const { keyspace, table } = tableOf(settings)
  if (table === '') {
    const message = 'Must configure one of table.name.format or query'
    context.report({ key: 'table.name.format', kind: 'missing', message })
  } else if (/[${}]/.test(table)) {
    const message = 'table.name.format: expected the name of a table, found a placeholder'
    context.report({ key: 'table.name.format', kind: 'invalid', message })
  }
  if (keyspace === '') {
    const message =
      'Missing required configuration "keyspace" which has no default value: the query does not name it'
    context.report({ key: 'keyspace', kind: 'missing', message })
  }
}
