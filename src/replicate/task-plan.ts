/**
 * What a change of a task means for its table, before it is saved: the statements, and the ways to go
 * where there is more than one. Called by the replicator for the dialog of plans.
 * Invariants: the first way is the one that loses nothing; a way that drops a table says so, and is taken
 * with the name of the table alone.
 * Spec: backlog-replication 2.5 (plan dialog); ui 5.3.
 */
import type { PlanOption, TaskPlan } from '../api-v1.ts'
import { qualifiedName, type TableSchema } from '../cassandra/index.ts'
import type { TaskSetup } from './task-setup.ts'
import { createText, planTarget } from './task-target.ts'

export type TablePlan = Pick<TaskPlan, 'action' | 'ddl' | 'problems' | 'exists' | 'options'>

export function planTable(
  { target, task }: TaskSetup,
  of: {
    readonly existing: TableSchema | undefined
    readonly comment: string
    /** That were copied into the table. */
    readonly rows: number
  },
): TablePlan {
  const { existing, comment, rows } = of
  const plan = planTarget(target, existing, comment)
  const at = qualifiedName(target.keyspace, target.table)
  const anew = [`DROP TABLE IF EXISTS ${at}`, createText(target, comment)]
  if (existing !== undefined && task.mode === 'recreate')
    return { exists: true, action: 'create', ddl: anew, problems: [], options: [] }
  if (existing === undefined || plan.action === 'none') return { ...plan, options: [] }
  const options: PlanOption[] = []
  if (plan.action === 'add_columns')
    options.push({
      ...{ key: 'add_columns', destination: target.table, ddl: plan.ddl, rows },
      text: 'Online: the next run adds the columns and reads all rows again. Nothing is dropped.',
    })
  options.push({
    ...{ key: 'reload', destination: target.table, ddl: anew, rows },
    text: `The next run drops ${at} and loads it again. Readers see an empty table meanwhile; rows that others wrote are lost.`,
  })
  const table = nextName(target.table)
  options.push({
    ...{ key: 'rename', destination: table, rows },
    ddl: [createText({ ...target, table }, comment)],
    text: `The next run loads ${qualifiedName(target.keyspace, table)}. ${at} stays as it is, and is not written any more.`,
  })
  return { ...plan, options }
}

/** `issues` is followed by `issues_v2`, that by `issues_v3`. */
export function nextName(name: string): string {
  const [, base = name, version] = /^(.*)_v(\d+)$/.exec(name) ?? []
  return `${base}_v${version === undefined ? 2 : Number(version) + 1}`
}
