/**
 * Brings values read from Cassandra into the plain form of the expected rows, and compares the two.
 * Used by the verification only.
 * Invariant: instants are ISO texts with milliseconds, dates `yyyy-MM-dd`, sets sorted; two values
 * are equal only when type and content are.
 */
import type { PlainValue } from './data/data-flow.ts'

/** Values of the control session: primitives, dates, tuples, arrays for lists and sets, objects. */
export function toPlain(value: unknown): PlainValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object') return String(value)
  // Instants, dates and tuples say themselves what they hold.
  if ('toJSON' in value && typeof value.toJSON === 'function') return toPlain(value.toJSON())
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toPlain(one)]))
}

export function isEqual(a: PlainValue, b: PlainValue): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((one, index) => isEqual(one, b[index]))
  }
  const left = Object.entries(a)
  const right = new Map(Object.entries(b))
  return left.length === right.size && left.every(([name, one]) => isEqualIn(right, name, one))
}

function isEqualIn(map: ReadonlyMap<string, PlainValue>, name: string, value: PlainValue): boolean {
  const other = map.get(name)
  return other !== undefined && isEqual(value, other)
}
