/**
 * Numbers as Java writes them: Double.toString, Float.toString with the shortest digits that read
 * back to the same value, and the exactness test between texts and binary numbers.
 * Used by the sink's conversions. Spec: cassandra-sink 9.3, 9.4.
 * Invariant: a text "is exact" when it denotes the same decimal as the shortest text of its number.
 */
import { Decimal } from './decimal.ts'

/** Digits that every float64, or float32, keeps. */
const DOUBLE_DIGITS = 15
const FLOAT_DIGITS = 6
const FLOAT_DIGITS_MAX = 9

export function javaDouble(value: number): string {
  const size = Math.abs(value)
  // Here both languages write the same digits without an exponent; Java adds a fraction to all.
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  return javaText(value, String(size))
}

/** `value` must be a float32. */
export function javaFloat(value: number): string {
  return javaText(value, shortestFloatText(Math.abs(value)))
}

/** The shortest decimal text whose nearest float32 is `value`. */
export function shortestFloatText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  for (let digits = 1; digits < FLOAT_DIGITS_MAX; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return text
  }
  return value.toPrecision(FLOAT_DIGITS_MAX)
}

/** The number that `text` denotes if a float64 holds it exactly; NaN when it does not. */
export function toExactDouble(text: string): number {
  const value = Number(text)
  if (isShort(text, DOUBLE_DIGITS)) return value
  if (!Number.isFinite(value)) return Number.NaN
  return isSameDecimal(text, String(value)) ? value : Number.NaN
}

/** The float32 that `text` denotes exactly; NaN when there is none. */
export function toExactFloat(text: string): number {
  const value = Math.fround(Number(text))
  if (isShort(text, FLOAT_DIGITS)) return value
  if (!Number.isFinite(value)) return Number.NaN
  return isSameDecimal(text, shortestFloatText(value)) ? value : Number.NaN
}

/** Without exponent and with few enough digits: exact without looking. */
function isShort(text: string, digitsMax: number): boolean {
  if (text.length > digitsMax + 2) return false
  let digits = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39) digits++
    else if (code !== 0x2e && code !== 0x2d) return false
  }
  return digits <= digitsMax
}

function isSameDecimal(a: string, b: string): boolean {
  const left = Decimal.parse(a)?.stripTrailingZeros()
  const right = Decimal.parse(b)?.stripTrailingZeros()
  if (left === undefined || right === undefined) return false
  return left.unscaled === right.unscaled && left.scale === right.scale
}

function javaText(value: number, digits: string): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return `${sign}Infinity`
  if (size === 0) return `${sign}0.0`
  const { unscaled, scale } = Decimal.parse(digits)!.stripTrailingZeros()
  const text = unscaled.toString()
  const exponent = text.length - 1 - scale
  if (size >= 1e-3 && size < 1e7) return sign + plain(text, scale)
  return `${sign}${text[0]}.${text.slice(1) || '0'}E${exponent}`
}

function plain(digits: string, scale: number): string {
  if (scale <= 0) return `${digits}${'0'.repeat(-scale)}.0`
  const padded = digits.padStart(scale + 1, '0')
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}

/** How a JSON number appears as text: integers as they are, fractions without trailing zeros. */
export function jsonNumberText(text: string): string {
  const value = Decimal.parse(text)
  if (value === undefined) return text
  return /[.eE]/.test(text) ? value.stripTrailingZeros().toString() : value.toString()
}
