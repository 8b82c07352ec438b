/**
 * Rows of a table, page by page in token order, or those of a key. Used by the tab Rows.
 * Invariants: the place is in the address, so Back leads to the page before; values are what the server
 * sent, never a number of JavaScript.
 * Spec: ui 4.8, 5.7, 8 (`data-row`, `data-next`).
 */
import { Button, Group, Stack, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { DataRows, DataTableInfo } from '../../api-v1-data.ts'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import { toDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { Forbidden } from './data-head.tsx'
import { rowsQuery, type TablePlace, tableQuery } from './data-queries.ts'
import { keyOf, type ShownRow } from './data-text.ts'
import { FindForm } from './find-form.tsx'
import { columnsOf } from './row-columns.tsx'
import { RowDrawer } from './row-drawer.tsx'

export interface RowsSearch {
  readonly token?: string
  readonly page?: string
  readonly key?: string
  readonly times?: string
}

export function RowsTab({ place }: { readonly place: TablePlace }) {
  const mayLook = useMay('job_creator')
  const table = useQuery(tableQuery(place))
  if (!mayLook) return <Forbidden what="row contents" />
  return (
    <Panel query={table} what="the table">
      {info => <Rows place={place} info={info} />}
    </Panel>
  )
}

interface RowsProps {
  readonly place: TablePlace
  readonly info: DataTableInfo
}

function Rows({ place, info }: RowsProps) {
  const { token, page, key, times } = useSearch({ strict: false }) as RowsSearch
  const navigate = useNavigate()
  const go = (search: RowsSearch) =>
    void navigate({
      to: '/data/cassandra/$connection/$keyspace/$table/$tab',
      params: { ...place, tab: 'rows' },
      search: Object.fromEntries(Object.entries(search).filter(([, value]) => value)),
    })
  const query = useQuery(rowsQuery({ ...place, token, page, key, times: times === 'true' }))
  return (
    <Stack gap="md">
      <FindForm
        key={key ?? ''}
        info={info}
        found={key}
        onFind={found => go({ key: found, times: times ?? '' })}
        onClear={() => go({ times: times ?? '' })}
      />
      <Panel query={query} what="the rows">
        {data => (
          <>
            <RowGrid
              place={place}
              info={info}
              data={data}
              isTimed={times === 'true'}
              onTimes={next =>
                go({ token: token ?? '', key: key ?? '', times: next ? 'true' : '' })
              }
            />
            <Pager
              data={data}
              isFirst={page === undefined && token === undefined}
              isKey={key !== undefined}
              onFirst={() => go({ times: times ?? '' })}
              onNext={next =>
                go({ token: token ?? '', key: key ?? '', page: next, times: times ?? '' })
              }
              onReload={() => void query.refetch()}
              isBusy={query.isFetching}
            />
          </>
        )}
      </Panel>
    </Stack>
  )
}

interface RowGridProps extends RowsProps {
  readonly data: DataRows
  readonly isTimed: boolean
  readonly onTimes: (next: boolean) => void
}

function RowGrid({ place, info, data, isTimed, onTimes }: RowGridProps) {
  const [open, setOpen] = useState<ShownRow | undefined>(undefined)
  const rows = useMemo(
    () => data.rows.map((cells, index) => ({ cells, index, token: data.tokens[index] ?? '' })),
    [data],
  )
  const columns = useMemo(() => columnsOf(data), [data])
  const name = `${place.keyspace}.${place.table}`
  return (
    <>
      <DataGrid
        id={`rows-${name}`}
        label={`Rows of ${name}`}
        rows={rows}
        columns={columns}
        rowKey={row => keyOf(row, info)}
        rowTestId="data-row"
        noun="row"
        empty={`${name} has no rows here.`}
        onOpen={setOpen}
        controls={
          <Switch
            label="Write time"
            checked={isTimed}
            onChange={event => onTimes(event.currentTarget.checked)}
            data-testid="rows-times"
          />
        }
      />
      <RowDrawer
        place={place}
        info={info}
        columns={data.columns}
        row={open}
        onClose={() => setOpen(undefined)}
      />
    </>
  )
}

interface PagerProps {
  readonly data: DataRows
  readonly isFirst: boolean
  readonly isKey: boolean
  readonly isBusy: boolean
  readonly onFirst: () => void
  readonly onNext: (page: string) => void
  readonly onReload: () => void
}

function Pager({ data, isFirst, isKey, isBusy, onFirst, onNext, onReload }: PagerProps) {
  const { next, tokens, tookMs } = data
  const [first, last] = [tokens[0], tokens.at(-1)]
  const place = first === undefined ? '' : ` Tokens ${first} to ${last}.`
  return (
    <Group gap="sm" justify="space-between">
      <span className="sc-quiet" data-testid="rows-place">
        {isKey ? 'Rows of this key.' : `Rows come in token order.${place}`} {toDuration(tookMs)}
      </span>
      <Group gap="sm">
        <Button onClick={onReload} loading={isBusy} data-testid="data-reload">
          Reload
        </Button>
        {!isFirst && (
          <Button onClick={onFirst} data-testid="data-first">
            First page
          </Button>
        )}
        <Button
          disabled={next === null}
          onClick={() => next !== null && onNext(next)}
          data-testid="data-next"
        >
          {next === null ? 'No more rows' : 'Next page'}
        </Button>
      </Group>
    </Group>
  )
}
