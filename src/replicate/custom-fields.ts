/**
 * Custom fields of Backlog as columns of Issues: kept for each connection, read again by runs that use
 * them, added to the tables that tasks choose from. Part of the connection desk.
 * Invariants: a field keeps the column name that it got first, also when it is renamed; a field that is
 * gone stays known, so that tasks which name it go on; queries see only the fields that they name.
 * Spec: backlog-replication 1.9 (Issues), 2.5, 2.11.
 */
import type { BacklogClient, Caller } from '../backlog/index.ts'
import { type CustomField, fetchCustomFields, fieldColumn } from '../source/index.ts'
import { cqlTypesFor } from './cell-value.ts'
import type { TaskRecord } from './job-record.ts'
import { type SourceTable, toSnake } from './source-table.ts'
import type { Store } from './store.ts'
import type { FindTable } from './task-setup.ts'

const TABLE = 'Issues'
const KIND = 'custom-fields'
const SOURCE_NAME = /\bcf_\d+\b/gi
const NAME_LENGTH = 40

export interface KnownField extends CustomField {
  /** In tables that are made; given once. */
  readonly column: string
  /** Not in the space any more. */
  readonly isGone?: boolean
}

export function knownFields(store: Store, connection: string): readonly KnownField[] | undefined {
  return store.get<readonly KnownField[]>(KIND, connection)
}

export function forgetFields(store: Store, connection: string): void {
  store.delete(KIND, connection)
}

/** Asks the space for its fields, one request per project, and keeps them. */
export async function learnFields(
  store: Store,
  of: {
    readonly connection: string
    readonly table: SourceTable
    readonly client: BacklogClient
    readonly caller: Caller
  },
): Promise<void> {
  const { fields, isWhole } = await fetchCustomFields(of.client, of.caller)
  const before = knownFields(store, of.connection) ?? []
  const next = mergedFields(before, { fields, isWhole }, of.table)
  if (JSON.stringify(next) !== JSON.stringify(before)) store.put(KIND, of.connection, next)
  else if (before.length === 0) store.put(KIND, of.connection, [])
}

export function mergedFields(
  before: readonly KnownField[],
  now: { readonly fields: readonly CustomField[]; readonly isWhole: boolean },
  table: SourceTable,
): KnownField[] {
  const known = new Map(before.map(one => [one.id, one]))
  const taken = new Set([
    ...table.columns.map(one => toSnake(one.name)),
    ...before.map(one => one.column),
  ])
  const found = now.fields.map(({ id, typeId, name }): KnownField => {
    const column = known.get(id)?.column ?? columnName({ id, typeId, name }, taken)
    taken.add(column)
    return { id, typeId, name, column }
  })
  const ids = new Set(found.map(one => one.id))
  const missing = before.filter(one => !ids.has(one.id))
  const kept = missing.map(one => (now.isWhole ? { ...one, isGone: true } : one))
  return [...found, ...kept].sort((a, b) => a.id - b.id)
}

/** After the field where CQL can have it so; two fields of one name differ by the id. */
function columnName({ id, name }: CustomField, taken: ReadonlySet<string>): string {
  const plain = name.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
  const word = toSnake(plain.replace(/[^A-Za-z\d]+/g, '_'))
    .replace(/_+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, NAME_LENGTH)
  if (/[^\x20-\x7e]/.test(plain) || !/^[a-z]/.test(word)) return `cf_${id}`
  return taken.has(word) ? `${word.slice(0, NAME_LENGTH - 16)}_${id}` : word
}

/** The tables with a column for each field, which a new task leaves out unless it is told otherwise. */
export function tablesWith(
  tables: Map<string, SourceTable>,
  fields: readonly KnownField[] | undefined,
): Map<string, SourceTable> {
  const issues = tables.get(TABLE)
  if (issues?.catalogue === undefined || fields === undefined || fields.length === 0) return tables
  const own = fields.map(field => ({ field, column: fieldColumn(field) }))
  const columns = own.map(({ field, column: { name, type } }) => ({
    ...{ name, type, cql: cqlTypesFor(type)[0]! },
    field: { name: field.name, column: field.column, isGone: field.isGone === true },
  }))
  const catalogue = {
    ...issues.catalogue,
    columns: [...issues.catalogue.columns, ...own.map(one => one.column)],
  }
  const wide = { ...issues, catalogue, columns: [...issues.columns, ...columns] }
  return new Map(tables).set(TABLE, wide)
}

/** Whether such a table can have them. */
export function hasFields({ name, catalogue }: SourceTable): boolean {
  return name === TABLE && catalogue !== undefined
}

/** Whether a run has to know the fields as they are now. */
export function usesFields({ table, query, columns, options }: TaskRecord): boolean {
  if (query !== null) return namedFields(query).size > 0
  if (table !== TABLE) return false
  return options?.customFields === true || columns.some(one => namedFields(textOf(one)).size > 0)
}

function textOf(of: { readonly source: string | null; readonly expression: string | null }) {
  return `${of.source ?? ''} ${of.expression ?? ''}`
}

function namedFields(text: string): ReadonlySet<string> {
  return new Set(text.match(SOURCE_NAME)?.map(one => one.toLowerCase()))
}

/** `SELECT *` does not grow by fields that somebody adds to a project. */
export function findForQuery(find: FindTable, query: string): FindTable {
  const named = namedFields(query)
  return name => {
    const table = find(name)
    if (table?.catalogue === undefined || table.name !== TABLE) return table
    const isSeen = ({ name: column, field }: SourceTable['columns'][number]) =>
      field === undefined || named.has(column)
    const columns = table.columns.filter(isSeen)
    const names = new Set(columns.map(one => one.name))
    const own = table.catalogue.columns.filter(one => names.has(one.name))
    return { ...table, columns, catalogue: { ...table.catalogue, columns: own } }
  }
}
