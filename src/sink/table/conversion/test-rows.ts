/**
 * Rows of the conversion tests, by kind of source, and the Connect schemas they use.
 * Called by the conversion-table tests; not part of the product.
 * Invariant: an expectation is bytes as hexadecimal text, null, or the reason of the failure.
 */
import { expect, it } from 'vitest'
import type { CqlType } from '../../../cql/index.ts'
import { LOGICAL, Schema, type Value } from '../../../flow/index.ts'
import { encoderOf, jsonCell, type Setup, textCell, valueCell } from './test-cells.ts'

export type Expected = string | null
export type Row = readonly [source: string, expected: Expected]
export const hex = (text: string) => Buffer.from(text).toString('hex')
export const i64 = (value: number | bigint) =>
  BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0')
export const f32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatBE(value)
  return bytes.toString('hex')
}
export const f64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}
export const ms = (iso: string) => i64(Date.parse(iso))

export function jsonRows(
  type: CqlType | CqlType['kind'],
  rows: readonly Row[],
  setup: Setup = {},
): void {
  const encoder = encoderOf(type, setup)
  it.each(rows)('J %s', (source, expected) => {
    expect(jsonCell(encoder, source)).toBe(expected)
  })
}

export function textRows(
  type: CqlType | CqlType['kind'],
  rows: readonly Row[],
  setup: Setup = {},
): void {
  const encoder = encoderOf(type, setup)
  it.each(rows)('S %s', (source, expected) => {
    expect(textCell(encoder, source)).toBe(expected)
  })
}

export type ValueRow = readonly [
  name: string,
  value: Value,
  schema: Schema | null,
  expected: Expected,
]

export function valueRows(
  type: CqlType | CqlType['kind'],
  rows: readonly ValueRow[],
  setup: Setup = {},
): void {
  const encoder = encoderOf(type, setup)
  it.each(rows)('%s', (_name, value, schema, expected) => {
    expect(valueCell(encoder, value, schema)).toBe(expected)
  })
}

export const INT32 = new Schema('int32')
export const INT64 = new Schema('int64')
export const FLOAT32 = new Schema('float32')
export const FLOAT64 = new Schema('float64')
export const BOOLEAN = new Schema('boolean')
export const BYTES = new Schema('bytes')
export const STRING = new Schema('string')
export const DATE = new Schema('int32', { name: LOGICAL.DATE })
export const TIME = new Schema('int32', { name: LOGICAL.TIME })
export const TIMESTAMP = new Schema('int64', { name: LOGICAL.TIMESTAMP })
export const DECIMAL = new Schema('bytes', { name: LOGICAL.DECIMAL })
export const COMPAT = { D6: 'fixed', D9: 'fixed', D10: 'fixed', D23: 'fixed' } as const
