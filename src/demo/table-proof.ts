/**
 * The proof of `demo --once`: every row that must be there is there, equal field by field, and no
 * other row. Expected rows come from the published data set (data/), found rows from Cassandra.
 * Called once per table after all records were consumed.
 * Invariant: a row or a field that differs is counted always and shown up to a limit.
 */
import type { ControlSession, Row } from '../cassandra/index.ts'
import type { DataFlow, DemoTable, PlainRow, PlainValue } from './data/data-flow.ts'
import { isEqual, toPlain } from './plain-value.ts'

export interface TableProof {
  readonly table: string
  /** Records sent to the topic, deletes and overwritten ones included. */
  readonly sent: number
  readonly expected: number
  readonly rows: number
  readonly fields: number
  readonly mismatches: number
  /** The first mismatches, a line each. */
  readonly examples: readonly string[]
}

export const EXAMPLES_MAX = 10
/** Appended to what is read from a table whose rows expire: how long the last column still lives. */
const TTL = 'remaining_seconds'

export async function proveTable(
  session: ControlSession,
  flow: DataFlow,
  check: { readonly table: DemoTable; readonly rounds: number; readonly sent: number },
): Promise<TableProof> {
  const { table, rounds, sent } = check
  const last = table.columns.at(-1)!
  const ttl = table.expires ? `, ttl(${last}) AS ${TTL}` : ''
  const found = await session.execute(`SELECT ${table.columns.join(', ')}${ttl} FROM ${table.name}`)
  const proof = compareRows(table, flow.expectedRows(table, rounds), found)
  return { ...proof, sent }
}

/** The pure part: which rows and fields differ. */
export function compareRows(
  table: DemoTable,
  expectedRows: Iterable<PlainRow>,
  found: readonly Row[],
): TableProof {
  const { columns, keyLength } = table
  const expected = new Map<string, PlainRow>()
  for (const row of expectedRows) expected.set(keyOf(row, keyLength), row)
  const missing = new Set(expected.keys())
  const examples: string[] = []
  let mismatches = 0
  let fields = 0
  const report = (line: string) => {
    mismatches += 1
    if (examples.length < EXAMPLES_MAX) examples.push(`${table.name} ${line}`)
  }
  for (const raw of found) {
    const row = columns.map(column => toPlain(raw[column]))
    const key = keyOf(row, keyLength)
    const wanted = expected.get(key)
    if (wanted === undefined) {
      report(`${key}: a row that was never sent`)
      continue
    }
    if (!missing.delete(key)) report(`${key}: the same row twice`)
    for (let i = 0; i < columns.length; i++) {
      fields += 1
      if (isEqual(wanted[i]!, row[i]!)) continue
      report(`${key}: ${columns[i]} expected ${shown(wanted[i]!)}, found ${shown(row[i]!)}`)
    }
    if (table.expires && !(Number(raw[TTL]) > 0)) report(`${key}: expected a time to live`)
  }
  for (const key of missing) report(`${key}: the row is missing`)
  const counts = { expected: expected.size, rows: found.length, fields, mismatches }
  return { table: table.name, sent: 0, ...counts, examples }
}

function keyOf(row: PlainRow, keyLength: number): string {
  return row
    .slice(0, keyLength)
    .map(value => shown(value))
    .join(' ')
}

function shown(value: PlainValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
