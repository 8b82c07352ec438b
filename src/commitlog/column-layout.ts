/**
 * How the values of one column lie in a record: fixed or with a length, one cell or many.
 * Built once per column when a table is first met; the decoder reads only `fixedBytes` and
 * `isComplex`, the codecs are made when a value is asked for.
 * Spec: commit-log, section 7.
 */
import { type Codec, type CqlType, codecFor, fixedBytesOf } from '../cql/index.ts'

export type ColumnRole = 'partitionKey' | 'clustering' | 'static' | 'regular'

/** Length of values that carry their own length. */
export const VARIABLE = -1

/** Legacy and internal classes with a fixed length, which CQL has no name for. */
const FIXED_CLASSES: ReadonlyMap<string, number> = new Map([
  ['EmptyType', 0],
  ['DateType', 8],
  ['LexicalUUIDType', 16],
])

export class ColumnLayout {
  readonly name: string
  readonly role: ColumnRole
  readonly type: CqlType
  /** Position in `TableLayout.columns`. */
  readonly index: number
  /** Many cells, each with a path: a non-frozen collection or user-defined type. */
  readonly isComplex: boolean
  /** Bytes of every value in a simple cell or a clustering, or `VARIABLE`. */
  readonly fixedBytes: number
  /** Cells with a timestamp at or before it are dropped, in microseconds; undefined: none is. */
  readonly droppedAt: bigint | undefined
  #codec: Codec | undefined
  #pathCodec: Codec | undefined
  #fieldCodecs: readonly Codec[] | undefined

  constructor(
    column: { readonly name: string; readonly type: CqlType },
    place: { readonly role: ColumnRole; readonly index: number; readonly droppedAt?: bigint },
  ) {
    this.name = column.name
    this.type = column.type
    this.role = place.role
    this.index = place.index
    this.droppedAt = place.droppedAt
    this.isComplex = isComplexType(column.type)
    this.fixedBytes = fixedLengthOf(column.type)
  }

  /** Of the whole value of a simple column; of one element, map value, for a complex one. */
  get codec(): Codec {
    this.#codec ??= codecFor(this.isComplex ? elementTypeOf(this.type) : this.type)
    return this.#codec
  }

  /** Of the path of a complex column's cells: set element, map key, timeuuid of a list. */
  get pathCodec(): Codec {
    this.#pathCodec ??= codecFor(pathTypeOf(this.type))
    return this.#pathCodec
  }

  /** Of the fields of a complex user-defined type, in order. */
  get fieldCodecs(): readonly Codec[] {
    const { type } = this
    this.#fieldCodecs ??= type.kind === 'udt' ? type.fields.map(f => codecFor(f.type)) : []
    return this.#fieldCodecs
  }
}

/** True for types whose values are written as many cells. */
export function isComplexType(type: CqlType): boolean {
  return 'frozen' in type && !type.frozen
}

/** The length of every value, or `VARIABLE`. */
export function fixedLengthOf(type: CqlType): number {
  if (type.kind === 'custom') {
    const className = type.className.slice(type.className.lastIndexOf('.') + 1)
    return FIXED_CLASSES.get(className) ?? VARIABLE
  }
  const fixed = fixedBytesOf(type)
  return fixed === 0 ? VARIABLE : fixed
}

function elementTypeOf(type: CqlType): CqlType {
  switch (type.kind) {
    case 'list':
      return type.element
    case 'map':
      return type.value
    default:
      return { kind: 'blob' }
  }
}

function pathTypeOf(type: CqlType): CqlType {
  switch (type.kind) {
    case 'list':
      return { kind: 'timeuuid' }
    case 'set':
      return type.element
    case 'map':
      return type.key
    default:
      return { kind: 'smallint' }
  }
}
