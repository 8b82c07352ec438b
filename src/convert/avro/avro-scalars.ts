/**
 * Writers of Avro's scalar types: numbers, texts, bytes, enums, fixed types and Connect's logical
 * types. Used by the writer compiler; nulls never come here. Spec: connect-rest 11.1, 12.1.
 * Invariant: an integer is checked against its width, a decimal against its scale.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, RawText, type Schema, type Value } from '../../flow/index.ts'
import { decimalToBytes, scaleOf } from '../decimal-bytes.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { fitsBits, fitsInt64, INTEGER_BITS, kindOfValue } from '../value-kind.ts'
import type { AvroType } from './avro-schema.ts'
import { writeZigZag, writeZigZagLong } from './avro-varint.ts'

export type AvroWriter = (out: ByteWriter, value: Value) => void

const DAY_MS = 86_400_000

type ScalarType = Pick<AvroType, 'kind' | 'fullName' | 'symbols' | 'size'>

export function scalarWriter(type: ScalarType, schema: Schema): AvroWriter {
  switch (type.kind) {
    case 'boolean':
      return (out, value) => {
        if (typeof value !== 'boolean') throw wrongValue('BOOLEAN', value)
        out.writeUInt8(value ? 1 : 0)
      }
    case 'int':
      return intWriter(schema)
    case 'long':
      return writeLong
    case 'float':
    case 'double':
      return floatWriter(type.kind)
    case 'string':
      return writeText
    case 'enum':
      return enumWriter(type)
    case 'bytes':
      return (out, value) => {
        const bytes = bytesOf(value, schema)
        writeZigZag(out, bytes.length)
        out.writeBytes(bytes)
      }
    default:
      return fixedWriter(type, schema)
  }
}

function intWriter(schema: Schema): AvroWriter {
  const bits = schema.type === 'int8' || schema.type === 'int16' ? INTEGER_BITS[schema.type] : 32
  const isTime = schema.name === LOGICAL.TIME
  return (out, value) => {
    if (typeof value !== 'number' || !fitsBits(value, bits)) {
      throw wrongValue(`an integer of ${bits} bits`, value)
    }
    if (isTime && (value < 0 || value >= DAY_MS)) {
      throw dataError(CONVERT_ERRORS.VALUE, 'Expected a Time within one day, found one outside')
    }
    writeZigZag(out, value)
  }
}

function writeLong(out: ByteWriter, value: Value): void {
  if (typeof value === 'bigint' && fitsInt64(value)) writeZigZagLong(out, value)
  else if (typeof value === 'number' && Number.isSafeInteger(value)) {
    writeZigZagLong(out, BigInt(value))
  } else throw wrongValue('an integer of 64 bits', value)
}

function floatWriter(kind: 'float' | 'double'): AvroWriter {
  const size = kind === 'float' ? 4 : 8
  return (out, value) => {
    if (typeof value !== 'number') throw wrongValue('a number', value)
    const at = out.reserve(size)
    out.position =
      kind === 'float' ? out.bytes.writeFloatLE(value, at) : out.bytes.writeDoubleLE(value, at)
  }
}

/** The length stands first: one byte is guessed for it and moved for when that was wrong. */
function writeText(out: ByteWriter, value: Value): void {
  if (typeof value === 'string') {
    const at = out.reserve(value.length * 3 + 5)
    const { bytes } = out
    if (value.length < 22) {
      // At most 63 bytes: the length is one byte.
      const written = bytes.utf8Write(value, at + 1)
      bytes[at] = written << 1
      out.position = at + 1 + written
      return
    }
    writeZigZag(out, Buffer.byteLength(value))
    out.writeUtf8(value)
  } else if (value instanceof RawText && value.form === 'string') {
    writeZigZag(out, value.end - value.start)
    out.writeBytes(value.bytes, value.start, value.end)
  } else throw wrongValue('STRING', value)
}

function enumWriter({ symbols, fullName }: ScalarType): AvroWriter {
  const indexes = new Map(symbols.map((symbol, index) => [symbol, index]))
  return (out, value) => {
    const isText = typeof value === 'string' || value instanceof RawText
    const index = isText ? indexes.get(String(value)) : undefined
    if (index === undefined) throw wrongValue(`a symbol of ${fullName}`, value)
    writeZigZag(out, index)
  }
}

function fixedWriter({ size, fullName }: ScalarType, schema: Schema): AvroWriter {
  return (out, value) => {
    const bytes = bytesOf(value, schema)
    if (value instanceof Decimal && bytes.length < size) {
      const at = out.reserve(size)
      out.bytes.fill(bytes[0]! & 0x80 ? 0xff : 0, at, at + size - bytes.length)
      out.bytes.set(bytes, at + size - bytes.length)
      out.position = at + size
      return
    }
    if (bytes.length !== size) throw wrongValue(`${size} bytes for ${fullName}`, value)
    out.writeBytes(bytes)
  }
}

/** The bytes themselves, or those of a decimal. */
export function bytesOf(value: Value, schema: Schema): Buffer {
  if (schema.name === LOGICAL.DECIMAL) {
    if (!(value instanceof Decimal)) throw wrongValue('a decimal', value)
    return decimalToBytes(value, scaleOf(schema))
  }
  if (Buffer.isBuffer(value)) return value
  throw wrongValue('BYTES', value)
}

export function wrongValue(expected: string, value: Value) {
  const found = value === null ? 'null' : kindOfValue(value)
  return dataError(
    CONVERT_ERRORS.VALUE,
    `Expected ${expected}, found ${found} of another type or range`,
  )
}
