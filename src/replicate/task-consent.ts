/**
 * Consent to lose the rows of a table: a mode that empties or drops it is chosen, and a run that drops it
 * is started by hand, with the name of the table. Pure; the replicator asks before it saves or starts.
 * Invariant: a schedule needs no consent of its own: the mode was chosen with the name.
 * Spec: backlog-replication 2.8 (modes); ui 4.5.
 */
import type { RunRequest } from '../api-v1.ts'
import type { TaskRecord } from './job-record.ts'
import { isLosing } from './task-options.ts'
import { fieldError } from './task-target.ts'

/** What a change needs the name of; undefined: it loses nothing that was not lost before. */
export function lostBy(task: TaskRecord, known?: TaskRecord): string | undefined {
  if (!isLosing(task.mode)) return undefined
  const isKnown = known?.mode === task.mode && known.destination === task.destination
  return isKnown ? undefined : task.destination
}

/** Throws where it is missing; `writers`: other tasks that write the table, in words. */
export function checkConsent(
  task: TaskRecord,
  of: {
    readonly confirm: string | undefined
    readonly known?: TaskRecord
    /** The next run drops the table, whatever the mode. */
    readonly reload?: boolean | undefined
    readonly writers: readonly string[]
  },
): void {
  const isOnce = of.reload === true
  const table = isOnce ? task.destination : lostBy(task, of.known)
  if (table === undefined) return
  const act = task.mode === 'truncate' && !isOnce ? 'empties' : 'drops'
  const when = isOnce ? 'the next run' : 'each run'
  const [writers] = of.writers
  if (writers !== undefined)
    throw fieldError('mode', `mode: ${when} ${act} ${table}, but ${writers}`)
  if (of.confirm === table) return
  throw fieldError(
    'confirm',
    `confirm: ${when} ${act} ${table} and loads it again; say so by its name, ${table}`,
  )
}

/** Of a run that somebody starts. */
export function checkRunConsent(
  tasks: readonly TaskRecord[],
  { mode = 'incremental', drop = [] }: Pick<RunRequest, 'mode' | 'drop'>,
): void {
  if (mode !== 'incremental' && mode !== 'full') return
  const names = tasks.filter(one => one.mode === 'recreate').map(one => one.destination)
  const missing = names.filter(one => !drop.includes(one))
  if (missing.length === 0) return
  throw fieldError(
    'drop',
    `drop: the run drops ${missing.join(', ')} and makes it anew; say so by its name`,
  )
}
