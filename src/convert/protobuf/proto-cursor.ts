/**
 * The place in Protobuf binary data where the next value begins: varints, fixed widths, lengths,
 * and fields that nobody asked for. One cursor per converter, reused for every message.
 * Invariant: nothing is read beyond `end`; whatever does not fit is a data error.
 * Spec: protobuf encoding (wire types 0, 1, 2, 3, 4, 5).
 */
import { CONVERT_ERRORS, dataError } from '../errors.ts'

const EMPTY = Buffer.alloc(0)
const GROUPS_MAX = 100
const DEPTH_MAX = 200

export class ProtoCursor {
  bytes: Buffer = EMPTY
  start = 0
  position = 0
  end = 0
  /** Messages in each other, around the position. */
  depth = 0

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.start = start
    this.position = start
    this.end = end
    this.depth = 0
  }

  /** Ends at the end of a message whose length comes next; answers the end to go back to. */
  enter(): number {
    if (++this.depth > DEPTH_MAX) throw this.bad(`expected at most ${DEPTH_MAX} levels`)
    const length = this.readLength()
    const outerEnd = this.end
    this.end = this.position + length
    return outerEnd
  }

  leave(outerEnd: number): void {
    this.end = outerEnd
    this.depth--
  }

  /** The low 32 bits of a varint, signed. */
  readVarint32(): number {
    const { bytes, end } = this
    let at = this.position
    let raw = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw this.cut()
      const byte = bytes[at++]!
      if (shift < 32) raw |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return raw
      }
    }
    throw this.bad('expected a varint of at most 10 bytes')
  }

  /** A varint as an unsigned integer of 64 bits. */
  readVarint64(): bigint {
    const { bytes, end } = this
    let at = this.position
    let low = 0
    let middle = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw this.cut()
      const byte = bytes[at++]!
      if (shift < 28) low |= (byte & 0x7f) << shift
      else if (shift < 56) middle |= (byte & 0x7f) << (shift - 28)
      else high |= (byte & 0x7f) << (shift - 56)
      if (byte >= 0x80) continue
      this.position = at
      if (high === 0 && middle < 0x1000000) return BigInt(middle * 0x10000000 + low)
      return BigInt.asUintN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low))
    }
    throw this.bad('expected a varint of at most 10 bytes')
  }

  readLength(): number {
    const length = this.readVarint32() >>> 0
    if (length > this.end - this.position) throw this.cut()
    return length
  }

  /** Moves past `count` bytes and answers where they start. */
  take(count: number): number {
    const at = this.position
    if (count > this.end - at) throw this.cut()
    this.position = at + count
    return at
  }

  /** Moves past a field of that wire type. */
  skip(wireType: number, fieldNumber: number, depth = 0): void {
    switch (wireType) {
      case 0:
        this.readVarint32()
        return
      case 1:
        this.take(8)
        return
      case 2:
        this.take(this.readLength())
        return
      case 3:
        this.#skipGroup(fieldNumber, depth)
        return
      case 5:
        this.take(4)
        return
      default:
        throw this.bad(`expected a known wire type, found ${wireType}`)
    }
  }

  cut() {
    return this.bad('expected more bytes, found the end')
  }

  bad(what: string) {
    const offset = this.position - this.start
    return dataError(
      CONVERT_ERRORS.BYTES,
      `Protobuf data: ${what} at byte ${offset} of the payload`,
    )
  }

  #skipGroup(fieldNumber: number, depth: number): void {
    if (depth > GROUPS_MAX) throw this.bad(`expected at most ${GROUPS_MAX} groups in each other`)
    while (this.position < this.end) {
      const tag = this.readVarint32() >>> 0
      const wireType = tag & 7
      if (wireType !== 4) this.skip(wireType, tag >>> 3, depth + 1)
      else if (tag >>> 3 === fieldNumber) return
      else throw this.bad('expected the end of the group that began last')
    }
    throw this.cut()
  }
}
