/**
 * All rows of a table of a source as pages of values, for queries and for tables of Cassandra. Used by
 * the engine of runs.
 * Invariant: rows of Backlog may come twice, the newer one later; `onFault` is told when some may be
 * missing.
 * Spec: backlog-replication 1.3, 2.6.
 */
import type { Caller } from '../backlog/index.ts'
import { BacklogReader, type RowFilter } from '../source/index.ts'
import { cassandraPages } from './cassandra-rows.ts'
import type { OpenSource } from './open-source.ts'
import type { RunScope } from './run-scope.ts'
import type { LiveTask } from './run-state.ts'
import type { SourceTable } from './source-table.ts'
import type { Value } from './sql-engine.ts'
import { rootOf, rowsOf } from './table-family.ts'

export interface SourceReading {
  readonly source: OpenSource
  readonly table: SourceTable
  readonly caller: Caller
  readonly nowMs: number
  readonly signal: AbortSignal
  readonly warn: (text: string) => void
  readonly onTotal: (rows: number) => void
  readonly onFault: () => void
  /** Of Backlog: those that were ever read; those that are read now are added. */
  readonly projects: Set<number>
  /** Rows that may be left out. */
  readonly filter?: RowFilter | undefined
}

export async function* sourcePages(of: SourceReading): AsyncGenerator<Value[][]> {
  const { source, table, signal, nowMs, caller, warn, onTotal } = of
  if (source.kind === 'cassandra') {
    yield* cassandraPages({ ...source, table, signal })
    return
  }
  const root = rootOf(table)
  const cursor = { projects: [...of.projects] }
  const options = { client: source.client, cursor, isFull: true, nowMs, caller, warn, onTotal }
  const { filter } = of
  const reader = new BacklogReader(root, { ...options, filter, wanted: new Set([table.name]) })
  for await (const page of reader.pages()) {
    for (const one of page.cursor.projects ?? []) of.projects.add(one)
    const rows = rowsOf(table, page, root)
    if (rows.length > 0) yield rows.map(one => one.values)
  }
  if (!reader.isComplete) of.onFault()
}

/** As a task of a run reads it. */
export function pagesOf(
  scope: RunScope,
  table: SourceTable,
  live: LiveTask,
  of: Pick<SourceReading, 'projects' | 'onFault' | 'filter'> = {
    projects: new Set(),
    onFault: () => undefined,
  },
): AsyncGenerator<Value[][]> {
  const { source, run } = scope.of
  return sourcePages({
    ...{ source, table, nowMs: run.startedMs, signal: run.controller.signal, ...of },
    caller: scope.caller([live]),
    warn: text => run.warn(live, text),
    onTotal: rows => {
      live.rowsTotal = rows
    },
  })
}
