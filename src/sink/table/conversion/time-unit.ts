/**
 * Java's TimeUnit for numbers that stand for times: `codec.unit`, `ttlTimeUnit`,
 * `timestampTimeUnit`. All arithmetic is exact in 64 bits; what does not fit is an overflow.
 * Called per record for `__ttl` and `__timestamp`, and by the temporal encoders.
 * Invariant: results are rounded down. Spec: cassandra-sink 5.4, D5, D24.
 */
import { Decimal } from '../../../base/decimal.ts'
import { failure } from './conversion-failure.ts'

export const TIME_UNITS = [
  'NANOSECONDS',
  'MICROSECONDS',
  'MILLISECONDS',
  'SECONDS',
  'MINUTES',
  'HOURS',
  'DAYS',
] as const

export type TimeUnit = (typeof TIME_UNITS)[number]

const UNIT_NANOS: Readonly<Record<TimeUnit, bigint>> = {
  NANOSECONDS: 1n,
  MICROSECONDS: 1_000n,
  MILLISECONDS: 1_000_000n,
  SECONDS: 1_000_000_000n,
  MINUTES: 60_000_000_000n,
  HOURS: 3_600_000_000_000n,
  DAYS: 86_400_000_000_000n,
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** Exponents beyond this cannot lead to 64 bits. */
const SCALE_MAX = 400

/** A number of `unit` in microseconds, for a write timestamp. */
export function toMicros(value: number | bigint | Decimal, unit: TimeUnit): bigint {
  return convertUnit(value, unit, 'MICROSECONDS')
}

/** A number of `unit` in whole seconds, for a TTL; negative is 0: no expiry. */
export function toSeconds(value: number | bigint | Decimal, unit: TimeUnit): number {
  const seconds = convertUnit(value, unit, 'SECONDS')
  if (seconds > 0x7fff_ffffn) throw failure('overflow', 'TTL in seconds', 'number')
  return seconds < 0n ? 0 : Number(seconds)
}

/** Rounds down; throws a ConversionFailure beyond 64 bits. */
export function convertUnit(
  value: number | bigint | Decimal,
  from: TimeUnit,
  to: TimeUnit,
): bigint {
  const { unscaled, scale } = toDecimal(value)
  if (Math.abs(scale) > SCALE_MAX) throw failure('overflow', to, 'number')
  const numerator = unscaled * UNIT_NANOS[from] * (scale < 0 ? 10n ** BigInt(-scale) : 1n)
  const result = floorDiv(numerator, UNIT_NANOS[to] * (scale > 0 ? 10n ** BigInt(scale) : 1n))
  if (result > INT64_MAX || result < INT64_MIN) throw failure('overflow', to, 'number')
  return result
}

/** The number of whole `unit` between the epoch and an instant. */
export function unitsSinceEpoch(second: number, nano: number, unit: TimeUnit): bigint {
  return floorDiv(BigInt(second) * 1_000_000_000n + BigInt(nano), UNIT_NANOS[unit])
}

function toDecimal(value: number | bigint | Decimal): Decimal {
  if (typeof value === 'bigint') return new Decimal(value, 0)
  if (typeof value !== 'number') return value
  if (Number.isSafeInteger(value)) return new Decimal(BigInt(value), 0)
  const decimal = Decimal.parse(String(value))
  if (decimal === undefined) throw failure('not a number', 'number', 'NaN or Infinity')
  return decimal
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}
