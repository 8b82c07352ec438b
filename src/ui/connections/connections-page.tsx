/**
 * The list of connections: sources and destinations, search, labels, and acts on each.
 * Route /ui/connections; every filter is in the address.
 * Invariant: a connection that a job uses is not deleted; the jobs are named instead.
 * Spec: ui 5.2; backlog-replication 2.2.
 */
import { Button, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { ConnectionInfo } from '../../api-v1.ts'
import { LabelTag } from '../parts/label-tag.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { stateWord } from '../parts/status-chip.tsx'
import { CONNECTOR_TITLES } from './connection-columns.tsx'
import { connectionsQuery } from './connection-queries.ts'
import { ConnectionTable } from './connection-table.tsx'
import { ConnectorDialog } from './connector-dialog.tsx'

export interface ConnectionsSearch {
  readonly tab?: string
  readonly q?: string
  readonly label?: string
  readonly status?: string
  readonly connector?: string
}

export function ConnectionsPage() {
  const query = useQuery(connectionsQuery)
  const [isAdding, setIsAdding] = useState(false)
  const add = () => setIsAdding(true)
  return (
    <Page
      id="connections"
      title="Connections"
      loading={query.isPending}
      actions={
        <May least="standard">
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={add}
            data-testid="connections-add"
          >
            Add Connection
          </Button>
        </May>
      }
    >
      <Panel query={query} what="the connections">
        {all => <List all={all} onAdd={add} />}
      </Panel>
      <ConnectorDialog opened={isAdding} onClose={() => setIsAdding(false)} />
    </Page>
  )
}

interface ListProps {
  readonly all: readonly ConnectionInfo[]
  readonly onAdd: () => void
}

function List({ all, onAdd }: ListProps) {
  const search = useSearch({ strict: false }) as ConnectionsSearch
  const navigate = useNavigate()
  const change = (next: ConnectionsSearch) => {
    const entries = Object.entries({ ...search, ...next }).filter(([, value]) => value !== '')
    void navigate({ to: '/connections', search: Object.fromEntries(entries), replace: true })
  }
  if (all.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="Connect a source and a destination. Nothing moves until you run a job.">
          <May least="standard">
            <Button variant="filled" onClick={onAdd}>
              Add Connection
            </Button>
          </May>
        </Empty>
      </div>
    )
  }
  return <FilteredList all={all} search={search} onChange={change} />
}

interface FilteredListProps {
  readonly all: readonly ConnectionInfo[]
  readonly search: ConnectionsSearch
  readonly onChange: (next: ConnectionsSearch) => void
}

function FilteredList({ all, search, onChange }: FilteredListProps) {
  const { tab = '', q = '' } = search
  const shown = useMemo(() => all.filter(one => isShown(one, search)), [all, search])
  const labels = useMemo(() => valuesOf(all, FILTERS[2].of), [all])
  const others = FILTERS.flatMap(({ key, word }) => {
    const value = search[key]
    return value === undefined ? [] : [` with ${word} ${shownValue(key, value)}`]
  })
  return (
    <ConnectionTable
      rows={shown}
      labels={labels}
      filter={{
        ...{ text: q, total: all.length },
        onText: next => onChange({ q: next }),
        onClear: () => onChange({ q: '', tab: '', label: '', status: '', connector: '' }),
        others: `${tab === '' ? '' : ` among the ${tab}`}${others.join(' and')}`,
      }}
      controls={
        <>
          <Directions all={all} tab={tab} onChange={next => onChange({ tab: next })} />
          {FILTERS.map(({ key, title, of }) => {
            const values = valuesOf(all, of)
            const isUseful = values.length > 1 || search[key] !== undefined || key === 'label'
            return (
              isUseful &&
              values.length > 0 && (
                <Select
                  key={key}
                  value={search[key] ?? null}
                  onChange={next => onChange({ [key]: next ?? '' })}
                  data={values.map(value => ({ value, label: shownValue(key, value) }))}
                  placeholder={title}
                  aria-label={title}
                  clearable
                  w={144}
                  data-testid={`filter-${key}`}
                  renderOption={({ option }) => (
                    <span data-testid="option" data-value={option.value}>
                      {key === 'label' ? <LabelTag label={option.value} /> : option.label}
                    </span>
                  )}
                />
              )
            )
          })}
        </>
      }
    />
  )
}

interface Filter {
  readonly key: 'status' | 'connector' | 'label'
  readonly title: string
  readonly word: string
  readonly of: (one: ConnectionInfo) => readonly string[]
}

const FILTERS: readonly [Filter, Filter, Filter] = [
  { key: 'status', title: 'Status', word: 'status', of: one => [one.status] },
  { key: 'connector', title: 'Connector', word: 'connector', of: one => [one.connector] },
  { key: 'label', title: 'Label', word: 'label', of: one => one.labels },
]

function isShown(one: ConnectionInfo, search: ConnectionsSearch): boolean {
  const isKept = FILTERS.every(({ key, of }) => {
    const wanted = search[key]
    return wanted === undefined || of(one).includes(wanted)
  })
  return isKept && isOfDirection(one, search.tab ?? '')
}

/** Each once, sorted. */
function valuesOf(all: readonly ConnectionInfo[], of: Filter['of']): string[] {
  return [...new Set(all.flatMap(of))].sort()
}

function shownValue(key: Filter['key'], value: string): string {
  if (key === 'status') return stateWord(value)
  return key === 'connector' ? (CONNECTOR_TITLES[value] ?? value) : value
}

const DIRECTIONS = [
  ['', 'All'],
  ['sources', 'Sources'],
  ['destinations', 'Destinations'],
] as const

interface DirectionsProps {
  readonly all: readonly ConnectionInfo[]
  readonly tab: string
  readonly onChange: (tab: string) => void
}

function Directions({ all, tab, onChange }: DirectionsProps) {
  return (
    <fieldset className="sc-filters" aria-label="Direction">
      {DIRECTIONS.map(([key, word]) => (
        <button
          key={key}
          type="button"
          aria-pressed={tab === key}
          onClick={() => onChange(key)}
          data-testid="state-filter"
          data-key={key === '' ? 'ALL' : key}
        >
          {word} <span>{all.filter(one => isOfDirection(one, key)).length}</span>
        </button>
      ))}
    </fieldset>
  )
}

function isOfDirection({ direction }: ConnectionInfo, tab: string): boolean {
  if (tab === 'sources') return direction !== 'destination'
  return tab !== 'destinations' || direction !== 'source'
}
