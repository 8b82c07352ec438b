/**
 * The table of the benchmark: three columns, filled by the product's own write path.
 * Called by main.ts before the runs that count.
 */
import { ControlSession, RowBatch, type WriteSession } from '../../../src/cassandra/index.ts'
import { CONSISTENCY, murmur3Token } from '../../../src/cql/index.ts'
import type { CassandraDescription } from '../../../src/sandbox/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { connectionTo, writeTable } from '../../support/write-table.ts'

export const KEYSPACE = 'bench_replicate'
const BATCH_ROWS = 5_000

export async function fillTable(cassandra: CassandraDescription, rows: number): Promise<void> {
  const columns = '(id bigint PRIMARY KEY, name text, at timestamp)'
  await writeTable(cassandra, { keyspace: KEYSPACE, name: 'items', columns }, session =>
    insertAll(session, rows),
  )
}

async function insertAll(session: WriteSession, rows: number): Promise<void> {
  const insert = await session.prepare(
    `INSERT INTO ${KEYSPACE}.items (id, name, at) VALUES (?, ?, ?)`,
    KEYSPACE,
    { consistency: CONSISTENCY.LOCAL_ONE, isIdempotent: true, isCounter: false, batchGroup: 0 },
  )
  const batch = new RowBatch()
  for (let first = 0; first < rows; first += BATCH_ROWS) {
    batch.reset()
    for (let row = first; row < Math.min(rows, first + BATCH_ROWS); row++)
      addRow(batch, insert, row)
    const [failure] = await session.write(batch)
    if (failure !== undefined) throw failure.error
  }
}

/** Where the tables go when there is none to fill. */
export async function makeKeyspace(cassandra: CassandraDescription): Promise<void> {
  const control = await ControlSession.open(connectionTo(cassandra), { logger: Logger.silent() })
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  await control.execute(
    `CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = ${replication}`,
  )
  await control.close()
}

export async function dropTables(cassandra: CassandraDescription): Promise<void> {
  const control = await ControlSession.open(connectionTo(cassandra), { logger: Logger.silent() })
  await control.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  await control.close()
}

const token = { high: 0, low: 0 }

function addRow(batch: RowBatch, insert: Parameters<RowBatch['add']>[0], row: number): void {
  const { arena } = batch
  const start = arena.position
  arena.writeInt16(3)
  arena.writeInt32(8)
  const keyAt = arena.position
  arena.writeSafeInt64(row)
  const name = `item ${row % 10_007} of the list`
  arena.writeInt32(name.length)
  arena.writeUtf8(name)
  arena.writeInt32(8)
  arena.writeSafeInt64(1_700_000_000_000 + row)
  const at = batch.add(insert, row, start, 0)
  murmur3Token(arena.bytes, { start: keyAt, end: keyAt + 8 }, token)
  batch.setToken(at, token.high, token.low)
}
