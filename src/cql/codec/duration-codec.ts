/**
 * Codec of duration: months, days and nanoseconds, all of one sign.
 *
 *     [vint] months  [vint] days  [vint] nanoseconds
 *
 * Spec: native protocol v5, section 5.9.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import { ByteReader, remaining } from '../primitive/byte-reader.ts'
import { readVint, writeVint } from '../primitive/vint.ts'
import type { CqlDuration } from '../type/cql-type.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf } from './codec.ts'
import { badCell, badValue, wrongValue } from './value-error.ts'

function isDuration(value: CqlValue): value is CqlDuration {
  return value !== null && typeof value === 'object' && 'nanoseconds' in value
}

function encodeDuration(value: CqlValue, writer: ByteWriter): void {
  if (!isDuration(value)) throw wrongValue('duration', 'a duration', value)
  const { months, days, nanoseconds } = value
  if (months !== (months | 0) || days !== (days | 0)) {
    throw badValue('duration', 'expected months and days of 32 bits')
  }
  if (typeof nanoseconds !== 'bigint' || BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
    throw badValue('duration', 'expected nanoseconds of 64 bits as a bigint')
  }
  const isNegative = months < 0 || days < 0 || nanoseconds < 0n
  if (isNegative && (months > 0 || days > 0 || nanoseconds > 0n)) {
    throw badValue('duration', 'expected parts of one sign, found both signs')
  }
  writeVint(writer, BigInt(months))
  writeVint(writer, BigInt(days))
  writeVint(writer, nanoseconds)
}

/** Reused: decoding is synchronous and never nested. */
const reader = new ByteReader(Buffer.alloc(0))

function decodeDuration(bytes: Buffer, start: number, length: number): CqlValue {
  if (length === 0) return null
  try {
    reader.reset(bytes, start, start + length)
    const months = Number(readVint(reader))
    const days = Number(readVint(reader))
    const nanoseconds = readVint(reader)
    if (remaining(reader) === 0) return { months, days, nanoseconds }
  } catch (error) {
    if (!isScamanderError(error)) throw error
  }
  throw badCell('duration', `expected three variable-length integers in ${length} bytes`)
}

export const durationCodec: Codec = codecOf('duration', encodeDuration, decodeDuration)
