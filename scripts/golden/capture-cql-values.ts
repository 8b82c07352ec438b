/**
 * Captures golden bytes of every CQL type from a real server into test/golden/cql-values.json:
 * `node scripts/golden/capture-cql-values.ts [--host 127.0.0.1] [--port 9042]`, with a Cassandra 5.0
 * (vectors) of `scamander sandbox up`. Literals come from test/golden/cql-value-cases.ts; the bytes
 * are the cells as the server returns them, never our own encoding.
 * It creates and drops the keyspace scamander_golden.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { CellCursor, type RowsResult } from '../../src/cql/index.ts'
import { TOKEN_KEYS, UDT_FIELDS, UDT_NAME, VALUE_CASES } from '../../test/golden/cql-value-cases.ts'
import { CqlLink } from './cql-link.ts'

const KEYSPACE = 'scamander_golden'
const OUTPUT = new URL('../../test/golden/cql-values.json', import.meta.url)

interface Captured {
  readonly type: string
  /** As system_schema.columns has it. */
  readonly schemaType: string
  readonly literal: string
  readonly hex: string
}

/** The cells of a result as hexadecimal text; null stays null. */
function hexCells(rows: RowsResult | undefined): (string | null)[][] {
  if (rows === undefined) throw new Error('expected rows')
  const cursor = new CellCursor(rows.metadata.columnCount)
  cursor.reset(rows)
  const out: (string | null)[][] = []
  while (cursor.nextRow()) {
    out.push(
      Array.from(cursor.starts, (start, i) => {
        const length = cursor.lengths[i]!
        return length < 0 ? null : rows.bytes.toString('hex', start, start + length)
      }),
    )
  }
  return out
}

const textOf = (hex: string | null | undefined) => Buffer.from(hex ?? '', 'hex').toString('utf8')

async function createSchema(link: CqlLink): Promise<void> {
  await link.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  await link.execute(
    `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  )
  await link.execute(`USE ${KEYSPACE}`)
  const fields = UDT_FIELDS.map(([name, type]) => `"${name}" ${type}`).join(', ')
  await link.execute(`CREATE TYPE "${UDT_NAME.replaceAll('"', '""')}" (${fields})`)
  const columns = VALUE_CASES.map(([type], i) => `c${i} ${type}`).join(', ')
  await link.execute(`CREATE TABLE cells (id int PRIMARY KEY, ${columns})`)
  await link.execute('CREATE TABLE counters (id int PRIMARY KEY, c counter)')
  await link.execute('CREATE TABLE keys (k blob PRIMARY KEY)')
}

async function captureValues(link: CqlLink): Promise<Captured[]> {
  const schema = await link.execute(
    `SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = '${KEYSPACE}' AND table_name = 'cells'`,
  )
  const types = new Map(hexCells(schema).map(([name, type]) => [textOf(name), textOf(type)]))
  const out: Captured[] = []
  for (const [index, [type, cases]] of VALUE_CASES.entries()) {
    const column = `c${index}`
    for (const { literal } of cases) {
      const id = out.length
      await link.execute(`INSERT INTO cells (id, ${column}) VALUES (${id}, ${literal})`)
      const rows = hexCells(await link.execute(`SELECT ${column} FROM cells WHERE id = ${id}`))
      const hex = rows[0]?.[0] ?? null
      if (hex === null) throw new Error(`expected a cell of ${type}, found null for ${literal}`)
      out.push({ type, schemaType: types.get(column) ?? '', literal, hex })
    }
  }
  await link.execute('UPDATE counters SET c = c - 7 WHERE id = 1')
  const counter = hexCells(await link.execute('SELECT c FROM counters'))
  const hex = counter[0]?.[0] ?? ''
  out.push({ type: 'counter', schemaType: 'counter', literal: '-7', hex })
  return out
}

async function captureTokens(link: CqlLink): Promise<{ key: string; token: string }[]> {
  const out: { key: string; token: string }[] = []
  for (const key of TOKEN_KEYS) {
    await link.execute(`INSERT INTO keys (k) VALUES (0x${key})`)
    const rows = hexCells(await link.execute(`SELECT token(k) FROM keys WHERE k = 0x${key}`))
    const token = Buffer.from(rows[0]?.[0] ?? '', 'hex').readBigInt64BE(0)
    out.push({ key, token: String(token) })
  }
  return out
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9042' },
    },
  })
  const link = await CqlLink.open({ host: values.host, port: Number(values.port), version: 5 })
  try {
    const [release] = hexCells(await link.execute('SELECT release_version FROM system.local'))
    await createSchema(link)
    const document = {
      origin: 'scripts/golden/capture-cql-values.ts',
      server: `Apache Cassandra ${textOf(release?.[0])}`,
      values: await captureValues(link),
      tokens: await captureTokens(link),
    }
    await link.execute(`DROP KEYSPACE ${KEYSPACE}`)
    await writeFile(OUTPUT, `${JSON.stringify(document, null, 2)}\n`)
    process.stdout.write(`${document.values.length} values from ${document.server}\n`)
  } finally {
    link.close()
  }
}

await main()
