/**
 * One row of a catalogue table from a payload: the values in column order.
 * Unknown members are ignored, absent ones are null; dates lose their midnight. 0 and '' are values, but '' is
 * no date and no number.
 * Spec: backlog-replication 1.6, 1.9.
 */
import type { Json } from '../../backlog/index.ts'
import type { CatalogueColumn } from './catalogue-table.ts'
import { customFieldValue } from './custom-field.ts'

export type RowValue = string | number | boolean | null | readonly (string | number)[]

/** Values of the loops around a payload. */
export type LoopValues = Readonly<Record<string, unknown>>

export function readRow(
  columns: readonly CatalogueColumn[],
  payload: Json,
  loop: LoopValues,
): RowValue[] {
  return columns.map(({ path, type }) => {
    return toValue(find(path, payload, loop), type)
  })
}

function find(path: string, payload: Json, loop: LoopValues): unknown {
  if (path.startsWith('@')) return follow(loop, path.slice(1))
  if (path.startsWith(CUSTOM)) return customFieldValue(payload, Number(path.slice(CUSTOM.length)))
  return follow(payload, path)
}

/** Before the id of a custom field that is a column of its own. */
export const CUSTOM = 'customFields:'

function follow(from: unknown, path: string): unknown {
  if (path.endsWith('#')) {
    const list = follow(from, path.slice(0, -1))
    return Array.isArray(list) ? list.length : 0
  }
  const [first = '', ...rest] = path.split('.')
  const isList = first.endsWith('[]')
  const member = (from as Json | null | undefined)?.[isList ? first.slice(0, -2) : first]
  if (isList) {
    const list = Array.isArray(member) ? member : []
    return rest.length === 0 ? list : list.map(one => follow(one, rest.join('.')))
  }
  return rest.length === 0 ? member : follow(member, rest.join('.'))
}

function toValue(found: unknown, type: CatalogueColumn['type']): RowValue {
  if (found === undefined || found === null) return null
  if (found === '' && type !== 'string' && type !== 'json') return null
  if (type === 'json') return typeof found === 'string' ? found : JSON.stringify(found)
  if (type === 'date') return String(found).slice(0, 10)
  if (type === 'string') return typeof found === 'object' ? JSON.stringify(found) : String(found)
  if (Array.isArray(found)) return found.length === 0 ? null : found
  return typeof found === 'object' ? JSON.stringify(found) : (found as RowValue)
}
