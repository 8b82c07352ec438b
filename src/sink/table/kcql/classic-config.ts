/**
 * The classic KCQL sink's configuration: declaration, rules, class names.
 * The catalog lists the classes; `parseClassicKcqlSink` is the way from a source of entries to the
 * settings of the table sink.
 * Spec: cassandra-sink 10.1-10.6.
 */
import {
  type CheckContext,
  type ConfigSource,
  defineConfig,
  type EvaluateOptions,
  parseConfig,
} from '../../../config/index.ts'
import type { ClauseName } from '../../../kcql/index.ts'
import type { DatastaxSinkSettings } from '../datastax/settings.ts'
import { aliasCheck } from './alias-checks.ts'
import { assembleClassic } from './assemble-classic.ts'
import { isMeta, valueColumns } from './classic-columns.ts'
import { type ClassicSettings, classicFields } from './classic-fields.ts'
import { type PutRules, putRulesOf } from './put-rules.ts'
import {
  checkClauses,
  checkStatements,
  checkTopicSet,
  insertsOf,
  reportAt,
} from './statement-checks.ts'

/** Class names of this dialect, the current one first. */
export const CLASSIC_KCQL_SINK_CLASSES = [
  'io.lenses.streamreactor.connect.cassandra.sink.CassandraSinkConnector',
  'com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector',
] as const

const EFFECTIVE: ReadonlySet<ClauseName> = new Set(['TTL', 'WITHSTRUCTURE'])

export const classicKcqlSinkConfig = defineConfig('cassandra-kcql-sink', classicFields, {
  summary: 'Writes records of Kafka topics into Cassandra tables, told by KCQL.',
  description:
    'Keys, defaults and meaning are those of the Stream Reactor Cassandra sink up to version 9; configurations of all its releases run unchanged. ' +
    'Each statement selects fields of the value of a topic for a table of one keyspace. ' +
    'The framework keys (name, topics, converters, errors.*) stand beside these.',
  examples: [
    {
      title: 'Orders into a table',
      config: {
        name: 'cassandra-sink-orders',
        'connector.class': CLASSIC_KCQL_SINK_CLASSES[0],
        'tasks.max': '1',
        topics: 'orders-topic',
        'connect.cassandra.kcql': 'INSERT INTO orders SELECT * FROM orders-topic',
        'connect.cassandra.contact.points': '127.0.0.1',
        'connect.cassandra.port': '9042',
        'connect.cassandra.key.space': 'demo',
        'connect.cassandra.username': 'cassandra',
        'connect.cassandra.password': 'cassandra',
      },
    },
  ],
  crossChecks: [
    aliasCheck(classicFields),
    (settings, context) => checkStatements(settings.kcql, context),
    (settings, context) => checkTopicSet(settings.kcql, context),
    (settings, context) => checkClauses(settings.kcql, context, EFFECTIVE),
    checkTargets,
    checkColumns,
    checkDeletes,
    checkLogin,
    checkUnused,
  ],
})

/** A keyspace in the statement is the way of the current sink, whose class is another. */
function checkTargets({ kcql }: ClassicSettings, context: CheckContext): void {
  if (kcql === undefined) return
  for (const { target } of insertsOf(kcql)) {
    if (!target.text.includes('.')) continue
    const message = `expected the name of a table, found ${target.text}`
    const hint =
      'write the keyspace into connect.cassandra.key.space, or use the class ' +
      'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector'
    reportAt(context, kcql, { offset: target.at.start, message, hint })
  }
}

function checkColumns({ kcql }: ClassicSettings, context: CheckContext): void {
  if (kcql === undefined) return
  for (const statement of insertsOf(kcql)) {
    for (const column of statement.columns) {
      const offset = column.at.start
      if (column.expression.kind === 'function') {
        const message = `the function ${column.expression.name}() is not known to this sink`
        const hint = 'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector has now()'
        reportAt(context, kcql, { offset, message, hint })
      } else if (isMeta(column)) {
        const message =
          'only fields of the value can be selected by this sink; this one is left out'
        reportAt(context, kcql, { offset, message, isWarning: true })
      }
    }
    if (valueColumns(statement).length === 0) {
      const message = 'nothing of the value is selected'
      reportAt(context, kcql, { offset: statement.at.start, message })
    }
  }
}

function checkDeletes(settings: ClassicSettings, context: CheckContext): void {
  const { deleteEnabled, deleteStatement } = settings
  const key = 'connect.cassandra.delete.statement'
  if (deleteEnabled && deleteStatement === '') {
    const message = `${key} is required when connect.cassandra.delete.enabled is true`
    context.report({ key, kind: 'missing', message, advice: 'Example: DELETE FROM t WHERE id = ?' })
  }
  if (!deleteEnabled && deleteStatement !== '') {
    const message = `"${key}" has no effect: connect.cassandra.delete.enabled is false`
    context.report({ key, kind: 'no-effect', severity: 'warning', message })
  }
}

function checkLogin({ username, password }: ClassicSettings, context: CheckContext): void {
  if ((username.trim() === '') === (password.reveal().trim() === '')) return
  const [given, missing] = password.isEmpty ? ['username', 'password'] : ['password', 'username']
  const message = `"connect.cassandra.${given}" has no effect without connect.cassandra.${missing}`
  context.report({
    key: `connect.cassandra.${given}`,
    kind: 'no-effect',
    severity: 'warning',
    message,
  })
}

function checkUnused(settings: ClassicSettings, context: CheckContext): void {
  const report = (key: string, reason: string) => {
    const message = `"${key}" has no effect: ${reason}`
    context.report({ key, kind: 'no-effect', severity: 'warning', message })
  }
  if (settings.loadBalancing !== 'TOKEN_AWARE') {
    report(
      'connect.cassandra.load.balancing.policy',
      'writes go to replicas of the local data centre',
    )
  }
  if (settings.defaultValue !== '' && settings.defaultValue !== 'UNSET') {
    report('connect.cassandra.default.value', 'only UNSET does; missing columns are set to null')
  }
  if (settings.sslEnabled) return
  for (const key of ['connect.cassandra.trust.store.path', 'connect.cassandra.key.store.path']) {
    if (context.isSet(key)) report(key, 'connect.cassandra.ssl.enabled is false')
  }
}

export interface ParsedKcqlSink {
  readonly settings: DatastaxSinkSettings
  readonly putRules: PutRules
  readonly notes: readonly string[]
}

/** Throws one `ConfigError` with all problems. */
export function parseClassicKcqlSink(
  source: ConfigSource,
  options: EvaluateOptions = {},
): ParsedKcqlSink {
  const { settings } = parseConfig(classicKcqlSinkConfig, source, options)
  return {
    settings: assembleClassic(settings),
    putRules: putRulesOf(settings),
    notes: [],
  }
}
