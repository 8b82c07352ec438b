/**
 * The last runs of all jobs, newest first, below the bars of a day. Each leads to its run and its job.
 * Shown on the page of monitoring; the counts of states are filters.
 * Spec: ui 4.1, 5.7 (Runs); backlog-replication 2.13.
 */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { RunInfo } from '../../api-v1.ts'
import { writtenOf } from '../jobs/job-model.ts'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount, toDuration, toLocal, zoneName } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { allRunsQuery } from './monitoring-queries.ts'
import { RunsDay } from './runs-day.tsx'

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
          <>
            <RunsDay />
            <Runs runs={runs} />
          </>
        )
      }
    </Panel>
  )
}

function Runs({ runs }: { readonly runs: readonly RunInfo[] }) {
  const [filter, setFilter] = useState('ALL')
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const [, word, states = []] = FILTERS.find(([key]) => key === filter) ?? []
  const shown = useMemo(() => runs.filter(one => isOf(one, states)), [runs, states])
  const columns = useMemo(() => runColumns(zoneName()), [])
  return (
    <DataGrid
      id="runs"
      label="Runs"
      rows={shown}
      columns={columns}
      rowKey={one => one.id}
      rowTestId="run-row"
      rowState={one => one.state}
      onOpen={({ id, jobId }) =>
        void navigate({ to: '/jobs/$id/runs/$run', params: { id: jobId, run: id } })
      }
      noun="run"
      empty=""
      filter={{
        ...{ text, onText: setText, total: runs.length, onClear: () => setFilter('ALL') },
        others: filter === 'ALL' ? '' : ` with state ${word}`,
      }}
      controls={<StateFilters runs={runs} filter={filter} onChange={setFilter} />}
    />
  )
}

function isOf({ state }: RunInfo, states: readonly string[]): boolean {
  return states.length === 0 || states.includes(state)
}

interface StateFiltersProps {
  readonly runs: readonly RunInfo[]
  readonly filter: string
  readonly onChange: (filter: string) => void
}

function StateFilters({ runs, filter, onChange }: StateFiltersProps) {
  return (
    <fieldset className="sc-filters" aria-label="State">
      {FILTERS.map(([key, word, of]) => (
        <button
          key={key}
          type="button"
          aria-pressed={filter === key}
          onClick={() => onChange(key)}
          data-testid="state-filter"
          data-key={key}
        >
          {word} <span>{runs.filter(one => isOf(one, of)).length}</span>
        </button>
      ))}
    </fieldset>
  )
}

function runColumns(zone: string): GridColumn<RunInfo>[] {
  return [
    {
      ...{ id: 'started', title: `Started (${zone})`, width: 176 },
      text: one => toLocal(one.startedAt),
      cell: ({ id, jobId, startedAt }) => (
        <Link
          className="sc-link"
          to="/jobs/$id/runs/$run"
          params={{ id: jobId, run: id }}
          tabIndex={-1}
        >
          {toLocal(startedAt)}
        </Link>
      ),
    },
    {
      ...{ id: 'job', title: 'Job', width: 200 },
      text: one => one.jobName,
      cell: ({ jobId, jobName }) => (
        <Link
          className="sc-link"
          to="/jobs/$id/$tab"
          params={{ id: jobId, tab: 'history' }}
          tabIndex={-1}
        >
          <bdi>{jobName}</bdi>
        </Link>
      ),
    },
    { ...{ id: 'trigger', title: 'Trigger', width: 104 }, text: one => one.trigger },
    {
      ...{ id: 'state', title: 'State', width: 152 },
      text: one => stateWord(one.state),
      cell: ({ state }) => <StatusChip state={state} isRun testId="run-state" />,
    },
    {
      ...{ id: 'took', title: 'Took', width: 104, isNumber: true },
      text: one => toDuration(one.elapsedMs),
      order: (one, other) => one.elapsedMs - other.elapsedMs,
    },
    {
      ...{ id: 'rows', title: 'Rows', width: 96, isNumber: true },
      text: one => String(writtenOf(one)),
      cell: one => toCount(writtenOf(one)),
    },
    {
      ...{ id: 'what', title: 'What', width: 240 },
      text: one => one.error ?? one.text,
      cell: one => <bdi title={one.error ?? one.text}>{one.error ?? one.text}</bdi>,
    },
  ]
}
