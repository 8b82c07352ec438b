/**
 * A task of a run made ready: its table made or given columns, the place it writes to noted, its writer
 * opened. Called by run-job.ts for each task before any is read.
 * Invariants: a table is changed by the statements of its plan alone, each of which is in the run; it is
 * emptied or dropped for a mode that says so alone, when the first row of the source has come, and what
 * is known of its rows is in doubt before and forgotten after; a job that moved loses no rows of others; a
 * dry run changes nothing.
 * Spec: backlog-replication 2.8.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { qualifiedName } from '../cassandra/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { findTable, hasRows } from './find-table.ts'
import { deletionOf } from './job-record.ts'
import { Projector } from './projector.ts'
import type { ReadyTask, RunScope } from './run-scope.ts'
import type { LiveTask } from './run-state.ts'
import { TableWriter } from './table-writer.ts'
import { isLosing, isWhole } from './task-options.ts'
import type { TaskSetup } from './task-setup.ts'
import { isEarlyOf } from './task-start.ts'
import { createText, planTarget, type TaskTarget } from './task-target.ts'

export class TaskOpening {
  readonly #scope: RunScope

  constructor(scope: RunScope) {
    this.#scope = scope
  }

  async open(setup: TaskSetup, live: LiveTask): Promise<ReadyTask> {
    const { store, run, job, mode, consistency, source } = this.#scope.of
    const { target, task } = setup
    const { ttlSeconds, batchRows } = task.options ?? {}
    live.destination = `${target.keyspace}.${target.table}`
    const isReload = store.get<boolean>('reload', task.id) === true
    const isEmptied =
      (isLosing(task.mode) || isReload) && (mode === 'incremental' || mode === 'full')
    const isDropped = isEmptied && (isReload || task.mode === 'recreate')
    if (isEmptied) await this.#checkMoved(setup)
    if (!isDropped) await this.#makeTable(setup)
    const writer = await TableWriter.open({
      ...{
        store,
        session: this.#scope.session,
        target,
        taskId: task.id,
        runId: run.id,
        startUs: run.startUs,
        isPlaceUsed: store.get<boolean>('place-used', task.id) === true,
        isInTokenOrder: source.kind === 'cassandra' && setup.query === undefined,
      },
      ...{
        consistency,
        deletion: deletionOf(job.settings, task),
        isDryRun: mode === 'dry-run',
        signal: run.controller.signal,
        isHistory: target.isHistory,
      },
      ...{ ttlSeconds, batchRows, isEveryRow: ttlSeconds !== undefined && isWhole(task.mode) },
      empty: isEmptied ? () => this.#empty(setup, isDropped) : undefined,
      onRejected: row => run.reject(task.id, row),
    })
    live.counts = writer.counts
    const isEarly = setup.query?.kind === 'full' ? undefined : isEarlyOf(task, setup.tables[0]!)
    return {
      setup,
      live,
      writer,
      projector: await Projector.open(setup, this.#scope.facts(task.id)),
      isEarly,
      isEmptied,
    }
  }

  /** The name of the table was said for another place: rows of others that stand here are not lost by it. */
  async #checkMoved({ target, task }: TaskSetup): Promise<void> {
    const { keyspace, table } = target
    const known = this.#scope.of.store.get<string>('place', task.id)
    if (known === undefined || known === this.#placeOf(target)) return
    // With another table its name was said again.
    if ((JSON.parse(known) as unknown[]).at(-1) !== table) return
    const cql =
      'SELECT comment FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?'
    const rows: readonly unknown[] = await this.#control.execute(cql, [keyspace, table])
    const found = rows[0] as { readonly comment?: unknown } | undefined
    if (found === undefined || String(found.comment).includes(`task=${task.id}`)) return
    if (!(await hasRows(this.#control, keyspace, table))) return
    throw new ScamanderError(
      REPLICATE_ERRORS.TABLE,
      `${qualifiedName(keyspace, table)} has rows that this task did not write, and its mode would lose them: it was chosen before the job moved here. Empty the table yourself, or choose another name`,
    )
  }

  async #makeTable(setup: TaskSetup): Promise<void> {
    const { target, task } = setup
    const { run, store, mode } = this.#scope.of
    const existing = await findTable(this.#control, target.keyspace, target.table)
    const plan = planTarget(target, existing, this.#comment(setup))
    if (plan.problems.length > 0)
      throw new ScamanderError(REPLICATE_ERRORS.TABLE, plan.problems.join('; '))
    if (mode === 'dry-run') {
      for (const ddl of plan.ddl) run.log('info', `a run would do: ${ddl}`, task.table)
      return
    }
    if (plan.action === 'create') store.forgetTask(task.id)
    // Before the table has them: killed in between, the next run would find nothing to add.
    if (plan.action === 'add_columns') store.transaction(() => store.doubtTask(task.id))
    await store.settled()
    for (const ddl of plan.ddl) {
      run.schemaChanges.push(ddl)
      await this.#execute(ddl, setup)
    }
    await this.#notePlace(task.id, target)
  }

  /** Killed at any moment, the rows that may be there are known, and none that may be gone is. */
  async #empty(setup: TaskSetup, isDropped: boolean): Promise<void> {
    const { store } = this.#scope.of
    const { target, task } = setup
    store.transaction(() => store.doubtTask(task.id))
    await store.settled()
    const at = qualifiedName(target.keyspace, target.table)
    const statements = isDropped
      ? [`DROP TABLE IF EXISTS ${at}`, createText(target, this.#comment(setup))]
      : [`TRUNCATE ${at}`]
    for (const cql of statements) await this.#execute(cql, setup)
    store.transaction(() => {
      store.forgetTask(task.id)
      store.put('place', task.id, this.#placeOf(target))
      store.put('place-used', task.id, false)
    })
  }

  async #execute(cql: string, { task }: TaskSetup): Promise<void> {
    this.#scope.of.run.log('info', cql, task.table)
    await this.#control.execute(cql)
  }

  /** What was written to another place says nothing about this one, which may have rows of its own. */
  async #notePlace(taskId: string, target: TaskTarget): Promise<void> {
    const { store } = this.#scope.of
    const place = this.#placeOf(target)
    const known = store.get<string>('place', taskId)
    if (known === place) return
    const isUsed = await hasRows(this.#control, target.keyspace, target.table)
    store.transaction(() => {
      if (known !== undefined) store.doubtTask(taskId)
      store.put('place', taskId, place)
      store.put('place-used', taskId, isUsed)
    })
  }

  #placeOf({ keyspace, table }: TaskTarget): string {
    const { contactPoints } = this.#scope.of.destination
    const hosts = contactPoints.map(({ host, port }) => `${host}:${port}`).sort()
    return JSON.stringify([hosts, keyspace, table])
  }

  #comment({ task }: TaskSetup): string {
    return `scamander job=${this.#scope.of.job.id} task=${task.id}`
  }

  get #control() {
    return this.#scope.session.control
  }
}
