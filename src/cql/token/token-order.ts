/**
 * Tokens as values: order on the ring, and the bigint form for schema, ranges and messages.
 * Comparison works on the two halves, so that finding a replica costs no bigint.
 * Invariant: compareTokens agrees with the order of the bigint forms.
 */
import type { Token } from './murmur3-token.ts'

/** Negative, zero or positive as `a` is before, at or after `b` in signed 64-bit order. */
export function compareTokens(a: Token, b: Token): number {
  if (a.high !== b.high) return a.high < b.high ? -1 : 1
  const difference = (a.low >>> 0) - (b.low >>> 0)
  return Math.sign(difference)
}

export function tokenToBigint(token: Token): bigint {
  return (BigInt(token.high) << 32n) | BigInt(token.low >>> 0)
}

export function tokenFromBigint(value: bigint): Token {
  return { high: Number(BigInt.asIntN(32, value >> 32n)), low: Number(BigInt.asIntN(32, value)) }
}
