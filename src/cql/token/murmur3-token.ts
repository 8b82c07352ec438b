/**
 * The token of a partition key as Cassandra's Murmur3Partitioner computes it: the first half of
 * MurmurHash3 x64-128 with seed 0, with the server's quirk that the bytes of the last, incomplete
 * block are sign-extended. Called once per row to find its replicas, so it works on pairs of 32-bit
 * halves without bigint and without allocation.
 * Invariant: never the minimum token (-2^63), which becomes the maximum.
 */
export interface Token {
  /** Signed upper half. */
  high: number
  /** Lower half as a signed 32-bit integer; compared as unsigned. */
  low: number
}

const C1_HIGH = 0x87c37b91 | 0
const C1_LOW = 0x114253d5
const C2_HIGH = 0x4cf5ad43
const C2_LOW = 0x2745937f

/** Results of the 64-bit steps below: module state instead of an allocation per step. */
let high = 0
let low = 0

/** high:low = ah:al × bh:bl, modulo 2^64. */
function multiply(ah: number, al: number, bh: number, bl: number): void {
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  const low0 = a0 * b0
  const middle = a1 * b0 + (low0 >>> 16)
  const carry = (middle >>> 16) + ((a0 * b1 + (middle & 0xffff)) >>> 16)
  low = Math.imul(al, bl)
  high = (a1 * b1 + carry + Math.imul(ah, bl) + Math.imul(al, bh)) | 0
}

/** high:low = h:l rotated left by `bits`, 0 < bits < 64 and not 32. */
function rotate(h: number, l: number, bits: number): void {
  if (bits < 32) {
    high = (h << bits) | (l >>> (32 - bits))
    low = (l << bits) | (h >>> (32 - bits))
  } else {
    high = (l << (bits - 32)) | (h >>> (64 - bits))
    low = (h << (bits - 32)) | (l >>> (64 - bits))
  }
}

/** high:low = ah:al + bh:bl */
function add(ah: number, al: number, bh: number, bl: number): void {
  const sum = (al >>> 0) + (bl >>> 0)
  low = sum | 0
  high = (ah + bh + (sum > 0xffffffff ? 1 : 0)) | 0
}

/** k1's mixing before it is folded into h1. */
function mixK1(h: number, l: number): void {
  multiply(h, l, C1_HIGH, C1_LOW)
  rotate(high, low, 31)
  multiply(high, low, C2_HIGH, C2_LOW)
}

/** k2's mixing before it is folded into h2. */
function mixK2(h: number, l: number): void {
  multiply(h, l, C2_HIGH, C2_LOW)
  rotate(high, low, 33)
  multiply(high, low, C1_HIGH, C1_LOW)
}

function finalMix(h: number, l: number): void {
  multiply(h, l ^ (h >>> 1), 0xff51afd7 | 0, 0xed558ccd | 0)
  multiply(high, low ^ (high >>> 1), 0xc4ceb9fe | 0, 0x1a85ec53)
  low ^= high >>> 1
}

function littleEndianAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Computes the token of the partition key `bytes[start..end)` into `token`. */
export function murmur3Token(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  token: Token,
): void {
  const length = end - start
  const blocksEnd = end - (length & 15)
  let h1High = 0
  let h1Low = 0
  let h2High = 0
  let h2Low = 0
  for (let at = start; at < blocksEnd; at += 16) {
    mixK1(littleEndianAt(bytes, at + 4), littleEndianAt(bytes, at))
    rotate(h1High ^ high, h1Low ^ low, 27)
    add(high, low, h2High, h2Low)
    multiply(high, low, 0, 5)
    add(high, low, 0, 0x52dce729)
    h1High = high
    h1Low = low
    mixK2(littleEndianAt(bytes, at + 12), littleEndianAt(bytes, at + 8))
    rotate(h2High ^ high, h2Low ^ low, 31)
    add(high, low, h1High, h1Low)
    multiply(high, low, 0, 5)
    add(high, low, 0, 0x38495ab5)
    h2High = high
    h2Low = low
  }
  if (end - blocksEnd > 8) {
    tail(bytes, blocksEnd + 8, end)
    mixK2(high, low)
    h2High ^= high
    h2Low ^= low
  }
  if (end > blocksEnd) {
    tail(bytes, blocksEnd, Math.min(end, blocksEnd + 8))
    mixK1(high, low)
    h1High ^= high
    h1Low ^= low
  }
  h1Low ^= length
  h2Low ^= length
  add(h1High, h1Low, h2High, h2Low)
  h1High = high
  h1Low = low
  add(h2High, h2Low, high, low)
  finalMix(high, low)
  h2High = high
  h2Low = low
  finalMix(h1High, h1Low)
  add(high, low, h2High, h2Low)
  const isMinimum = high === MIN_HIGH && low === 0
  token.high = isMinimum ? ~MIN_HIGH : high
  token.low = isMinimum ? -1 : low
}

const MIN_HIGH = -(2 ** 31)

/** high:low = up to 8 bytes, little-endian, each sign-extended before it is shifted and folded in. */
function tail(bytes: Uint8Array, start: number, end: number): void {
  high = 0
  low = 0
  for (let i = start; i < end; i++) {
    const byte = (bytes[i]! << 24) >> 24
    const index = i - start
    if (index < 4) {
      low ^= byte << (8 * index)
      high ^= byte >> 31
    } else high ^= byte << (8 * (index - 4))
  }
}
