/**
 * What has to happen to a cell when the types of source and target differ: nothing, where the bytes
 * mean the same; else a conversion of decoded values: numbers and text, text and blob, wider
 * integers, fields of user-defined types by name.
 * Made once per column when a table is planned; the conversion itself runs per cell.
 * Spec: live-migration 3.2 (value codecs), 3.6.
 */
import type { ByteWriter } from '../base/byte-writer.ts'
import { Decimal } from '../base/decimal.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import {
  type CqlType,
  type CqlValue,
  codecFor,
  formatCqlType,
  isSameEncoding,
} from '../cql/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'

/** Writes the payload of the target cell; throws kind `data`. */
export type CellConversion = (
  bytes: Buffer,
  at: { readonly start: number; readonly length: number },
  writer: ByteWriter,
) => void

/** Undefined: copy the bytes. Throws when there is no way. */
export function cellConversion(
  from: CqlType,
  to: CqlType,
  column: string,
): CellConversion | undefined {
  if (isSameCell(from, to)) return undefined
  const convert = valueConversion(from, to)
  if (convert === undefined) {
    const message = `column ${column}: expected ${formatCqlType(to)}, found ${formatCqlType(from)} at the source, and there is no conversion`
    throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message)
  }
  const source = codecFor(from)
  const target = codecFor(to)
  return (bytes, { start, length }, writer) => {
    try {
      const value = source.decode(bytes, start, length)
      // Null is an empty cell of a type that has no empty value: it stays empty.
      if (value !== null) target.encode(convert(value), writer)
    } catch (error) {
      if (isScamanderError(error, 'data')) throw error
      const message = `column ${column}: a value cannot become ${target.typeName}`
      throw new ScamanderError(MIGRATE_ERRORS.VALUE, message, { cause: error })
    }
  }
}

/** Equal bytes and equal meaning: fields of user-defined types have the same names in the same order. */
export function isSameCell(a: CqlType, b: CqlType): boolean {
  return isSameEncoding(a, b) && fieldNames(a) === fieldNames(b)
}

function fieldNames(type: CqlType): string {
  switch (type.kind) {
    case 'udt':
      return `{${type.fields.map(field => `${field.name}${fieldNames(field.type)}`).join(',')}}`
    case 'list':
    case 'set':
    case 'vector':
      return `[${fieldNames(type.element)}]`
    case 'map':
      return `[${fieldNames(type.key)},${fieldNames(type.value)}]`
    case 'tuple':
      return `(${type.elements.map(fieldNames).join(',')})`
    default:
      return ''
  }
}

type Convert = (value: CqlValue) => CqlValue

const WHOLE = new Set(['tinyint', 'smallint', 'int', 'bigint', 'varint'])
const TEXT = new Set(['text', 'ascii'])

function valueConversion(from: CqlType, to: CqlType): Convert | undefined {
  if (isSameCell(from, to)) return value => value
  if (from.kind === 'udt' && to.kind === 'udt') return byFieldNames(from, to)
  if (WHOLE.has(from.kind) && WHOLE.has(to.kind)) {
    const isBig = to.kind === 'bigint' || to.kind === 'varint'
    return value => (isBig ? BigInt(value as number | bigint) : Number(value))
  }
  if (TEXT.has(from.kind)) return fromText(to)
  if (TEXT.has(to.kind)) return toText(from)
  return undefined
}

function byFieldNames(
  from: CqlType & { readonly kind: 'udt' },
  to: CqlType & { readonly kind: 'udt' },
): Convert | undefined {
  if (from.fields.some(field => !to.fields.some(one => one.name === field.name))) return undefined
  const steps: { at: number; convert: Convert }[] = []
  for (const field of to.fields) {
    const at = from.fields.findIndex(one => one.name === field.name)
    const convert = at < 0 ? () => null : valueConversion(from.fields[at]!.type, field.type)
    if (convert === undefined) return undefined
    steps.push({ at, convert })
  }
  return value => {
    const fields = value as CqlValue[]
    return steps.map(({ at, convert }) => {
      const field = at < 0 ? null : (fields[at] ?? null)
      return field === null ? null : convert(field)
    })
  }
}

function toText(from: CqlType): Convert | undefined {
  if (WHOLE.has(from.kind) || from.kind === 'double' || from.kind === 'float') return String
  if (from.kind === 'decimal' || from.kind === 'boolean') return String
  if (from.kind === 'uuid' || from.kind === 'timeuuid') return String
  if (TEXT.has(from.kind)) return value => value
  if (from.kind === 'blob') return value => (value as Buffer).toString('utf8')
  if (from.kind === 'timestamp') return value => new Date(Number(value)).toISOString()
  return undefined
}

function fromText(to: CqlType): Convert | undefined {
  if (TEXT.has(to.kind)) return value => value
  if (to.kind === 'blob') return value => Buffer.from(String(value), 'utf8')
  if (to.kind === 'uuid' || to.kind === 'timeuuid') return value => value
  if (to.kind === 'bigint' || to.kind === 'varint') return value => BigInt(String(value).trim())
  if (WHOLE.has(to.kind)) return value => toNumber(value, Number.isInteger)
  if (to.kind === 'double' || to.kind === 'float') return value => toNumber(value, () => true)
  if (to.kind === 'decimal') return toDecimal
  if (to.kind === 'timestamp')
    return value => BigInt(toNumber(Date.parse(String(value)), Number.isFinite))
  return undefined
}

function toDecimal(value: CqlValue): Decimal {
  const decimal = Decimal.parse(String(value).trim())
  if (decimal === undefined) throw new TypeError('expected a decimal number')
  return decimal
}

function toNumber(value: CqlValue, accepts: (number: number) => boolean): number {
  const number = String(value).trim() === '' ? Number.NaN : Number(value)
  if ((Number.isNaN(number) && value !== 'NaN') || !accepts(number)) {
    throw new TypeError('expected a number')
  }
  return number
}
