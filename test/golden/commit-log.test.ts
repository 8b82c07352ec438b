/**
 * Golden bytes of the commit log: records of the serializers of Cassandra 4.0.17, 4.1.8 and 5.0.6,
 * and whole files of the writer of 5.0.6 in every storage form.
 * Origin: the commit-log specification, section 12.
 */
import { describe, expect, it } from 'vitest'
import { SegmentReader } from '../../src/commitlog/index.ts'
import { buildSegment } from '../support/commit-log-writer.ts'
import { lookupOf, readWhole, tableOf } from '../support/mutation-text.ts'
import { SEGMENT_FILES } from './commit-log-files.ts'

const TS = 1_700_000_000_000_000n
const NOW = 1_700_000_000

const demo = tableOf('11112222-3333-4444-5555-666677778888', 'demo_table', {
  partition: ['k: text'],
  others: ['v: text'],
})
const wide = tableOf('aaaabbbb-cccc-4ddd-8eee-ffff00001111', 't', {
  partition: ['p: int', 'q: text'],
  clustering: ['c1: int', 'c2: text'],
  others: [
    ...['s: text static', 'i: int', 'm: map<text, int>', 'st: set<int>'],
    ...['fl: frozen<list<int>>', 'vec: vector<float, 3>', 'sm: smallint'],
  ],
})
const schema = lookupOf(demo, wide)

const WIDE = 'aaaabbbbcccc4ddd8eeeffff00001111'
const WIDE_HEAD = `01${WIDE}0b0004000000010000017800`
const LIVE_ROW = {
  table: 't',
  key: [1, 'x'],
  rows: [
    {
      clustering: [7, 'cc'],
      timestamp: TS,
      cells: [
        { column: 'i', timestamp: TS, ldt: NOW, isDeleted: true },
        { column: 'm', timestamp: TS, replaced: NOW },
        { column: 'st', timestamp: TS, path: 9, value: Buffer.alloc(0) },
      ],
    },
  ],
}

const cases: [name: string, hex: string, expected: object][] = [
  [
    'INSERT',
    '0111112222333344445555666677778888016110fce9d96a43c000000001017601240008016201',
    {
      table: 'demo_table',
      key: ['a'],
      rows: [
        { clustering: [], timestamp: TS, cells: [{ column: 'v', timestamp: TS, value: 'b' }] },
      ],
    },
  ],
  [
    'INSERT USING TTL',
    '0111112222333344445555666677778888016110fce9d96a43c000ef5365108e10010176012c0000001a016201',
    {
      table: 'demo_table',
      key: ['a'],
      rows: [
        {
          ...{ clustering: [], timestamp: TS, ttl: 3600, ldt: NOW + 3600 },
          cells: [{ column: 'v', timestamp: TS, ttl: 3600, ldt: NOW + 3600, value: 'b' }],
        },
      ],
    },
  ],
  [
    'partition deletion',
    '0111112222333344445555666677778888016114fce9d96a43c000ef535700000000000001',
    { table: 'demo_table', key: ['a'], deletion: { timestamp: TS, ldt: NOW }, rows: [] },
  ],
  [
    'row deletion',
    '0111112222333344445555666677778888016110fce9d96a43c000ef53570000000130000001',
    {
      table: 'demo_table',
      key: ['a'],
      rows: [{ clustering: [], deletion: { timestamp: TS, ldt: NOW }, cells: [] }],
    },
  ],
  [
    'cell tombstone',
    '0111112222333344445555666677778888016110fce9d96a43c000ef53570000010176012005000001',
    {
      table: 'demo_table',
      key: ['a'],
      rows: [
        { clustering: [], cells: [{ column: 'v', timestamp: TS, ldt: NOW, isDeleted: true }] },
      ],
    },
  ],
  [
    'INSERT of every column kind',
    `${WIDE_HEAD}18fce9d96a43bfffef535700000101730602666c016902736d03766563016d027374a40101080473746174016400000000070263630108140000000200000004000000010000000400000002080000000508020002083f800000400000004040000000000108026b3104000000010000020c04000000030c040000000401`,
    {
      table: 't',
      key: [1, 'x'],
      rows: [
        { isStatic: true, timestamp: TS, cells: [{ column: 's', timestamp: TS, value: 'stat' }] },
        {
          clustering: [7, 'cc'],
          timestamp: TS,
          cells: [
            { column: 'fl', timestamp: TS, value: [1, 2] },
            { column: 'i', timestamp: TS, value: 5 },
            { column: 'sm', timestamp: TS, value: 2 },
            { column: 'vec', timestamp: TS, value: [1, 2, 3] },
            { column: 'm', timestamp: TS - 1n, replaced: NOW },
            { column: 'm', timestamp: TS, path: 'k1', value: 1 },
            { column: 'st', timestamp: TS - 1n, replaced: NOW },
            { column: 'st', timestamp: TS, path: 3, value: Buffer.alloc(0) },
            { column: 'st', timestamp: TS, path: 4, value: Buffer.alloc(0) },
          ],
        },
      ],
    },
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
    {
      table: 't',
      key: [1, 'x'],
      rows: [
        { bound: 1, clustering: [5], deletion: { timestamp: TS, ldt: NOW } },
        { bound: 0, clustering: [3], deletion: { timestamp: TS, ldt: NOW } },
      ],
    },
  ],
]

