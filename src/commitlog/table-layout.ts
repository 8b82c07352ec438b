/**
 * A table prepared for decoding: columns by position and by the column lists that updates carry.
 * Built by LayoutCache when a table id is first met, kept until the schema changes.
 * The column list of an update is compared, byte by byte, with lists met before: writers of one
 * statement send the same list again and again, so names are looked up once, not once per record.
 * Invariant: a remembered list is found only by exactly its own bytes.
 */
import { ColumnLayout } from './column-layout.ts'
import { undecodable } from './errors.ts'
import { type LogCursor, readCount, skipBytes } from './log-cursor.ts'
import type { TableSchema } from './table-schema.ts'

interface ColumnList {
  readonly bytes: Buffer
  readonly columns: readonly ColumnLayout[]
}

const LISTS_MAX = 16

export class TableLayout {
  readonly schema: TableSchema
  readonly partitionKey: readonly ColumnLayout[]
  readonly clusteringKey: readonly ColumnLayout[]
  /** Static and regular columns, then dropped ones; cells refer to them by index. */
  readonly columns: readonly ColumnLayout[]
  readonly #static: ReadonlyMap<string, ColumnLayout>
  readonly #regular: ReadonlyMap<string, ColumnLayout>
  readonly #lists: { static: ColumnList[]; regular: ColumnList[] } = { static: [], regular: [] }

  constructor(schema: TableSchema) {
    this.schema = schema
    const keyOf = (role: 'partitionKey' | 'clustering') => (column: object, index: number) =>
      new ColumnLayout(column as TableSchema['partitionKey'][number], { role, index })
    this.partitionKey = schema.partitionKey.map(keyOf('partitionKey'))
    this.clusteringKey = schema.clusteringKey.map(keyOf('clustering'))
    this.columns = buildColumns(schema)
    this.#static = new Map(byRole(this.columns, 'static'))
    this.#regular = new Map(byRole(this.columns, 'regular'))
  }

  /** Reads the column list of an update; unknown names throw SCM_COMMITLOG_DECODE. */
  readColumns(cursor: LogCursor, role: 'static' | 'regular'): readonly ColumnLayout[] {
    const lists = this.#lists[role]
    for (let i = 0; i < lists.length; i++) {
      const list = lists[i]!
      if (!startsWith(cursor, list.bytes)) continue
      cursor.position += list.bytes.length
      if (i > 0) {
        lists[i] = lists[i - 1]!
        lists[i - 1] = list
      }
      return list.columns
    }
    return this.#readNewList(cursor, role)
  }

  #readNewList(cursor: LogCursor, role: 'static' | 'regular'): readonly ColumnLayout[] {
    const start = cursor.position
    const count = readCount(cursor)
    const names = role === 'static' ? this.#static : this.#regular
    const columns: ColumnLayout[] = []
    for (let i = 0; i < count; i++) {
      const at = skipBytes(cursor)
      const name = cursor.bytes.utf8Slice(at, cursor.position)
      const column = names.get(name)
      if (column === undefined) {
        const { keyspace, name: table } = this.schema
        throw undecodable(`${keyspace}.${table}: expected a known ${role} column, found ${name}`)
      }
      columns.push(column)
    }
    const lists = this.#lists[role]
    if (lists.length === LISTS_MAX) lists.pop()
    // A copy: the list outlives the section it came from.
    lists.push({ bytes: Buffer.from(cursor.bytes.subarray(start, cursor.position)), columns })
    return columns
  }
}

function startsWith(cursor: LogCursor, expected: Buffer): boolean {
  const { bytes, position } = cursor
  if (expected.length > cursor.end - position) return false
  for (let i = 0; i < expected.length; i++) {
    if (bytes[position + i] !== expected[i]) return false
  }
  return true
}

function byRole(columns: readonly ColumnLayout[], role: string): [string, ColumnLayout][] {
  return columns.filter(one => one.role === role).map(one => [one.name, one])
}

/** A column that was dropped and added again keeps its present type and loses its older cells. */
function buildColumns(schema: TableSchema): ColumnLayout[] {
  const droppedAt = new Map<string, bigint>()
  for (const one of schema.droppedColumns) droppedAt.set(one.name, one.droppedAtMs * 1000n)
  const columns: ColumnLayout[] = []
  const add = (column: TableSchema['regularColumns'][number], role: 'static' | 'regular') => {
    const dropped = droppedAt.get(column.name)
    const place = { role, index: columns.length }
    columns.push(
      new ColumnLayout(column, dropped === undefined ? place : { ...place, droppedAt: dropped }),
    )
  }
  for (const column of schema.staticColumns) add(column, 'static')
  for (const column of schema.regularColumns) add(column, 'regular')
  const present = new Set(columns.map(one => one.name))
  for (const column of schema.droppedColumns) {
    if (!present.has(column.name)) add(column, column.isStatic ? 'static' : 'regular')
  }
  return columns
}
