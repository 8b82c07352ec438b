/**
 * Keyspaces and their tables as a list to fold. Used at the left of the tables.
 * Invariant: only what is unfolded is in the document, and at most SHOWN_MAX tables of a keyspace: the
 * search finds the others.
 * Spec: ui 5.7, 8 (`data-tree-item`).
 */
import { TextInput } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { KeyspaceInfo } from '../../api-v1-data.ts'
import { Panel } from '../parts/panel.tsx'
import { keyspacesQuery } from './data-queries.ts'

interface KeyspaceTreeProps {
  readonly connection: string
  readonly keyspace: string | undefined
  readonly table: string | undefined
}

const SHOWN_MAX = 200
const KEYSPACES_MAX = 300
/** Few of them are unfolded from the start. */
const UNFOLDED_MAX = 6

export function KeyspaceTree({ connection, keyspace, table }: KeyspaceTreeProps) {
  const query = useQuery(keyspacesQuery(connection))
  const [search, setSearch] = useState('')
  const words = search.trim().toLowerCase()
  return (
    <nav className="sc-card sc-data-tree" aria-label="Tables">
      <TextInput
        value={search}
        onChange={event => setSearch(event.currentTarget.value)}
        placeholder="Find a table"
        aria-label="Find a table"
        data-testid="data-tree-search"
        leftSection={<IconSearch size={16} stroke={1.5} />}
      />
      <Panel query={query} what="the keyspaces">
        {all => {
          const found = all.map(one => matching(one, words)).filter(one => one !== undefined)
          const own = found.filter(one => !one.isSystem).slice(0, KEYSPACES_MAX)
          const system = found.filter(one => one.isSystem)
          const props = { connection, keyspace, table, isSearching: words !== '' }
          return (
            <div>
              {own.map(one => (
                <Keyspace
                  key={one.name}
                  {...props}
                  info={one}
                  isUnfolded={own.length <= UNFOLDED_MAX}
                />
              ))}
              {own.length === 0 && <p className="sc-quiet">No keyspace of that name.</p>}
              {system.length > 0 && <SystemKeyspaces {...props} all={system} />}
            </div>
          )
        }}
      </Panel>
    </nav>
  )
}

function matching(info: KeyspaceInfo, words: string): KeyspaceInfo | undefined {
  if (words === '' || info.name.toLowerCase().includes(words)) return info
  const tables = info.tables.filter(one => `${info.name}.${one}`.toLowerCase().includes(words))
  return tables.length === 0 ? undefined : { ...info, tables }
}

interface KeyspaceProps extends KeyspaceTreeProps {
  readonly info: KeyspaceInfo
  readonly isSearching: boolean
  readonly isUnfolded: boolean
}

function Keyspace(props: KeyspaceProps) {
  const { info, connection, keyspace, table, isSearching, isUnfolded } = props
  const isHere = info.name === keyspace
  const [chosen, setChosen] = useState<boolean | undefined>(undefined)
  const isOpen = isSearching || (chosen ?? (isHere || isUnfolded))
  const Arrow = isOpen ? IconChevronDown : IconChevronRight
  const shown = info.tables.slice(0, SHOWN_MAX)
  return (
    <div>
      <button
        type="button"
        className="sc-data-keyspace"
        aria-expanded={isOpen}
        onClick={() => setChosen(!isOpen)}
        data-testid="data-tree-keyspace"
        data-key={info.name}
      >
        <Arrow size={16} stroke={1.5} aria-hidden />
        <bdi>{info.name}</bdi>
        <span className="sc-quiet">{info.tables.length}</span>
      </button>
      {isOpen && (
        <ul>
          {shown.map(name => (
            <li key={name}>
              <Link
                className="sc-data-table"
                to="/data/cassandra/$connection/$keyspace/$table/$tab"
                params={{ connection, keyspace: info.name, table: name, tab: 'rows' }}
                aria-current={isHere && name === table ? 'page' : undefined}
                data-testid="data-tree-item"
                data-key={`${info.name}.${name}`}
              >
                <bdi>{name}</bdi>
              </Link>
            </li>
          ))}
          {info.tables.length > shown.length && (
            <li className="sc-quiet">{info.tables.length - shown.length} more: search for them</li>
          )}
          {shown.length === 0 && <li className="sc-quiet">no tables</li>}
        </ul>
      )}
    </div>
  )
}

interface SystemProps extends KeyspaceTreeProps {
  readonly all: readonly KeyspaceInfo[]
  readonly isSearching: boolean
}

/** Of Cassandra itself: folded unless one is open or searched for. */
function SystemKeyspaces({ all, ...props }: SystemProps) {
  const isHere = all.some(one => one.name === props.keyspace)
  const [chosen, setChosen] = useState<boolean | undefined>(undefined)
  const isOpen = chosen ?? (isHere || props.isSearching)
  const Arrow = isOpen ? IconChevronDown : IconChevronRight
  return (
    <div>
      <button
        type="button"
        className="sc-data-keyspace sc-quiet"
        aria-expanded={isOpen}
        onClick={() => setChosen(!isOpen)}
        data-testid="data-tree-system"
      >
        <Arrow size={16} stroke={1.5} aria-hidden />
        system ({all.length})
      </button>
      {isOpen &&
        all.map(one => <Keyspace key={one.name} {...props} info={one} isUnfolded={false} />)}
    </div>
  )
}
