/**
 * A change as formats take it: what happened, where in the log, and the values as they are known.
 * Built by CdcSource from the frames of a queue; read by the formats.
 * Spec: cdc-replication 3.1.
 */
import { EXPIRED_LIVENESS_TTL, type TableSchema } from '../../../commitlog/index.ts'
import type { CqlValue } from '../../../cql/index.ts'
import { type Change, isRowChange, type NamedValue } from '../change.ts'
import type { Channel } from '../state/records.ts'
import { imageOf } from './column-image.ts'

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE'

export interface EventPlace {
  readonly cluster: string
  readonly dataCenter: string
  readonly hostId: string
  readonly segmentId: bigint
  readonly position: number
  readonly updateIndex: number
  readonly version: number
  readonly readAtMs: number
  /** False: fewer replicas than the channel asks for gave it in time. @default true */
  readonly isConfirmed?: boolean
  /** Which copy of the write it is. @default snapshot */
  readonly replica?: Channel['emit'] | 'overdue'
}

export interface ChangeEvent {
  readonly table: TableSchema
  readonly definitionNumber: number
  readonly place: EventPlace
  readonly seq: number
  readonly operation: Operation
  readonly change: Change
  readonly key: readonly NamedValue[]
  /** Write time in microseconds. */
  readonly timestamp: bigint
  /** Values of the columns that the change names; undefined for deletes. */
  readonly columns: ReadonlyMap<string, CqlValue>
  /** Names of those whose value is only a part. */
  readonly partial: ReadonlySet<string>
  readonly isLate: boolean
  /** The row was read from the table. */
  readonly isSnapshot: boolean
}

const LATE_MICROS = 600_000_000n

export function toEvent(
  of: Pick<ChangeEvent, 'table' | 'definitionNumber' | 'place' | 'key' | 'seq'>,
  change: Change,
): ChangeEvent {
  const columns = new Map<string, CqlValue>()
  const partial = new Set<string>()
  const timestamp = timestampOf(change)
  const operation = operationOf(change)
  if (isRowChange(change) && operation !== 'DELETE') {
    for (const one of change.columns) {
      const image = imageOf(one)
      columns.set(one.column.name, image.value)
      if (image.isPartial) partial.add(one.column.name)
    }
  }
  const isLate = timestamp < BigInt(of.place.readAtMs) * 1000n - LATE_MICROS
  return { ...of, change, operation, timestamp, columns, partial, isLate, isSnapshot: false }
}

/** A view removes rows by a liveness that has expired already. */
function operationOf(change: Change): Operation {
  if (!isRowChange(change)) return 'DELETE'
  if (change.ttl === EXPIRED_LIVENESS_TTL) return 'DELETE'
  return change.op === 'insert' ? 'INSERT' : 'UPDATE'
}

function timestampOf(change: Change): bigint {
  if (change.timestamp !== undefined) return change.timestamp
  let newest: bigint | undefined
  if (!isRowChange(change)) return 0n
  for (const { deletion, cells } of change.columns) {
    const times = cells.map(cell => cell.timestamp)
    if (deletion !== undefined) times.push(deletion.timestamp)
    for (const time of times) if (newest === undefined || time > newest) newest = time
  }
  return newest ?? 0n
}
