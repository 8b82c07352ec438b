/**
 * Are two cells of one column equal? Bytes first, which settles nearly all; then by meaning, with the
 * tolerances asked for: numbers within a distance, sets and map keys in any order, missing fields as
 * null. The function of a column is chosen once.
 * Invariant: text, blobs, integers, uuids, inets and durations are equal exactly or not at all.
 * Spec: live-migration 4.2.
 */
import { Decimal } from '../base/decimal.ts'
import { type CqlType, type CqlValue, codecFor } from '../cql/index.ts'

export interface Tolerances {
  /** Absolute, for float, double, decimal, alone or inside others. */
  readonly float: number
  readonly timestampMs: number
}

export interface CellRef {
  readonly bytes: Buffer
  readonly start: number
  /** -1: null. */
  readonly length: number
}

export type CellsEqual = (a: CellRef, b: CellRef) => boolean

const PAIRS_MAX = 4_000_000

/** Of a column that has this type on both sides. */
export function cellsEqual(type: CqlType, tolerances: Tolerances): CellsEqual {
  const codec = codecFor(type)
  const isCollection = type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
  const needsMeaning = hasMeaning(type, tolerances)
  return (a, b) => {
    if (isSameBytes(a, b)) return true
    // An empty collection and none at all are the same to every reader.
    if (isCollection && isEmpty(a) && isEmpty(b)) return true
    if (a.length < 0 || b.length < 0 || !needsMeaning) return false
    const one = codec.decode(a.bytes, a.start, a.length)
    const other = codec.decode(b.bytes, b.start, b.length)
    return valuesEqual(type, [one, other], tolerances)
  }
}

export function isSameBytes(a: CellRef, b: CellRef): boolean {
  if (a.length !== b.length) return false
  if (a.length <= 0) return true
  return a.bytes.compare(b.bytes, b.start, b.start + b.length, a.start, a.start + a.length) === 0
}

/** Different bytes may mean the same. */
function hasMeaning(type: CqlType, tolerances: Tolerances): boolean {
  switch (type.kind) {
    case 'float':
    case 'double':
    case 'decimal':
    case 'varint':
      return true
    case 'timestamp':
      return tolerances.timestampMs > 0
    case 'list':
    case 'set':
    case 'map':
    case 'tuple':
    case 'udt':
    case 'vector':
      return true
    default:
      return false
  }
}

function isEmpty({ bytes, start, length }: CellRef): boolean {
  return length < 0 || length === 0 || (length === 4 && bytes.readInt32BE(start) === 0)
}

/** By meaning. */
export function valuesEqual(
  type: CqlType,
  [a, b]: readonly [CqlValue, CqlValue],
  tolerances: Tolerances,
): boolean {
  if (a === null || b === null) return a === b
  switch (type.kind) {
    case 'float':
    case 'double':
      return areNear(a as number, b as number, tolerances.float)
    case 'decimal':
      return areDecimalsNear(a as Decimal, b as Decimal, tolerances.float)
    case 'timestamp': {
      const distance = (a as bigint) - (b as bigint)
      return (distance < 0n ? -distance : distance) <= BigInt(Math.floor(tolerances.timestampMs))
    }
    case 'list':
    case 'vector':
      return inOrder(type.element, [a, b], tolerances)
    case 'set':
      return inAnyOrder(a, b, pair => valuesEqual(type.element, pair, tolerances))
    case 'map':
      return inAnyOrder(a, b, ([one, other]) => {
        const [keyA, valueA] = one as readonly [CqlValue, CqlValue]
        const [keyB, valueB] = other as readonly [CqlValue, CqlValue]
        const isKey = valuesEqual(type.key, [keyA, keyB], tolerances)
        return isKey && valuesEqual(type.value, [valueA, valueB], tolerances)
      })
    case 'tuple':
      return byPlace(type.elements, [a, b], tolerances)
    case 'udt':
      return byPlace(
        type.fields.map(field => field.type),
        [a, b],
        tolerances,
      )
    default:
      return isSame(a, b)
  }
}

function areNear(a: number, b: number, tolerance: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  if (a === b) return true
  // The distance itself is rounded: 1.01 - 1 is a little more than 0.01.
  const rounding = tolerance > 0 ? 2 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)) : 0
  return Math.abs(a - b) <= tolerance + rounding
}

/** Exactly, for as long as the tolerance is a plain decimal number. */
function areDecimalsNear(a: Decimal, b: Decimal, tolerance: number): boolean {
  const limit = Decimal.parse(String(tolerance)) ?? new Decimal(0n, 0)
  const [x, y] = [a.stripTrailingZeros(), b.stripTrailingZeros()]
  if (x.unscaled === y.unscaled && x.scale === y.scale) return true
  const scales = [x.scale, y.scale, limit.scale]
  const scale = Math.max(...scales)
  // Numbers of very different size are not brought to one scale.
  if (scale - Math.min(...scales) > 10_000) return false
  const at = (one: Decimal) => one.unscaled * 10n ** BigInt(scale - one.scale)
  const distance = at(x) - at(y)
  return (distance < 0n ? -distance : distance) <= at(limit)
}

function inOrder(
  element: CqlType,
  [a, b]: readonly [CqlValue, CqlValue],
  tolerances: Tolerances,
): boolean {
  const [left, right] = [a as readonly CqlValue[], b as readonly CqlValue[]]
  if (left.length !== right.length) return false
  return left.every((one, i) => valuesEqual(element, [one, right[i]!], tolerances))
}

/** A value that is missing at the end counts as null. */
function byPlace(
  types: readonly CqlType[],
  [a, b]: readonly [CqlValue, CqlValue],
  tolerances: Tolerances,
): boolean {
  const [left, right] = [a as readonly CqlValue[], b as readonly CqlValue[]]
  return types.every((type, i) =>
    valuesEqual(type, [left[i] ?? null, right[i] ?? null], tolerances),
  )
}

function inAnyOrder(
  a: CqlValue,
  b: CqlValue,
  isEqual: (pair: readonly [CqlValue, CqlValue]) => boolean,
): boolean {
  const left = a as readonly CqlValue[]
  const right = [...(b as readonly CqlValue[])]
  if (left.length !== right.length) return false
  // Servers sort them: the same place is the likely one.
  if (left.every((one, i) => isEqual([one, right[i]!]))) return true
  if (left.length * right.length > PAIRS_MAX) return false
  return left.every(one => {
    const at = right.findIndex(other => isEqual([one, other]))
    if (at >= 0) right.splice(at, 1)
    return at >= 0
  })
}

function isSame(a: CqlValue, b: CqlValue): boolean {
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) return a.equals(b)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  const [x, y] = [a, b] as unknown as Readonly<Record<string, unknown>>[]
  return ['months', 'days', 'nanoseconds'].every(key => x![key] === y![key])
}
