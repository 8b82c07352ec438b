/**
 * Records that golden files do not have: several tables, unknown and unwanted ones, dropped columns,
 * more than 64 columns, boundaries between ranges, counters, nulls in clusterings, DDL and TRUNCATE.
 */
import { describe, expect, it } from 'vitest'
import { buildSegment } from '../../test/support/commit-log-writer.ts'
import { describeMutation, lookupOf, readWhole, tableOf } from '../../test/support/mutation-text.ts'
import {
  readCounterShards,
  readTruncations,
  SchemaCatalog,
  type SchemaLookup,
  SegmentReader,
  type SegmentReaderOptions,
  type TableSchema,
} from './index.ts'

const TS = 1_700_000_000_000_000n
const A = '0000000000000000000000000000000a'
const B = '0000000000000000000000000000000b'
const UNKNOWN = '0000000000000000000000000000000c'
/** Base values: timestamp TS, deletion time 1700000000, no TTL. */
const BASES = 'fce9d96a43c000ef53570000'
const idOf = (hex: string) => `${hex.slice(0, 8)}-0000-0000-0000-${hex.slice(20)}`

const a = tableOf(idOf(A), 'a', { partition: ['k: text'], others: ['v: text'] })
const b = tableOf(idOf(B), 'b', { partition: ['k: text'], others: ['w: int'] })

const updateA = (value = '62') => `${A}016b10${BASES}0101760124000801${value}01`
const updateB = `${B}016b10${BASES}010177012400080000000501`

function read(hex: string, options: SegmentReaderOptions) {
  return readWhole(buildSegment([[Buffer.from(hex, 'hex')]]), options)
}

function firstOf(hex: string, schema: SchemaLookup): SegmentReader {
  const bytes = buildSegment([[Buffer.from(hex, 'hex')]])
  const reader = new SegmentReader({ schema })
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  expect(reader.next()).toBe('mutation')
  return reader
}

function tablesOf(mutations: readonly object[]): string[] {
  return mutations.map(one => (one as { table: string }).table)
}

describe('several tables in one mutation', () => {
  const schema = lookupOf(a, b)

  it('are all given out', () => {
    const { mutations, problems } = read(`02${updateA()}${updateB}`, { schema })
    expect(tablesOf(mutations)).toEqual(['a', 'b'])
    expect(problems).toEqual([])
  })

  it.each([
    [`02${updateA()}${updateB}`, ['b']],
    [`02${updateB}${updateA()}`, ['b']],
    [`01${updateA()}`, []],
  ])('are passed over when unwanted: %#', (hex, expected) => {
    const wants = (table: TableSchema) => table.name === 'b'
    const { mutations, problems, reader } = read(hex, { schema, wants })
    expect(tablesOf(mutations)).toEqual(expected)
    expect(problems).toEqual([])
    expect(reader.counts.skipped).toBe(expected.length === 0 ? 1 : 0)
  })

  it('stop at an unknown one, and say so', () => {
    const unknown = updateB.replace(B, UNKNOWN)
    const { mutations, problems, reader } = read(`02${updateA()}${unknown}`, { schema })
    expect(tablesOf(mutations)).toEqual(['a'])
    expect(problems).toEqual([])
    expect(reader.mutation.isComplete).toBe(false)
    expect(reader.unknownTableId).toBe(idOf(UNKNOWN))
    expect(reader.counts.problems).toBe(1)
  })

  it('are skipped whole when the first is unknown, and the next record is read', () => {
    const records = [`02${updateB.replace(B, UNKNOWN)}${updateA()}`, `01${updateA()}`]
    const bytes = buildSegment([records.map(hex => Buffer.from(hex, 'hex'))])
    const { mutations, problems } = readWhole(bytes, { schema })
    expect(tablesOf(mutations)).toEqual(['a'])
    expect(problems).toEqual(['unknownTable'])
  })
})

