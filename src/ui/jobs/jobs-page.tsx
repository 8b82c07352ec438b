/**
 * The list of jobs: counts of states as filters, search, switches, Run, and acts on several.
 * Route /ui/jobs; every filter is in the address.
 * Invariant: what needs attention stands first, then the name.
 * Spec: ui 4.1, 5.3; backlog-replication 2.3.
 */
import { Button, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { JobDialog } from './job-dialog.tsx'
import { byAttention, FILTERS, type JobFilter, matches } from './job-model.ts'
import { jobsQuery } from './job-queries.ts'
import { JobTable } from './job-table.tsx'
import { PauseAll, PauseBanner } from './pause.tsx'

export interface JobsSearch {
  readonly q?: string
  readonly state?: string
  readonly label?: string
  /** Opens the dialog of a new job with this connection. */
  readonly add?: string
}

export function JobsPage() {
  const query = useQuery(jobsQuery)
  const search = useSearch({ strict: false }) as JobsSearch
  const [isAdding, setIsAdding] = useState(search.add !== undefined)
  const add = () => setIsAdding(true)
  return (
    <Page
      id="jobs"
      title="Jobs"
      loading={query.isPending}
      actions={
        <May least="job_creator">
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={add}
            data-testid="jobs-add"
          >
            Add Job
          </Button>
        </May>
      }
    >
      <PauseBanner />
      <Panel query={query} what="the jobs">
        {jobs => <List jobs={jobs} search={search} onAdd={add} />}
      </Panel>
      {isAdding && <JobDialog first={search.add} onClose={() => setIsAdding(false)} />}
    </Page>
  )
}

interface ListProps {
  readonly jobs: readonly JobInfo[]
  readonly search: JobsSearch
  readonly onAdd: () => void
}

function List({ jobs, search, onAdd }: ListProps) {
  const navigate = useNavigate()
  const change = (next: JobsSearch) => {
    const entries = Object.entries({ ...search, ...next }).filter(([, value]) => value !== '')
    void navigate({ to: '/jobs', search: Object.fromEntries(entries), replace: true })
  }
  if (jobs.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="A job copies tables from a source to a destination, once or on a schedule.">
          <May least="job_creator">
            <Button variant="filled" onClick={onAdd}>
              Add Job
            </Button>
          </May>
        </Empty>
      </div>
    )
  }
  return <FilteredList jobs={jobs} search={search} onChange={change} />
}

interface FilteredListProps {
  readonly jobs: readonly JobInfo[]
  readonly search: JobsSearch
  readonly onChange: (next: JobsSearch) => void
}

function FilteredList({ jobs, search, onChange }: FilteredListProps) {
  const { q = '', state = '', label } = search
  const shown = useMemo(
    () => jobs.filter(one => matches(one, { state: state as JobFilter, label })).sort(byAttention),
    [jobs, state, label],
  )
  const labels = useMemo(() => [...new Set(jobs.flatMap(one => one.labels))].sort(), [jobs])
  const word = FILTERS.find(([key]) => key === state)?.[1]
  return (
    <JobTable
      jobs={shown}
      filter={{
        ...{ text: q, total: jobs.length },
        onText: next => onChange({ q: next }),
        onClear: () => onChange({ q: '', state: '', label: '' }),
        others: `${state === '' ? '' : ` with state ${word}`}${label === undefined ? '' : ` and label ${label}`}`,
      }}
      controls={
        <>
          <StateFilters jobs={jobs} state={state} onChange={next => onChange({ state: next })} />
          <PauseAll />
          {labels.length > 0 && (
            <Select
              value={label ?? null}
              onChange={next => onChange({ label: next ?? '' })}
              data={labels}
              placeholder="Label"
              aria-label="Label"
              clearable
              w={144}
            />
          )}
        </>
      }
    />
  )
}

interface StateFiltersProps {
  readonly jobs: readonly JobInfo[]
  readonly state: string
  readonly onChange: (state: string) => void
}

function StateFilters({ jobs, state, onChange }: StateFiltersProps) {
  return (
    <fieldset className="sc-filters" aria-label="State">
      {FILTERS.map(([key, word]) => {
        const count = jobs.filter(one => matches(one, { state: key, label: undefined }))
        return (
          <button
            key={key}
            type="button"
            aria-pressed={state === key}
            onClick={() => onChange(key)}
            data-testid="state-filter"
            data-key={key === '' ? 'ALL' : key}
          >
            {word} <span>{count.length}</span>
          </button>
        )
      })}
    </fieldset>
  )
}
