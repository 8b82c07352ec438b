/**
 * A page of the source in the encoding of the target, so that a validation compares like with like.
 * Only for tables where some column is converted; all other pages are compared as they came.
 * A value that cannot be converted becomes a null with a note, which then counts as a difference.
 */
import { ByteWriter } from '../base/byte-writer.ts'
import { isScamanderError } from '../base/scamander-error.ts'
import { CellCursor, type RowsResult } from '../cql/index.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'

export function convertPage(plan: TablePlan, rows: RowsResult): RowsResult {
  if (!plan.hasConversions) return rows
  const byIndex = new Map<number, PlanColumn>()
  for (const column of [...plan.keys, ...plan.regulars, ...plan.statics]) {
    byIndex.set(column.index, column)
  }
  const cursor = new CellCursor(plan.selectors.length)
  const writer = new ByteWriter(rows.rowsEnd - rows.rowsStart + 64)
  cursor.reset(rows)
  while (cursor.nextRow()) {
    for (let i = 0; i < cursor.columnCount; i++) writeConverted(writer, cursor, byIndex.get(i), i)
  }
  return { ...rows, bytes: writer.bytes, rowsStart: 0, rowsEnd: writer.position }
}

function writeConverted(
  writer: ByteWriter,
  cursor: CellCursor,
  column: PlanColumn | undefined,
  index: number,
): void {
  const start = cursor.starts[index]!
  const length = cursor.lengths[index]!
  if (column?.convert === undefined || length < 0) {
    writer.writeBytes(cursor.bytes, start - 4, start + Math.max(0, length))
    return
  }
  const at = writer.position
  writer.writeInt32(0)
  try {
    column.convert(cursor.bytes, { start, length }, writer)
    writer.setInt32(at, writer.position - at - 4)
  } catch (error) {
    if (!isScamanderError(error, 'data')) throw error
    writer.position = at
    writer.writeInt32(-1)
  }
}
