/**
 * Version-1 UUIDs: fresh ones, unique within and across processes, and ones for a given instant.
 * Used by the sink for `now()` and for time UUIDs made from timestamps.
 * Invariant: fresh UUIDs count 100-nanosecond ticks strictly upwards; node and clock sequence are
 * random per process, the node with its multicast bit set so that it is no hardware address.
 * Spec: RFC 9562, section 5.1.
 */
import { randomBytes } from 'node:crypto'
import type { ByteWriter } from './byte-writer.ts'

export const UUID_BYTES = 16
/** 100-ns ticks per millisecond, and from 1582-10-15 to 1970-01-01 in milliseconds. */
const TICKS_PER_MS = 10_000
const GREGORIAN_OFFSET_MS = 12_219_292_800_000
const TICKS_HIGH_UNIT = 2 ** 32
/** 60 bits of ticks. */
const MS_MAX = Math.floor(2 ** 60 / TICKS_PER_MS) - GREGORIAN_OFFSET_MS

const identity = randomIdentity()
let lastMs = Number.NEGATIVE_INFINITY
let ticksInMs = 0

/** Writes a UUID that no other call returns. */
export function writeFreshTimeUuid(writer: ByteWriter, nowMs = Date.now()): void {
  if (nowMs > lastMs) {
    lastMs = nowMs
    ticksInMs = 0
  } else if (++ticksInMs === TICKS_PER_MS) {
    // More than ten thousand in one millisecond, or a clock that stands: borrow from the next.
    lastMs += 1
    ticksInMs = 0
  }
  write(writer, { ms: lastMs, ticks: ticksInMs }, identity)
}

/**
 * Writes a version-1 UUID of that instant with random node and clock sequence.
 * False, and nothing written, when the instant has no such UUID.
 */
export function writeTimeUuidAt(writer: ByteWriter, ms: number): boolean {
  if (!(ms >= -GREGORIAN_OFFSET_MS && ms <= MS_MAX)) return false
  write(writer, { ms, ticks: 0 }, randomIdentity())
  return true
}

function randomIdentity(): Buffer {
  const bytes = randomBytes(8)
  bytes[0] = (bytes[0]! & 0x3f) | 0x80
  bytes[2] = bytes[2]! | 0x01
  return bytes
}

function write(writer: ByteWriter, at: { ms: number; ticks: number }, tail: Buffer): void {
  // The product with 10,000 exceeds 2^53, so high and low halves are computed apart.
  const ms = at.ms + GREGORIAN_OFFSET_MS
  const msHigh = Math.floor(ms / TICKS_HIGH_UNIT)
  const lowProduct = (ms - msHigh * TICKS_HIGH_UNIT) * TICKS_PER_MS + at.ticks
  const carry = Math.floor(lowProduct / TICKS_HIGH_UNIT)
  const high = msHigh * TICKS_PER_MS + carry
  writer.writeInt32((lowProduct - carry * TICKS_HIGH_UNIT) | 0)
  writer.writeInt16(high & 0xffff)
  writer.writeInt16(((high >>> 16) & 0x0fff) | 0x1000)
  writer.writeBytes(tail)
}
