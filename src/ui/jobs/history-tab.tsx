/**
 * All runs of a job, newest first: trigger, state, duration, rows, requests. Used by the job page.
 * Each leads to its run; the list goes into a file as CSV.
 * Spec: ui 5.3, 8 (flow 7); backlog-replication 2.13.
 */
import { Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { JobInfo, RunInfo } from '../../api-v1.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, toDuration, toLocal, UNKNOWN, zoneName } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel, PanelError } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { HistoryFilters, isFiltered, type RunsFilterText, toFilter } from './history-filters.tsx'
import { writtenOf } from './job-model.ts'
import { foundRunsQuery, runsQuery, useStartRun } from './job-queries.ts'
import { RunTrigger } from './run-facts.tsx'

const STATES = [
  ['', 'All'],
  ['bad', 'Failed'],
  ['warn', 'Warning'],
] as const

const SHOWN_RUNS = 200
const BAD = new Set(['FAILED', 'CANCELLED'])
const WARN = new Set(['WARNING', 'PARTIAL', 'SKIPPED'])

export function HistoryTab({ job }: { readonly job: JobInfo }) {
  const query = useQuery(runsQuery(job.id))
  const start = useStartRun()
  return (
    <Panel query={query} what="the runs">
      {runs =>
        runs.length === 0 ? (
          <div className="sc-card">
            <Empty text="No runs yet. Run it once by hand to see what it does.">
              <May least="job_operator">
                <Button
                  variant="filled"
                  disabled={job.tasks.length === 0}
                  onClick={() => start.mutate({ job, request: {} })}
                >
                  Run
                </Button>
              </May>
            </Empty>
          </div>
        ) : (
          <Runs job={job} runs={runs} />
        )
      }
    </Panel>
  )
}

interface RunsProps {
  readonly job: JobInfo
  /** The newest ones. */
  readonly runs: readonly RunInfo[]
}

const NO_RUNS: readonly RunInfo[] = []
const NO_FILTER: RunsFilterText = { day: '', until: '', task: '', state: '' }

function Runs({ job, runs: newest }: RunsProps) {
  const [state, setState] = useState('')
  const [filter, setFilter] = useState(NO_FILTER)
  const isAsked = isFiltered(filter)
  const found = useQuery({ ...foundRunsQuery(job.id, toFilter(filter)), enabled: isAsked })
  // Until the answer comes nothing is shown in its place.
  const runs = isAsked ? (found.data ?? NO_RUNS) : newest
  const isKnown = !isAsked || found.data !== undefined
  const isOf = (run: RunInfo, key: string) =>
    key === '' || (key === 'bad' ? BAD : WARN).has(run.state)
  const shown = runs.filter(one => isOf(one, state))
  return (
    <Stack gap="md">
      <div className="sc-toolbar">
        <fieldset className="sc-filters" aria-label="State">
          {STATES.map(([key, word]) => (
            <button
              key={key}
              type="button"
              aria-pressed={state === key}
              onClick={() => setState(key)}
              data-testid="state-filter"
              data-key={key === '' ? 'ALL' : key}
            >
              {word} <span>{runs.filter(one => isOf(one, key)).length}</span>
            </button>
          ))}
        </fieldset>
        <HistoryFilters
          tasks={[...new Set(job.tasks.map(one => one.table ?? one.destination))]}
          value={filter}
          onChange={part => setFilter({ ...filter, ...part })}
        />
        <Button component="a" href={toCsv(shown)} download="runs.csv" data-testid="history-csv">
          CSV
        </Button>
      </div>
      <div className="sc-card sc-grid-scroll">
        <table className="sc-grid">
          <ColumnHeads
            columns={[
              `Started (${zoneName()})`,
              'Trigger',
              'State',
              'Took',
              'Rows',
              'Requests',
              'Waited',
              'What',
            ]}
            numbers={['Took', 'Rows', 'Requests', 'Waited']}
          />
          <tbody>
            {shown.map(run => (
              <Row key={run.id} run={run} />
            ))}
          </tbody>
        </table>
        {isKnown && shown.length === 0 && <Empty text="No run is like that." />}
      </div>
      {isAsked && found.error !== null && (
        <PanelError
          error={found.error}
          what="the runs that were asked for"
          onRetry={() => void found.refetch()}
        />
      )}
      {runs.length >= SHOWN_RUNS && (
        <p className="sc-quiet">The newest {SHOWN_RUNS} are shown; choose a day for older ones.</p>
      )}
    </Stack>
  )
}

function Row({ run }: { readonly run: RunInfo }) {
  const { id, jobId, startedAt, state, requests, elapsedMs, error, text } = run
  return (
    <tr data-testid="run-row" data-key={id} data-state={state}>
      <td>
        <Link
          className="sc-link"
          to="/jobs/$id/runs/$run"
          params={{ id: jobId, run: id }}
          data-testid="run-started"
        >
          {toLocal(startedAt)}
        </Link>
      </td>
      <td data-testid="run-trigger">
        <RunTrigger run={run} />
      </td>
      <td>
        <StatusChip state={state} isRun testId="run-state" />
      </td>
      <td className="sc-number" data-testid="run-took">
        {toDuration(elapsedMs)}
      </td>
      <td className="sc-number" data-testid="run-rows">
        {toCount(writtenOf(run))}
      </td>
      <td className="sc-number">{toCount(requests.sent)}</td>
      <td className="sc-number">
        {requests.waitedMs === 0 ? UNKNOWN : toDuration(requests.waitedMs)}
      </td>
      <td className="sc-wrap">{error ?? text}</td>
    </tr>
  )
}

function toCsv(runs: readonly RunInfo[]): string {
  const head = [
    'id',
    'started',
    'trigger',
    'after_run',
    'mode',
    'state',
    'took_ms',
    'read',
    'inserted',
  ]
  const more = ['updated', 'unchanged', 'deleted', 'rejected', 'requests', 'waited_ms']
  const lines = runs.map(({ rows, requests, ...run }) =>
    [
      ...[run.id, run.startedAt, run.trigger, run.after?.runId ?? '', run.mode, run.state],
      ...[
        run.elapsedMs,
        rows.read,
        rows.inserted,
        rows.updated,
        rows.unchanged,
        rows.deleted,
        rows.rejected,
      ],
      ...[requests.sent, requests.waitedMs],
    ].join(','),
  )
  const text = [[...head, ...more].join(','), ...lines].join('\n')
  return `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`
}
