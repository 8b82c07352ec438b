/**
 * The columns of a task as the grid edits them. Pure.
 * Invariant: every source column keeps its row, so that one that is off can be switched on again.
 * Spec: ui 8 (flow 4); backlog-replication 2.5.
 */
import type { ColumnSpec, SourceColumnInfo } from '../../api-v1.ts'

/** One row of the grid. */
export interface GridColumn extends ColumnSpec {
  /** Stays while names and places change. */
  readonly id: string
  readonly sourceType: string
  /** Types that can hold every value; empty: the server decides. */
  readonly safeTypes: readonly string[]
}

/** What a task has, in its order, then the source columns that it does not know. */
export function toGrid(
  columns: readonly ColumnSpec[],
  source: readonly SourceColumnInfo[],
): GridColumn[] {
  const byName = new Map(source.map(one => [one.name, one]))
  const known = columns.length === 0 ? source.map(one => one.default) : columns
  const seen = new Set(known.map(one => one.source))
  const added = source
    .filter(one => !seen.has(one.name))
    .map(one => ({ ...one.default, on: false, key: 'none' as const }))
  return [...known, ...added].map((one, index) => {
    const from = one.source === null ? undefined : byName.get(one.source)
    return {
      ...one,
      id: `${one.source ?? 'computed'} ${index}`,
      sourceType: from?.type ?? '',
      safeTypes: one.expression === null ? (from?.types ?? []) : [],
    }
  })
}

export function toSpecs(grid: readonly GridColumn[]): ColumnSpec[] {
  return grid.map(({ id: _id, sourceType: _type, safeTypes: _safe, ...spec }) => {
    const { onError, ...rest } = spec
    return {
      ...rest,
      expression: blankToNull(rest.expression),
      ...(onError === undefined ? {} : { onError }),
    }
  })
}

function blankToNull(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text
}

/** A type that cannot hold every value needs the choice of what happens then. */
export function isUnsafe(column: GridColumn): boolean {
  return column.safeTypes.length > 0 && !column.safeTypes.includes(column.type)
}

export function move<T>(all: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by
  if (to < 0 || to >= all.length) return [...all]
  const next = [...all]
  const [one] = next.splice(from, 1)
  if (one !== undefined) next.splice(to, 0, one)
  return next
}

export function newColumn(grid: readonly GridColumn[]): GridColumn {
  const number = grid.filter(one => one.source === null).length + 1
  return {
    ...{ on: true, source: null, expression: '', name: `computed_${number}`, type: 'text' },
    ...{ key: 'none', id: `computed new ${grid.length} ${number}`, sourceType: '', safeTypes: [] },
  }
}

export const TYPES_OF_CQL = [
  ...['text', 'bigint', 'int', 'boolean', 'decimal', 'double', 'float', 'date', 'timestamp'],
  ...['uuid', 'varint', 'smallint', 'ascii', 'list<text>', 'list<bigint>', 'set<text>'],
]
