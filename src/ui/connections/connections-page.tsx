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
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { connectionsQuery } from './connection-queries.ts'
import { ConnectionTable } from './connection-table.tsx'
import { ConnectorDialog } from './connector-dialog.tsx'

export interface ConnectionsSearch {
  readonly tab?: string
  readonly q?: string
  readonly label?: string
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
  const { tab = '', q = '', label } = search
  const shown = useMemo(
    () =>
      all.filter(
        one => isOfDirection(one, tab) && (label === undefined || one.labels.includes(label)),
      ),
    [all, tab, label],
  )
  const labels = useMemo(() => [...new Set(all.flatMap(one => one.labels))].sort(), [all])
  return (
    <ConnectionTable
      rows={shown}
      filter={{
        ...{ text: q, total: all.length },
        onText: next => onChange({ q: next }),
        onClear: () => onChange({ q: '', tab: '', label: '' }),
        others: `${tab === '' ? '' : ` among the ${tab}`}${label === undefined ? '' : ` with label ${label}`}`,
      }}
      controls={
        <>
          <Directions all={all} tab={tab} onChange={next => onChange({ tab: next })} />
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
