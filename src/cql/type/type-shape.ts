/**
 * Questions about the shape of a type: frozen or not, fixed size, equal bytes.
 * Used by the parsers, the codecs and by callers that copy cells without decoding them.
 * Pure functions over CqlType; none of them looks at a value.
 */
import type { CqlType } from './cql-type.ts'
import { primitiveByKind } from './primitive-kinds.ts'

/** The same type with every collection and UDT in it frozen. */
export function freezeType(type: CqlType): CqlType {
  switch (type.kind) {
    case 'list':
    case 'set':
      return { ...type, element: freezeType(type.element), frozen: true }
    case 'map':
      return { ...type, key: freezeType(type.key), value: freezeType(type.value), frozen: true }
    case 'udt': {
      const fields = type.fields.map(f => ({ name: f.name, type: freezeType(f.type) }))
      return { ...type, fields, frozen: true }
    }
    case 'tuple':
      return { ...type, elements: type.elements.map(freezeType) }
    case 'vector':
      return { ...type, element: freezeType(type.element) }
    default:
      return type
  }
}

/** Bytes of each value inside a vector; 0 when the server writes a length before it. */
export function fixedBytesOf(type: CqlType): number {
  if (type.kind === 'vector') return fixedBytesOf(type.element) * type.dimension
  return primitiveByKind(type.kind)?.fixedBytes ?? 0
}

/** True when every cell of `a` is, byte for byte, a cell of `b`; frozen and names do not matter. */
export function isSameEncoding(a: CqlType, b: CqlType): boolean {
  switch (a.kind) {
    case 'list':
    case 'set':
      return b.kind === a.kind && isSameEncoding(a.element, b.element)
    case 'map':
      return b.kind === 'map' && isSameEncoding(a.key, b.key) && isSameEncoding(a.value, b.value)
    case 'tuple':
      return b.kind === 'tuple' && areSame(a.elements, b.elements)
    case 'udt':
      return b.kind === 'udt' && areSame(fieldTypes(a), fieldTypes(b))
    case 'vector':
      return (
        b.kind === 'vector' && a.dimension === b.dimension && isSameEncoding(a.element, b.element)
      )
    case 'custom':
      return b.kind === 'custom' && a.className === b.className
    default:
      return a.kind === b.kind
  }
}

function fieldTypes(type: CqlType & { readonly kind: 'udt' }): CqlType[] {
  return type.fields.map(f => f.type)
}

function areSame(a: readonly CqlType[], b: readonly CqlType[]): boolean {
  return a.length === b.length && a.every((type, i) => isSameEncoding(type, b[i]!))
}
