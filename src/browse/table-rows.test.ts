import { expect, it } from 'vitest'
import type { ReadSession, ReadStatement } from '../cassandra/index.ts'
import type { RowsResult } from '../cql/index.ts'
import { readCells } from './table-rows.ts'

const MIB = 1024 * 1024
const STATEMENT = {
  columns: [{ name: 'b', type: { kind: 'blob' } }],
} as unknown as ReadStatement

/** A table of blobs of one size, that answers with the rows it was asked for. */
function table(rowBytes: number, count: number) {
  const asked: number[] = []
  const readPage: ReadSession['readPage'] = (_statement, { pageSize, pagingState }) => {
    const from = pagingState === undefined ? 0 : pagingState.readInt32BE(0)
    const rowCount = Math.min(pageSize, count - from)
    asked.push(rowCount)
    const bytes = Buffer.alloc(rowCount * (rowBytes + 4))
    for (let i = 0; i < rowCount; i++) bytes.writeInt32BE(rowBytes, i * (rowBytes + 4))
    const next = Buffer.alloc(4)
    next.writeInt32BE(from + rowCount)
    return Promise.resolve({
      ...{ rowCount, bytes, rowsStart: 0, rowsEnd: bytes.length, metadata: { columnCount: 1 } },
      ...(from + rowCount < count ? { pagingState: next } : {}),
    } as RowsResult)
  }
  return { readPage, asked }
}

const wanted = (rowsMax: number, pagingState?: Buffer) => ({
  ...{ values: Buffer.alloc(2), rowsMax, charactersMax: 10, pagingState },
})

it('gives as many small rows as were asked for, and where they end', async () => {
  const small = table(10, 1_000)
  const first = await readCells(small, STATEMENT, wanted(100))
  expect([first.cells.length, small.asked]).toEqual([100, [25, 75]])
  expect(first.pagingState?.readInt32BE(0)).toBe(100)
  const last = await readCells(small, STATEMENT, wanted(1_000, first.pagingState))
  expect([last.cells.length, last.pagingState]).toEqual([900, undefined])
})

it('gives fewer large rows, and goes on behind them', async () => {
  const large = table(MIB / 2, 1_000)
  const { cells, pagingState } = await readCells(large, STATEMENT, wanted(500))
  expect(cells.length).toBeGreaterThanOrEqual(25)
  expect(cells.length).toBeLessThan(40)
  expect(pagingState?.readInt32BE(0)).toBe(cells.length)
})
