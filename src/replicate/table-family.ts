/**
 * Tables of Backlog that are read together: a root, and those whose rows stand inside its payload.
 * Used by the engine and by previews.
 * Spec: backlog-replication 1.7 (derived tables).
 */
import {
  type BacklogCursor,
  type CatalogueTable,
  readRow,
  type SourcePage,
  TABLES,
} from '../source/index.ts'
import type { SourceTable } from './source-table.ts'
import type { Value } from './sql-engine.ts'
import type { TaskSetup } from './task-setup.ts'

/** What has to be read for a table: itself, or the parent whose payload holds its rows. */
export function rootOf(table: SourceTable): CatalogueTable {
  const own = table.catalogue!
  return own.parent === undefined ? own : TABLES.get(own.parent)!
}

/** Tasks over tables of one root read it once. */
export function groupsOf<T extends { readonly setup: TaskSetup }>(tasks: readonly T[]): T[][] {
  const groups = new Map<string, T[]>()
  for (const one of tasks) {
    const table = one.setup.tables[0]!
    const isAlone = one.setup.query !== undefined || table.catalogue === undefined
    const name = isAlone ? one.setup.task.id : rootOf(table).name
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups.values()]
}

/**
 * Where tasks that read together go on; those that stand at different places begin anew. The projects
 * that were ever read stay known, unless a whole reading has consent to deletes: rows of one that is
 * lost go then.
 */
export function commonCursor(
  starts: readonly (BacklogCursor | undefined)[],
  of: { readonly isAnew: boolean; readonly isFull: boolean; readonly isConsent: boolean },
): BacklogCursor {
  const isAlike = new Set(starts.map(one => JSON.stringify(one ?? {}))).size === 1
  const { projects: _own, ...rest } = isAlike && !of.isAnew ? (starts[0] ?? {}) : {}
  const known = [...new Set(starts.flatMap(one => one?.projects ?? []))]
  const isWhole = of.isFull || rest.watermarkMs === undefined
  return known.length === 0 || (of.isConsent && isWhole) ? rest : { ...rest, projects: known }
}

/** The rows that a page has for a table: those of the root, or those inside them. */
export function rowsOf(
  table: SourceTable,
  page: SourcePage,
  root: CatalogueTable,
): { values: Value[]; scope: string }[] {
  const { columns, member, name, rows: split } = table.catalogue!
  if (name === root.name)
    return page.rows.map(({ payload, loop, scope }) => ({
      values: readRow(columns, payload, loop),
      scope,
    }))
  return page.rows.flatMap(({ payload, loop, scope }) => {
    const children = split === undefined ? payload[member ?? ''] : split(payload)
    if (!Array.isArray(children)) return []
    return children.map((child, position) => ({
      values: readRow(columns, child, { ...loop, parent: payload, position }),
      scope,
    }))
  })
}
