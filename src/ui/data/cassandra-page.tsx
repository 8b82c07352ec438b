/**
 * Tables of a connection: the tree of keyspaces at the left, one table with its tabs at the right.
 * Routes /ui/data/cassandra, …/{connection} and …/{connection}/{keyspace}/{table}/{tab}.
 * Invariant: table, tab, place and key are in the address.
 * Spec: ui 2, 5.7.
 */
import { Select, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ConnectionInfo } from '../../api-v1.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { CqlConsole, CqlTab } from './cql-tab.tsx'
import './data.css'
import { DataSwitch } from './data-head.tsx'
import type { TablePlace } from './data-queries.ts'
import { KeyspaceTree } from './keyspace-tree.tsx'
import { RowsTab } from './rows-tab.tsx'
import { SchemaTab } from './schema-tab.tsx'
import { TableHead } from './table-head.tsx'

const TABS = [
  ['rows', 'Rows'],
  ['schema', 'Schema'],
  ['cql', 'CQL'],
] as const

export function DataCassandraPage() {
  const params = useParams({ strict: false })
  const query = useQuery({
    ...connectionsQuery,
    select: all => all.filter(one => one.connector === 'cassandra'),
  })
  const chosen = query.data?.find(one => one.id === params.connection) ?? query.data?.[0]
  const { keyspace, table } = params
  const isTable = keyspace !== undefined && table !== undefined
  return (
    <Page
      id="data-cassandra"
      title={isTable ? `${keyspace}.${table}` : 'Data: Cassandra'}
      section="Data"
      loading={query.isPending}
      actions={
        <>
          {query.data !== undefined && query.data.length > 0 && (
            <ConnectionSelect connections={query.data} chosen={chosen?.id} />
          )}
          <DataSwitch />
        </>
      }
    >
      <Panel query={query} what="the connections">
        {connections =>
          chosen === undefined ? (
            <NoConnection isMissing={connections.length === 0} />
          ) : (
            <div className="sc-data-two">
              <KeyspaceTree connection={chosen.id} keyspace={keyspace} table={table} />
              {isTable ? (
                <TableTabs
                  key={`${chosen.id} ${keyspace} ${table}`}
                  place={{ connection: chosen.id, keyspace, table }}
                  tab={params.tab ?? 'rows'}
                />
              ) : (
                <div className="sc-data-right">
                  <div className="sc-card">
                    <Empty text="Choose a table: its rows come page by page, in the order of their tokens. Or run CQL without one." />
                  </div>
                  <CqlConsole key={chosen.id} connection={chosen.id} />
                </div>
              )}
            </div>
          )
        }
      </Panel>
    </Page>
  )
}

function NoConnection({ isMissing }: { readonly isMissing: boolean }) {
  const text = isMissing
    ? 'Connect a Cassandra cluster to look into its tables.'
    : 'This connection is gone. Choose another one.'
  return (
    <div className="sc-card">
      <Empty text={text}>
        <LinkButton to="/connections/new/$kind" params={{ kind: 'cassandra' }} variant="filled">
          Add Connection
        </LinkButton>
      </Empty>
    </div>
  )
}

interface ConnectionSelectProps {
  readonly connections: readonly ConnectionInfo[]
  readonly chosen: string | undefined
}

function ConnectionSelect({ connections, chosen }: ConnectionSelectProps) {
  const navigate = useNavigate()
  return (
    <Select
      value={chosen ?? null}
      data={connections.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={connection => {
        if (connection === null) return
        void navigate({ to: '/data/cassandra/$connection', params: { connection } })
      }}
      allowDeselect={false}
      aria-label="Connection"
      data-testid="data-connection"
      w={200}
    />
  )
}

function TableTabs({ place, tab }: { readonly place: TablePlace; readonly tab: string }) {
  const navigate = useNavigate()
  const open = (next: string | null) =>
    void navigate({
      to: '/data/cassandra/$connection/$keyspace/$table/$tab',
      params: { ...place, tab: next ?? 'rows' },
    })
  return (
    <div className="sc-data-right">
      <TableHead place={place} />
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="lg">
          {TABS.map(([key, title]) => (
            <Tabs.Tab key={key} value={key} data-testid={`tab-${key}`}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="rows">
          <RowsTab place={place} />
        </Tabs.Panel>
        <Tabs.Panel value="schema">
          <SchemaTab place={place} />
        </Tabs.Panel>
        <Tabs.Panel value="cql">
          <CqlTab place={place} />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}
