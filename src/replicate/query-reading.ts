/**
 * A task with a query: its tables are read into the SQL engine, the statement runs there, and its rows
 * are written. Called by run-job.ts.
 * Spec: backlog-replication 2.6.
 */
import type { BacklogCursor } from '../source/index.ts'
import type { ReadyTask, RunScope } from './run-scope.ts'
import { pagesOf } from './source-pages.ts'
import { SqlEngine } from './sql-engine.ts'

const QUERY_LIMIT_MS = 30 * 60_000

/** All rows of the tables, the statement over them, and its rows. */
export async function readQuery(
  scope: RunScope,
  { setup, live, writer }: ReadyTask,
): Promise<boolean> {
  const { store, acceptDeletes, mode } = scope.of
  const known = acceptDeletes ? undefined : store.get<BacklogCursor>('cursor', setup.task.id)
  const projects = new Set(known?.projects)
  const engine = await SqlEngine.open(scope.facts(setup.task.id))
  try {
    let isComplete = true
    const of = { projects, onFault: () => (isComplete = false) }
    for (const table of setup.tables) {
      await engine.stage(table.name, table.columns)
      const filter = setup.query?.filters.get(table.name)
      for await (const page of pagesOf(scope, table, live, { ...of, filter })) {
        await engine.append(table.name, page)
        live.activity = `reading ${table.name}`
        scope.of.run.touch()
      }
      if (scope.of.source.kind === 'backlog' && table.key.length > 0)
        await engine.unite(table.name, table.key)
    }
    scope.stopIfAsked()
    live.activity = 'running the query'
    const { signal } = scope.of.run.controller
    for await (const page of engine.select(setup.select!, QUERY_LIMIT_MS, signal)) {
      await writer.writeBehind(page.map(values => ({ values, scope: '' })))
      scope.of.run.touch()
    }
    await writer.flush()
    if (mode !== 'dry-run' && projects.size > 0)
      store.put('cursor', setup.task.id, { projects: [...projects] })
    return isComplete
  } finally {
    engine.close()
  }
}