describe.each([7, 8])('records in a segment of version %i', version => {
  it.each(cases)('%s', (_name, hex, expected) => {
    const bytes = buildSegment([[Buffer.from(hex, 'hex')]], { version })
    const { state, mutations, problems } = readWhole(bytes, { schema })
    expect({ state, problems }).toEqual({ state: 'end', problems: [] })
    expect(mutations).toEqual([expected])
  })
})

it('builds the worked example of the specification', () => {
  const mutation = Buffer.from(cases[0]![1], 'hex')
  expect(buildSegment([[mutation]], { padding: 8 }).toString('hex')).toBe(
    '000000080000018bcfe5680000027b7d06643ec7' +
      `0000004fda074c3400000027844e6a77${cases[0]![1]}521e0b6a0000000000000000`,
  )
})

describe('whole files', () => {
  const key = Buffer.from('66a8801a0efc9fe8c42c537378765d62', 'hex')
  const options = { schema, keyOf: (alias: string) => (alias === 'k1' ? key : undefined) }
  const headers = { plain: 20, lz4: 83, snappy: 86, deflate: 87, zstd: 105, encrypted: 116 }

  it.each(Object.entries(headers))('%s', (name, headerBytes) => {
    const bytes = Buffer.from(SEGMENT_FILES[name]!, 'hex')
    const { state, mutations, positions, problems, reader } = readWhole(bytes, options)
    expect({ state, problems }).toEqual({ state: 'end', problems: [] })
    expect(positions).toEqual([headerBytes + 60, headerBytes + 162, headerBytes + 314])
    expect(reader.header!.headerBytes).toBe(headerBytes)
    expect(reader.counts).toEqual({ mutations: 3, skipped: 0, problems: 0, sections: 2 })
    const values = ['b', `b${'x'.repeat(50)}`, `b${'x'.repeat(100)}`]
    expect(mutations).toEqual(
      values.map((value, i) => ({
        table: 'demo_table',
        key: [`a${i}`],
        rows: [
          {
            ...{ clustering: [], timestamp: TS + BigInt(i) },
            cells: [{ column: 'v', timestamp: TS + BigInt(i), value }],
          },
        ],
      })),
    )
  })

  it.each(Object.keys(headers))('%s goes on from any record', name => {
    const bytes = Buffer.from(SEGMENT_FILES[name]!, 'hex')
    const { positions } = readWhole(bytes, options)
    for (let i = 0; i < positions.length; i++) {
      const rest = readWhole(bytes, { ...options, from: positions[i]! })
      expect(rest.positions).toEqual(positions.slice(i + 1))
      expect(rest.problems).toEqual([])
    }
  })

  it.each(Object.keys(headers))('%s arrives byte by byte', name => {
    const bytes = Buffer.from(SEGMENT_FILES[name]!, 'hex')
    const reader = new SegmentReader(options)
    const positions: number[] = []
    let windowBytes = 1
    let last = ''
    while (last !== 'end') {
      const window = bytes.subarray(reader.offset, reader.offset + windowBytes)
      reader.feed({ bytes: window, offset: reader.offset, fileBytes: bytes.length, isFinal: true })
      last = reader.next()
      while (last === 'mutation') {
        positions.push(reader.mutation.position)
        last = reader.next()
      }
      expect(['needMore', 'end']).toContain(last)
      windowBytes = Math.max(1, reader.bytesWanted)
    }
    expect(positions).toEqual(readWhole(bytes, options).positions)
  })

  it('names the alias of a missing key', () => {
    const bytes = Buffer.from(SEGMENT_FILES['encrypted']!, 'hex')
    expect(() => readWhole(bytes, { schema })).toThrow(/alias k1/)
  })
})
