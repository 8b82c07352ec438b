/**
 * A growable byte buffer with a write position: the output cursor of every encoder of the product.
 * Encoders write big-endian, network order. Not shared: one owner at a time, reused by `reset()`.
 * Invariant: `position <= bytes.length`; after `reserve(n)` the next n bytes may be written to
 * `bytes` directly. Growth copies, so hot paths size the first allocation well.
 */
import type {} from './buffer-methods.ts'

const MIN_BYTES = 64

// Unlike `set` of a subarray it makes no view, which in the hot path is a fifth of all garbage.
const { copy } = Buffer.prototype

export class ByteWriter {
  bytes: Buffer
  position = 0

  constructor(initialBytes = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(MIN_BYTES, initialBytes))
  }

  /** Makes room for `count` more bytes and returns the position where they start. */
  reserve(count: number): number {
    const need = this.position + count
    if (need > this.bytes.length) this.#grow(need)
    return this.position
  }

  reset(): void {
    this.position = 0
  }

  /** The written bytes, as a view: valid until the next write or reset. */
  view(): Buffer {
    return this.bytes.subarray(0, this.position)
  }

  writeUInt8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
    this.position = at + 1
  }

  writeInt16(value: number): void {
    const at = this.reserve(2)
    const bytes = this.bytes
    bytes[at] = value >> 8
    bytes[at + 1] = value
    this.position = at + 2
  }

  writeInt32(value: number): void {
    const at = this.reserve(4)
    this.setInt32(at, value)
    this.position = at + 4
  }

  /** Overwrites four bytes that were reserved earlier (lengths known only afterwards). */
  setInt32(at: number, value: number): void {
    const bytes = this.bytes
    bytes[at] = value >> 24
    bytes[at + 1] = value >> 16
    bytes[at + 2] = value >> 8
    bytes[at + 3] = value
  }

  /** A 64-bit value from its signed high and any 32-bit low half. */
  writeInt64Parts(high: number, low: number): void {
    const at = this.reserve(8)
    this.setInt32(at, high)
    this.setInt32(at + 4, low)
    this.position = at + 8
  }

  /** A safe integer as 64 bits, without a bigint. */
  writeSafeInt64(value: number): void {
    const high = Math.floor(value / 4294967296)
    this.writeInt64Parts(high, value - high * 4294967296)
  }

  writeBigInt64(value: bigint): void {
    const at = this.reserve(8)
    this.bytes.writeBigInt64BE(value, at)
    this.position = at + 8
  }

  writeFloat32(value: number): void {
    const at = this.reserve(4)
    this.position = this.bytes.writeFloatBE(value, at)
  }

  writeFloat64(value: number): void {
    const at = this.reserve(8)
    this.position = this.bytes.writeDoubleBE(value, at)
  }

  /** Copies `source[start..end)`; short runs by hand, longer ones natively, without a view of them. */
  writeBytes(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start
    const at = this.reserve(count)
    const bytes = this.bytes
    if (count <= 24) {
      for (let i = 0; i < count; i++) bytes[at + i] = source[start + i]!
    } else copy.call(source, bytes, at, start, end)
    this.position = at + count
  }

  /** UTF-8 text without a length; returns the bytes written. */
  writeUtf8(text: string): number {
    const at = this.reserve(text.length * 3)
    const written = this.bytes.utf8Write(text, at)
    this.position = at + written
    return written
  }

  #grow(need: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.position))
    this.bytes = grown
  }
}
