/**
 * Connect's Decimal on the wire: the unscaled integer as two's complement, big-endian, in as few
 * bytes as possible; the scale is in the schema's parameters.
 * Used by the JSON converter. Spec: connect-rest 11.1.
 */
import { Decimal } from '../base/decimal.ts'
import type { Schema } from '../flow/index.ts'
import { CONVERT_ERRORS, dataError } from './errors.ts'

/** The `scale` parameter of a Decimal schema. */
export function scaleOf(schema: Schema): number {
  const text = schema.parameters?.['scale']
  if (text === undefined) {
    throw dataError(CONVERT_ERRORS.SCHEMA, 'Invalid Decimal schema: scale parameter not found.')
  }
  if (!/^[+-]?\d{1,9}$/.test(text)) {
    throw dataError(
      CONVERT_ERRORS.SCHEMA,
      'Invalid scale parameter found in Decimal schema: expected an integer.',
    )
  }
  return Number(text)
}

export function decimalFromBytes(bytes: Buffer, scale: number): Decimal {
  const unscaled = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
  return new Decimal(BigInt.asIntN(bytes.length * 8, unscaled), scale)
}

/** Refuses a value whose scale is not the schema's, as the reference does. */
export function decimalToBytes(value: Decimal, scale: number): Buffer {
  checkScale(value, scale)
  return twosComplement(value.unscaled)
}

export function checkScale(value: Decimal, scale: number): void {
  if (value.scale === scale) return
  throw dataError(
    CONVERT_ERRORS.VALUE,
    'Decimal value has mismatching scale for given Decimal schema: ' +
      `expected scale ${scale}, found ${value.scale}`,
  )
}

function twosComplement(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  const size = (bits >> 3) + 1
  const hex = BigInt.asUintN(size * 8, value).toString(16)
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex')
}
