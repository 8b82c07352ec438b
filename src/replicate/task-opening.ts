/**
 * A task of a run made ready: its table made or given columns, the place it writes to noted, its writer
 * opened. Called by run-job.ts for each task before any is read.
 * Invariant: a table is never dropped or changed but by the statements of its plan, each of which is
 * in the run.
 * Spec: backlog-replication 2.8.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { findTable, hasRows } from './find-table.ts'
import type { ReadyTask, RunScope } from './run-scope.ts'
import type { LiveTask } from './run-state.ts'
import { TableWriter } from './table-writer.ts'
import { Projector, type TaskSetup } from './task-setup.ts'
import { planTarget, type TaskTarget } from './task-target.ts'

export class TaskOpening {
  readonly #scope: RunScope

  constructor(scope: RunScope) {
    this.#scope = scope
  }

  async open(setup: TaskSetup, live: LiveTask): Promise<ReadyTask> {
    const { store, run, job, mode, consistency, source } = this.#scope.of
    const { target, task } = setup
    live.destination = `${target.keyspace}.${target.table}`
    await this.#makeTable(setup)
    const writer = await TableWriter.open({
      ...{
        store,
        session: this.#scope.session,
        target,
        taskId: task.id,
        runId: run.id,
        startUs: run.startUs,
        isPlaceUsed: store.get<boolean>('place-used', task.id) === true,
        isInTokenOrder: source.kind === 'cassandra' && setup.select === undefined,
      },
      ...{
        consistency,
        deletion: job.settings.deletion,
        isDryRun: mode === 'dry-run',
        signal: run.controller.signal,
      },
      onRejected: row => run.reject(task.id, row),
    })
    live.counts = writer.counts
    return { setup, live, writer, projector: await Projector.open(setup) }
  }

  async #makeTable({ target, task }: TaskSetup): Promise<void> {
    const { control } = this.#scope.session
    const { run, job, store } = this.#scope.of
    const existing = await findTable(control, target.keyspace, target.table)
    const plan = planTarget(target, existing, `scamander job=${job.id} task=${task.id}`)
    if (plan.problems.length > 0)
      throw new ScamanderError(REPLICATE_ERRORS.TABLE, plan.problems.join('; '))
    if (plan.action === 'create') store.forgetTask(task.id)
    for (const ddl of plan.ddl) {
      run.schemaChanges.push(ddl)
      run.log('info', ddl, task.table)
      await control.execute(ddl)
    }
    if (plan.action === 'add_columns') store.doubtTask(task.id)
    await this.#notePlace(task.id, target)
  }

  /** What was written to another place says nothing about this one, which may have rows of its own. */
  async #notePlace(taskId: string, { keyspace, table }: TaskTarget): Promise<void> {
    const { store, destination, mode } = this.#scope.of
    if (mode === 'dry-run') return
    const hosts = destination.contactPoints.map(({ host, port }) => `${host}:${port}`).sort()
    const place = JSON.stringify([hosts, keyspace, table])
    const known = store.get<string>('place', taskId)
    if (known === place) return
    const isUsed = await hasRows(this.#scope.session.control, keyspace, table)
    store.transaction(() => {
      if (known !== undefined) store.doubtTask(taskId)
      store.put('place', taskId, place)
      store.put('place-used', taskId, isUsed)
    })
  }
}
