import { describe, expect, it } from 'vitest'
import type { RowsResult } from '../cql/index.ts'
import { PageSizes, pageSizeFor, RowSize, rangeValues } from './page-stream.ts'

describe('pageSizeFor', () => {
  it.each([
    [2000, 6, [undefined, undefined], 2000],
    [2000, 6, [24_000, undefined], 1000],
    [2000, 6, [24_000, 2400], 100],
    [2000, 6, [5], 1],
  ])('%i rows, %i ranges, rates %j: %i', (pageSize, concurrency, rates, expected) => {
    expect(pageSizeFor(pageSize, concurrency, ...rates)).toBe(expected)
  })
})

describe('rangeValues', () => {
  it('is the values region of both tokens', () => {
    const values = rangeValues({ start: -1n, end: 2n ** 63n - 1n })
    expect(values.toString('hex')).toBe('000200000008ffffffffffffffff000000087fffffffffffffff')
  })
})

describe('PageSizes', () => {
  const rowsOf = (bytesEach: number) =>
    ({ rowCount: 10, rowsStart: 0, rowsEnd: 10 * bytesEach }) as RowsResult

  it('gives both sides of a range the same size for the same page, whoever asks first', () => {
    const rowSize = new RowSize()
    const sizes = new PageSizes(rowSize, 5000)
    expect(sizes.rowsOf(0)).toBe(500)
    sizes.learn(rowsOf(2048))
    expect(sizes.rowsOf(1)).toBe(1024)
    rowSize.learn(rowsOf(100))
    expect([sizes.rowsOf(0), sizes.rowsOf(1), sizes.rowsOf(2)]).toEqual([500, 1024, 5000])
    expect(new PageSizes(rowSize, 300).rowsOf(0)).toBe(300)
  })

  it('holds a bounded number of pages', () => {
    const sizes = new PageSizes(new RowSize(), 5000)
    for (let page = 0; page < 40; page++) sizes.rowsOf(page)
    sizes.learn(rowsOf(2048))
    expect([sizes.rowsOf(39), sizes.rowsOf(7)]).toEqual([500, 1024])
    expect(sizes.rowsOf(39)).toBe(500)
  })
})
