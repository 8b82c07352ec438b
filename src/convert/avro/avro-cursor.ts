/**
 * The place in Avro binary data where the next value begins: varints, lengths and blocks.
 * One cursor per converter, reused for every message; readers only move it forward.
 * Invariant: nothing is read beyond `end`; a length or count that cannot fit is a data error, so
 * damaged bytes never allocate more than the message holds. Spec: Avro 1.11, "Binary Encoding".
 */
import { CONVERT_ERRORS, dataError } from '../errors.ts'

const EMPTY = Buffer.alloc(0)

export class AvroCursor {
  bytes: Buffer = EMPTY
  start = 0
  position = 0
  end = 0

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.start = start
    this.position = start
    this.end = end
  }

  /** A zig-zag varint of 32 bits. */
  readInt(): number {
    const { bytes, end } = this
    let at = this.position
    let raw = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw this.cut()
      const byte = bytes[at++]!
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return (raw >>> 1) ^ -(raw & 1)
      }
    }
    throw this.bad('expected an int of at most 5 bytes')
  }

  /** A zig-zag varint of 64 bits. */
  readLong(): bigint {
    const { bytes, end } = this
    let at = this.position
    let low = 0
    // 28 bits first: most values end there and need no arithmetic on big integers.
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.cut()
      const byte = bytes[at++]!
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return BigInt((low >>> 1) ^ -(low & 1))
      }
    }
    return this.#readLongRest(low, at)
  }

  #readLongRest(low: number, from: number): bigint {
    const { bytes, end } = this
    let at = from
    let middle = 0
    let high = 0
    for (let shift = 28; shift < 70; shift += 7) {
      if (at >= end) throw this.cut()
      const byte = bytes[at++]!
      if (shift < 56) middle |= (byte & 0x7f) << (shift - 28)
      else high |= (byte & 0x7f) << (shift - 56)
      if (byte < 0x80) {
        this.position = at
        return unsignedToSigned(low, middle, high)
      }
    }
    throw this.bad('expected a long of at most 10 bytes')
  }

  /** A length or count that is no more than what is left. */
  readLength(): number {
    const length = this.#readSize()
    if (length < 0 || length > this.end - this.position) {
      throw this.bad(
        `expected at most ${this.end - this.position} more bytes, found a length beyond`,
      )
    }
    return length
  }

  /** The count of the next block of an array or map; 0 ends it. */
  readBlockCount(): number {
    const count = this.#readSize()
    if (count >= 0) return this.#checkedCount(count)
    this.#readSize() // the block's size in bytes, for those who skip it
    return this.#checkedCount(-count)
  }

  readBoolean(): boolean {
    if (this.position >= this.end) throw this.cut()
    const byte = this.bytes[this.position++]!
    if (byte > 1) throw this.bad('expected 0 or 1 for a boolean')
    return byte === 1
  }

  /** Moves past `count` bytes and answers where they start. */
  take(count: number): number {
    const at = this.position
    if (count > this.end - at) throw this.cut()
    this.position = at + count
    return at
  }

  cut() {
    return this.bad('expected more bytes, found the end')
  }

  bad(what: string) {
    const offset = this.position - this.start
    return dataError(CONVERT_ERRORS.BYTES, `Avro data: ${what} at byte ${offset} of the payload`)
  }

  /** A long of at most 53 bits. */
  #readSize(): number {
    const at = this.position
    if (at < this.end && this.bytes[at]! < 0x80) {
      this.position = at + 1
      const raw = this.bytes[at]!
      return (raw >>> 1) ^ -(raw & 1)
    }
    const value = Number(this.readLong())
    if (!Number.isSafeInteger(value)) throw this.bad('expected a length, found a larger number')
    return value
  }

  #checkedCount(count: number): number {
    // Every element takes at least one byte, but for records without fields, which nobody repeats.
    if (count <= this.end - this.position) return count
    throw this.bad('expected a block that fits the payload, found a larger count')
  }
}

/** 28 + 28 + 14 bits of a zig-zag number. */
function unsignedToSigned(low: number, middle: number, high: number): bigint {
  if (high === 0) {
    // Up to 56 bits: halves are exact in a double below 2^53, so only the top bits matter.
    const value = middle * 0x10000000 + low
    if (value <= Number.MAX_SAFE_INTEGER) {
      const half = Math.floor(value / 2)
      return BigInt((low & 1) === 0 ? half : -half - 1)
    }
  }
  const raw = (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low)
  const value = BigInt.asUintN(64, raw)
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
}
