/**
 * Codecs of list, set and map, from arrays; a map is an array of [key, value] pairs.
 *
 *     list, set  [int] n, n × [bytes]          map  [int] n, n × ([bytes] key [bytes] value)
 *
 * Nulls inside are refused when encoding, as the server does; a null that it sends decodes to null.
 * Spec: native protocol v5, sections 5.12, 5.13 and 5.18.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { int32At } from '../primitive/byte-reader.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf, writeCell } from './codec.ts'
import { badCell, badValue, wrongValue } from './value-error.ts'

/** Checks that an [int] length at `at` and its bytes lie before `end`; -1 for null. */
export function cellLengthAt(
  bytes: Buffer,
  at: number,
  { end, typeName }: { readonly end: number; readonly typeName: string },
): number {
  if (at + 4 > end) throw badCell(typeName, 'the bytes end inside the length of an element')
  const length = int32At(bytes, at)
  if (length > end - at - 4) throw badCell(typeName, 'the bytes end inside an element')
  return length < 0 ? -1 : length
}

function countAt(bytes: Buffer, start: number, { length, typeName }: CountLimits): number {
  if (length < 4) throw badCell(typeName, `expected at least 4 bytes, found ${length}`)
  const count = int32At(bytes, start)
  if (count < 0 || count > (length - 4) / 4) {
    throw badCell(typeName, `expected a count that fits ${length} bytes, found ${count}`)
  }
  return count
}

interface CountLimits {
  readonly length: number
  readonly typeName: string
}

/** For list and set. */
export function listCodec(typeName: string, element: Codec): Codec {
  function encode(value: CqlValue, writer: ByteWriter): void {
    if (!Array.isArray(value)) throw wrongValue(typeName, 'an array', value)
    const items = value as readonly CqlValue[]
    writer.writeInt32(items.length)
    for (const item of items) {
      if (item === null) throw badValue(typeName, 'null is not allowed inside')
      writeCell(element, item, writer)
    }
  }

  function decode(bytes: Buffer, start: number, length: number): CqlValue {
    if (length === 0) return null
    const count = countAt(bytes, start, { length, typeName })
    const limits = { end: start + length, typeName }
    const out: CqlValue[] = []
    let at = start + 4
    for (let i = 0; i < count; i++) {
      const size = cellLengthAt(bytes, at, limits)
      at += 4
      out.push(size < 0 ? null : element.decode(bytes, at, size))
      if (size > 0) at += size
    }
    if (at !== limits.end)
      throw badCell(typeName, `${limits.end - at} bytes after the last element`)
    return out
  }

  return codecOf(typeName, encode, decode)
}

export function mapCodec(typeName: string, key: Codec, value: Codec): Codec {
  function encode(map: CqlValue, writer: ByteWriter): void {
    if (!Array.isArray(map)) throw wrongValue(typeName, 'an array of pairs', map)
    const pairs = map as readonly CqlValue[]
    writer.writeInt32(pairs.length)
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw wrongValue(typeName, 'pairs of key and value', pair)
      }
      const [k, v] = pair as [CqlValue, CqlValue]
      if (k === null || v === null) throw badValue(typeName, 'null is not allowed inside')
      writeCell(key, k, writer)
      writeCell(value, v, writer)
    }
  }

  function decode(bytes: Buffer, start: number, length: number): CqlValue {
    if (length === 0) return null
    const count = countAt(bytes, start, { length, typeName })
    const limits = { end: start + length, typeName }
    const out: CqlValue[] = []
    let at = start + 4
    for (let i = 0; i < count; i++) {
      const keySize = cellLengthAt(bytes, at, limits)
      const k = keySize < 0 ? null : key.decode(bytes, at + 4, keySize)
      at += 4 + Math.max(0, keySize)
      const valueSize = cellLengthAt(bytes, at, limits)
      const v = valueSize < 0 ? null : value.decode(bytes, at + 4, valueSize)
      at += 4 + Math.max(0, valueSize)
      out.push([k, v])
    }
    if (at !== limits.end) throw badCell(typeName, `${limits.end - at} bytes after the last entry`)
    return out
  }

  return codecOf(typeName, encode, decode)
}
