/**
 * The value of a column that a change leaves behind, as far as the change alone tells it.
 * Used by all event formats. A merge into a collection is only a part of the value: `isPartial`.
 * Spec: cdc-replication 1.8 (scamander.collections), 2.6.
 */
import type { CqlValue } from '../../../cql/index.ts'
import type { CellChange, ColumnChange } from '../change.ts'

export interface ColumnImage {
  /** As CQL values of the whole column. */
  readonly value: CqlValue
  /** Elements were added or removed; the rest of the value is not in the log. */
  readonly isPartial: boolean
}

export function imageOf({ column, deletion, cells }: ColumnChange): ColumnImage {
  if (!column.isComplex) {
    const cell = cells[0]!
    return { value: cell.isDeleted ? null : cell.value, isPartial: column.type.kind === 'counter' }
  }
  const live = cells.filter(cell => !cell.isDeleted)
  const isPartial = deletion === undefined
  if (live.length === 0) return { value: null, isPartial }
  return { value: elementsOf(column.type.kind, column.fieldCodecs.length, live), isPartial }
}

function elementsOf(kind: string, fieldCount: number, cells: readonly CellChange[]): CqlValue {
  switch (kind) {
    case 'set':
      return cells.map(cell => cell.path)
    case 'map':
      return cells.map(cell => [cell.path, cell.value])
    case 'udt': {
      const fields: CqlValue[] = new Array(fieldCount).fill(null)
      for (const cell of cells) fields[Number(cell.path)] = cell.value
      return fields
    }
    default:
      return cells.map(cell => cell.value)
  }
}
