/**
 * Rows of the tail as text, and which are shown. Pure.
 * Invariant: a value longer than a line is cut in the list and whole in the drawer.
 * Spec: ui 4.8 (cells), 5.5.
 */
import type { CaptureTailRow, CaptureTailValue } from '../../api-v1-capture.ts'
import { intlZone } from '../parts/zone.ts'

export interface TailSearch {
  readonly table?: string
  readonly op?: string
  readonly q?: string
}

const LENGTH_MAX = 200

export function valueText({ name, value, isPart }: CaptureTailValue): string {
  return isPart ? `${name}: … ${value}` : `${name} = ${value}`
}

export function keyText({ key }: CaptureTailRow): string {
  return cut(key.map(({ name, value }) => `${name} = ${value}`).join(', '))
}

export function changeText({ op, scope, columns }: CaptureTailRow): string {
  if (op === 'DELETE') return scope
  return columns.length === 0 ? 'the key alone' : cut(columns.map(valueText).join(', '))
}

function cut(text: string): string {
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX)}…`
}

/** "14:02:31.204" of the shown zone; when the write time fits no calendar, that of queueing. */
export function clockOf({ time, queuedAt }: CaptureTailRow): string {
  const at = new Date(time ?? queuedAt)
  const clock = at.toLocaleTimeString('en-GB', intlZone())
  return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

export function isShown(row: CaptureTailRow, { table, op, q = '' }: TailSearch): boolean {
  if (table !== undefined && table !== `${row.keyspace}.${row.table}`) return false
  if (op !== undefined && op !== row.op) return false
  const wanted = q.trim().toLowerCase()
  if (wanted === '') return true
  const values = [...row.key, ...row.columns].map(one => `${one.name} ${one.value}`)
  return values.join(' ').toLowerCase().includes(wanted)
}

/** A connection that begins anew tells the last rows again. */
export function unique(rows: readonly CaptureTailRow[]): CaptureTailRow[] {
  const seen = new Set<string>()
  return rows.filter(({ id, queuedAt }) => {
    const key = `${id} ${queuedAt}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
