/**
 * Rows of a snapshot as events: an INSERT per row, and one for the static columns of a partition.
 * Used by TaskSnapshots. Every column is named, those without a value too: the row is whole.
 * Spec: cdc-replication 5.
 */
import { type ColumnLayout, TableLayout, type TableSchema } from '../../../commitlog/index.ts'
import type { CqlValue } from '../../../cql/index.ts'
import type { ColumnChange, NamedValue } from '../change.ts'
import type { ChangeEvent, EventPlace } from '../delivery/change-event.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import type { SnapshotCell, SnapshotRow } from './snapshot-query.ts'

export interface RowPart {
  readonly key: readonly NamedValue[]
  readonly clustering: readonly NamedValue[]
  readonly cells: readonly SnapshotCell[]
  readonly isStatic: boolean
}

export function toSnapshotEvents(
  channel: Channel,
  definition: KnownDefinition,
  { rows, endMs }: { readonly rows: readonly SnapshotRow[]; readonly endMs: number },
): ChangeEvent[] {
  const columns = layoutOf(definition.table)
  return partsOfRows(rows).map(part => toEvent({ channel, definition, columns, endMs }, part))
}

/** The rows, and the static row before the first of its partition. */
export function partsOfRows(rows: readonly SnapshotRow[]): RowPart[] {
  const out: RowPart[] = []
  let before: SnapshotRow | undefined
  for (const row of rows) {
    const { key, clustering } = row
    const isFirst = before === undefined || !isSame(before.key, key)
    if (isFirst && row.statics.some(cell => cell.value !== null)) {
      out.push({ key, clustering: [], cells: row.statics, isStatic: true })
    }
    if (row.hasRow) out.push({ key, clustering, cells: row.regulars, isStatic: false })
    before = row
  }
  return out
}

function toEvent(
  of: {
    readonly channel: Channel
    readonly definition: KnownDefinition
    readonly columns: ReadonlyMap<string, ColumnLayout>
    readonly endMs: number
  },
  { key, clustering, cells, isStatic }: RowPart,
): ChangeEvent {
  const { table, number } = of.definition
  const values = new Map<string, CqlValue>()
  const changes: ColumnChange[] = []
  let newest: bigint | undefined
  for (const { column, value, timestamp, ttl } of cells) {
    values.set(column.name, value)
    if (value === null || timestamp === undefined) continue
    if (newest === undefined || timestamp > newest) newest = timestamp
    const layout = of.columns.get(column.name)!
    // The elements of a collection have times of their own, which a row does not tell.
    if (layout.isComplex) continue
    const expiry = ttl === 0 ? 0 : Math.floor(of.endMs / 1000) + ttl
    const cell = { timestamp, isDeleted: false, ldt: expiry, ttl, path: null, value }
    changes.push({
      ...{ column: layout, deletion: undefined },
      cells: [{ ...cell, isEmpty: false, shards: undefined }],
    })
  }
  const timestamp = newest ?? BigInt(of.endMs) * 1000n
  return {
    ...{ table, definitionNumber: number, place: placeOf(of.channel, of.endMs), seq: 0, key },
    operation: 'INSERT',
    change: {
      ...{ op: 'insert', isStatic, clustering, timestamp, ttl: 0, expiresAt: 0 },
      columns: changes,
    },
    ...{ timestamp, columns: values, partial: new Set(), isLate: false, isSnapshot: true },
  }
}

function placeOf({ cluster, dataCenter }: Channel, readAtMs: number): EventPlace {
  return {
    ...{ cluster, dataCenter, hostId: '', segmentId: 0n, position: 0 },
    ...{ updateIndex: 0, version: 0, readAtMs },
  }
}

const layouts = new WeakMap<TableSchema, ReadonlyMap<string, ColumnLayout>>()

/** The columns of a table by name. */
export function layoutOf(table: TableSchema): ReadonlyMap<string, ColumnLayout> {
  let known = layouts.get(table)
  if (known === undefined) {
    known = new Map(new TableLayout(table).columns.map(one => [one.name, one]))
    layouts.set(table, known)
  }
  return known
}

function isSame(a: readonly NamedValue[], b: readonly NamedValue[]): boolean {
  return a.every((one, i) => {
    const other = b[i]!.value
    if (Buffer.isBuffer(one.value) && Buffer.isBuffer(other)) return one.value.equals(other)
    return typeof one.value === 'object'
      ? JSON.stringify(one.value, asText) === JSON.stringify(other, asText)
      : one.value === other
  })
}

function asText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
