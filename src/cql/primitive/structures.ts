/**
 * The composite notations of the protocol: lists and maps of strings, [value], [inet], [bytes map].
 * Read from a `ByteReader`, written to a `ByteWriter`; used by the messages.
 * Invariant: what `writeX` wrote, `readX` reads back equal.
 * Spec: native protocol v5, section 3 (notations).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import {
  type ByteReader,
  readByte,
  readBytes,
  readInt,
  readShort,
  readString,
  take,
} from './byte-reader.ts'
import { formatInet, parseInet } from './inet-address.ts'
import { writeBytesOrNull, writeString } from './writers.ts'

/** A bound variable that keeps what the row has (v4 and later). */
export const UNSET: unique symbol = Symbol('unset')
export type Unset = typeof UNSET

/** The bytes of one bound variable. */
export type BoundValue = Buffer | null | Unset

export type StringMap = Readonly<Record<string, string>>
export type StringMultimap = Readonly<Record<string, readonly string[]>>
export type BytesMap = Readonly<Record<string, Buffer | null>>

/** [value]: [int] n, then n bytes; -1 is null, -2 is unset. */
export function readValue(reader: ByteReader): BoundValue {
  const length = readInt(reader)
  if (length === -1) return null
  if (length === -2) return UNSET
  if (length < 0) throw malformed(`expected a [value] length of at least -2, found ${length}`)
  const at = take(reader, length)
  return reader.bytes.subarray(at, at + length)
}

export function writeValue(writer: ByteWriter, value: BoundValue): void {
  if (value === UNSET) writer.writeInt32(-2)
  else writeBytesOrNull(writer, value as Buffer | null)
}

/** [string list]: a [short] n and n [string]. */
export function readStringList(reader: ByteReader): string[] {
  const count = readShort(reader)
  const out: string[] = []
  for (let i = 0; i < count; i++) out.push(readString(reader))
  return out
}

export function writeStringList(writer: ByteWriter, list: readonly string[]): void {
  writer.writeInt16(list.length)
  for (const item of list) writeString(writer, item)
}

/** [string map]: a [short] n and n pairs of [string]. */
export function readStringMap(reader: ByteReader): Record<string, string> {
  const count = readShort(reader)
  const out = emptyRecord<string>()
  for (let i = 0; i < count; i++) {
    const key = readString(reader)
    out[key] = readString(reader)
  }
  return out
}

export function writeStringMap(writer: ByteWriter, map: StringMap): void {
  const entries = Object.entries(map)
  writer.writeInt16(entries.length)
  for (const [key, value] of entries) {
    writeString(writer, key)
    writeString(writer, value)
  }
}

/** [string multimap]: a [short] n and n times [string] [string list]. */
export function readStringMultimap(reader: ByteReader): Record<string, string[]> {
  const count = readShort(reader)
  const out = emptyRecord<string[]>()
  for (let i = 0; i < count; i++) {
    const key = readString(reader)
    out[key] = readStringList(reader)
  }
  return out
}

export function writeStringMultimap(writer: ByteWriter, map: StringMultimap): void {
  const entries = Object.entries(map)
  writer.writeInt16(entries.length)
  for (const [key, list] of entries) {
    writeString(writer, key)
    writeStringList(writer, list)
  }
}

/** [bytes map]: a [short] n and n times [string] [bytes]. */
export function readBytesMap(reader: ByteReader): Record<string, Buffer | null> {
  const count = readShort(reader)
  const out = emptyRecord<Buffer | null>()
  for (let i = 0; i < count; i++) {
    const key = readString(reader)
    out[key] = readBytes(reader)
  }
  return out
}

export function writeBytesMap(writer: ByteWriter, map: BytesMap): void {
  const entries = Object.entries(map)
  writer.writeInt16(entries.length)
  for (const [key, value] of entries) {
    writeString(writer, key)
    writeBytesOrNull(writer, value)
  }
}

/** An address and a port as the protocol's [inet]. */
export interface InetEndpoint {
  readonly address: string
  readonly port: number
}

/** [inet]: [byte] n, n address bytes (4 or 16), [int] port. */
export function readInet(reader: ByteReader): InetEndpoint {
  const address = readInetAddress(reader)
  return { address, port: readInt(reader) }
}

export function writeInet(writer: ByteWriter, endpoint: InetEndpoint): void {
  writeInetAddress(writer, endpoint.address)
  writer.writeInt32(endpoint.port)
}

/** [inetaddr]: [byte] n and n address bytes. */
export function readInetAddress(reader: ByteReader): string {
  const length = readByte(reader)
  if (length !== 4 && length !== 16) {
    throw malformed(`expected an address of 4 or 16 bytes, found ${length}`)
  }
  return formatInet(reader.bytes, take(reader, length), length)
}

export function writeInetAddress(writer: ByteWriter, text: string): void {
  const address = parseInet(text)
  if (address === undefined) throw malformed('expected an IPv4 or IPv6 address to encode')
  writer.writeUInt8(address.length)
  writer.writeBytes(address)
}

/** Keys come from the peer, so the record has no prototype to collide with. */
function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>
}
