/**
 * The tasks of a job in their order: add tables, add a query, run some, reset, move, delete.
 * Used by the job page.
 * Spec: ui 5.3, 8 (flow 3); backlog-replication 2.4.
 */
import { Button, Checkbox, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, TaskInfoV1 } from '../../api-v1.ts'
import { toAgo, toCount, toDuration, UNKNOWN } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Empty } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { AddTasksDialog } from './add-tasks-dialog.tsx'
import { writtenOf } from './job-model.ts'
import { TaskBulkBar, TaskRunButton } from './task-acts.tsx'

export function TaskTab({ job }: { readonly job: JobInfo }) {
  const [isAdding, setIsAdding] = useState(false)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const chosen = job.tasks.filter(one => selected.has(one.id))
  const toggle = (id: string) =>
    setSelected(before => {
      const others = [...before].filter(one => one !== id)
      return new Set(before.has(id) ? others : [...others, id])
    })
  return (
    <Stack gap={0}>
      <div className="sc-toolbar">
        <span className="sc-spacer" />
        <May least="job_creator">
          <LinkButton
            to="/jobs/$id/task/$task/$tab"
            params={{ id: job.id, task: 'new', tab: 'query' }}
            data-testid="tasks-add-query"
          >
            Add custom query
          </LinkButton>
        </May>
        <May least="job_creator">
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={() => setIsAdding(true)}
            data-testid="tasks-add"
          >
            Add Tasks
          </Button>
        </May>
      </div>
      <div className="sc-card sc-grid-scroll">
        {job.tasks.length === 0 ? (
          <Empty text="This job has no tables yet." />
        ) : (
          <Table job={job} selected={selected} onToggle={toggle} />
        )}
      </div>
      {chosen.length > 0 && (
        <TaskBulkBar job={job} tasks={chosen} onDone={() => setSelected(new Set())} />
      )}
      {isAdding && <AddTasksDialog job={job} onClose={() => setIsAdding(false)} />}
    </Stack>
  )
}

interface TableProps {
  readonly job: JobInfo
  readonly selected: ReadonlySet<string>
  readonly onToggle: (id: string) => void
}

function Table({ job, selected, onToggle }: TableProps) {
  return (
    <table className="sc-grid">
      <thead>
        <tr>
          <th>
            <span className="sc-hidden">Select</span>
          </th>
          <th>Source → Destination</th>
          <th>Key</th>
          <th>Check</th>
          <th>Mode</th>
          <th>Last run</th>
          <th className="sc-number">Rows</th>
          <th className="sc-number">Took</th>
          <th>
            <span className="sc-hidden">Run</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {job.tasks.map(task => (
          <Row
            key={task.id}
            job={job}
            task={task}
            isSelected={selected.has(task.id)}
            onToggle={() => onToggle(task.id)}
          />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly job: JobInfo
  readonly task: TaskInfoV1
  readonly isSelected: boolean
  readonly onToggle: () => void
}

function Row({ job, task, isSelected, onToggle }: RowProps) {
  const { lastRun } = task
  const name = task.table ?? task.destination
  return (
    <tr
      aria-selected={isSelected}
      data-testid="task-row"
      data-key={name}
      data-state={task.enabled ? (lastRun?.state ?? 'QUEUED') : 'PAUSED'}
    >
      <td width={40}>
        <May least="job_operator">
          <Checkbox
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={onToggle}
            data-testid="task-select"
          />
        </May>
      </td>
      <td data-column="name">
        <Link
          className="sc-link"
          to="/jobs/$id/task/$task/$tab"
          params={{ id: job.id, task: task.id, tab: task.query === null ? 'columns' : 'query' }}
          data-testid="task-open"
        >
          <bdi>{task.table ?? 'Query'}</bdi> → <bdi>{task.destination}</bdi>
        </Link>
        {lastRun?.error !== null && lastRun?.error !== undefined && (
          <p className="sc-problem">{lastRun.error}</p>
        )}
        {task.warnings.map(one => (
          <p key={one} className="sc-warning sc-wrap" data-testid="task-warning">
            {one}
          </p>
        ))}
      </td>
      <td className="sc-mono">{task.key.join(', ') || UNKNOWN}</td>
      <td className="sc-mono">{task.checkColumn ?? UNKNOWN}</td>
      <td>{task.enabled ? task.mode : 'off'}</td>
      <td>
        {lastRun === null ? (
          UNKNOWN
        ) : (
          <>
            <StatusChip state={lastRun.state} isRun testId="task-state" />
            <div className="sc-quiet">{toAgo(lastRun.startedAt)}</div>
          </>
        )}
      </td>
      <td className="sc-number">{lastRun === null ? UNKNOWN : toCount(writtenOf(lastRun))}</td>
      <td className="sc-number">{lastRun === null ? UNKNOWN : toDuration(lastRun.elapsedMs)}</td>
      <td width={48}>
        <May least="job_operator">
          <TaskRunButton job={job} tasks={[task]} />
        </May>
      </td>
    </tr>
  )
}
