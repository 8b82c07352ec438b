/**
 * Variable-length integers of the Kafka protocol, read without allocating.
 * `readVarint` and its siblings return the value and leave the position behind it in `varintEnd`:
 * a module variable, since the decoders are synchronous and a tuple per number would cost most.
 * Invariant: no number beyond 2^53 is returned. Reading past the end gives a position past the end,
 * which the callers check.
 */

/** Position behind the number read last. */
export let varintEnd = 0

/** An unsigned 32-bit number. */
export function readUnsignedVarint(bytes: Uint8Array, at: number): number {
  let byte = bytes[at++]!
  if (byte < 128) {
    varintEnd = at
    return byte
  }
  let value = byte & 127
  let shift = 7
  do {
    byte = bytes[at++]!
    value |= (byte & 127) << shift
    shift += 7
  } while (byte >= 128 && shift < 35)
  varintEnd = at
  return value >>> 0
}

/** A signed 32-bit number in zigzag form. */
export function readVarint(bytes: Uint8Array, at: number): number {
  const raw = readUnsignedVarint(bytes, at)
  return (raw >>> 1) ^ -(raw & 1)
}

/** A signed 64-bit number in zigzag form, as a safe integer. */
export function readVarlong(bytes: Uint8Array, at: number): number {
  let byte = bytes[at++]!
  let low = byte & 127
  let shift = 7
  while (byte >= 128 && shift < 28) {
    byte = bytes[at++]!
    low |= (byte & 127) << shift
    shift += 7
  }
  if (byte < 128) {
    varintEnd = at
    return (low >>> 1) ^ -(low & 1)
  }
  return readLongTail(bytes, at, low)
}

/** The part above 28 bits, by multiplication: shifts would cut it. */
function readLongTail(bytes: Uint8Array, start: number, low: number): number {
  let at = start
  let high = 0
  let scale = 1
  let byte = 128
  while (byte >= 128 && scale <= 2 ** 35) {
    byte = bytes[at++]!
    high += (byte & 127) * scale
    scale *= 128
  }
  varintEnd = at
  const magnitude = high * 2 ** 27 + (low >>> 1)
  return (low & 1) === 0 ? magnitude : -magnitude - 1
}

/** Bytes that `value` takes as an unsigned varint. */
export function sizeOfUnsignedVarint(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) size++
  return size
}

/** Bytes that `value` takes as a zigzag varint of 32 bits. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint((value << 1) ^ (value >> 31))
}

/** Bytes that a safe integer takes as a zigzag varint of 64 bits. */
export function sizeOfVarlong(value: number): number {
  let rest = value < 0 ? -2 * (value + 1) + 1 : 2 * value
  let size = 1
  for (; rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}
