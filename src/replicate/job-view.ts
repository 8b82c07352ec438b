/**
 * A job as the API shows it: the record with the names of its connections, its last runs, and what its
 * tables are. Pure; called by the replicator.
 * Spec: backlog-replication 2.3, 2.16.
 */
import type { JobInfo, RunInfo, RunSummary } from '../api-v1.ts'
import type { ConnectionRecord } from './connection.ts'
import { BACKLOG_TABLES } from './connection-desk.ts'
import { currentSettings, type JobRecord, type TaskRecord } from './job-record.ts'
import { type NameOf, toScheduleInfo } from './schedule.ts'

export function toJobInfo(
  job: JobRecord,
  of: {
    readonly source: ConnectionRecord
    readonly destination: ConnectionRecord
    /** The newest first. */
    readonly runs: readonly RunInfo[]
    readonly active: RunInfo | undefined
    readonly freshAt: (taskId: string) => string | null
    readonly nameOf: NameOf
    readonly warningsOf: (task: TaskRecord) => readonly string[]
  },
): JobInfo {
  const { source, destination, runs, active } = of
  const tasks = job.tasks.map((task, position) => {
    const table =
      source.connector === 'backlog' && task.table !== null
        ? BACKLOG_TABLES.get(task.table)
        : undefined
    const lastRun = runs.flatMap(run => run.tasks).find(one => one.taskId === task.id) ?? null
    return {
      ...task,
      options: task.options ?? {},
      position,
      title: task.table ?? `query → ${task.destination}`,
      method: table?.info.method ?? 'FULL-HASH',
      key: table?.key ?? [],
      checkColumn: task.options?.checkColumn ?? table?.info.checkColumn ?? null,
      lastRun,
      freshAt: of.freshAt(task.id),
      warnings: of.warningsOf(task),
    }
  })
  return {
    ...job,
    sourceName: source.name,
    destinationName: destination.name,
    sourceConnector: source.connector,
    tasks,
    settings: currentSettings(job.settings, Date.now()),
    schedule: toScheduleInfo(job.schedule, new Date(), of.nameOf),
    lastRun: runs[0] === undefined ? null : summaryOf(runs[0]),
    ...(active === undefined ? {} : { activeRun: summaryOf(active) }),
  }
}

/** Lists of jobs do without what its tasks did. */
function summaryOf({
  tasks: _tasks,
  schemaChanges: _ddl,
  used: _used,
  ...summary
}: RunInfo): RunSummary {
  return summary
}
