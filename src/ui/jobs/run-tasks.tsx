/**
 * The tasks of a run, each with its own state, clock and counts, and what went wrong. Used by the run.
 * Invariant: a task that did not start shows dashes, not zeros.
 * Spec: ui 5.3, 8 (`run-task`); backlog-replication 2.12.
 */
import { useQuery } from '@tanstack/react-query'
import type { JobInfo, TaskRun } from '../../api-v1.ts'
import { RowsLink } from '../data/rows-link.tsx'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, toDuration, UNKNOWN } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { jobsQuery } from './job-queries.ts'

interface RunTasksProps {
  readonly jobId: string
  readonly tasks: readonly TaskRun[]
}

export function RunTasks({ jobId, tasks }: RunTasksProps) {
  const { data: jobs } = useQuery(jobsQuery)
  const job = jobs?.find(one => one.id === jobId)
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={[
            'Task',
            'State',
            'Read',
            'New',
            'Changed',
            'Same',
            'Deleted',
            'Rejected',
            'Took',
          ]}
          numbers={['Read', 'New', 'Changed', 'Same', 'Deleted', 'Rejected', 'Took']}
        />
        <tbody>
          {tasks.map(one => (
            <Row key={one.taskId} task={one} job={job} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps {
  readonly task: TaskRun
  readonly job: JobInfo | undefined
}

function Row({ task, job }: RowProps) {
  const { table, destination, state, activity, rows, error, advice, warnings, startedAt } = task
  const counts = [
    rows.read,
    rows.inserted,
    rows.updated,
    rows.unchanged,
    rows.deleted,
    rows.rejected,
  ]
  return (
    <tr data-testid="run-task" data-key={table} data-state={state}>
      <td>
        <strong>{table}</strong>
        <div className="sc-quiet sc-mono">
          <RowsLink job={job} table={destination} />
        </div>
        {error !== null && <p className="sc-problem">{error}</p>}
        {advice !== null && <p className="sc-quiet">{advice}</p>}
        {warnings.map(one => (
          <p key={one} className="sc-warning">
            {one}
          </p>
        ))}
      </td>
      <td>
        <StatusChip state={state} isRun testId="task-state" />
        {activity !== '' && <div className="sc-quiet">{activity}</div>}
      </td>
      {counts.map((count, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the counts have a fixed order
        <td key={index} className="sc-number">
          {startedAt === null ? UNKNOWN : toCount(count)}
        </td>
      ))}
      <td className="sc-number">{startedAt === null ? UNKNOWN : toDuration(task.elapsedMs)}</td>
    </tr>
  )
}
