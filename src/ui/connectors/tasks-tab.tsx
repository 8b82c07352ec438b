/**
 * The tasks of a connector with state, worker and trace; the connector's own trace on top.
 * Used by the connector page.
 * Spec: ui 5.4 (tasks tab).
 */
import { Button, Stack } from '@mantine/core'
import type { ConnectorStateInfo, TaskState } from '../../api.ts'
import { heldOf } from '../home/held.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { May } from '../parts/may.tsx'
import { Empty } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { useRestartTask } from './connector-queries.ts'
import { FailureBanner } from './failure-banner.tsx'
import { HeldBanners, useCounters } from './held-banner.tsx'
import { TraceBox } from './trace-box.tsx'

interface TasksTabProps {
  readonly name: string
  readonly status: ConnectorStateInfo
}

export function TasksTab({ name, status }: TasksTabProps) {
  const { trace } = status.connector
  return (
    <Stack gap="lg">
      {trace !== undefined && trace !== '' && (
        <FailureBanner name={name} title="The connector itself failed" trace={trace} />
      )}
      <HeldBanners name={name} />
      <div className="sc-card sc-grid-scroll">
        {status.tasks.length === 0 ? (
          <Empty text={noTasks(status)} />
        ) : (
          <table className="sc-grid">
            <ColumnHeads columns={['Task', 'State', 'Worker', 'Why']} acts />
            <tbody>
              {status.tasks.map(task => (
                <TaskRow key={task.id} name={name} task={task} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Stack>
  )
}

function TaskRow({ name, task }: { readonly name: string; readonly task: TaskState }) {
  const restart = useRestartTask(name)
  const { trace } = task
  const held = useHeld(name, task)
  return (
    <tr data-testid="task-row" data-key={task.id} data-state={task.state}>
      <td>{task.id}</td>
      <td>
        <StatusChip state={task.state} held={held} />
      </td>
      <td className="sc-mono">{task.worker_id === '' ? '–' : task.worker_id}</td>
      <td>{trace === undefined || trace === '' ? '' : <TraceBox trace={trace} />}</td>
      <td width={96}>
        <May least="job_operator">
          <Button
            size="xs"
            loading={restart.isPending}
            onClick={() => restart.mutate(task.id)}
            data-testid="task-restart"
            aria-label={`Restart task ${task.id}`}
          >
            Restart
          </Button>
        </May>
      </td>
    </tr>
  )
}

/** What holds up this one. */
function useHeld(name: string, { id, state }: TaskState) {
  const counters = useCounters(name)
  if (counters === undefined) return undefined
  const troubles = counters.troubles.filter(one => one.task === id)
  const waits = counters.waits.filter(one => one.task === id)
  return heldOf(state, { ...counters, troubles, waits })
}

function noTasks({ connector }: ConnectorStateInfo): string {
  if (connector.state === 'STOPPED') return 'A stopped connector has no tasks. Resume starts it.'
  if (connector.state === 'FAILED') return 'The connector failed before it had tasks.'
  return 'The tasks are being planned; this takes a few seconds.'
}
