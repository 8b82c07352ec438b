/**
 * Write time, TTL and expiry of every value that a change names, for those who merge changes by
 * themselves: the field `cells` of the format `scamander`.
 * An element of a collection is named by its path: the UUID of a list, the element of a set, the key of
 * a map, the field of a type. Without a path and deleted: the collection as it was before.
 * Spec: cdc-replication 3.5 (cells), 1.8 (scamander.cell.metadata).
 */
import { OPTIONAL_STRING, Schema, STRING, Struct, structSchema } from '../../../flow/index.ts'
import type { CellChange, ColumnChange } from '../change.ts'
import { pathText } from '../dump/change-line.ts'

const CELL = structSchema([
  ['column', STRING],
  ['path', OPTIONAL_STRING],
  ['ts', new Schema('int64')],
  ['ttl', new Schema('int32', { optional: true })],
  ['expiresAt', new Schema('int64', { optional: true })],
  ['deleted', new Schema('boolean')],
])

export const CELLS = new Schema('array', { optional: true, values: CELL })

export function cellsOf(columns: readonly ColumnChange[]): Struct[] {
  return columns.flatMap(change => {
    const { column, deletion, cells } = change
    const own = cells.map(cell => toCell(change, cell))
    if (deletion === undefined) return own
    return [new Struct(CELL, [column.name, null, deletion.timestamp, null, null, true]), ...own]
  })
}

function toCell({ column }: ColumnChange, cell: CellChange): Struct {
  const { timestamp, isDeleted, ttl, ldt } = cell
  const expires = !isDeleted && ttl > 0
  return new Struct(CELL, [
    column.name,
    column.isComplex ? pathText(column.type, cell.path) : null,
    ...[timestamp, expires ? ttl : null, expires ? BigInt(ldt) : null, isDeleted],
  ])
}
