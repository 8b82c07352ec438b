/**
 * A value as somebody would write it in CQL, for people who look at changes.
 * Used by the tail of changes. Long values are cut; the sizes of blobs are told.
 * Spec: ui 4.8 (cells).
 */
import type { CqlType, CqlValue } from '../../../cql/index.ts'
import { toJsonValue } from '../cql-json.ts'

const LENGTH_MAX = 2000
const BLOB_BYTES_SHOWN = 32
const QUOTED: ReadonlySet<string> = new Set([
  ...['ascii', 'text', 'varchar', 'inet', 'timestamp', 'date', 'time'],
])

export function toCqlLiteral(type: CqlType, value: CqlValue, isEmpty = false): string {
  const text = literalOf(type, value, isEmpty)
  return text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX)}…`
}

function literalOf(type: CqlType, value: CqlValue, isEmpty = false): string {
  if (value === null) return isEmpty ? "''" : 'NULL'
  const all = (of: CqlType) => (value as CqlValue[]).map(one => literalOf(of, one))
  switch (type.kind) {
    case 'list':
    case 'vector':
      return `[${all(type.element).join(', ')}]`
    case 'set':
      return `{${all(type.element).join(', ')}}`
    case 'map': {
      const pairs = (value as [CqlValue, CqlValue][]).map(
        ([key, one]) => `${literalOf(type.key, key)}: ${literalOf(type.value, one)}`,
      )
      return `{${pairs.join(', ')}}`
    }
    case 'tuple':
      return `(${type.elements.map((of, i) => literalOf(of, at(value, i))).join(', ')})`
    case 'udt':
      return `{${type.fields.map((of, i) => `${of.name}: ${literalOf(of.type, at(value, i))}`).join(', ')}}`
    default:
      return scalarOf(type, value, isEmpty)
  }
}

function at(value: CqlValue, index: number): CqlValue {
  return (value as CqlValue[])[index] ?? null
}

function scalarOf(type: CqlType, value: CqlValue, isEmpty: boolean): string {
  if (Buffer.isBuffer(value)) {
    const shown = value.toString('hex', 0, BLOB_BYTES_SHOWN)
    return value.length <= BLOB_BYTES_SHOWN ? `0x${shown}` : `0x${shown}… (${value.length} bytes)`
  }
  const json = toJsonValue(type, value, isEmpty)
  if (typeof json !== 'string') return JSON.stringify(json)
  return QUOTED.has(type.kind) ? `'${json.replaceAll("'", "''")}'` : json
}
