/**
 * One task: where its rows come from and go, and the tabs Columns or Query. A task that is not saved yet
 * (`new`) is a query.
 * Route /ui/jobs/{id}/task/{task}/{tab}.
 * Spec: ui 5.3; backlog-replication 2.4 to 2.6.
 */
import { Stack, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { JobInfo, TaskInfoV1 } from '../../api-v1.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { AdvancedTab } from './advanced-tab.tsx'
import { ColumnsTab } from './columns-tab.tsx'
import { taskTitle } from './job-model.ts'
import { jobQuery } from './job-queries.ts'
import { QueryTab } from './query-tab.tsx'

export function TaskPage() {
  const { id = '', task: taskId = '', tab = 'columns' } = useParams({ strict: false })
  const query = useQuery(jobQuery(id))
  const task = query.data?.tasks.find(one => one.id === taskId)
  const isNew = taskId === 'new'
  return (
    <Page
      id="task"
      title={isNew ? 'New query' : task === undefined ? 'Task' : taskTitle(task)}
      section={query.data?.name ?? 'Jobs'}
      loading={query.isPending}
      actions={
        <LinkButton to="/jobs/$id/$tab" params={{ id, tab: 'task' }} data-testid="task-back">
          Back to {query.data?.name ?? 'the job'}
        </LinkButton>
      }
    >
      <Panel query={query} what="the job">
        {job =>
          isNew ? (
            <QueryTab key="new" job={job} task={undefined} />
          ) : task === undefined ? (
            <Empty text="This job has no such task. It may have been deleted meanwhile." />
          ) : (
            <TaskTabs job={job} task={task} tab={tab} />
          )
        }
      </Panel>
    </Page>
  )
}

interface TaskTabsProps {
  readonly job: JobInfo
  readonly task: TaskInfoV1
  readonly tab: string
}

function TaskTabs({ job, task, tab }: TaskTabsProps) {
  const navigate = useNavigate()
  const open = (next: string | null) =>
    void navigate({
      to: '/jobs/$id/task/$task/$tab',
      params: { id: job.id, task: task.id, tab: next ?? 'columns' },
    })
  const isQuery = task.query !== null
  const found = task.queryKind === 'incremental' ? 'changes of its table' : 'hashes of the result'
  return (
    <Stack gap="lg">
      {task.warnings.map(one => (
        <div key={one} className="sc-banner" data-role="warn" data-testid="task-warning">
          <p>{one}</p>
        </div>
      ))}
      <div className="sc-card sc-card-body">
        <dl className="sc-facts">
          <dt>Source</dt>
          <dd>
            {job.sourceName}
            {isQuery ? ', a query' : `, ${task.table}`}
          </dd>
          <dt>Key and check column</dt>
          <dd className="sc-mono">
            {task.key.join(', ') || '–'}
            {task.checkColumn === null ? '' : `, ${task.checkColumn}`}
          </dd>
          <dt>Changes are found by</dt>
          <dd className="sc-mono">{isQuery ? found : task.method}</dd>
          <dt>Destination</dt>
          <dd className="sc-mono">{task.destination}</dd>
        </dl>
      </div>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="lg">
          {!isQuery && (
            <Tabs.Tab value="columns" data-testid="tab-columns">
              Columns
            </Tabs.Tab>
          )}
          {isQuery && (
            <Tabs.Tab value="query" data-testid="tab-query">
              Query
            </Tabs.Tab>
          )}
          <Tabs.Tab value="advanced" data-testid="tab-advanced">
            Advanced
          </Tabs.Tab>
        </Tabs.List>
        {!isQuery && (
          <Tabs.Panel value="columns">
            <ColumnsTab key={task.id} job={job} task={task} />
          </Tabs.Panel>
        )}
        {isQuery && (
          <Tabs.Panel value="query">
            <QueryTab key={task.id} job={job} task={task} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="advanced">
          <AdvancedTab key={task.id} job={job} task={task} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
