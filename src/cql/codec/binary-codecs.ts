/**
 * Codecs of the types whose cells are plain bytes: boolean, blob, custom, uuid, timeuuid, inet.
 * Decoded blobs are views of the frame's buffer; copy what outlives it.
 * Spec: native protocol v5, sections 5.3, 5.4, 5.11, 5.17 and 5.20.
 */

import { formatInet, parseInet } from '../primitive/inet-address.ts'
import { formatUuid, writeUuidText } from '../primitive/uuid.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf } from './codec.ts'
import { wrongLength } from './integer-codecs.ts'
import { badValue, wrongValue } from './value-error.ts'

export const booleanCodec: Codec = codecOf(
  'boolean',
  (value, writer) => {
    if (typeof value !== 'boolean') throw wrongValue('boolean', 'a boolean', value)
    writer.writeUInt8(value ? 1 : 0)
  },
  (bytes, start, length) => (length === 1 ? bytes[start] !== 0 : wrongLength('boolean', 1, length)),
)

/** For blob and for custom types, which this product does not interpret. */
export function bytesCodec(typeName: string): Codec {
  return codecOf(
    typeName,
    (value, writer) => {
      if (!Buffer.isBuffer(value)) throw wrongValue(typeName, 'a Buffer', value)
      writer.writeBytes(value)
    },
    (bytes, start, length) => bytes.subarray(start, start + length),
  )
}

export const blobCodec: Codec = bytesCodec('blob')

function decodeUuid(typeName: string, bytes: Buffer, [start, length]: [number, number]): CqlValue {
  return length === 16 ? formatUuid(bytes, start) : wrongLength(typeName, 16, length)
}

export const uuidCodec: Codec = codecOf(
  'uuid',
  (value, writer) => {
    if (typeof value !== 'string') throw wrongValue('uuid', 'a string', value)
    if (!writeUuidText(writer, value)) throw badValue('uuid', 'expected a UUID, found other text')
  },
  (bytes, start, length) => decodeUuid('uuid', bytes, [start, length]),
)

export const timeuuidCodec: Codec = codecOf(
  'timeuuid',
  (value, writer) => {
    if (typeof value !== 'string') throw wrongValue('timeuuid', 'a string', value)
    const at = writer.position
    if (!writeUuidText(writer, value)) {
      throw badValue('timeuuid', 'expected a UUID, found other text')
    }
    if (writer.bytes[at + 6]! >> 4 !== 1) {
      throw badValue('timeuuid', 'expected a UUID of version 1, found another version')
    }
  },
  (bytes, start, length) => decodeUuid('timeuuid', bytes, [start, length]),
)

export const inetCodec: Codec = codecOf(
  'inet',
  (value, writer) => {
    if (typeof value !== 'string') throw wrongValue('inet', 'a string', value)
    const address = parseInet(value)
    if (address === undefined) throw badValue('inet', 'expected an IP address, found other text')
    writer.writeBytes(address)
  },
  (bytes, start, length) =>
    length === 4 || length === 16
      ? formatInet(bytes, start, length)
      : wrongLength('inet', 4, length),
)
