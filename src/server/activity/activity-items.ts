/**
 * What is under way, as the list of activity tells it: runs of jobs, acts of migrations, snapshots of
 * capture, replays of dead letters. Pure but for what they read. Added where each is served.
 * Invariants: a total is told only when every part knows its own; what ended is not among them.
 * Spec: ui 4.3 (progress).
 */
import type { CaptureChannel } from '../../api.ts'
import type { RunInfo, TaskRun } from '../../api-v1.ts'
import type { ActivityItem } from '../../api-v1-activity.ts'
import type { MigrationAct, MigrationActTable } from '../../api-v1-migrations.ts'

/** A replay that is under way. */
export interface Replaying {
  readonly id: number
  readonly connector: string
  /** Undefined: not counted yet. */
  readonly letters: number | undefined
  readonly startedAt: string
}

export function runActivity(runs: readonly RunInfo[]): ActivityItem[] {
  return runs.map(run => ({
    ...{ key: `run ${run.id}`, kind: 'run', name: run.jobName, text: doingOf(run.tasks) },
    state: run.state === 'WAITING_RATE_LIMIT' || run.state === 'QUEUED' ? 'waiting' : 'running',
    ...{ done: run.rows.read, total: totalOf(run.tasks), share: null },
    ...{ startedAt: run.startedAt, id: run.jobId, runId: run.id, canStop: true },
  }))
}

function doingOf(tasks: readonly TaskRun[]): string {
  const open = tasks.find(one => one.state === 'RUNNING' || one.state === 'WAITING_RATE_LIMIT')
  return [open?.table, open?.activity].filter(one => one !== undefined && one !== '').join(', ')
}

/** Null: not known yet, or nothing to read. */
function totalOf(tasks: readonly TaskRun[]): number | null {
  let sum = 0
  for (const { rowsTotal } of tasks) {
    if (rowsTotal === null) return null
    sum += rowsTotal
  }
  return sum === 0 ? null : sum
}

/** `act` is under way. */
export function migrationActivity(name: string, act: MigrationAct): ActivityItem {
  const { kind, tables } = act
  const open = tables.find(one => one.state === 'running')
  const shares = tables.map(shareOf)
  return {
    ...{ key: `migration ${name} ${act.id}`, kind, name, state: 'running' },
    text: open === undefined ? act.text : open.table,
    ...{ done: tables.reduce((sum, one) => sum + one.rows, 0), total: null },
    share: shares.length === 0 ? null : shares.reduce((sum, one) => sum + one, 0) / shares.length,
    ...{ startedAt: act.startedAt, id: name, runId: null, canStop: true },
  }
}

function shareOf({ state, share }: MigrationActTable): number {
  return state === 'waiting' || state === 'running' ? share : 1
}

export function snapshotActivity(channels: readonly CaptureChannel[]): ActivityItem[] {
  return channels.flatMap((one): ActivityItem[] => {
    const { snapshot } = one.stats
    if (snapshot === null || snapshot.part >= 1) return []
    const table = `${one.sourceKeyspace}.${one.sourceTable}`
    return [
      {
        key: `snapshot ${one.dataCenterId} ${table} ${one.destination}`,
        ...{ kind: 'snapshot', name: `${table} → ${one.destination}`, state: 'running' },
        ...{ text: 'rows that are there', done: snapshot.rows, total: null, share: snapshot.part },
        ...{ startedAt: null, id: 'channels', runId: null, canStop: false },
      },
    ]
  })
}

export function replayActivity(replays: Iterable<Replaying>): ActivityItem[] {
  return [...replays].map(({ id, connector, letters, startedAt }) => ({
    ...{ key: `replay ${id}`, kind: 'replay', name: connector, state: 'running' },
    ...{ text: 'dead letters', done: 0, total: letters ?? null, share: null },
    ...{ startedAt, id: connector, runId: null, canStop: false },
  }))
}
