/**
 * Rows of a Cassandra table as pages of values: the source side of jobs from one table to another.
 * Pages are read one after the other over the data plane.
 * Spec: backlog-replication 2.1; cassandra as a source.
 */
import { qualifiedName, quoteIdentifier, type ReadSession } from '../cassandra/index.ts'
import { CellCursor, CONSISTENCY, type ConsistencyName, codecFor, readCell } from '../cql/index.ts'
import { fromCql } from './cell-value.ts'
import type { SourceTable } from './source-table.ts'
import type { Value } from './sql-engine.ts'

export interface TableRead {
  readonly session: ReadSession
  readonly keyspace: string
  readonly table: SourceTable
  readonly pageSize: number
  readonly consistency: ConsistencyName
  readonly signal: AbortSignal
}

export async function* cassandraPages(read: TableRead): AsyncGenerator<Value[][]> {
  const { session, keyspace, table, pageSize } = read
  const names = table.columns.map(one => quoteIdentifier(one.name)).join(', ')
  const cql = `SELECT ${names} FROM ${qualifiedName(keyspace, table.name)}`
  const statement = await session.prepare(cql, keyspace, CONSISTENCY[read.consistency])
  const codecs = statement.columns.map(one => codecFor(one.type))
  const cursor = new CellCursor(codecs.length)
  let pagingState: Buffer | undefined
  do {
    if (read.signal.aborted) return
    const result = await session.readPage(statement, {
      values: Buffer.from([0, 0]),
      pageSize,
      pagingState,
      token: undefined,
    })
    cursor.reset(result)
    const rows: Value[][] = []
    while (cursor.nextRow()) {
      rows.push(
        codecs.map((codec, index) => {
          const range = { start: cursor.starts[index]!, length: cursor.lengths[index]! }
          return fromCql(readCell(codec, cursor.bytes, range), statement.columns[index]!.type)
        }),
      )
    }
    pagingState = result.pagingState === undefined ? undefined : Buffer.from(result.pagingState)
    yield rows
  } while (pagingState !== undefined)
}
