/**
 * Messages that stand for Connect's logical types: google.protobuf.Timestamp, google.type.Date and
 * TimeOfDay, confluent.type.Decimal; read and written without building a struct.
 * Used by the reader and writer compilers. Spec: connect-rest 12.2.
 * Invariant: nanoseconds below a millisecond are cut towards the past; a decimal has its own scale.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, type Schema, type Value } from '../../flow/index.ts'
import { decimalFromBytes, decimalToBytes, scaleOf } from '../decimal-bytes.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import type { ProtoCursor } from './proto-cursor.ts'
import {
  DATE_MESSAGE,
  DECIMAL_MESSAGE,
  DECIMAL_PRECISION,
  TIME_MESSAGE,
  TIMESTAMP_MESSAGE,
} from './proto-names.ts'
import { writeTag, writeVarint32, writeVarint64 } from './proto-varint.ts'

const DAY_MS = 86_400_000
const EMPTY = Buffer.alloc(0)

/** The message between the cursor's position and its end. */
export function readLogical(fullName: string, cursor: ProtoCursor): Value {
  switch (fullName) {
    case TIMESTAMP_MESSAGE:
      return readTimestamp(cursor)
    case DATE_MESSAGE:
      return readDate(cursor)
    case TIME_MESSAGE:
      return readTime(cursor)
    default:
      return readDecimal(cursor)
  }
}

/** Numbers of the fields 1 to 4; all varints. */
function readNumbers(cursor: ProtoCursor): [bigint, bigint, bigint, bigint] {
  const found: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n]
  while (cursor.position < cursor.end) {
    const tag = cursor.readVarint32() >>> 0
    const at = (tag >>> 3) - 1
    if ((tag & 7) === 0 && at >= 0 && at < 4) found[at] = BigInt.asIntN(64, cursor.readVarint64())
    else cursor.skip(tag & 7, tag >>> 3)
  }
  return found
}

function readTimestamp(cursor: ProtoCursor): Value {
  const [seconds, nanos] = readNumbers(cursor)
  return BigInt.asIntN(64, seconds * 1000n + BigInt(Math.floor(Number(nanos) / 1e6)))
}

function readDate(cursor: ProtoCursor): Value {
  const [year, month, day] = readNumbers(cursor).map(Number) as [number, number, number, number]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const days = date.getTime() / DAY_MS
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDate) throw cursor.bad('expected a date with year, month and day, found another')
  return days
}

function readTime(cursor: ProtoCursor): Value {
  const [hours, minutes, seconds, nanos] = readNumbers(cursor).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / 1e6)
  if (ms >= 0 && ms < DAY_MS) return ms
  throw cursor.bad('expected a time within one day, found one outside')
}

function readDecimal(cursor: ProtoCursor): Value {
  let unscaled = EMPTY
  let scale = 0
  while (cursor.position < cursor.end) {
    const tag = cursor.readVarint32() >>> 0
    if (tag === 0x0a) {
      const length = cursor.readLength()
      const start = cursor.take(length)
      unscaled = cursor.bytes.subarray(start, start + length) as Buffer<ArrayBuffer>
    } else if (tag === 0x18) scale = cursor.readVarint32()
    else cursor.skip(tag & 7, tag >>> 3)
  }
  return decimalFromBytes(unscaled, scale)
}

/** The message's bytes, without its length. */
export function writeLogical(
  fullName: string,
  schema: Schema,
): (out: ByteWriter, value: Value) => void {
  switch (fullName) {
    case TIMESTAMP_MESSAGE:
      return writeTimestamp
    case DATE_MESSAGE:
      return writeDate
    case TIME_MESSAGE:
      return writeTime
    default:
      return (out, value) => writeDecimal(out, value, schema)
  }
}

/** The message that stands for a schema; undefined when it is no logical type. */
export function logicalMessage(schema: Schema): string | undefined {
  switch (schema.name) {
    case LOGICAL.DECIMAL:
      return DECIMAL_MESSAGE
    case LOGICAL.DATE:
      return DATE_MESSAGE
    case LOGICAL.TIME:
      return TIME_MESSAGE
    case LOGICAL.TIMESTAMP:
      return TIMESTAMP_MESSAGE
    default:
      return undefined
  }
}

function writeTimestamp(out: ByteWriter, value: Value): void {
  if (typeof value !== 'bigint') throw wrong('Timestamp')
  const ms = ((value % 1000n) + 1000n) % 1000n
  const seconds = (value - ms) / 1000n
  if (seconds !== 0n) {
    writeTag(out, 1, 0)
    writeVarint64(out, seconds)
  }
  writeNumber(out, 2, Number(ms) * 1e6)
}

function writeDate(out: ByteWriter, value: Value): void {
  if (typeof value !== 'number') throw wrong('Date')
  const date = new Date(value * DAY_MS)
  if (Number.isNaN(date.getTime())) throw wrong('Date')
  writeNumber(out, 1, date.getUTCFullYear())
  writeNumber(out, 2, date.getUTCMonth() + 1)
  writeNumber(out, 3, date.getUTCDate())
}

function writeTime(out: ByteWriter, value: Value): void {
  if (typeof value !== 'number' || value < 0 || value >= DAY_MS) throw wrong('Time')
  writeNumber(out, 1, Math.floor(value / 3_600_000))
  writeNumber(out, 2, Math.floor(value / 60_000) % 60)
  writeNumber(out, 3, Math.floor(value / 1000) % 60)
  writeNumber(out, 4, (value % 1000) * 1e6)
}

function writeDecimal(out: ByteWriter, value: Value, schema: Schema): void {
  if (!(value instanceof Decimal)) throw wrong('Decimal')
  const bytes = decimalToBytes(value, scaleOf(schema))
  writeTag(out, 1, 2)
  writeVarint32(out, bytes.length)
  out.writeBytes(bytes)
  writeNumber(out, 2, Number(schema.parameters?.[DECIMAL_PRECISION] ?? 0))
  writeNumber(out, 3, value.scale)
}

function writeNumber(out: ByteWriter, field: number, value: number): void {
  if (value === 0) return
  writeTag(out, field, 0)
  writeVarint64(out, BigInt(value))
}

function wrong(what: string) {
  return dataError(CONVERT_ERRORS.VALUE, `Expected a value of ${what}, found one of another type`)
}
