/**
 * One number or boolean per message, big-endian, fixed width:
 * org.apache.kafka.connect.converters.{Boolean,Short,Integer,Long,Float,Double}Converter.
 *
 *     boolean 1 byte 0x00 | 0x01 · short 2 · integer 4 · long 8 · float 4 · double 8 (IEEE 754)
 *
 * Spec: connect-rest 11.3. A message of another length is a data error.
 */
import { type Converter, type Decoded, Schema, type SchemaType, type Value } from '../flow/index.ts'
import { CONVERT_ERRORS, dataError } from './errors.ts'
import { fitsBits, fitsInt64, kindOfValue, typeName } from './value-kind.ts'

interface PrimitiveCodec {
  readonly type: SchemaType
  readonly size: number
  read(bytes: Buffer, at: number): Value
  accepts(value: Value): boolean
  /** Called with accepted values only. */
  write(bytes: Buffer, value: Value): void
}

const integer = (bits: 16 | 32): Omit<PrimitiveCodec, 'type'> => ({
  size: bits / 8,
  read: (bytes, at) => bytes.readIntBE(at, bits / 8),
  accepts: value => typeof value === 'number' && fitsBits(value, bits),
  write: (bytes, value) => bytes.writeIntBE(value as number, 0, bits / 8),
})

export const PRIMITIVES = {
  Boolean: {
    type: 'boolean',
    size: 1,
    read: readBoolean,
    accepts: value => typeof value === 'boolean',
    write: (bytes, value) => bytes.writeUInt8(value === true ? 1 : 0),
  },
  Short: { type: 'int16', ...integer(16) },
  Integer: { type: 'int32', ...integer(32) },
  Long: {
    type: 'int64',
    size: 8,
    read: (bytes, at) => bytes.readBigInt64BE(at),
    accepts: value => typeof value === 'bigint' && fitsInt64(value),
    write: (bytes, value) => bytes.writeBigInt64BE(value as bigint),
  },
  Float: {
    type: 'float32',
    size: 4,
    read: (bytes, at) => bytes.readFloatBE(at),
    accepts: value => typeof value === 'number',
    write: (bytes, value) => bytes.writeFloatBE(value as number),
  },
  Double: {
    type: 'float64',
    size: 8,
    read: (bytes, at) => bytes.readDoubleBE(at),
    accepts: value => typeof value === 'number',
    write: (bytes, value) => bytes.writeDoubleBE(value as number),
  },
} as const satisfies Readonly<Record<string, PrimitiveCodec>>

export type PrimitiveName = keyof typeof PRIMITIVES

export class PrimitiveConverter implements Converter {
  readonly #name: PrimitiveName
  readonly #codec: PrimitiveCodec
  readonly #schema: Schema
  readonly #null: Decoded

  constructor(name: PrimitiveName) {
    this.#name = name
    this.#codec = PRIMITIVES[name]
    this.#schema = new Schema(this.#codec.type, { optional: true })
    this.#null = { schema: this.#schema, value: null }
  }

  decode(_topic: string, bytes: Buffer, start: number, length: number): Decoded {
    if (length < 0) return this.#null
    const codec = this.#codec
    if (length !== codec.size) {
      throw dataError(
        CONVERT_ERRORS.BYTES,
        `Failed to deserialize ${this.#name}: expected ${codec.size} bytes, found ${length}`,
      )
    }
    return { schema: this.#schema, value: codec.read(bytes, start) }
  }

  encode(_topic: string, schema: Schema | null, value: Value): Buffer | null {
    if (value === null) return null
    const codec = this.#codec
    if (!codec.accepts(value) || (schema !== null && schema.type !== codec.type)) {
      const found = schema === null ? kindOfValue(value) : typeName(schema)
      throw dataError(
        CONVERT_ERRORS.VALUE,
        `${this.#name}Converter expected ${codec.type.toUpperCase()}, found ${found}`,
      )
    }
    const bytes = Buffer.alloc(codec.size)
    codec.write(bytes, value)
    return bytes
  }
}

function readBoolean(bytes: Buffer, at: number): boolean {
  const byte = bytes[at]!
  if (byte > 1) {
    throw dataError(CONVERT_ERRORS.BYTES, 'Failed to deserialize Boolean: expected 0x00 or 0x01')
  }
  return byte === 1
}
