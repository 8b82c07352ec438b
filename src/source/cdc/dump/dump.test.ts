/**
 * The lines of `cdc dump` for records of real serializers: every vector of the specification, in
 * every storage form, and damaged files.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SEGMENT_FILES } from '../../../../test/golden/commit-log-files.ts'
import { buildSegment } from '../../../../test/support/commit-log-writer.ts'
import { type DumpOptions, dumpChanges } from './dump.ts'
import { readSchemaFile } from './schema-file.ts'

const TS = 1_700_000_000_000_000
const NOW = 1_700_000_000
const folder = mkdtempSync(join(tmpdir(), 'scamander-dump-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SCHEMA = readSchemaFile(
  `CREATE KEYSPACE demo_ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'};
  CREATE TABLE demo_ks.demo_table (k text PRIMARY KEY, v text)
    WITH ID = 11112222-3333-4444-5555-666677778888 AND cdc = true AND comment = 'a; "b"';
  CREATE TABLE demo_ks.t (p int, q text, c1 int, c2 text, s text static, i int, m map<text, int>,
    st set<int>, fl frozen<list<int>>, vec vector<float, 3>, sm smallint, PRIMARY KEY ((p, q), c1, c2)
  ) WITH ID = aaaabbbb-cccc-4ddd-8eee-ffff00001111 AND CLUSTERING ORDER BY (c1 DESC, c2 ASC)
    AND cdc = true;`,
  'schema.cql',
)
const WIDE_HEAD = '01aaaabbbbcccc4ddd8eeeffff000011110b0004000000010000017800'
const INSERT = '0111112222333344445555666677778888016110fce9d96a43c000000001017601240008016201'

async function dump(bytes: Buffer, more: Partial<DumpOptions> = {}) {
  const id = bytes.readBigInt64BE(4)
  const path = join(folder, `CommitLog-8-${id}.log`)
  writeFileSync(path, bytes)
  let text = ''
  const notes: string[] = []
  const result = await dumpChanges({
    ...{ paths: [path], format: 'jsonl', tables: [], from: undefined, withSystem: false },
    ...{ cdcOnly: false, tableIds: [], schemaFile: SCHEMA, clusterSchema: undefined },
    keyOf: () => Buffer.from('66a8801a0efc9fe8c42c537378765d62', 'hex'),
    follow: false,
    signal: new AbortController().signal,
    write: chunk => {
      text += chunk
      return undefined
    },
    note: line => notes.push(line),
    ...more,
  })
  const lines = text.split('\n').filter(line => line !== '')
  return { ...result, notes, lines: lines.map(line => JSON.parse(line)) }
}

const record = (hex: string) => buildSegment([[Buffer.from(hex, 'hex')]], { padding: 8 })
const CELL_B = { value: 'b', ts: TS }
const DEMO = {
  ...{ v: 1, file: 'CommitLog-8-1700000000000.log', segment: 1_700_000_000_000, position: 79 },
  ...{ update: 0, seq: 0, keyspace: 'demo_ks', table: 'demo_table', cdc: true, static: false },
  ...{ tableId: '11112222-3333-4444-5555-666677778888', key: { k: 'a' } },
}
const WIDE = { table: 't', key: { p: 1, q: 'x' }, static: false }
const LIVE_ROW = [
  {
    ...{ ...WIDE, op: 'insert', clustering: { c1: 7, c2: 'cc' }, ts: TS },
    columns: {
      i: { deleted: true, ts: TS, localDeletionTime: NOW },
      m: {
        ...{ type: 'map', mode: 'delete', cells: [] },
        deletion: { ts: TS, localDeletionTime: NOW },
      },
      st: { type: 'set', mode: 'merge', cells: [{ path: 9, ts: TS }] },
    },
  },
]
const OVERWRITE = { ts: TS - 1, localDeletionTime: NOW }

const cases: [name: string, hex: string, lines: object[]][] = [
  ['INSERT', INSERT, [{ ...DEMO, op: 'insert', clustering: {}, ts: TS, columns: { v: CELL_B } }]],
  [
    'INSERT USING TTL',
    '0111112222333344445555666677778888016110fce9d96a43c000ef5365108e10010176012c0000001a016201',
    [
      {
        ...{ op: 'insert', ts: TS, ttl: 3600, expiresAt: NOW + 3600 },
        columns: { v: { ...CELL_B, ttl: 3600, expiresAt: NOW + 3600 } },
      },
    ],
  ],
  [
    'partition deletion',
    '0111112222333344445555666677778888016114fce9d96a43c000ef535700000000000001',
    [{ op: 'delete_partition', key: { k: 'a' }, ts: TS, localDeletionTime: NOW }],
  ],
  [
    'row deletion',
    '0111112222333344445555666677778888016110fce9d96a43c000ef53570000000130000001',
    [{ op: 'delete_row', clustering: {}, ts: TS, localDeletionTime: NOW }],
  ],
  [
    'cell tombstone',
    '0111112222333344445555666677778888016110fce9d96a43c000ef53570000010176012005000001',
    [
      {
        ...{ op: 'update', clustering: {} },
        columns: { v: { deleted: true, ts: TS, localDeletionTime: NOW } },
      },
    ],
  ],
  [
    'INSERT of every column kind',
    `${WIDE_HEAD}18fce9d96a43bfffef535700000101730602666c016902736d03766563016d027374a40101080473746174016400000000070263630108140000000200000004000000010000000400000002080000000508020002083f800000400000004040000000000108026b3104000000010000020c04000000030c040000000401`,
    [
      {
        ...{ ...WIDE, seq: 0, op: 'update', static: true, ts: TS },
        columns: { s: { value: 'stat', ts: TS } },
      },
      {
        ...{ ...WIDE, seq: 1, op: 'insert', clustering: { c1: 7, c2: 'cc' }, ts: TS },
        columns: {
          fl: { value: [1, 2], ts: TS },
          i: { value: 5, ts: TS },
          sm: { value: 2, ts: TS },
          vec: { value: [1, 2, 3], ts: TS },
          m: {
            ...{ type: 'map', mode: 'overwrite', deletion: OVERWRITE },
            cells: [{ path: 'k1', value: 1, ts: TS }],
          },
          st: {
            ...{ type: 'set', mode: 'overwrite', deletion: OVERWRITE },
            cells: [
              { path: 3, ts: TS },
              { path: 4, ts: TS },
            ],
          },
        },
      },
    ],
  ],
  [
    'live placeholder of 4.x',
    `${WIDE_HEAD}10fce9d96a43c000ef53570000030169016d02737401640000000007026363000d00000000ff7ff9f5dbe7e1c000f01aac0eff010c040000000901`,
    LIVE_ROW,
  ],
  [
    'live placeholder of 5.0',
    `${WIDE_HEAD}10fce9d96a43c000ef53570000030169016d02737401640000000007026363000d00000000ff7ff9f5dbe7e1c000ffffffffff9aac0eff010c040000000901`,
    LIVE_ROW,
  ],
  [
    'range deletion',
    `${WIDE_HEAD}10fce9d96a43c000ef5357000000000201000100000000050000020000010000000003000001`,
    [
      {
        ...{ ...WIDE, op: 'delete_range', ts: TS, localDeletionTime: NOW },
        range: {
          start: { inclusive: true, values: { c1: 5 } },
          end: { inclusive: false, values: { c1: 3 } },
        },
      },
    ],
  ],
]

describe('lines', () => {
  it.each(cases)('%s', async (_name, hex, expected) => {
    const { lines, problems } = await dump(record(hex))
    expect(problems).toBe(0)
    expect(lines).toEqual(expected.map((one, i) => expect.objectContaining({ seq: i, ...one })))
  })

  it('has no other members than the worked example', async () => {
    const { lines } = await dump(record(INSERT))
    expect(lines).toEqual([cases[0]![2][0]])
  })

  it.each(Object.keys(SEGMENT_FILES))('%s gives the same three changes', async name => {
    const { lines, problems } = await dump(Buffer.from(SEGMENT_FILES[name]!, 'hex'))
    expect(problems).toBe(0)
    const values = ['b', `b${'x'.repeat(50)}`, `b${'x'.repeat(100)}`]
    expect(lines).toMatchObject(
      values.map((value, i) => ({
        ...{ op: 'insert', key: { k: `a${i}` }, columns: { v: { value, ts: TS + i } } },
      })),
    )
  })
})

describe('damage', () => {
  const plain = Buffer.from(SEGMENT_FILES['plain']!, 'hex')

  it('leaves out a record with a flipped bit and prints its neighbours', async () => {
    const bytes = Buffer.from(plain)
    bytes[100]! ^= 1
    const { lines, problems, notes } = await dump(bytes)
    expect(lines.map(line => line.key.k)).toEqual(['a0', 'a2'])
    expect({ problems, notes: notes.length }).toEqual({ problems: 1, notes: 1 })
  })

  it('prints the whole records before a cut', async () => {
    const { lines, problems } = await dump(plain.subarray(0, 200))
    expect(lines.map(line => line.key.k)).toEqual(['a0', 'a1'])
    expect(problems).toBe(1)
  })

  it('prints an unknown table as undecodable, with its bytes', async () => {
    const { lines, problems } = await dump(record(INSERT), { schemaFile: undefined })
    expect(problems).toBe(1)
    expect(lines).toMatchObject([
      {
        ...{ op: 'undecodable', keyspace: null, cdc: null, position: 79 },
        ...{ tableId: '11112222-3333-4444-5555-666677778888', raw: `0x${INSERT.slice(2)}` },
      },
    ])
  })

  it('matches the only table without an id with the only unknown id', async () => {
    const schemaFile = readSchemaFile('CREATE TABLE x.y (k text PRIMARY KEY, v text)', 'f')
    const { lines, problems, notes } = await dump(record(INSERT), { schemaFile })
    expect(lines).toMatchObject([{ keyspace: 'x', table: 'y', cdc: false, key: { k: 'a' } }])
    expect({ problems, notes: notes.length }).toEqual({ problems: 0, notes: 1 })
  })

  it('starts after a position', async () => {
    const from = { segmentId: undefined, position: 80 }
    const { lines } = await dump(plain, { from })
    expect(lines.map(line => line.key.k)).toEqual(['a1', 'a2'])
  })
})
