/**
 * The workers that run connectors: what each has, and the facts of the one that serves this page.
 * Invariant: a worker is known by the tasks that name it; one without any is not listed.
 * Spec: ui 5.7 (Workers), 8 (`worker-row`).
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ExpandedConnector } from '../../api.ts'
import type { FlowsInfo } from '../../api-v1-home.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { flowsQuery } from '../home/home-queries.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, toCounted, toDuration } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { type WorkerRow, workersOf } from './worker-rows.ts'

const SHOWN = 3
const MEGABYTE = 1_000_000

export function WorkersTab() {
  const query = useQuery(connectorsQuery)
  const own = useQuery(flowsQuery).data?.worker
  return (
    <div className="sc-stack">
      {own !== undefined && <Own worker={own} />}
      <section className="sc-card" aria-labelledby="workers-title">
        <h2 id="workers-title" className="sc-card-title sc-card-head">
          Tasks by worker
        </h2>
        <Panel query={query} what="the connectors">
          {(all: Readonly<Record<string, ExpandedConnector>>) => {
            const rows = workersOf(all)
            return rows.length === 0 ? (
              <Empty text="No connector runs on any worker." />
            ) : (
              <WorkerTable rows={rows} />
            )
          }}
        </Panel>
      </section>
    </div>
  )
}

function Own({ worker }: { readonly worker: FlowsInfo['worker'] }) {
  const facts = [
    ['Scamander', worker.version],
    ['Memory', `${toCount(Math.round(worker.bytes / MEGABYTE))} MB`],
    ['Up for', toDuration(worker.upSeconds * 1_000)],
    ['Kafka cluster', worker.kafkaClusterId],
  ] as const
  return (
    <section className="sc-card sc-card-body" aria-labelledby="own-title">
      <h2 id="own-title" className="sc-card-title">
        This worker
      </h2>
      <dl className="sc-facts">
        {facts.map(([name, value]) => (
          <div key={name} className="sc-fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function WorkerTable({ rows }: { readonly rows: readonly WorkerRow[] }) {
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={['Worker', 'State', 'Connectors', 'Tasks', 'Runs tasks of']}
          numbers={['Connectors', 'Tasks']}
        />
        <tbody>
          {rows.map(({ id, connectors, tasks, failed, names }) => (
            <tr
              key={id}
              data-testid="worker-row"
              data-key={id}
              data-state={failed === 0 ? 'RUNNING' : 'DEGRADED'}
            >
              <td className="sc-mono">{id}</td>
              <td>
                <StatusChip
                  state={failed === 0 ? 'RUNNING' : 'DEGRADED'}
                  text={failed === 0 ? 'Up' : `${toCounted(failed, 'task')} failed`}
                />
              </td>
              <td className="sc-number">{toCount(connectors)}</td>
              <td className="sc-number">{toCount(tasks)}</td>
              <td className="sc-wrap">
                {names.slice(0, SHOWN).map((name, index) => (
                  <span key={name}>
                    {index > 0 && ', '}
                    <Link
                      className="sc-link"
                      to="/connectors/$name/$tab"
                      params={{ name, tab: 'tasks' }}
                    >
                      <bdi>{name}</bdi>
                    </Link>
                  </span>
                ))}
                {names.length > SHOWN && ` and ${names.length - SHOWN} more`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