describe('a schema that changes', () => {
  it('decodes the same record when asked again', () => {
    const known: TableSchema[] = []
    const schema = { version: 1, tableById: (id: string) => known.find(one => one.id === id) }
    const bytes = buildSegment([[Buffer.from(`01${updateA()}`, 'hex')]])
    const reader = new SegmentReader({ schema })
    reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
    expect(reader.next()).toBe('problem')
    expect(reader.problem).toMatchObject({ kind: 'unknownTable', tableId: idOf(A), from: 28 })
    known.push(tableOf(idOf(A), 'a', { partition: ['k: text'], others: ['x: text'] }))
    schema.version++
    expect(reader.retry()).toBe('problem')
    expect(reader.problem).toMatchObject({ kind: 'undecodable' })
    expect(reader.problem?.error?.code).toBe('SCM_COMMITLOG_DECODE')
    known[0] = a
    schema.version++
    expect(reader.retry()).toBe('mutation')
    expect(tablesOf(describeMutation(reader.mutation))).toEqual(['a'])
    expect(reader.counts).toEqual({ mutations: 1, skipped: 0, problems: 0, sections: 1 })
    expect(reader.next()).toBe('end')
  })

  it.each([
    [TS / 1000n - 1n, 1],
    [TS / 1000n, 0],
  ])('drops cells up to the time of the drop: %s', (droppedAtMs, cells) => {
    const v = { name: 'v', type: a.regularColumns[0]!.type, isStatic: false, droppedAtMs }
    for (const regularColumns of [[], a.regularColumns]) {
      const { mutation } = firstOf(
        `01${updateA()}`,
        lookupOf({ ...a, regularColumns, droppedColumns: [v] }),
      )
      expect(mutation.cellCount).toBe(cells)
      expect(mutation.rowTimestamp(0)).toBe(TS)
    }
  })

  it('leaves a row out when nothing but dropped cells was in it', () => {
    const v = { name: 'v', type: a.regularColumns[0]!.type, isStatic: false, droppedAtMs: TS }
    const update = `01${A}016b10${BASES}010176012000000162` // UPDATE: no liveness, own timestamp
    const { mutation } = firstOf(`${update}01`, lookupOf({ ...a, droppedColumns: [v] }))
    expect({ rows: mutation.rowCount, cells: mutation.cellCount }).toEqual({ rows: 0, cells: 0 })
  })
})

describe('subsets of columns', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `c${i + 100}`)
  const tableWith = (count: number) =>
    tableOf(idOf(A), 'a', { partition: ['k: text'], others: names(count).map(n => `${n}: int`) })
  const vint = (n: number) =>
    n < 0x80 ? n.toString(16).padStart(2, '0') : (n | 0x8000).toString(16)

  function recordOf(count: number, subset: string, present: readonly number[]): string {
    const list = names(count).map(name => `04${Buffer.from(name).toString('hex')}`)
    const cells = present.map(i => `08${i.toString(16).padStart(8, '0')}`)
    return `01${A}016b10${BASES}${vint(count)}${list.join('')}010400${subset}${cells.join('')}01`
  }

  it.each<[count: number, subset: string, present: number[]]>([
    [3, '02', [0, 2]],
    [3, '00', [0, 1, 2]],
    [40, 'f87ffffffffe', [0, 39]],
    [70, `${vint(67)}050a45`, [5, 10, 69]],
    [70, `${vint(2)}0044`, Array.from({ length: 70 }, (_, i) => i).filter(i => i % 68 !== 0)],
    [70, '00', Array.from({ length: 70 }, (_, i) => i)],
  ])('%i columns, %s', (count, subset, present) => {
    const { mutation } = firstOf(recordOf(count, subset, present), lookupOf(tableWith(count)))
    const seen = Array.from({ length: mutation.cellCount }, (_, cell) => mutation.cellColumn(cell))
    expect(seen).toEqual(present)
    for (const [cell, i] of present.entries()) {
      expect(mutation.bytes.readInt32BE(mutation.valueStart(cell))).toBe(i)
    }
  })

  it.each([
    [3, '08'],
    [70, `${vint(71)}`],
    [70, `${vint(67)}05050a`],
    [70, `${vint(67)}050a46`],
  ])('%i columns refuse %s', (count, subset) => {
    const { problems } = read(recordOf(count, subset, []), { schema: lookupOf(tableWith(count)) })
    expect(problems).toEqual(['undecodable'])
  })
})

