/**
 * The list of connectors: state counts as filters, search, selection with acts on several.
 * Route /ui/connectors; every filter is in the address.
 * Invariant: what needs attention stands first; a row's name opens it, the rest selects it.
 * Spec: ui 4.1, 5.4.
 */
import { Button, Select, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_CONNECT } from '../parts/served.ts'
import { stateWord } from '../parts/status-chip.tsx'
import { connectorsQuery } from './connector-queries.ts'
import { type ConnectorRow, SHOWN_STATES, toRows } from './connector-state.ts'
import { ConnectorTable } from './connector-table.tsx'

export interface ConnectorsSearch {
  readonly q?: string
  readonly state?: string
  readonly type?: string
}

export function ConnectorsPage() {
  const query = useQuery(connectorsQuery)
  if (!SERVES_CONNECT) return <NotSetUp />
  return (
    <Page
      id="connectors"
      title="Connectors"
      loading={query.isPending}
      actions={
        <May least="standard">
          <LinkButton to="/connectors/paste" data-testid="connectors-paste">
            Paste a config
          </LinkButton>
          <LinkButton
            to="/connectors/new"
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            data-testid="connectors-add"
          >
            Add Connector
          </LinkButton>
        </May>
      }
    >
      <Panel query={query} what="the connectors">
        {data => <List rows={toRows(data)} />}
      </Panel>
    </Page>
  )
}

/** `scamander start` without the properties of a worker has no Connect API. */
function NotSetUp() {
  return (
    <Page id="connectors" title="Connectors">
      <div className="sc-card">
        <Empty text="This server runs no connectors. Start it with the properties of a worker, which name Kafka by bootstrap.servers." />
      </div>
    </Page>
  )
}

function List({ rows }: { readonly rows: readonly ConnectorRow[] }) {
  const search = useSearch({ strict: false }) as ConnectorsSearch
  const navigate = useNavigate()
  const change = (next: Partial<ConnectorsSearch>) =>
    void navigate({ to: '/connectors', search: cleaned({ ...search, ...next }), replace: true })
  if (rows.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="Connectors stream between Kafka topics and Cassandra tables.">
          <May least="standard">
            <LinkButton to="/connectors/new" variant="filled">
              Add Connector
            </LinkButton>
            <LinkButton to="/connectors/paste">Paste a config</LinkButton>
          </May>
        </Empty>
      </div>
    )
  }
  const shown = rows.filter(row => isMatch(row, search))
  return (
    <Stack gap={0}>
      <div className="sc-toolbar">
        <StateFilters rows={rows} state={search.state} onChange={state => change({ state })} />
        <TextInput
          value={search.q ?? ''}
          onChange={event => change({ q: event.currentTarget.value })}
          placeholder="Search"
          aria-label="Search connectors"
          data-testid="search"
          leftSection={<IconSearch size={16} stroke={1.5} />}
        />
        <Select
          value={search.type ?? null}
          onChange={type => change({ type: type ?? '' })}
          data={['sink', 'source']}
          placeholder="Type"
          aria-label="Type"
          clearable
          w={128}
        />
      </div>
      {shown.length === 0 ? (
        <div className="sc-card">
          <Empty text={noMatch(search)}>
            <Button onClick={() => change({ q: '', state: '', type: '' })}>Clear filters</Button>
          </Empty>
        </div>
      ) : (
        <ConnectorTable rows={shown} />
      )}
    </Stack>
  )
}

interface StateFiltersProps {
  readonly rows: readonly ConnectorRow[]
  readonly state: string | undefined
  readonly onChange: (state: string) => void
}

function StateFilters({ rows, state, onChange }: StateFiltersProps) {
  const counts = SHOWN_STATES.map(one => ({
    key: one as string,
    word: stateWord(one),
    count: rows.filter(row => row.state === one).length,
  }))
  const shown = counts.filter(({ count, key }) => count > 0 || key === state)
  const all = { key: '', word: 'All', count: rows.length }
  return (
    <fieldset className="sc-filters" aria-label="State">
      {[all, ...shown].map(({ key, word, count }) => (
        <button
          key={key}
          type="button"
          aria-pressed={(state ?? '') === key}
          onClick={() => onChange(key)}
          data-testid="state-filter"
          data-key={key === '' ? 'ALL' : key}
        >
          {word} <span>{count}</span>
        </button>
      ))}
    </fieldset>
  )
}

function isMatch(row: ConnectorRow, { q, state, type }: ConnectorsSearch): boolean {
  if (state !== undefined && state !== row.state) return false
  if (type !== undefined && type !== row.type) return false
  const text = [row.name, row.plugin, ...row.topics].join(' ').toLowerCase()
  return (q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function noMatch({ q, state, type }: ConnectorsSearch): string {
  const wanted = q === undefined ? 'Nothing matches' : `Nothing matches “${q}”`
  const withState = state === undefined ? '' : ` with state ${stateWord(state)}`
  return `${wanted}${withState}${type === undefined ? '' : ` of type ${type}`}.`
}

function cleaned(search: ConnectorsSearch): ConnectorsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== ''))
}
