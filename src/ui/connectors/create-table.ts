/**
 * The statement that would make a table that a mapping names and the cluster lacks. Pure.
 * Used where a configuration is checked before a launch.
 * Invariants: nothing runs it; types are guesses and the text says so; names are quoted as CQL wants it.
 * Spec: ui 5.4 (paste: Show CREATE TABLE).
 */
import type { Config } from './connector-queries.ts'

const MAPPING = /^topic\.(.+)\.([^.]+)\.([^.]+)\.mapping$/
/** What writes no column of that name. */
const NOT_A_COLUMN = /^(?:__ttl|__timestamp|message_internal_ttl|message_internal_timestamp)$/
const ENTRY = /("(?:[^"]|"")+"|[\w]+)\s*=\s*("(?:[^"]|"")+"|now\(\)|[^,\s]+)/g

/** Undefined: the key is no mapping, or maps no column. */
export function createTableText(key: string, config: Config): string | undefined {
  const [, , keyspace, table] = MAPPING.exec(key) ?? []
  const text = config[key]
  if (keyspace === undefined || table === undefined || text === undefined) return undefined
  const columns = [...text.matchAll(ENTRY)]
    .map(([, name = '', source = '']) => ({ name: name.replace(/^"|"$/g, ''), source }))
    .filter(({ name }) => !NOT_A_COLUMN.test(name))
  const ofKey = columns.filter(({ source }) => /^key(?:\.|$)/.test(source))
  const keys = ofKey.length > 0 ? ofKey : columns.slice(0, 1)
  if (keys.length === 0) return undefined
  const lines = columns.map(
    ({ name, source }) => `  ${quoted(name)} ${source === 'now()' ? 'timeuuid' : 'text'},`,
  )
  const primary = keys.map(({ name }) => quoted(name)).join(', ')
  return [
    '-- The key and the types are guesses out of the mapping: correct them.',
    `CREATE TABLE ${quoted(keyspace)}.${quoted(table)} (`,
    ...lines,
    `  PRIMARY KEY (${primary})`,
    ');',
  ].join('\n')
}

function quoted(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
