/**
 * Narrowing and widening of numbers as Java's casts do it: integers keep their low bits, numbers
 * with a fraction are cut towards zero and stop at the ends of int or long, NaN becomes 0.
 * Used by Cast and MaskField. INT64 is a bigint, all other numbers are JavaScript numbers.
 */
import { Decimal } from '../base/decimal.ts'

export type IntegerType = 'int8' | 'int16' | 'int32' | 'int64'
export type FloatType = 'float32' | 'float64'

export const INTEGER_BITS: Readonly<Record<IntegerType, number>> = {
  int8: 8,
  int16: 16,
  int32: 32,
  int64: 64,
}
const INT_MAX = 2_147_483_647
const LONG_MAX = 2n ** 63n - 1n
/** From here on 10^n has no low 64 bits. */
const LOW_BITS_SCALE = -64

export function toInteger(type: IntegerType, value: number | bigint | Decimal): number | bigint {
  const whole = type === 'int64' ? toLong(value) : toIntBits(value)
  const cut = BigInt.asIntN(INTEGER_BITS[type], whole)
  return type === 'int64' ? cut : Number(cut)
}

export function toFloat(type: FloatType, value: number | bigint | Decimal): number {
  const number = value instanceof Decimal ? Number(value.toString()) : Number(value)
  return type === 'float32' ? Math.fround(number) : number
}

/** Java's `longValue`. */
export function toLong(value: number | bigint | Decimal): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  if (value instanceof Decimal) return BigInt.asIntN(64, lowBits(value))
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return LONG_MAX
  return value < -(2 ** 63) ? -LONG_MAX - 1n : BigInt(Math.trunc(value))
}

function toIntBits(value: number | bigint | Decimal): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Decimal) return lowBits(value)
  if (Number.isNaN(value)) return 0n
  return BigInt(Math.max(-INT_MAX - 1, Math.min(INT_MAX, Math.trunc(value))))
}

/** The integer part of a decimal, right in its low 64 bits. */
function lowBits({ unscaled, scale }: Decimal): bigint {
  if (scale <= LOW_BITS_SCALE) return 0n
  if (scale <= 0) return unscaled * 10n ** BigInt(-scale)
  const digits = unscaled.toString().length
  return scale >= digits ? 0n : unscaled / 10n ** BigInt(scale)
}
