import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { ByteReader } from '../primitive/byte-reader.ts'
import { CellCursor } from './cell-cursor.ts'
import type { RowsMetadata } from './metadata.ts'
import { decodeResult, encodeResult } from './result.ts'
import { type RowsResult, rowsOf } from './rows.ts'

const metadata: RowsMetadata = {
  columnCount: 2,
  columns: [
    { keyspace: 'k', table: 't', name: 'a', type: { kind: 'int' } },
    { keyspace: 'k', table: 'u', name: 'b', type: { kind: 'blob' } },
  ],
  pagingState: Buffer.from([1, 2]),
}
const CELLS = [
  [Buffer.from([0, 0, 0, 1]), null],
  [Buffer.alloc(0), Buffer.from([9])],
]
const HEX =
  '00000002' + // rows
  '0000000200000002' + // has more pages, two columns
  '000000020102' +
  '00016b0001740001610009' +
  '00016b0001750001620003' +
  '00000002' +
  '0000000400000001ffffffff' +
  '000000000000000109'

function decode(bytes: Buffer): RowsResult {
  return decodeResult(new ByteReader(bytes), 5) as RowsResult
}

function cellsOf(rows: RowsResult): (Buffer | null)[][] {
  const cursor = new CellCursor(rows.metadata.columnCount)
  cursor.reset(rows)
  const out: (Buffer | null)[][] = []
  while (cursor.nextRow()) {
    const row: (Buffer | null)[] = []
    for (let i = 0; i < cursor.columnCount; i++) {
      const start = cursor.starts[i]!
      const length = cursor.lengths[i]!
      row.push(length < 0 ? null : cursor.bytes.subarray(start, start + length))
    }
    out.push(row)
  }
  return out
}

describe('rows', () => {
  it('are written, read and walked', () => {
    const writer = new ByteWriter(64)
    encodeResult(writer, rowsOf(new ByteWriter(), metadata, CELLS), 5)
    expect(writer.view().toString('hex')).toBe(HEX)
    const rows = decode(Buffer.from(HEX, 'hex'))
    expect(rows.metadata).toEqual(metadata)
    expect(rows.pagingState).toEqual(Buffer.from([1, 2]))
    expect(cellsOf(rows)).toEqual(CELLS)
  })

  it('can be copied row by row', () => {
    const rows = decode(Buffer.from(HEX, 'hex'))
    const cursor = new CellCursor(2)
    cursor.reset(rows)
    const texts: string[] = []
    while (cursor.nextRow()) texts.push(rows.bytes.toString('hex', cursor.rowStart, cursor.rowEnd))
    expect(texts).toEqual(['0000000400000001ffffffff', '000000000000000109'])
  })

  it.each([1, 5, 9, 13])('that end early (%i bytes) are refused', missing => {
    const whole = Buffer.from(HEX, 'hex')
    const rows = decode(whole.subarray(0, whole.length - missing))
    expect(() => cellsOf(rows)).toThrow(/end inside column/)
  })

  it('of another width are refused', () => {
    const cursor = new CellCursor(3)
    expect(() => cursor.reset(decode(Buffer.from(HEX, 'hex')))).toThrow(/3 columns, found 2/)
  })

  it('without metadata keep the column count, and know a changed metadata id', () => {
    const hex = `00000002${'0000000c'}00000002${'0001ee'}00000000`
    const rows = decode(Buffer.from(hex, 'hex'))
    expect(rows.metadata).toEqual({ columnCount: 2, newMetadataId: Buffer.from([0xee]) })
    const writer = new ByteWriter(64)
    encodeResult(writer, rows, 5)
    expect(writer.view().toString('hex')).toBe(hex)
  })
})
