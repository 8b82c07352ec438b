/**
 * `scamander cdc dump` beside SELECT JSON on a running node: rows of every type, printed from the log with
 * the schema of the cluster, of a file and of the log alone.
 * Used by capture-oracle.it.ts. Invariant: all three agree, and each value is what Cassandra prints.
 * Spec: cdc-replication 2.6, 10.2.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import { expect } from 'vitest'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { command } from './capture-servers.ts'
import { until } from './standalone.ts'

const PATIENCE_MS = 60_000

/** Column type and a value; each row takes one of the values. */
const VALUES: Readonly<Record<string, readonly [string, string]>> = {
  ascii: [`'plain'`, `''`],
  text: [`'täxt "quoted"'`, `'line\nbreak'`],
  tinyint: ['-128', '127'],
  smallint: ['-32768', '32767'],
  int: ['-2147483648', '2147483647'],
  bigint: ['-9007199254740991', '9007199254740991'],
  varint: ['-12345', '0'],
  float: ['1.5', '-0.1'],
  double: ['0.1', '-1.5E300'],
  decimal: ['12.50', '-0.001'],
  boolean: ['true', 'false'],
  blob: ['0x00ff', '0x'],
  uuid: ['11111111-2222-4333-8444-555555555555', '00000000-0000-4000-8000-000000000000'],
  timeuuid: ['50554d6e-29bb-11e5-b345-feff819cdc9f', '00000000-0000-1000-8080-808080808080'],
  inet: [`'127.0.0.1'`, `'2001:db8::1'`],
  timestamp: [`'2023-11-14T22:13:20.123Z'`, `'1969-12-31T23:59:59.999Z'`],
  date: [`'2024-02-29'`, `'1900-01-01'`],
  time: [`'08:12:54.123456789'`, `'00:00:00'`],
  duration: ['1y2mo3d4h5m6s7ms8us9ns', '-1d2ns'],
  'frozen<list<int>>': ['[1, 2]', '[]'],
  'frozen<set<text>>': [`{'b', 'a'}`, `{}`],
  'frozen<map<int, text>>': [`{2: 'b', 1: 'a'}`, `{}`],
  'tuple<int, text>': [`(1, 'a')`, `(1, null)`],
  'frozen<pair>': [`{x: 1, y: 'b'}`, `{x: 2}`],
  'vector<float, 2>': ['[1.5, 2.5]', '[0.0, -1.0]'],
}

interface Line {
  readonly op: string
  readonly key: { readonly k: number }
  readonly columns: Readonly<Record<string, { readonly value: unknown; readonly ts: number }>>
}

/** Makes a table, writes rows and compares. */
export async function compareDump(
  client: Client,
  cassandra: CassandraDescription,
  keyspace: string,
): Promise<void> {
  const types = Object.keys(VALUES).filter(
    type => !type.startsWith('vector') || cassandra.line === '5.0',
  )
  const columns = types.map((type, i) => `c${i} ${type}`)
  await client.execute(`CREATE TYPE ${keyspace}.pair (x int, y text)`)
  await client.execute(
    `CREATE TABLE ${keyspace}.shown (k int PRIMARY KEY, ${columns.join(', ')}) WITH cdc = true`,
  )
  const names = types.map((_type, i) => `c${i}`)
  for (const k of [0, 1] as const) {
    const values = types.map(type => VALUES[type]![k])
    await client.execute(
      `INSERT INTO ${keyspace}.shown (k, ${names.join(', ')}) VALUES (${k}, ${values.join(', ')})`,
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'scamander-dump-'))
  try {
    const point = `${cassandra.contactPoints[0]}:${cassandra.port}`
    const file = join(folder, 'schema.cql')
    const described = await client.execute(`DESCRIBE KEYSPACE ${keyspace} WITH INTERNALS`)
    writeFileSync(file, described.rows.map(row => row['create_statement']).join('\n'))
    const log = cassandra.nodes[0]!.commitLogDir
    const dump = (...more: string[]) => dumpOf(log, `${keyspace}.shown`, more)
    const live = await dump('--contact-point', point)
    expect(await dump('--schema', file)).toEqual(live)
    expect(await dump()).toEqual(live)
    const times = names.map((name, i) => `writetime(${name}) AS t${i}`)
    const found = await client.execute(`SELECT k, ${times.join(', ')} FROM ${keyspace}.shown`)
    const rows = await client.execute(`SELECT JSON * FROM ${keyspace}.shown`)
    for (const line of live) {
      const { k } = line.key
      const json = rows.rows.map(row => JSON.parse(row['[json]'])).find(row => row.k === k)
      const at = found.rows.find(row => row['k'] === k)!
      const shown = types.map((type, i) => {
        const { value, ts } = line.columns[`c${i}`]!
        return [type, k, value, ts]
      })
      expect(shown).toEqual(
        // Decimals are texts, so that no digit is lost.
        types.map((type, i) => {
          const value = json[`c${i}`]
          return [type, k, type === 'decimal' ? VALUES[type]![k] : value, Number(at[`t${i}`])]
        }),
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The two rows once they are in the log. */
async function dumpOf(folder: string, table: string, more: readonly string[]): Promise<Line[]> {
  let last: unknown
  const take = async () => {
    const run = await command('cdc', 'dump', folder, '--table', table, ...more)
    last = run
    const lines = run.out.split('\n').filter(line => line !== '')
    const changes = lines.map(line => JSON.parse(line) as Line).filter(line => line.op === 'insert')
    // Without the schema of the cluster, tables whose DDL is gone from the log are unknown: 3.
    const isRead = run.code === 0 || (run.code === 3 && more[0] !== '--contact-point')
    return isRead && changes.length === 2 && changes
  }
  return await until(`two rows of ${table}`, take, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last).slice(0, 2000)}`)
  })
}
