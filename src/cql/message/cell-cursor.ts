/**
 * Walks the rows of a RowsResult and records where each cell lies: no object and no view per cell.
 * One cursor serves any number of results with the same columns. The row path of reads:
 * `cursor.reset(rows); while (cursor.nextRow()) decode(cursor.bytes, cursor.starts[i], cursor.lengths[i])`.
 * Invariant: after `nextRow` returned true, every cell lies inside the rows' bytes.
 */
import { malformed } from '../errors.ts'
import { int32At } from '../primitive/byte-reader.ts'
import type { RowsResult } from './rows.ts'

export class CellCursor {
  readonly columnCount: number
  /** Where each cell of the current row starts in `bytes`. */
  readonly starts: Int32Array
  /** The length of each cell of the current row; -1 is null. */
  readonly lengths: Int32Array
  bytes: Buffer = Buffer.alloc(0)
  /** Where the current row's cells start and end, lengths included: a row to copy as it is. */
  rowStart = 0
  rowEnd = 0
  #rowsLeft = 0
  #end = 0

  constructor(columnCount: number) {
    this.columnCount = columnCount
    this.starts = new Int32Array(columnCount)
    this.lengths = new Int32Array(columnCount)
  }

  reset(rows: RowsResult): void {
    if (rows.metadata.columnCount !== this.columnCount) {
      throw malformed(
        `expected rows of ${this.columnCount} columns, found ${rows.metadata.columnCount}`,
      )
    }
    this.bytes = rows.bytes
    this.rowStart = rows.rowsStart
    this.rowEnd = rows.rowsStart
    this.#end = rows.rowsEnd
    this.#rowsLeft = rows.rowCount
  }

  /** Moves to the next row; false after the last one. */
  nextRow(): boolean {
    if (this.#rowsLeft === 0) return false
    this.#rowsLeft--
    const { bytes, starts, lengths, columnCount } = this
    const end = this.#end
    let at = this.rowEnd
    this.rowStart = at
    for (let i = 0; i < columnCount; i++) {
      if (at + 4 > end) throw endsEarly(i)
      const length = int32At(bytes, at)
      at += 4
      starts[i] = at
      if (length < 0) lengths[i] = -1
      else {
        lengths[i] = length
        at += length
        if (at > end) throw endsEarly(i)
      }
    }
    this.rowEnd = at
    return true
  }
}

function endsEarly(column: number): Error {
  return malformed(`the rows of a result end inside column ${column}`)
}
