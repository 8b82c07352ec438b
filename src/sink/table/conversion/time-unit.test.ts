/** Units of TTL and write timestamps: exact, rounded down, and never wrapped. */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../base/decimal.ts'
import { ConversionFailure } from './conversion-failure.ts'
import { toMicros, toSeconds } from './time-unit.ts'

describe('toSeconds', () => {
  it.each([
    [1500, 'MILLISECONDS', 1],
    [500, 'MILLISECONDS', 0],
    [2n, 'DAYS', 172_800],
    [-5, 'SECONDS', 0],
    [1.5, 'MINUTES', 90],
    [new Decimal(15n, 1), 'SECONDS', 1],
  ] as const)('%s %s', (value, unit, seconds) => {
    expect(toSeconds(value, unit)).toBe(seconds)
  })
})

describe('toMicros', () => {
  it.each([
    [2147483647, 'SECONDS', 2_147_483_647_000_000n],
    [-1, 'MILLISECONDS', -1000n],
    [-1, 'NANOSECONDS', -1n],
    [9223372036854775807n, 'MICROSECONDS', 9223372036854775807n],
    [0.5, 'MILLISECONDS', 500n],
  ] as const)('%s %s', (value, unit, micros) => {
    expect(toMicros(value, unit)).toBe(micros)
  })

  it.each([
    [9223372036854775807n, 'MILLISECONDS'],
    [1e30, 'SECONDS'],
    [Number.NaN, 'SECONDS'],
    [new Decimal(1n, -999_999), 'SECONDS'],
  ] as const)('%s %s fails', (value, unit) => {
    expect(() => toMicros(value, unit)).toThrow(ConversionFailure as unknown as typeof Error)
  })
})
