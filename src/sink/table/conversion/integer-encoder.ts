/**
 * Encoders of tinyint, smallint, int, bigint, counter and varint.
 * The hot path reads up to 15 digits straight from the bytes; all else goes through a Decimal.
 * Invariant: a fraction or a value out of range is an overflow, never a wrapped number.
 * Spec: cassandra-sink 9.1, 9.3.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import type { Schema } from '../../../flow/index.ts'
import {
  CellEncoder,
  type JsonContainer,
  NULL,
  type Status,
  schemaName,
  VALUE,
} from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { readShortInteger, toNumberValue, writeVarint } from './number-value.ts'

export type IntegerKind = 'tinyint' | 'smallint' | 'int' | 'bigint' | 'counter' | 'varint'

/** Bytes of the type; 0: any number of them. */
const WIDTHS: Readonly<Record<IntegerKind, 0 | 1 | 2 | 4 | 8>> = {
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  counter: 8,
  varint: 0,
}

export class IntegerEncoder extends CellEncoder {
  readonly #kind: IntegerKind
  readonly #width: 0 | 1 | 2 | 4 | 8
  /** Exclusive bound of the absolute value, for numbers that are safe integers anyway. */
  readonly #limit: number

  constructor(kind: IntegerKind, codec: Codec) {
    super(kind, codec)
    this.#kind = kind
    this.#width = WIDTHS[kind]
    const isWide = this.#width === 0 || this.#width === 8
    this.#limit = isWide ? Number.POSITIVE_INFINITY : 2 ** (this.#width * 8 - 1)
  }

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    const value = readShortInteger(bytes, start, end)
    if (Number.isNaN(value)) return this.fromText(writer, bytes.utf8Slice(start, end))
    return this.#put(writer, value)
  }

  protected override jsonNumber(
    writer: ByteWriter,
    bytes: Buffer,
    start: number,
    end: number,
    kind: number,
  ): Status {
    const value = readShortInteger(bytes, start, end)
    if (!Number.isNaN(value)) return this.#put(writer, value)
    return this.fromNumberText(writer, this.numberText(bytes, start, end, kind))
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const value = toNumberValue(text, this.codec)
    if (value instanceof Decimal) return this.fromDecimal(writer, value)
    return this.refuse('not a number', value === undefined ? 'text' : 'NaN or Infinity')
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    const value = Decimal.parse(text)
    if (value === undefined) return this.refuse('overflow', 'JSON number')
    return this.fromDecimal(writer, value)
  }

  protected override fromBoolean(writer: ByteWriter, value: boolean): Status {
    return this.#put(writer, value ? 1 : 0)
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    return this.codec.compat.D23 === 'reference' ? NULL : super.fromTree(writer, tree)
  }

  protected override fromConnectBoolean(writer: ByteWriter, value: boolean): Status {
    if (this.#kind === 'counter') return this.refuse('codec not found', 'BOOLEAN')
    return this.fromBoolean(writer, value)
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (typeof value === 'bigint') return this.#putBig(writer, value, 'INT64')
    if (this.#kind === 'counter') return this.refuse('codec not found', schemaName(schema))
    if (Number.isSafeInteger(value)) return this.#put(writer, value)
    const decimal = Decimal.parse(String(value))
    if (decimal === undefined) return this.refuse('not a number', 'NaN or Infinity')
    return this.fromDecimal(writer, decimal)
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    const integer = value.toInteger()
    if (integer === undefined) return this.refuse('overflow', 'number with a fraction or too long')
    return this.#putBig(writer, integer, 'number')
  }

  #put(writer: ByteWriter, value: number): Status {
    if (value >= this.#limit || value < -this.#limit) return this.refuse('overflow', 'number')
    if (this.#width === 4) writer.writeInt32(value)
    else if (this.#width === 8) writer.writeSafeInt64(value)
    else if (this.#width === 2) writer.writeInt16(value)
    else if (this.#width === 1) writer.writeUInt8(value & 0xff)
    else writeVarint(writer, BigInt(value))
    return VALUE
  }

  #putBig(writer: ByteWriter, value: bigint, found: string): Status {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return this.#put(writer, number)
    if (this.#width === 0) {
      writeVarint(writer, value)
      return VALUE
    }
    if (this.#width !== 8 || BigInt.asIntN(64, value) !== value) {
      return this.refuse('overflow', found)
    }
    writer.writeBigInt64(value)
    return VALUE
  }
}