describe('clusterings', () => {
  const table = tableOf(idOf(A), 'a', {
    partition: ['k: text'],
    clustering: ['c: int', 'd: text', 'e: int'],
    others: ['v: int'],
  })

  it('tell empty from null', () => {
    const hex = `01${A}016b10${BASES}00012424000000010001` // 24: second empty, third null
    const { mutations } = read(hex, { schema: lookupOf(table) })
    expect(mutations).toMatchObject([{ rows: [{ clustering: [1, '', null], timestamp: TS }] }])
  })

  it('of a boundary have both deletions', () => {
    const marker = (kind: string, value: string, deletions: string) =>
      `02${kind}000100${value}${deletions}`
    const hex =
      `01${A}016b10${BASES}0000` +
      marker('01', '00000001', '0100') +
      marker('02', '00000002', '01000201') +
      marker('06', '00000003', '0201') +
      '01'
    const first = { timestamp: TS + 1n, ldt: 1_700_000_000 }
    const second = { timestamp: TS + 2n, ldt: 1_700_000_001 }
    const { mutations } = read(hex, { schema: lookupOf(table) })
    expect(mutations).toMatchObject([
      {
        rows: [
          { bound: 1, clustering: [1], deletion: first },
          { bound: 2, clustering: [2], deletion: first, opening: second },
          { bound: 6, clustering: [3], deletion: second },
        ],
      },
    ])
  })

  it.each(['0203000100000000010100', '02010004', '020100010c0000000101'])('refuse %s', marker => {
    const { problems } = read(`01${A}016b10${BASES}0000${marker}01`, { schema: lookupOf(table) })
    expect(problems).toEqual(['undecodable'])
  })
})

it('keeps the shards of a counter apart', () => {
  const id = 'aaaaaaaabbbbccccddddeeeeeeeeeeee'
  const shard = (hex: string, clock: string, count: string) =>
    hex + clock.padStart(16, '0') + count.padStart(16, '0')
  const context = `00018000${shard(id, '2', '7')}${shard(id.replace('a', 'b'), '1', '3')}`
  const bytes = Buffer.from(context, 'hex')
  expect(readCounterShards(bytes, 0, bytes.length)).toEqual([
    { counterId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', clock: 2n, count: 7n, kind: 'global' },
    { counterId: 'baaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', clock: 1n, count: 3n, kind: 'remote' },
  ])
  expect(() => readCounterShards(bytes, 0, bytes.length - 1)).toThrow(/counter context/)
  const table = tableOf(idOf(A), 'a', { partition: ['k: text'], others: ['v: counter'] })
  const hex = `01${A}016b10${BASES}0101760120000044${context}01`
  const { mutations } = read(hex, { schema: lookupOf(table) })
  expect(mutations).toMatchObject([{ rows: [{ cells: [{ column: 'v', value: 10n }] }] }])
})

it('reads a truncation out of system.local', () => {
  const local = '7ad54392bcdd35a684174e047860b377'
  const value = '0000018bcfe56800' + '00000063' + '0000018bcfe56863'
  const column = `0c${Buffer.from('truncated_at').toString('hex')}`
  const hex = `01${local}056c6f63616c10${BASES}01${column}012001000010${A}14${value}01`
  const { mutation } = firstOf(hex, new SchemaCatalog())
  expect(readTruncations(mutation, mutation.updates[0]!)).toEqual([
    {
      ...{ tableId: idOf(A), segmentId: 1_700_000_000_000n, position: 99 },
      truncatedAtMs: 1_700_000_000_099n,
    },
  ])
})
