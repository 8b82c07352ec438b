/**
 * Encoders of float, double and decimal.
 * Invariant: nothing is rounded: a decimal text must be the shortest text of the binary number it
 * becomes, otherwise it is an overflow. Spec: cassandra-sink 9.1, 9.3, D9.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import {
  javaDouble,
  javaFloat,
  jsonNumberText,
  shortestFloatText,
  toExactDouble,
  toExactFloat,
} from '../../../base/java-number.ts'
import { KIND_FRACTION } from '../../../base/json/json-kind.ts'
import type { Schema } from '../../../flow/index.ts'
import { CellEncoder, type JsonContainer, NULL, type Status, VALUE } from './cell-encoder.ts'
import { readShortFraction, readShortInteger, toNumberValue, writeVarint } from './number-value.ts'

const SAFE_FLOAT_MAX = 2 ** 24

abstract class FractionEncoder extends CellEncoder {
  protected abstract fromSpecial(writer: ByteWriter, value: number): Status

  override fromText(writer: ByteWriter, text: string): Status {
    const value = toNumberValue(text, this.codec)
    if (value === undefined) return this.refuse('not a number', 'text')
    if (value instanceof Decimal) return this.fromDecimal(writer, value)
    return this.fromSpecial(writer, value)
  }

  protected override fromBoolean(writer: ByteWriter, value: boolean): Status {
    return this.fromDecimal(writer, new Decimal(value ? 1n : 0n, 0))
  }

  protected override fromTree(writer: ByteWriter, tree: JsonContainer): Status {
    return this.codec.compat.D23 === 'reference' ? NULL : super.fromTree(writer, tree)
  }

  /** Java's number of a Connect value, as exact text. */
  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (typeof value === 'number' && !Number.isFinite(value)) return this.fromSpecial(writer, value)
    return this.fromDecimal(writer, Decimal.parse(connectText(value, schema))!)
  }
}

function connectText(value: number | bigint, schema: Schema | null): string {
  if (typeof value === 'bigint' || schema?.type.startsWith('int')) return String(value)
  return schema?.type === 'float32' ? javaFloat(value) : javaDouble(value)
}

/** float and double: a binary number of one of two widths. */
export class BinaryEncoder extends FractionEncoder {
  readonly #isDouble = this.typeName === 'double'

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    const value = readShortInteger(bytes, start, end)
    const isExact = this.#isDouble || Math.abs(value) <= SAFE_FLOAT_MAX
    if (!Number.isNaN(value) && isExact) return this.fromSpecial(writer, value)
    return this.fromText(writer, bytes.utf8Slice(start, end))
  }

  protected override jsonNumber(
    writer: ByteWriter,
    bytes: Buffer,
    start: number,
    end: number,
    kind: number,
  ): Status {
    const isFraction = kind === KIND_FRACTION
    if (!isFraction) {
      const value = readShortInteger(bytes, start, end)
      const isExact = this.#isDouble || Math.abs(value) <= SAFE_FLOAT_MAX
      if (!Number.isNaN(value) && isExact) return this.fromSpecial(writer, value)
    } else if (this.#isDouble && this.codec.jsonNumbers === 'connect') {
      const short = readShortFraction(bytes, start, end)
      const value = Number.isNaN(short) ? Number(bytes.latin1Slice(start, end)) : short
      if (Number.isFinite(value)) return this.fromSpecial(writer, value)
    }
    return this.fromNumberText(writer, this.numberText(bytes, start, end, kind))
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    const value = this.#isDouble ? toExactDouble(text) : toExactFloat(text)
    if (!Number.isNaN(value)) return this.fromSpecial(writer, value)
    const isTooBig = this.#isDouble && !Number.isFinite(Number(text))
    if (isTooBig && this.codec.compat.D9 === 'reference') {
      return this.fromSpecial(writer, Number(text))
    }
    return this.refuse('overflow', 'number that would be rounded')
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    const text = value.toString()
    const number = this.#isDouble ? toExactDouble(text) : toExactFloat(text)
    if (Number.isNaN(number)) return this.refuse('overflow', 'number that would be rounded')
    return this.fromSpecial(writer, number)
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (typeof value === 'bigint' || !this.#isDouble) {
      if (schema?.type === 'float32') return this.fromSpecial(writer, Number(value))
      return super.fromConnectNumber(writer, value, schema)
    }
    // A float32 whose shortest text differs from its float64's would change its meaning.
    if (schema?.type === 'float32' && !isSameAsDouble(value)) {
      return this.refuse('overflow', 'FLOAT32 that would be rounded')
    }
    return this.fromSpecial(writer, value)
  }

  protected fromSpecial(writer: ByteWriter, value: number): Status {
    if (this.#isDouble) writer.writeFloat64(value)
    else writer.writeFloat32(value)
    return VALUE
  }
}

function isSameAsDouble(float: number): boolean {
  return !Number.isFinite(float) || Number(shortestFloatText(Math.abs(float))) === Math.abs(float)
}

export class DecimalEncoder extends FractionEncoder {
  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    const value = Decimal.parse(jsonNumberText(text))
    if (value === undefined) return this.refuse('overflow', 'JSON number')
    return this.fromDecimal(writer, value)
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    if (value.scale !== (value.scale | 0)) return this.refuse('overflow', 'exponent')
    writer.writeInt32(value.scale)
    writeVarint(writer, value.unscaled)
    return VALUE
  }

  protected fromSpecial(_writer: ByteWriter, _value: number): Status {
    return this.refuse('not a number', 'NaN or Infinity')
  }
}
