/**
 * Numbers out of texts: JSON numbers that passed JsonConverter, the steps by which a text becomes
 * a number, and two's complement bytes. Called by the number encoders.
 * Spec: cassandra-sink 2.2, 9.1, 9.2.
 * Invariant: no digit is lost: a text becomes a Decimal, or NaN and infinities as themselves.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import { KIND_INTEGER } from '../../../base/json/json-kind.ts'
import type { Codec } from './codec-settings.ts'
import { failure } from './conversion-failure.ts'
import { unitsSinceEpoch } from './time-unit.ts'

const INT64_DIGITS = 18
/** The point, as a digit would be read. */
const POINT_DIGIT = 0x2e - 0x30
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '\u221e': Number.POSITIVE_INFINITY,
  '-\u221e': Number.NEGATIVE_INFINITY,
}
const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 'y', 't', 'yes', 'true'])
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'n', 'f', 'no', 'false'])

/** A JSON number after JsonConverter without schemas: INT64 or FLOAT64. */
export function connectNumberText(text: string, kind: number): string {
  if (kind !== KIND_INTEGER) return String(Number(text))
  if (text.length > INT64_DIGITS && BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw failure('overflow', 'INT64', 'JSON number')
  }
  return text
}

/** True, false, or undefined for any other word. */
export function booleanOfWord(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (TRUE_WORDS.has(word)) return true
  return FALSE_WORDS.has(word) ? false : undefined
}

/** The first step that works; a number only for NaN and the infinities, undefined for none. */
export function toNumberValue(text: string, codec: Codec): Decimal | number | undefined {
  const parsed = codec.numbers.parse(text) ?? Decimal.parse(text)
  if (parsed !== undefined) return parsed
  const special = SPECIAL[text.trim()]
  if (special !== undefined) return special
  const instant = codec.timestamp.toInstant(text)
  if (instant !== undefined) {
    return new Decimal(unitsSinceEpoch(instant.second, instant.nano, codec.unit), 0)
  }
  const word = booleanOfWord(text)
  return word === undefined ? undefined : new Decimal(word ? 1n : 0n, 0)
}

/**
 * The number of an optional minus and 2 to 15 digits with one point between them; NaN for everything
 * else. Exact: digits and power of ten are both whole binary numbers, so one division rounds once,
 * as the reading of the text would.
 */
export function readShortFraction(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 0x2d
  const first = isNegative ? start + 1 : start
  if (end - first < 3 || end - first > 16) return Number.NaN
  let value = 0
  let pointAt = -1
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (digit === POINT_DIGIT && pointAt < 0) pointAt = at
    else return Number.NaN
  }
  if (pointAt <= first || pointAt === end - 1) return Number.NaN
  const number = value / POWERS_OF_TEN[end - pointAt - 1]!
  return isNegative ? -number : number
}

/** The integer of an optional minus and 1 to 15 digits; NaN for everything else. */
export function readShortInteger(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 0x2d
  const first = isNegative ? start + 1 : start
  if (end - first < 1 || end - first > 15) return Number.NaN
  let value = 0
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return isNegative && value !== 0 ? -value : value
}

/** Two's complement, big-endian, of the fewest bytes: the form of varint. */
export function writeVarint(writer: ByteWriter, value: bigint): void {
  const size = value < 0n ? -value - 1n : value
  // The sign takes one bit more than the size.
  const bits = size === 0n ? 1 : (size.toString(16).length - 1) * 4 + topBits(size) + 1
  const count = Math.ceil(bits / 8)
  const hex = BigInt.asUintN(count * 8, value)
    .toString(16)
    .padStart(count * 2, '0')
  const at = writer.reserve(count)
  writer.bytes.write(hex, at, 'hex')
  writer.position = at + count
}

function topBits(size: bigint): number {
  return 32 - Math.clz32(Number.parseInt(size.toString(16)[0]!, 16))
}
