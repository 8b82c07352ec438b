/**
 * Groups the `topic.*` settings by topic and table, and resolves quoted names.
 * Used by the cross checks (which report) and by the assembly of the settings (which is run only
 * when nothing was reported).
 * Spec: cassandra-sink 3.4.
 */
import type { ConfigSource, PatternField, PatternValue, Settings } from '../../../config/index.ts'
import { TABLE_SETTINGS, tableFields } from './table-fields.ts'

type TableFieldSettings = Settings<typeof tableFields>
export type TableProperty = (typeof TABLE_SETTINGS)[number]

type ValueOf<F> = F extends PatternField<infer T> ? T : never

/** The keys of one table of one topic; values as parsed, keyed by setting. */
export interface TableGroup {
  readonly topic: string
  /** As written in the keys. */
  readonly keyspace: string
  readonly table: string
  readonly values: { readonly [P in TableProperty]?: ValueOf<(typeof tableFields)[P]> }
}

/** The prefix of a table's keys, without the last dot. */
export function tableKey(group: { topic: string; keyspace: string; table: string }): string {
  return `topic.${group.topic}.${group.keyspace}.${group.table}`
}

/** Tables that have at least one setting that was parsed, in the order of the keys. */
export function groupTables(settings: TableFieldSettings): TableGroup[] {
  const groups = new Map<string, TableGroup>()
  for (const property of TABLE_SETTINGS) {
    for (const found of settings[property] as readonly PatternValue<unknown>[]) {
      const { topic = '', keyspace = '', table = '' } = found.parts
      const key = tableKey({ topic, keyspace, table })
      const group = groups.get(key) ?? { topic, keyspace, table, values: {} }
      ;(group.values as Record<string, unknown>)[property] = found.value
      groups.set(key, group)
    }
  }
  return [...groups.values()]
}

/** Topics and tables that the keys of a source name, whether or not their values are right. */
export function namedIn(source: ConfigSource): {
  tables: Map<string, Omit<TableGroup, 'values'>>
  codecTopics: Map<string, string>
} {
  const tables = new Map<string, Omit<TableGroup, 'values'>>()
  const codecTopics = new Map<string, string>()
  for (const key of source.entries.keys()) {
    const parts = TABLE_SETTINGS.map(name => tableFields[name].match(key)).find(
      match => match !== undefined,
    )
    if (parts !== undefined) {
      const { topic = '', keyspace = '', table = '' } = parts
      tables.set(tableKey({ topic, keyspace, table }), { topic, keyspace, table })
      continue
    }
    const codec = CODEC_FIELDS.map(field => field.match(key)).find(match => match !== undefined)
    if (codec?.['topic'] !== undefined) codecTopics.set(codec['topic'], key)
  }
  return { tables, codecTopics }
}

const CODEC_FIELDS = [
  tableFields.codecLocale,
  tableFields.codecTimeZone,
  tableFields.codecTimestamp,
  tableFields.codecDate,
  tableFields.codecTime,
  tableFields.codecUnit,
]

/**
 * The internal name of a keyspace or table: text in double quotes is a CQL-quoted identifier,
 * anything else is taken as it is. Undefined when the quotes are wrong.
 */
export function internalName(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  if (!/^"(?:[^"]|"")+"$/.test(text)) return undefined
  return text.slice(1, -1).replaceAll('""', '"')
}
