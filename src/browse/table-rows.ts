/**
 * Pages of a table's rows in token order, from a token on or of one key. Called for the tab Rows.
 * Each page is a few requests to the cluster; what comes back is bounded in rows, in bytes, and in
 * bytes of each cell.
 * Invariants: values are bound, names are quoted; the position of the next page is the server's own, so no
 * row is left out or shown twice; a partition is never read beyond the page.
 * Spec: ui 5.7; native protocol v5, 8 (paging).
 */
import type { DataCell, DataColumn, DataRows } from '../api-v1-data.ts'
import { ByteWriter } from '../base/byte-writer.ts'
import {
  type ColumnSchema,
  qualifiedName,
  quoteIdentifier,
  type ReadSession,
  type ReadStatement,
  type TableSchema,
} from '../cassandra/index.ts'
import {
  CellCursor,
  CONSISTENCY,
  type ConsistencyName,
  type CqlType,
  codecFor,
  formatCqlType,
  type RowsResult,
  readCell,
  writeCell,
} from '../cql/index.ts'
import { toCell } from './cell-text.ts'
import { badQuery } from './errors.ts'
import { toKeyValue } from './key-value.ts'
import { readPageText, toPageText } from './page-position.ts'

export interface RowsQuery {
  readonly keyspace: string
  readonly table: string
  /** The first token; undefined: the lowest. */
  readonly token: string | undefined
  /** Of the answer before. */
  readonly page: string | undefined
  /** Texts of the key: the partition key whole, clustering columns from the left. */
  readonly key: readonly string[] | undefined
  /** With the write time of each cell that has one. */
  readonly withTimes: boolean
  readonly rowsMax: number
  readonly consistency: ConsistencyName
}

/** Of each cell in a list. */
const CHARACTERS_MAX = 1_000
/** Of each cell when one row is asked for. */
const ROW_CHARACTERS_MAX = 256 * 1024
/** How large rows are is not known before some were read. */
const FIRST_ROWS = 25
const REQUESTS_MAX = 4
const BYTES_MAX = 16 * 1024 * 1024
const TOKEN_NAME = 'scamander_token'

export async function readRows(session: ReadSession, query: RowsQuery): Promise<DataRows> {
  const startMs = performance.now()
  const { keyspace, table, token, page, key } = query
  const schema = await session.control.table(keyspace, table)
  const columns = columnsOf(schema, query.withTimes)
  const where = whereOf(schema, { token, key })
  const selectors = columns.map(one =>
    one.kind === 'writetime' ? `writetime(${one.of})` : quoteIdentifier(one.name),
  )
  const partition = schema.partitionKey.map(one => quoteIdentifier(one.name)).join(', ')
  const cql = `SELECT ${selectors.join(', ')}, token(${partition}) AS ${TOKEN_NAME} FROM ${qualifiedName(keyspace, table)}${where.cql}`
  const statement = await session.prepare(cql, keyspace, CONSISTENCY[query.consistency])
  const isOne =
    key !== undefined && key.length === schema.partitionKey.length + schema.clusteringKey.length
  const { cells, pagingState } = await readCells(session, statement, {
    ...{ values: bound(where.values), rowsMax: query.rowsMax },
    pagingState: page === undefined ? undefined : readPageText(page),
    charactersMax: isOne ? ROW_CHARACTERS_MAX : CHARACTERS_MAX,
  })
  return {
    columns: columns.map(({ name, type, kind }) => ({ name, type, kind })),
    rows: cells.map(row => row.slice(0, -1)),
    tokens: cells.map(row => textOf(row.at(-1))),
    next: pagingState === undefined ? null : toPageText(Buffer.from(pagingState)),
    tookMs: Math.round(performance.now() - startMs),
  }
}

export interface CellsWanted {
  readonly values: Buffer
  readonly rowsMax: number
  readonly pagingState: Buffer | undefined
  readonly charactersMax: number
}

