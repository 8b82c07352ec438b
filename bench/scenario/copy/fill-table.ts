/**
 * Fills the table of the benchmark: one million small rows with a write time each, by the product's
 * own write path. Called by main.ts before the runs that count.
 */
import type { ByteWriter } from '../../../src/base/byte-writer.ts'
import { RowBatch, type WriteSession } from '../../../src/cassandra/index.ts'
import { CONSISTENCY, murmur3Token } from '../../../src/cql/index.ts'
import type { CassandraDescription } from '../../../src/sandbox/index.ts'
import { writeTable } from '../../support/write-table.ts'

export const KEYSPACE = 'bench_migrate'
export const TABLE = 'orders'
/** Microseconds: the first row's write time; the others follow by one each. */
const FIRST_TIME_US = 1_700_000_000_000_000
const BATCH_ROWS = 5_000

const COLUMNS =
  '(id bigint PRIMARY KEY, customer text, amount double, quantity int, city text, placed timestamp)'

/** Makes keyspace and table anew; rows only when `rows` is above 0. */
export async function fillTable(cassandra: CassandraDescription, rows: number): Promise<void> {
  const table = { keyspace: KEYSPACE, name: TABLE, columns: COLUMNS }
  await writeTable(cassandra, table, session => insertAll(session, rows))
}

async function insertAll(session: WriteSession, rows: number): Promise<void> {
  const insert = await session.prepare(
    `INSERT INTO ${KEYSPACE}.${TABLE} (id, customer, amount, quantity, city, placed) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    KEYSPACE,
    { consistency: CONSISTENCY.LOCAL_ONE, isIdempotent: true, isCounter: false, batchGroup: 0 },
  )
  const batches = [new RowBatch(), new RowBatch()]
  const pending: Promise<unknown>[] = []
  for (let first = 0, turn = 0; first < rows; first += BATCH_ROWS, turn++) {
    const batch = batches[turn % 2]!
    await pending[turn - 2]
    batch.reset()
    for (let row = first; row < Math.min(rows, first + BATCH_ROWS); row++)
      addRow(batch, insert, row)
    const written = session.write(batch).then(failures => {
      if (failures.length > 0) throw failures[0]!.error
    })
    pending.push(written)
  }
  await Promise.all(pending)
}

const token = { high: 0, low: 0 }

function addRow(batch: RowBatch, insert: Parameters<RowBatch['add']>[0], row: number): void {
  const { arena } = batch
  const start = arena.position
  arena.writeInt16(7)
  arena.writeInt32(8)
  const keyAt = arena.position
  arena.writeSafeInt64(row)
  writeText(arena, `customer-${row % 10_007}-of-the-shop`)
  arena.writeInt32(8)
  arena.writeFloat64(row * 1.25)
  arena.writeInt32(4)
  arena.writeInt32(row % 97)
  writeText(arena, `city ${row % 1_009}`)
  arena.writeInt32(8)
  arena.writeSafeInt64(1_700_000_000_000 + row)
  arena.writeInt32(8)
  arena.writeSafeInt64(FIRST_TIME_US + row)
  const at = batch.add(insert, row, start, 0)
  murmur3Token(arena.bytes, { start: keyAt, end: keyAt + 8 }, token)
  batch.setToken(at, token.high, token.low)
}

function writeText(arena: ByteWriter, text: string): void {
  arena.writeInt32(Buffer.byteLength(text))
  arena.writeUtf8(text)
}
