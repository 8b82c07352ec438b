/**
 * A connector at one glance: what failed, figures, route, plugin, tasks by state, what happened last.
 * Used by the connector page.
 * Spec: ui 5.4.
 */
import { Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ConnectorStateInfo } from '../../api.ts'
import { Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { Figures, Places, Recent } from './connector-glance.tsx'
import { type Config, useConnectorConfig } from './connector-queries.ts'
import { shownState } from './connector-state.ts'
import { FailureBanner } from './failure-banner.tsx'
import { HeldBanners, MissingTopics } from './held-banner.tsx'

interface OverviewTabProps {
  readonly name: string
  readonly status: ConnectorStateInfo
}

export function OverviewTab({ name, status }: OverviewTabProps) {
  const config = useConnectorConfig(name)
  const failed = status.tasks.find(task => task.state === 'FAILED')
  const own = status.connector.trace ?? ''
  return (
    <Stack gap="lg">
      {own !== '' && <FailureBanner name={name} title="The connector itself failed" trace={own} />}
      {own === '' && failed !== undefined && (
        <FailureBanner name={name} title={`Task ${failed.id} failed`} trace={failed.trace ?? ''} />
      )}
      <HeldBanners name={name} />
      {status.type === 'sink' && <MissingTopics name={name} />}
      <Figures name={name} state={shownState(status).state} />
      <div className="sc-cards">
        <section className="sc-card sc-card-body" aria-labelledby="tasks-title">
          <h2 id="tasks-title" className="sc-card-title">
            Tasks
          </h2>
          <Tasks name={name} status={status} />
        </section>
        <section className="sc-card sc-card-body" aria-labelledby="plugin-title">
          <h2 id="plugin-title" className="sc-card-title">
            Plugin and route
          </h2>
          <Panel query={config} what="the configuration">
            {data => (
              <>
                <Facts config={data} status={status} />
                <Places config={data} isSink={status.type === 'sink'} />
              </>
            )}
          </Panel>
        </section>
        <Recent name={name} />
      </div>
    </Stack>
  )
}

function Tasks({ name, status }: OverviewTabProps) {
  const states = [...new Set(status.tasks.map(task => task.state))].sort()
  if (states.length === 0) return <p className="sc-quiet">No tasks now.</p>
  return (
    <Stack gap="sm" align="flex-start">
      {states.map(state => {
        const count = status.tasks.filter(task => task.state === state).length
        return (
          <span key={state}>
            <StatusChip state={state} testId="task-states" /> {count}
          </span>
        )
      })}
      <Link className="sc-link" to="/connectors/$name/$tab" params={{ name, tab: 'tasks' }}>
        All tasks
      </Link>
    </Stack>
  )
}

function Facts({
  config,
  status,
}: {
  readonly config: Config
  readonly status: ConnectorStateInfo
}) {
  const mappings = Object.keys(config).flatMap(key => {
    const [, topic, keyspace, table] = /^topic\.(.+)\.([^.]+)\.([^.]+)\.mapping$/.exec(key) ?? []
    return topic === undefined ? [] : [`${topic} → ${keyspace}.${table}`]
  })
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Type', status.type],
    ['Class', config['connector.class']],
    ['Topics', config['topics'] ?? config['topics.regex']],
    ['Route', mappings.length === 0 ? undefined : mappings.join(', ')],
    ['Tasks, at most', config['tasks.max'] ?? '1'],
    ['Worker', status.connector.worker_id],
  ]
  return (
    <dl className="sc-facts">
      {facts.map(([title, value]) =>
        value === undefined || value === '' ? undefined : (
          <div key={title} className="sc-fact">
            <dt>{title}</dt>
            <dd className="sc-mono">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ),
      )}
    </dl>
  )
}
