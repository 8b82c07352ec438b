/**
 * One row taken out of its page: the cells as bytes of their own, null where there is none. For the
 * paths where rows are few: counters, rejects, second looks, repairs, reports.
 * Invariant: what is returned owns its bytes, so pages can go.
 */
import { CellCursor, type RowsResult } from '../cql/index.ts'

export type RowCells = readonly (Buffer | null)[]

/** Copies the cursor's row. */
export function cellsOf(cursor: CellCursor): (Buffer | null)[] {
  const out: (Buffer | null)[] = []
  for (let i = 0; i < cursor.columnCount; i++) {
    const start = cursor.starts[i]!
    const length = cursor.lengths[i]!
    out.push(length < 0 ? null : Buffer.from(cursor.bytes.subarray(start, start + length)))
  }
  return out
}

/** The first row of a result; undefined when it has none. */
export function firstRow(rows: RowsResult): (Buffer | null)[] | undefined {
  const cursor = new CellCursor(rows.metadata.columnCount)
  cursor.reset(rows)
  return cursor.nextRow() ? cellsOf(cursor) : undefined
}

/** A page of one row, for code that works on cursors. */
export function pageOfRow(cells: RowCells): RowsResult {
  let size = 0
  for (const cell of cells) size += 4 + (cell?.length ?? 0)
  const bytes = Buffer.alloc(size)
  let at = 0
  for (const cell of cells) {
    at = bytes.writeInt32BE(cell === null ? -1 : cell.length, at)
    if (cell !== null) at += cell.copy(bytes, at)
  }
  const metadata = { columnCount: cells.length }
  return {
    ...{ kind: 'RESULT' as const, result: 'ROWS' as const, metadata, rowCount: 1 },
    ...{ bytes, rowsStart: 0, rowsEnd: size },
  }
}
