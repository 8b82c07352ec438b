/**
 * What one (topic, table) pair does with a record: the statements and where their variables come
 * from. Compiled at start from the settings and the table's schema; pure.
 * All problems of a mapping are reported together, so that one restart is enough.
 * Spec: cassandra-sink 4.2 (columns), 5.1-5.4 (statements), 12 D2-D4.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import { type ColumnSchema, nearestName, type TableSchema } from '../../../cassandra/index.ts'
import type { MappingEntry } from '../datastax/mapping.ts'
import type { TableSettings } from '../datastax/settings.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import { counterText, deleteText, insertText } from './statement-text.ts'

export type StatementKind = 'insert' | 'counter' | 'query'

export interface TablePlan {
  readonly settings: TableSettings
  readonly schema: TableSchema
  readonly kind: StatementKind
  readonly cql: string
  /** Present when records may delete rows. */
  readonly deleteCql: string | undefined
  readonly deleteHasTimestamp: boolean
  /** Mapping entries by column or bind variable, pseudo-columns left out. */
  readonly entries: ReadonlyMap<string, MappingEntry>
  readonly ttlEntry: MappingEntry | undefined
  readonly timestampEntry: MappingEntry | undefined
  /** Rows get the write time of this process, not of their record. */
  readonly hasClock: boolean
  /** Things worth a warning at start. */
  readonly warnings: readonly string[]
}

export function compileTablePlan(
  settings: TableSettings,
  schema: TableSchema,
  reference: ReadonlySet<string>,
): TablePlan {
  const { mapping } = settings
  const hasQuery = settings.query !== undefined
  const pseudo = (kind: 'ttl' | 'timestamp') =>
    hasQuery ? undefined : mapping.entries.find(entry => entry.pseudo === kind)
  const real = mapping.entries.filter(entry => entry.pseudo === undefined)
  const entries = new Map(real.map(entry => [entry.column, entry]))
  if (settings.mapsRest !== undefined) addRest(entries, schema, settings.mapsRest.except)
  if (!hasQuery) checkColumns(settings, schema, entries)
  const ttlEntry = pseudo('ttl')
  const kind = hasQuery ? 'query' : schema.isCounter ? 'counter' : 'insert'
  if (kind === 'counter') checkCounter(settings, schema, { entries, ttlEntry })
  const canDelete =
    !hasQuery && kind === 'insert' && mayDelete(settings, schema, entries, reference)
  const withTimestamp = !reference.has('D4')
  return {
    settings,
    schema,
    kind,
    cql: textOf(kind, settings, schema, { entries, ttlEntry }),
    deleteCql: canDelete ? deleteText(schema, withTimestamp) : undefined,
    deleteHasTimestamp: canDelete && withTimestamp,
    entries,
    ttlEntry,
    timestampEntry: pseudo('timestamp'),
    hasClock: false,
    warnings: warningsOf(settings, ttlEntry),
  }
}

/** Columns without an entry take the field of their name. */
function addRest(
  entries: Map<string, MappingEntry>,
  schema: TableSchema,
  except: readonly string[],
): void {
  for (const { name } of schema.columns) {
    if (entries.has(name) || except.includes(name)) continue
    entries.set(name, { column: name, quoted: true, source: { kind: 'named', field: name } })
  }
}

type Mapped = {
  readonly entries: ReadonlyMap<string, MappingEntry>
  readonly ttlEntry: MappingEntry | undefined
}

function textOf(
  kind: StatementKind,
  settings: TableSettings,
  schema: TableSchema,
  mapped: Mapped,
): string {
  const columns = [...mapped.entries.keys()]
  if (kind === 'query') return settings.query!
  if (kind === 'counter') return counterText(schema, columns)
  return insertText(schema, {
    columns,
    hasTtlVariable: mapped.ttlEntry !== undefined,
    ttlSeconds: settings.ttlSeconds === -1 ? undefined : settings.ttlSeconds,
  })
}

export function primaryKeyOf(schema: TableSchema): readonly ColumnSchema[] {
  return [...schema.partitionKey, ...schema.clusteringKey]
}

/** Conditions 1 to 3 of cassandra-sink 5.3; the fourth is the record's. */
function mayDelete(
  settings: TableSettings,
  schema: TableSchema,
  entries: ReadonlyMap<string, MappingEntry>,
  reference: ReadonlySet<string>,
): boolean {
  if (!settings.deletesEnabled) return false
  const primaryKeyCount = primaryKeyOf(schema).length
  // The reference counts pseudo-columns as if they were columns of the table (D3).
  const count = reference.has('D3') ? settings.mapping.entries.length : entries.size
  return count === schema.columns.length && entries.size !== primaryKeyCount
}

function checkColumns(
  settings: TableSettings,
  schema: TableSchema,
  entries: ReadonlyMap<string, MappingEntry>,
): void {
  const known = new Map(schema.columns.map(column => [column.name, column]))
  const unknown = [...entries.keys()].filter(name => !known.has(name))
  const missing = primaryKeyOf(schema).filter(column => !entries.has(column.name))
  const problems: string[] = []
  if (unknown.length > 0) {
    const hints = unknown.map(name => hintFor(name, [...known.keys()])).join('')
    problems.push(
      `${keyOf(settings, 'mapping', unknown[0])}: expected columns of ${schema.keyspace}.${schema.name}, ` +
        `found ${unknown.join(', ')}, which it does not have${hints}; ` +
        `its columns are ${[...known.keys()].join(', ')}`,
    )
  }
  if (missing.length > 0) {
    problems.push(
      `${keyOf(settings)}: every primary key column must be mapped, ` +
        `but these are not: ${missing.map(column => column.name).join(', ')}`,
    )
  }
  if (problems.length > 0) {
    throw new ScamanderError(TABLE_SINK_ERRORS.MAPPING_COLUMNS, problems.join('\n'))
  }
}

/** The name that may be meant, for messages. */
export function hintFor(name: string, columns: readonly string[]): string {
  const near = nearestName(name, columns)
  if (near === undefined) return ''
  const isSame = near.toLowerCase() === name.toLowerCase()
  return ` (did you mean ${near}?${isSame ? ' names are case-sensitive' : ''})`
}

function checkCounter(settings: TableSettings, schema: TableSchema, mapped: Mapped): void {
  const table = `${schema.keyspace}.${schema.name}`
  if (settings.ttlSeconds !== -1 || mapped.ttlEntry !== undefined) {
    const message = `${keyOf(settings)}: ${table} has counters, which cannot have a TTL`
    throw new ScamanderError(TABLE_SINK_ERRORS.COUNTER_TTL, message)
  }
  const counters = schema.columns.filter(column => column.type.kind === 'counter')
  if (!counters.some(column => mapped.entries.has(column.name))) {
    const names = counters.map(column => column.name).join(', ')
    const message = `${keyOf(settings)}: expected at least one counter column mapped (${names})`
    throw new ScamanderError(TABLE_SINK_ERRORS.MAPPING_COLUMNS, message)
  }
}

function warningsOf(settings: TableSettings, ttlEntry: MappingEntry | undefined): string[] {
  const warnings: string[] = []
  if (ttlEntry !== undefined && settings.ttlSeconds !== -1) {
    warnings.push(`${keyOf(settings, 'ttl')} has no effect: the mapping sets __ttl per record`)
  }
  return warnings
}

/** The configuration key that a problem belongs to; of KCQL also the place in its text. */
export function keyOf(settings: TableSettings, setting = 'mapping', column?: string): string {
  if (settings.origin !== undefined) return settings.origin.place(column)
  return `topic.${settings.topic}.${settings.keyspace}.${settings.table}.${setting}`
}
