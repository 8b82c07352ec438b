/**
 * Encoders of timestamp, date and time: texts in the formats of the codec, numbers in its unit,
 * and Connect's logical types. Spec: cassandra-sink 9.4, 9.5, D5, D10.
 * Invariant: timestamps are truncated to milliseconds; what leaves 64 bits is an overflow.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import type { Decimal } from '../../../base/decimal.ts'
import { jsonNumberText } from '../../../base/java-number.ts'
import { parseCqlTimestamp } from '../../../base/java-time/cql-timestamp.ts'
import { UTC } from '../../../base/java-time/zone-rules.ts'
import { LOGICAL, type Schema } from '../../../flow/index.ts'
import { CellEncoder, type Status, schemaName, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { convertUnit } from './time-unit.ts'

const DAY_MS = 86_400_000
const NANOS_PER_MS = 1_000_000
const ISO_DATE_BYTES = 10
const INT32_LIMIT = 2 ** 31

export class TimestampEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('timestamp', codec)
  }

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    return this.#put(writer, this.codec.timestamp.readMs(bytes, start, end))
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const bytes = Buffer.from(text)
    return this.fromTextBytes(writer, bytes, 0, bytes.length)
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, jsonNumberText(text))
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (schema?.name === LOGICAL.DATE) return this.#put(writer, Number(value) * DAY_MS)
    if (schema?.name === LOGICAL.TIME) return this.refuse('codec not found', LOGICAL.TIME)
    if (typeof value === 'number' && !Number.isInteger(value)) {
      return this.refuse('overflow', 'number with a fraction')
    }
    const unit = schema?.name === LOGICAL.TIMESTAMP ? 'MILLISECONDS' : this.codec.unit
    writer.writeBigInt64(convertUnit(value, unit, 'MILLISECONDS'))
    return VALUE
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    const integer = value.toInteger()
    if (integer === undefined) return this.refuse('overflow', 'number with a fraction')
    return this.fromConnectNumber(writer, integer, null)
  }

  #put(writer: ByteWriter, ms: number): Status {
    if (Number.isNaN(ms)) return this.refuse('not a timestamp', this.codec.timestamp.name)
    if (!Number.isSafeInteger(ms)) return this.refuse('overflow', 'timestamp')
    writer.writeSafeInt64(ms)
    return VALUE
  }
}

export class DateEncoder extends CellEncoder {
  readonly #isIso = this.codec.date.name === 'ISO_LOCAL_DATE'

  constructor(codec: Codec) {
    super('date', codec)
  }

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    if (this.#isIso && end - start === ISO_DATE_BYTES) {
      // Of ten bytes only a date is a timestamp of CQL: the two formats agree there.
      const ms = parseCqlTimestamp(bytes, { start, end }, UTC)
      if (!Number.isNaN(ms)) return this.#put(writer, ms / DAY_MS)
    }
    return this.fromText(writer, bytes.utf8Slice(start, end))
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const day = this.codec.date.toEpochDay(text)
    if (day === undefined) return this.refuse('not a date', 'text')
    return this.#put(writer, day)
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, jsonNumberText(text))
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    if (this.codec.compat.D10 === 'reference' || schema?.type.startsWith('float')) {
      return this.refuse('codec not found', schemaName(schema))
    }
    if (schema?.name === LOGICAL.TIME) return this.refuse('codec not found', LOGICAL.TIME)
    const isInstant = schema?.name === LOGICAL.TIMESTAMP
    return this.#put(writer, isInstant ? Math.floor(Number(value) / DAY_MS) : Number(value))
  }

  /** Days as an unsigned integer with the epoch in the middle. */
  #put(writer: ByteWriter, day: number): Status {
    if (!Number.isInteger(day) || day < -INT32_LIMIT || day >= INT32_LIMIT) {
      return this.refuse('overflow', 'date')
    }
    writer.writeInt32(day + INT32_LIMIT)
    return VALUE
  }
}

export class TimeEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('time', codec)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const nanos = this.codec.time.toNanoOfDay(text)
    if (nanos === undefined) return this.refuse('not a time', 'text')
    writer.writeSafeInt64(nanos)
    return VALUE
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, jsonNumberText(text))
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    schema: Schema | null,
  ): Status {
    const name = schema?.name
    const isOther = name === LOGICAL.DATE || name === LOGICAL.TIMESTAMP
    const isRefused = this.codec.compat.D10 === 'reference' || isOther
    if (isRefused || schema?.type.startsWith('float')) {
      return this.refuse('codec not found', schemaName(schema))
    }
    const ms = Number(value)
    if (!Number.isInteger(ms) || ms < 0 || ms >= DAY_MS) return this.refuse('overflow', 'time')
    writer.writeSafeInt64(ms * NANOS_PER_MS)
    return VALUE
  }
}
