/**
 * The list of connectors: state counts as filters, search, selection with acts on several.
 * Route /ui/connectors; every filter is in the address.
 * Invariant: what needs attention stands first; a row's name opens it, the rest selects it.
 * Spec: ui 4.1, 5.4.
 */
import { Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { ExpandedConnector } from '../../api.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_CONNECT } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { stateWord } from '../parts/status-chip.tsx'
import { connectorsQuery } from './connector-queries.ts'
import { SHOWN_STATES } from './connector-state.ts'
import { ConnectorTable } from './connector-table.tsx'
import { useFileDrop } from './file-drop.ts'
import { handText } from './handed-draft.ts'
import { type ListedConnector, useListed } from './listed-connectors.ts'

export interface ConnectorsSearch {
  readonly q?: string
  readonly state?: string
  readonly type?: string
  readonly plugin?: string
}

export function ConnectorsPage() {
  const query = useQuery(connectorsQuery)
  const navigate = useNavigate()
  const mayAdd = useMay('standard')
  useFileDrop(text => {
    handText(text)
    void navigate({ to: '/connectors/paste' })
  }, SERVES_CONNECT && mayAdd)
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
        {data => <List data={data} />}
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

function List({ data }: { readonly data: Readonly<Record<string, ExpandedConnector>> }) {
  const rows = useListed(data)
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
  return <FilteredList rows={rows} search={search} onChange={change} />
}

interface FilteredListProps {
  readonly rows: readonly ListedConnector[]
  readonly search: ConnectorsSearch
  readonly onChange: (next: Partial<ConnectorsSearch>) => void
}

function FilteredList({ rows, search, onChange }: FilteredListProps) {
  const { q = '', state, type, plugin } = search
  const plugins = useMemo(() => [...new Set(rows.map(row => row.plugin))].sort(), [rows])
  const shown = useMemo(
    () =>
      rows.filter(
        row =>
          (state === undefined || state === row.state) &&
          (type === undefined || type === row.type) &&
          (plugin === undefined || plugin === row.plugin),
      ),
    [rows, state, type, plugin],
  )
  return (
    <ConnectorTable
      rows={shown}
      filter={{
        ...{ text: q, total: rows.length, others: othersText(search) },
        onText: next => onChange({ q: next }),
        onClear: () => onChange({ q: '', state: '', type: '', plugin: '' }),
      }}
      controls={
        <>
          <StateFilters rows={rows} state={state} onChange={next => onChange({ state: next })} />
          <Select
            value={type ?? null}
            onChange={next => onChange({ type: next ?? '' })}
            data={['sink', 'source']}
            placeholder="Type"
            aria-label="Type"
            clearable
            w={112}
          />
          <Select
            value={plugin ?? null}
            onChange={next => onChange({ plugin: next ?? '' })}
            data={plugins}
            placeholder="Plugin"
            aria-label="Plugin"
            clearable
            w={160}
            data-testid="filter-plugin"
          />
        </>
      }
    />
  )
}

interface StateFiltersProps {
  readonly rows: readonly ListedConnector[]
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

function othersText({ state, type, plugin }: ConnectorsSearch): string {
  const withState = state === undefined ? '' : ` with state ${stateWord(state)}`
  const ofPlugin = plugin === undefined ? '' : ` of plugin ${plugin}`
  return `${withState}${type === undefined ? '' : ` of type ${type}`}${ofPlugin}`
}

function cleaned(search: ConnectorsSearch): ConnectorsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== ''))
}
