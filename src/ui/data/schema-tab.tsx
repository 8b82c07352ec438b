/**
 * What a table is made of: columns, and the statement that makes it. Used by the tab Schema.
 * Invariant: a definition that the server does not tell is said to be missing, not made up.
 * Spec: ui 5.7.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TableColumnInfo } from '../../api-v1-data.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Panel } from '../parts/panel.tsx'
import { type TablePlace, tableQuery } from './data-queries.ts'

const KINDS: Readonly<Record<TableColumnInfo['kind'], string>> = {
  partition_key: 'partition key',
  clustering: 'clustering',
  static: 'static',
  regular: '',
}

export function SchemaTab({ place }: { readonly place: TablePlace }) {
  const query = useQuery(tableQuery(place))
  return (
    <Panel query={query} what="the table">
      {({ columns, ddl }) => (
        <Stack gap="lg">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
          <section className="sc-card sc-grid-scroll" aria-label="Columns" tabIndex={0}>
            <table className="sc-grid">
              <ColumnHeads columns={['Column', 'Type', 'Key']} />
              <tbody>
                {columns.map(({ name, type, kind, order }) => (
                  <tr key={name} data-testid="schema-row" data-key={name}>
                    <td className="sc-mono">
                      <bdi>{name}</bdi>
                    </td>
                    <td className="sc-mono">{type}</td>
                    <td>
                      {KINDS[kind]}
                      {order === 'desc' ? ', descending' : ''}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <section className="sc-card sc-card-body" aria-label="Definition">
            <Group justify="space-between" mb="sm">
              <h2 className="sc-card-title">Definition</h2>
              {ddl !== null && <Button onClick={() => void toClipboard(ddl)}>Copy</Button>}
            </Group>
            {ddl === null ? (
              <p className="sc-lead">This server does not tell the statement that makes a table.</p>
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
              <pre className="sc-trace" data-testid="schema-ddl" tabIndex={0}>
                {ddl}
              </pre>
            )}
          </section>
        </Stack>
      )}
    </Panel>
  )
}
