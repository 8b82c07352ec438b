/**
 * The statement of a classic KCQL selection: all columns of the table, whatever a record has of them;
 * the rest is null or untouched. Checked against the schema at start; pure.
 * Invariant: what can be known wrong without a record is told at start, all of it together, with
 * its place in the KCQL. Spec: cassandra-sink 10.1 (TTL), 10.3.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { TableSchema } from '../../../cassandra/index.ts'
import { indexOfName } from '../conversion/index.ts'
import type { MappingEntry } from '../datastax/mapping.ts'
import type { SelectionSettings, TableSettings } from '../datastax/settings.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import { insertText } from '../plan/statement-text.ts'
import { hintFor, keyOf, primaryKeyOf, type TablePlan } from '../plan/table-plan.ts'

export function compileSelectionPlan(
  settings: TableSettings,
  selection: SelectionSettings,
  schema: TableSchema,
): TablePlan {
  const columns = schema.columns.map(column => column.name)
  const problems = [
    ...nameProblems(settings, selection, schema),
    ...counterProblems(settings, schema),
  ]
  if (problems.length > 0) {
    throw new ScamanderError(TABLE_SINK_ERRORS.MAPPING_COLUMNS, problems.join('\n'))
  }
  const ttlSeconds = settings.ttlSeconds === -1 ? undefined : settings.ttlSeconds
  return {
    settings,
    schema,
    kind: 'insert',
    cql: insertText(schema, { columns, hasTtlVariable: false, ttlSeconds }),
    deleteCql: undefined,
    deleteHasTimestamp: false,
    entries: new Map(columns.map(name => [name, entryOf(name)])),
    ttlEntry: undefined,
    timestampEntry: undefined,
    hasClock: true,
    warnings: [],
  }
}

export function entryOf(column: string): MappingEntry {
  return { column, quoted: true, source: { kind: 'value', field: column } }
}

/** Selected names that are no columns, and key columns that no record can have. */
function nameProblems(
  settings: TableSettings,
  { projection }: SelectionSettings,
  schema: TableSchema,
): string[] {
  const { names } = projection
  if (names === undefined) return []
  const columns = schema.columns.map(column => column.name)
  const table = `${schema.keyspace}.${schema.name}`
  const problems = names
    .filter(({ name }) => indexOfName(columns, name) < 0)
    .map(
      ({ name }) =>
        `${keyOf(settings, 'mapping', name)}: expected a column of ${table}, found ${name}${hintFor(name, columns)}; ` +
        `its columns are ${columns.join(', ')}`,
    )
  const selected = new Set(names.map(({ name }) => indexOfName(columns, name)))
  const missing = primaryKeyOf(schema).filter(({ name }) => !selected.has(columns.indexOf(name)))
  if (missing.length > 0) {
    const list = missing.map(column => column.name).join(', ')
    problems.push(
      `${keyOf(settings)}: every primary key column of ${table} must be selected, but these are not: ${list}`,
    )
  }
  return problems
}

function counterProblems(settings: TableSettings, schema: TableSchema): string[] {
  if (!schema.isCounter) return []
  const found = `${schema.keyspace}.${schema.name}, which has counters`
  return [`${keyOf(settings)}: expected a table that rows can be inserted into, found ${found}`]
}
