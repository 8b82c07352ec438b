/**
 * One row with every value whole. Used by the rows; asks the server again by the key of the row, because
 * lists hold long values cut.
 * Invariant: a row without a key that can be asked for is shown as the list has it, and says so.
 * Spec: ui 4.8, 5.7.
 */
import { Button, Drawer } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { DataCell, DataColumn, DataTableInfo } from '../../api-v1-data.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { visible } from '../parts/data-grid/grid-cell.tsx'
import { JsonTree } from '../parts/json-tree.tsx'
import { rowsQuery, type TablePlace } from './data-queries.ts'
import { keyOf, type ShownRow, textOf, toBytes } from './data-text.ts'

interface RowDrawerProps {
  readonly place: TablePlace
  readonly info: DataTableInfo
  readonly columns: readonly DataColumn[]
  readonly row: ShownRow | undefined
  readonly onClose: () => void
}

const JSON_START = /^\s*[[{]/

export function RowDrawer({ place, info, columns, row, onClose }: RowDrawerProps) {
  const isCut = row?.cells.some(one => typeof one === 'object' && one !== null) === true
  const key = row === undefined ? undefined : keyTexts(row, info)
  const whole = useQuery({
    ...rowsQuery({ ...place, key: JSON.stringify(key) }),
    enabled: isCut && key !== undefined,
  })
  const cells = whole.data?.rows[0] ?? row?.cells ?? []
  return (
    <Drawer
      opened={row !== undefined}
      onClose={onClose}
      position="right"
      size={480}
      title={row === undefined ? '' : <bdi>{visible(keyOf(row, info))}</bdi>}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="row-drawer"
    >
      {row !== undefined && (
        <dl className="sc-data-values">
          <dt>token</dt>
          <dd className="sc-mono">{row.token}</dd>
          {columns.map(({ name, type }, at) => (
            <Value key={name} name={name} type={type} cell={cells[at] ?? row.cells[at] ?? null} />
          ))}
        </dl>
      )}
    </Drawer>
  )
}

/** Undefined: some part of it was cut, or is null. */
function keyTexts(row: ShownRow, { columns }: DataTableInfo): string[] | undefined {
  const count = columns.filter(
    one => one.kind === 'partition_key' || one.kind === 'clustering',
  ).length
  const texts = row.cells.slice(0, count)
  return texts.every(one => typeof one === 'string') ? (texts as string[]) : undefined
}

interface ValueProps {
  readonly name: string
  readonly type: string
  readonly cell: DataCell
}

function Value({ name, type, cell }: ValueProps) {
  const text = textOf(cell)
  const isCut = typeof cell === 'object' && cell !== null
  return (
    <>
      <dt>
        <bdi>{name}</bdi> <span className="sc-quiet">{type}</span>
      </dt>
      <dd data-testid="row-value" data-key={name}>
        {text === null ? (
          <span className="sc-quiet">NULL</span>
        ) : text === '' ? (
          <span className="sc-quiet">""</span>
        ) : type === 'text' && JSON_START.test(text) && !isCut ? (
          <JsonTree text={text} />
        ) : (
          <pre className="sc-message">
            <bdi>{text}</bdi>
          </pre>
        )}
        {isCut && <span className="sc-quiet">cut, {toBytes(cell.bytes)} in all</span>}
        {text !== null && text !== '' && (
          <Button size="compact-xs" variant="subtle" onClick={() => void toClipboard(text)}>
            Copy
          </Button>
        )}
      </dd>
    </>
  )
}
