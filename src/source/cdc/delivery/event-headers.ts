/**
 * The headers of an event: where it comes from and what a plain row cannot say.
 * Used by every format. Spec: cdc-replication 3.3.
 * Invariant: a header that does not apply is absent.
 */
import { type Header, Schema, STRING, type Value } from '../../../flow/index.ts'
import { isRowChange } from '../change.ts'
import { toBound } from '../dump/change-line.ts'
import type { ChangeEvent } from './change-event.ts'

const BOOLEAN = new Schema('boolean')
const INT32 = new Schema('int32')
const INT64 = new Schema('int64')

export function headersOf(event: ChangeEvent): Header[] {
  const { table, place, change, operation } = event
  const headers = [
    text('keyspace', table.keyspace),
    text('table', table.name),
    text('operation', operation),
    header('scamander.ts', INT64, event.timestamp),
  ]
  if (event.isSnapshot) headers.push(header('scamander.snapshot', BOOLEAN, true))
  else {
    const { hostId, segmentId, position, updateIndex } = place
    const at = [hostId, segmentId, position, updateIndex, event.seq].join(':')
    headers.push(text('scamander.position', at))
  }
  if (place.isConfirmed === false) headers.push(header('scamander.confirmed', BOOLEAN, false))
  if (event.isLate) headers.push(header('scamander.late', BOOLEAN, true))
  if (isRowChange(change)) {
    if (operation === 'DELETE') headers.push(text('scamander.scope', 'row'))
    else headers.push(text('scamander.fields', [...event.columns.keys()].join(',')))
    if (change.isStatic) headers.push(header('scamander.static', BOOLEAN, true))
    if (change.ttl === 0 || operation === 'DELETE') return headers
    headers.push(header('scamander.ttl', INT32, change.ttl))
    headers.push(header('scamander.expires.at', INT64, BigInt(change.expiresAt)))
    return headers
  }
  headers.push(text('scamander.scope', scopeOf(event)))
  const { range } = change
  if (range === undefined) return headers
  const bounds = { start: toBound(range.start), end: toBound(range.end) }
  headers.push(text('scamander.range', JSON.stringify(bounds)))
  return headers
}

/** Without clustering columns the partition is the row. */
export function scopeOf({ change, table }: ChangeEvent): 'row' | 'partition' | 'range' {
  if (change.op === 'delete_range') return 'range'
  if (change.op !== 'delete_partition') return 'row'
  return table.clusteringKey.length === 0 ? 'row' : 'partition'
}

function text(name: string, value: string): Header {
  return header(name, STRING, value)
}

function header(name: string, schema: Schema, value: Value): Header {
  return { name, schema, value }
}
