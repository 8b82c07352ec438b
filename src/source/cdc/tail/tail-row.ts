/**
 * A change as a row of the tail: what happened, to which key, which columns, and where it stands in the
 * log. Values are texts of CQL.
 * Used by ChangeTail.
 * Spec: ui 5.5 (tail).
 */
import type { CaptureTailRow, CaptureTailValue } from '../../../api-v1-capture.ts'
import { isRowChange, type NamedValue } from '../change.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import { scopeOf } from '../delivery/event-headers.ts'
import { toBound } from '../dump/change-line.ts'
import { toCqlLiteral } from './cql-literal.ts'

export interface TailFacts {
  readonly seq: number
  readonly queuedAtMs: number
  readonly replicas: number
  readonly destinations: readonly string[]
}

/** Beyond it a write has a time of its own, or clocks differ: nothing is measured. */
const AFTER_MS_MAX = 3_600_000

export function toTailRow(event: ChangeEvent, facts: TailFacts): CaptureTailRow {
  const { change, place, table, operation, timestamp } = event
  const writtenMs = Number(timestamp / 1000n)
  const afterMs = facts.queuedAtMs - writtenMs
  const isMeasured = afterMs >= 0 && afterMs <= AFTER_MS_MAX
  const isRow = isRowChange(change)
  return {
    id: `${facts.seq}.${event.seq}`,
    time: isoOf(writtenMs),
    queuedAt: new Date(facts.queuedAtMs).toISOString(),
    op: operation,
    scope: operation === 'DELETE' ? scopeOf(event) : 'row',
    ...{ keyspace: table.keyspace, table: table.name, destinations: facts.destinations },
    key: [...event.key, ...change.clustering].map(toValue),
    columns: operation === 'DELETE' ? [] : columnsOf(event),
    afterMs: isMeasured ? afterMs : null,
    writeTime: String(timestamp),
    ttlSeconds: isRow && change.ttl > 0 ? change.ttl : null,
    range: !isRow && change.range !== undefined ? rangeText(change.range) : null,
    ...{ node: place.hostId, segment: String(place.segmentId), position: place.position },
    replicas: facts.replicas,
  }
}

function isoOf(ms: number): string | null {
  const at = new Date(ms)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

function toValue({ name, type, value, isEmpty }: NamedValue): CaptureTailValue {
  return { name, value: toCqlLiteral(type, value, isEmpty), isPart: false }
}

function columnsOf({ change, columns, partial }: ChangeEvent): CaptureTailValue[] {
  if (!isRowChange(change)) return []
  return change.columns.map(({ column: { name, type }, cells }) => {
    const isEmpty = cells[0]?.isEmpty === true && cells.length === 1
    const value = toCqlLiteral(type, columns.get(name) ?? null, isEmpty)
    return { name, value, isPart: partial.has(name) }
  })
}

function rangeText(range: {
  start: Parameters<typeof toBound>[0]
  end: Parameters<typeof toBound>[0]
}): string {
  return JSON.stringify({ start: toBound(range.start), end: toBound(range.end) })
}
