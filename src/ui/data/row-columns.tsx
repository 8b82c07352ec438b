/**
 * Columns of the data grid for rows of a table or of a statement.
 * Used by the tabs Rows and CQL.
 * Spec: ui 4.8 (cells).
 */
import type { DataCell, DataRows } from '../../api-v1-data.ts'
import { CellText } from '../parts/data-grid/grid-cell.tsx'
import { type GridColumn, widthOf } from '../parts/data-grid/grid-model.ts'
import { type ShownRow, textOf, toBytes } from './data-text.ts'

const NUMBERS = /^(tinyint|smallint|int|bigint|counter|varint|decimal|float|double)$/
const SAMPLED = 60
const isOwn = (name: string) => name.startsWith('_sc_')

export function columnsOf(data: Pick<DataRows, 'columns' | 'rows'>): GridColumn<ShownRow>[] {
  const sample = data.rows.slice(0, SAMPLED)
  const columns = data.columns.map((column, at) => ({ ...column, at }))
  // Stable: what a job keeps for itself stands behind the columns of the rows.
  const shown = columns.toSorted((a, b) => Number(isOwn(a.name)) - Number(isOwn(b.name)))
  return shown.map(({ name, type, kind, at }) => {
    const isKey = kind === 'partition_key' || kind === 'clustering'
    return {
      ...{ id: name, title: name, hint: type, isNumber: NUMBERS.test(type) },
      width: widthOf(
        `${name} ${type}`,
        sample.map(row => textOf(row[at] ?? null)),
      ),
      text: row => textOf(row.cells[at] ?? null),
      cell: row => <Cell cell={row.cells[at] ?? null} isKey={isKey} />,
    }
  })
}

function Cell({ cell, isKey }: { readonly cell: DataCell; readonly isKey: boolean }) {
  const text = <CellText text={textOf(cell)} />
  const isCut = typeof cell === 'object' && cell !== null
  if (!isKey && !isCut) return text
  return (
    <span className={isKey ? 'sc-data-key' : undefined}>
      {text}
      {isCut && <span className="sc-quiet"> ({toBytes(cell.bytes)})</span>}
    </span>
  )
}