/** Up to so many rows; a few are asked for first, and when rows are large no more than BYTES_MAX. */
export async function readCells(
  session: Pick<ReadSession, 'readPage'>,
  statement: ReadStatement,
  { values, rowsMax, pagingState, charactersMax }: CellsWanted,
): Promise<{ cells: DataCell[][]; pagingState: Buffer | undefined }> {
  const cells: DataCell[][] = []
  let state = pagingState
  let bytes = 0
  let pageSize = Math.min(rowsMax, FIRST_ROWS)
  for (let asked = 0; asked < REQUESTS_MAX; asked++) {
    const page = { values, pageSize, pagingState: state, token: undefined }
    const result = await session.readPage(statement, page)
    cells.push(...toCells(statement, result, charactersMax))
    bytes += result.rowsEnd - result.rowsStart
    state = result.pagingState === undefined ? undefined : Buffer.from(result.pagingState)
    if (state === undefined || cells.length >= rowsMax || bytes >= BYTES_MAX) break
    const rowBytes = bytes / Math.max(1, cells.length)
    const fitting = Math.max(1, Math.floor((BYTES_MAX - bytes) / rowBytes))
    pageSize = Math.min(fitting, rowsMax - cells.length)
  }
  return { cells, pagingState: state }
}

/** Undecoded rows as cells. */
function toCells(
  { columns }: Pick<ReadStatement, 'columns'>,
  result: RowsResult,
  charactersMax: number,
): DataCell[][] {
  const codecs = columns.map(one => codecFor(one.type))
  const cursor = new CellCursor(codecs.length)
  cursor.reset(result)
  const rows: DataCell[][] = []
  while (cursor.nextRow()) {
    rows.push(
      codecs.map((codec, index) => {
        const range = { start: cursor.starts[index]!, length: cursor.lengths[index]! }
        const value = readCell(codec, cursor.bytes, range)
        return toCell(value, columns[index]!.type, charactersMax)
      }),
    )
  }
  return rows
}

interface SelectedColumn extends DataColumn {
  /** Of a write time: the column, quoted. */
  readonly of?: string
}

function columnsOf(schema: TableSchema, withTimes: boolean): SelectedColumn[] {
  const own = schema.columns.map(({ name, type, kind }) => ({
    name,
    kind,
    type: formatCqlType(type),
  }))
  const timed = withTimes ? schema.columns.filter(hasTime) : []
  const times = timed.map(({ name }) => ({
    ...{ name: `writetime(${name})`, type: 'bigint', kind: 'writetime' as const },
    of: quoteIdentifier(name),
  }))
  return [...own, ...times]
}

/** Keys have none, and collections have one for each element. */
function hasTime({ kind, type }: ColumnSchema): boolean {
  if (kind !== 'regular' && kind !== 'static') return false
  if (type.kind === 'counter') return false
  return !('frozen' in type) || type.frozen
}

interface Where {
  readonly cql: string
  readonly values: readonly {
    readonly name: string
    readonly type: CqlType
    readonly text: string
  }[]
}

function whereOf(schema: TableSchema, { token, key }: Pick<RowsQuery, 'token' | 'key'>): Where {
  if (key !== undefined) return whereKey(schema, key)
  if (token === undefined) return { cql: '', values: [] }
  const names = schema.partitionKey.map(one => quoteIdentifier(one.name)).join(', ')
  const value = { name: 'token', type: { kind: 'bigint' as const }, text: token }
  return { cql: ` WHERE token(${names}) >= ?`, values: [value] }
}

function whereKey({ partitionKey, clusteringKey }: TableSchema, key: readonly string[]): Where {
  const all = [...partitionKey, ...clusteringKey]
  if (key.length < partitionKey.length || key.length > all.length) {
    const expected = `${partitionKey.length} to ${all.length} values`
    throw badQuery('key', `expected ${expected}: the partition key, then clustering columns`)
  }
  const columns = all.slice(0, key.length)
  const terms = columns.map(one => `${quoteIdentifier(one.name)} = ?`)
  const values = columns.map(({ name, type }, index) => ({ name, type, text: key[index]! }))
  return { cql: ` WHERE ${terms.join(' AND ')}`, values }
}

/** `[short n] n × [value]`. */
function bound(values: Where['values']): Buffer {
  const writer = new ByteWriter(256)
  writer.writeInt16(values.length)
  for (const { name, type, text } of values)
    writeCell(codecFor(type), toKeyValue(text, type, name), writer)
  return Buffer.from(writer.view())
}

function textOf(cell: DataCell | undefined): string {
  return typeof cell === 'string' ? cell : ''
}
