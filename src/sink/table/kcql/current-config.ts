/**
 * The current KCQL sink's configuration: declaration, rules, class name. Everything is translated
 * into the DataStax dialect, whose rules then apply; what they find is told at the keys used here.
 * The catalog lists the class.
 * Spec: cassandra-sink 10.7.
 */
import { assert } from '../../../base/assert.ts'
import {
  type CheckContext,
  type ConfigSource,
  defineConfig,
  type EvaluateOptions,
  evaluateConfig,
  type Lint,
  parseConfig,
} from '../../../config/index.ts'
import { type ClauseName, type KcqlText, parseKcqlText } from '../../../kcql/index.ts'
import { codecProblems } from '../codecs.ts'
import { assembleSettings } from '../datastax/assemble.ts'
import { datastaxSinkConfig } from '../datastax/config.ts'
import type { DatastaxSinkSettings, TableSettings } from '../datastax/settings.ts'
import { aliasCheck } from './alias-checks.ts'
import type { ParsedKcqlSink } from './classic-config.ts'
import { type CurrentSettings, currentFields } from './current-fields.ts'
import { putRulesOf } from './put-rules.ts'
import { KCQL_KEY } from './shared-fields.ts'
import {
  checkClauses,
  checkStatements,
  checkTopicSet,
  placeIn,
  reportAt,
} from './statement-checks.ts'
import { type Translation, translateConfig, translatedKeys } from './translate.ts'
import type { TranslatedTable } from './translate-statement.ts'

export const KCQL_SINK_CLASS = 'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector'

const EFFECTIVE: ReadonlySet<ClauseName> = new Set(['TTL', 'PROPERTIES'])
/** Stands for a data centre that is found out when the sink connects. */
const ANY_DC = 'first-contact'

export const kcqlSinkConfig = defineConfig('cassandra-kcql-sink-current', currentFields, {
  summary: 'Writes records of Kafka topics into Cassandra tables, told by KCQL with keyspaces.',
  description:
    'Keys, defaults and meaning are those of the Stream Reactor Cassandra sink from version 10 on; its configurations run unchanged. ' +
    'Statements may select from key, value and headers (`_key`, `_value`, `_header`). ' +
    'The framework keys (name, topics, converters, errors.*) stand beside these.',
  examples: [
    {
      title: 'Orders into a table, key and value',
      config: {
        name: 'orders',
        'connector.class': KCQL_SINK_CLASS,
        'tasks.max': '1',
        topics: 'orders',
        'connect.cassandra.contact.points': '127.0.0.1',
        'connect.cassandra.load.balancing.local.dc': 'datacenter1',
        'connect.cassandra.kcql':
          "INSERT INTO demo.orders SELECT _key AS id, created, customer AS name FROM orders PROPERTIES('ttl'='86400')",
      },
    },
  ],
  crossChecks: [
    aliasCheck(currentFields),
    (settings, context) => checkStatements(settings.kcql, context),
    (settings, context) => checkTopicSet(settings.kcql, context),
    (settings, context) => checkClauses(settings.kcql, context, EFFECTIVE),
    checkTranslation,
    checkTls,
  ],
})

function checkTranslation({ kcql }: CurrentSettings, context: CheckContext): void {
  if (kcql === undefined) return
  for (const problem of translateConfig(context.source, kcql).problems) {
    reportAt(context, kcql, problem)
  }
}

function checkTls({ sslEnabled }: CurrentSettings, context: CheckContext): void {
  if (sslEnabled) return
  for (const key of context.source.entries.keys()) {
    if (!key.startsWith('connect.cassandra.ssl.') || key.endsWith('.enabled')) continue
    const message = `"${key}" has no effect: connect.cassandra.ssl.enabled is false`
    context.report({ key, kind: 'no-effect', severity: 'warning', message })
  }
}

/** What the rules of the DataStax dialect find in the translation, at the keys used here. */
export function kcqlSinkProblems(source: ConfigSource): Lint[] {
  const parsed = parseKcqlText(source.entries.get(KCQL_KEY)?.value ?? '')
  if ('problems' in parsed) return []
  const translation = translateConfig(source, parsed.value)
  const translated = toSource(translation)
  const { lints } = evaluateConfig(datastaxSinkConfig, translated, { isForeignKey: () => true })
  const own = evaluateConfig(kcqlSinkConfig, source, { isForeignKey: () => true }).lints
  return [...lints, ...codecProblems(translated)]
    .filter(lint => lint.kind !== 'unknown-key')
    .map(lint => atOrigin(lint, source, translation.origins))
    .filter(lint => !own.some(one => one.key === lint.key && one.severity === 'error'))
}

function toSource({ entries }: Translation): ConfigSource {
  const all = new Map(entries)
  const dc = all.get('loadBalancing.localDc')
  if (dc === undefined || dc.value.trim() === '')
    all.set('loadBalancing.localDc', { value: ANY_DC })
  return { entries: all, lints: [] }
}

function atOrigin(lint: Lint, source: ConfigSource, origins: ReadonlyMap<string, string>): Lint {
  const key = origins.get(lint.key) ?? translatedKeys().get(lint.key) ?? lint.key
  const location = source.entries.get(key)?.location
  const message = key === lint.key ? lint.message : `${lint.message} (set by ${key})`
  return { ...lint, key, message, ...(location === undefined ? {} : { location }) }
}

/** Throws one `ConfigError` with all problems. */
export function parseKcqlSink(source: ConfigSource, options: EvaluateOptions = {}): ParsedKcqlSink {
  const { settings: own } = parseConfig(kcqlSinkConfig, source, options)
  const { kcql } = own
  assert(kcql !== undefined, 'required')
  const translation = translateConfig(source, kcql)
  const { settings: all } = parseConfig(datastaxSinkConfig, toSource(translation))
  const { settings, notes } = assembleSettings(all)
  const { connection } = settings
  return {
    settings: {
      ...settings,
      connection: { ...connection, localDc: own.localDc, keyNames: translatedKeys() },
      topics: topicsOf(settings, translation, kcql),
      progress: own.progress,
    },
    putRules: putRulesOf(own, own.ignoreErrors),
    notes,
  }
}

/** The tables with their place in the KCQL, and with columns by name where `*` is selected. */
function topicsOf(settings: DatastaxSinkSettings, translation: Translation, kcql: KcqlText) {
  return settings.topics.map(topic => ({
    ...topic,
    tables: topic.tables.map(table => {
      const from = translation.tables.find(
        one =>
          one.topic === table.topic && one.keyspace === table.keyspace && one.table === table.table,
      )
      assert(from !== undefined, 'every table comes from a statement')
      return withOrigin(table, from, kcql)
    }),
  }))
}

function withOrigin(table: TableSettings, from: TranslatedTable, kcql: KcqlText): TableSettings {
  const { statement, rest } = from
  const placeholder = from.mapping.length === 0
  return {
    ...table,
    ...(placeholder ? { mapping: { entries: [] } } : {}),
    ...(rest === undefined ? {} : { mapsRest: rest }),
    origin: {
      key: KCQL_KEY,
      place: name => {
        const found = statement.columns.find(
          ({ alias, expression }) =>
            (alias ?? (expression.kind === 'path' ? expression.path.steps.at(-1) : undefined)) ===
            name,
        )
        const at = name === undefined ? statement.target.at : (found ?? statement.target).at
        return placeIn(kcql, at.start)
      },
    },
  }
}
