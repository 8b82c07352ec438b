/**
 * The last runs of all jobs, newest first. Each leads to its run and its job.
 * Shown on the page of monitoring; the counts of states are filters.
 * Spec: ui 5.7 (Runs); backlog-replication 2.13.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { RunInfo } from '../../api-v1.ts'
import { writtenOf } from '../jobs/job-model.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, toDuration, toLocal, zoneName } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { allRunsQuery } from './monitoring-queries.ts'

const FILTERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['ALL', 'All', []],
  ['FAILED', 'Failed', ['FAILED', 'CANCELLED']],
  ['WARNING', 'Warning', ['WARNING', 'PARTIAL', 'SKIPPED']],
  ['RUNNING', 'Running', ['QUEUED', 'RUNNING', 'WAITING_RATE_LIMIT']],
]

export function RunsTab() {
  const query = useQuery(allRunsQuery)
  return (
    <Panel query={query} what="the runs">
      {runs =>
        runs.length === 0 ? (
          <div className="sc-card">
            <Empty text="No runs yet. A job's first run is listed here." />
          </div>
        ) : (
          <Runs runs={runs} />
        )
      }
    </Panel>
  )
}

function Runs({ runs }: { readonly runs: readonly RunInfo[] }) {
  const [filter, setFilter] = useState('ALL')
  const isOf = ({ state }: RunInfo, states: readonly string[]) =>
    states.length === 0 || states.includes(state)
  const states = FILTERS.find(([key]) => key === filter)?.[2] ?? []
  return (
    <div>
      <div className="sc-toolbar">
        <fieldset className="sc-filters" aria-label="State">
          {FILTERS.map(([key, word, of]) => (
            <button
              key={key}
              type="button"
              aria-pressed={filter === key}
              onClick={() => setFilter(key)}
              data-testid="state-filter"
              data-key={key}
            >
              {word} <span>{runs.filter(one => isOf(one, of)).length}</span>
            </button>
          ))}
        </fieldset>
      </div>
      <div className="sc-card sc-grid-scroll">
        <table className="sc-grid">
          <ColumnHeads
            columns={[`Started (${zoneName()})`, 'Job', 'Trigger', 'State', 'Took', 'Rows', 'What']}
            numbers={['Took', 'Rows']}
          />
          <tbody>
            {runs
              .filter(one => isOf(one, states))
              .map(run => (
                <Row key={run.id} run={run} />
              ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Row({ run }: { readonly run: RunInfo }) {
  const { id, jobId, jobName, startedAt, trigger, state, elapsedMs, error, text } = run
  return (
    <tr data-testid="run-row" data-key={id} data-state={state}>
      <td>
        <Link className="sc-link" to="/jobs/$id/runs/$run" params={{ id: jobId, run: id }}>
          {toLocal(startedAt)}
        </Link>
      </td>
      <td>
        <Link className="sc-link" to="/jobs/$id/$tab" params={{ id: jobId, tab: 'history' }}>
          <bdi>{jobName}</bdi>
        </Link>
      </td>
      <td>{trigger}</td>
      <td>
        <StatusChip state={state} isRun testId="run-state" />
      </td>
      <td className="sc-number">{toDuration(elapsedMs)}</td>
      <td className="sc-number">{toCount(writtenOf(run))}</td>
      <td className="sc-wrap">{error ?? text}</td>
    </tr>
  )
}
