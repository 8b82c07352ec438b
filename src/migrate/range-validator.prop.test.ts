/** Two scans of random tables in random pages: what is equal is counted, what differs is put aside. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TableSchema } from '../cassandra/index.ts'
import { murmur3Token, type RowsResult, tokenToBigint } from '../cql/index.ts'
import { RowComparer } from './compare-rows.ts'
import type { PageReader } from './page-stream.ts'
import { scanRange } from './range-validator.ts'
import { planTable } from './table-plan.ts'

const INT = { kind: 'int' } as const
const column = (name: string, kind: 'partition_key' | 'clustering' | 'regular') => ({
  ...{ name, kind, type: INT, position: 0 },
})
const id = column('id', 'partition_key')
const c = column('c', 'clustering')
const TABLE: TableSchema = {
  ...{ keyspace: 'ks', name: 't', partitionKey: [id], clusteringKey: [c], isCounter: false },
  columns: [id, c, column('v', 'regular')],
}
const PLAN = planTable(TABLE, TABLE, {
  ...{ renames: new Map(), skipColumns: new Set<string>(), constants: new Map() },
  ...{ withTimes: false, withTtls: false, hasElementTimes: true },
})
const COMPARER = new RowComparer(PLAN, {
  tolerances: { float: 0, timestampMs: 0 },
  ...{ compareTimestamps: false, ttlToleranceMs: 0, writetimeToleranceMs: 0 },
  ignoreWritetime: new Set(),
})

type Row = readonly [id: number, c: number, v: number]
const keyOf = ([a, b]: Row) => `${a}/${b}`

function tokenOf(key: number): bigint {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(key)
  const token = { high: 0, low: 0 }
  murmur3Token(bytes, { start: 0, end: 4 }, token)
  return tokenToBigint(token)
}

function inOrder(rows: readonly Row[]): Row[] {
  const byToken = (a: Row, b: Row) => {
    const [x, y] = [tokenOf(a[0]), tokenOf(b[0])]
    return x < y ? -1 : x > y ? 1 : a[1] - b[1]
  }
  return [...new Map(rows.map(row => [keyOf(row), row])).values()].sort(byToken)
}

function pagesOf(rows: readonly Row[], sizes: readonly number[]): PageReader {
  let at = 0
  let turn = 0
  return {
    read: () => {
      if (at >= rows.length) return Promise.resolve(undefined)
      const part = rows.slice(at, at + sizes[turn++ % sizes.length]!)
      at += part.length
      return Promise.resolve({ rows: resultOf(part), readMs: 0 })
    },
  }
}

function resultOf(rows: readonly Row[]): RowsResult {
  const bytes = Buffer.alloc(rows.length * 24)
  let at = 0
  for (const row of rows) {
    for (const cell of row) at = bytes.writeInt32BE(cell, bytes.writeInt32BE(4, at))
  }
  const metadata = { columnCount: 3 }
  return {
    ...{ kind: 'RESULT', result: 'ROWS', metadata, rowCount: rows.length },
    ...{ bytes, rowsStart: 0, rowsEnd: at },
  }
}

const small = fc.integer({ min: 0, max: 12 })
const rows = fc.array(fc.tuple(small, small, fc.integer({ min: 0, max: 1 })), { maxLength: 60 })
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

async function scan(source: readonly Row[], target: readonly Row[], pages: readonly number[][]) {
  const aside = new Set<string>()
  let equal = 0
  let read = 0
  await scanRange({
    ...{ plan: PLAN, comparer: COMPARER },
    ...{ source: pagesOf(source, pages[0]!), target: pagesOf(target, pages[1]!) },
    putAside: keys => {
      aside.add(keys.map(key => key!.readInt32BE(0)).join('/'))
      return undefined
    },
    onEqual: count => {
      equal += count
    },
    onRead: count => {
      read += count
    },
  })
  return { aside, equal, read }
}

describe('scanRange', () => {
  it('counts what is equal and puts aside exactly what differs', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, sizes, sizes, async (a, b, sizesA, sizesB) => {
        const [source, target] = [inOrder(a as Row[]), inOrder(b as Row[])]
        const { aside, equal, read } = await scan(source, target, [sizesA, sizesB])
        const other = new Map(target.map(row => [keyOf(row), row[2]]))
        const same = source.filter(row => other.get(keyOf(row)) === row[2]).map(keyOf)
        const all = new Set([...source, ...target].map(keyOf))
        expect(read).toBe(source.length)
        expect(equal).toBe(same.length)
        expect([...aside].sort()).toEqual([...all].filter(key => !same.includes(key)).sort())
      }),
      { numRuns: 150 },
    )
  })

  it('finds a few differences in tables that are nearly equal', async () => {
    await fc.assert(
      fc.asyncProperty(rows, small, sizes, async (a, at, size) => {
        const source = inOrder(a as Row[])
        const target = source.filter((_row, i) => i !== at)
        const { aside, equal } = await scan(source, target, [size, size])
        expect([...aside]).toEqual(source[at] === undefined ? [] : [keyOf(source[at])])
        expect(equal).toBe(target.length)
      }),
      { numRuns: 100 },
    )
  })
})
