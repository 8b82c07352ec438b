/**
 * Codec of vectors, from arrays of exactly the dimension.
 *
 *     fixed-size elements:     n × payload             variable-size: n × ([unsigned vint] length, payload)
 *
 * Which types are fixed is the server's rule (primitive-kinds.ts): smallint and date are not.
 * Spec: Cassandra 5.0 (VectorType); the native protocol carries it as a custom type.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import { ByteReader } from '../primitive/byte-reader.ts'
import { readUnsignedVint, writeUnsignedVint32 } from '../primitive/vint.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf } from './codec.ts'
import { badCell, badValue, wrongValue } from './value-error.ts'

export interface VectorShape {
  readonly typeName: string
  readonly dimension: number
  /** Bytes per element, 0 when they vary. */
  readonly fixedBytes: number
}

export function vectorCodec(shape: VectorShape, element: Codec): Codec {
  const { typeName, dimension, fixedBytes } = shape

  function encode(value: CqlValue, writer: ByteWriter): void {
    if (!Array.isArray(value) || value.length !== dimension) {
      throw wrongValue(typeName, `an array of ${dimension}`, value)
    }
    for (const item of value as readonly CqlValue[]) {
      if (item === null) throw badValue(typeName, 'null is not allowed inside')
      if (fixedBytes > 0) element.encode(item, writer)
      else writeSized(element, item, writer)
    }
  }

  function decode(bytes: Buffer, start: number, length: number): CqlValue {
    if (length === 0) return null
    if (fixedBytes === 0) return decodeSized(shape, element, bytes.subarray(start, start + length))
    if (length !== fixedBytes * dimension) {
      throw badCell(typeName, `expected ${fixedBytes * dimension} bytes, found ${length}`)
    }
    const out: CqlValue[] = []
    for (let i = 0; i < dimension; i++) {
      out.push(element.decode(bytes, start + i * fixedBytes, fixedBytes))
    }
    return out
  }

  return codecOf(typeName, encode, decode)
}

/** One byte is kept for the length; a longer length moves the payload. */
function writeSized(element: Codec, value: CqlValue, writer: ByteWriter): void {
  const at = writer.reserve(1)
  writer.position = at + 1
  element.encode(value, writer)
  const end = writer.position
  const length = end - at - 1
  if (length < 0x80) {
    writer.bytes[at] = length
    return
  }
  writer.reserve(4)
  writer.position = at
  const payload = Buffer.from(writer.bytes.subarray(at + 1, end))
  writeUnsignedVint32(writer, length)
  writer.writeBytes(payload)
}

const reader = new ByteReader(Buffer.alloc(0))

function decodeSized(shape: VectorShape, element: Codec, bytes: Buffer): CqlValue {
  const out: CqlValue[] = []
  let at = 0
  for (let i = 0; i < shape.dimension; i++) {
    const length = sizeAt(shape, bytes, at)
    at = reader.position
    if (length > bytes.length - at) throw endsEarly(shape)
    out.push(element.decode(bytes, at, length))
    at += length
  }
  if (at !== bytes.length) {
    throw badCell(shape.typeName, `${bytes.length - at} bytes after the last element`)
  }
  return out
}

/** The length at `at`; the shared reader then stands behind it. */
function sizeAt(shape: VectorShape, bytes: Buffer, at: number): number {
  try {
    const length = readUnsignedVint(reader.reset(bytes, at, bytes.length))
    if (length !== undefined) return length
  } catch (error) {
    if (!isScamanderError(error)) throw error
  }
  throw endsEarly(shape)
}

function endsEarly(shape: VectorShape): Error {
  return badCell(shape.typeName, `the bytes end before ${shape.dimension} elements`)
}
