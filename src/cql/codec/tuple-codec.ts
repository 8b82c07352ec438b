/**
 * Codec of tuples and user-defined types, from arrays in declaration order.
 *
 *     n × [bytes]; trailing fields may be missing
 *
 * Fewer values than fields are allowed both ways: the rest is null. A null field is legal.
 * More fields than declared mean that the schema is outdated, which is an error.
 * Spec: native protocol v5, sections 5.22 and 5.23.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { CqlValue } from '../type/cql-value.ts'
import { type Codec, codecOf, writeCell } from './codec.ts'
import { cellLengthAt } from './collection-codecs.ts'
import { badCell, wrongValue } from './value-error.ts'

export function tupleCodec(typeName: string, fields: readonly Codec[]): Codec {
  function encode(value: CqlValue, writer: ByteWriter): void {
    if (!Array.isArray(value) || value.length > fields.length) {
      throw wrongValue(typeName, `an array of at most ${fields.length} values`, value)
    }
    const values = value as readonly CqlValue[]
    for (let i = 0; i < fields.length; i++) writeCell(fields[i]!, values[i] ?? null, writer)
  }

  function decode(bytes: Buffer, start: number, length: number): CqlValue {
    const limits = { end: start + length, typeName }
    const out: CqlValue[] = []
    let at = start
    for (const field of fields) {
      if (at === limits.end) {
        out.push(null)
        continue
      }
      const size = cellLengthAt(bytes, at, limits)
      at += 4
      out.push(size < 0 ? null : field.decode(bytes, at, size))
      if (size > 0) at += size
    }
    if (at !== limits.end) throw badCell(typeName, `${limits.end - at} bytes after the last field`)
    return out
  }

  return codecOf(typeName, encode, decode)
}
