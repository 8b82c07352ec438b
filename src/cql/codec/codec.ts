/**
 * What a codec is: JavaScript value to cell bytes and back, chosen once per column by `codecFor`.
 * `encode` writes the payload without its length; `decode` reads `length` bytes at `start`.
 * Null never reaches a codec: `writeCell` and `readCell` deal with it. An empty cell of a type that
 * has no empty value is legal on the server and decodes to null.
 * Invariant: errors are of kind `data` and never contain the value. After an error the caller rewinds
 * the writer to where the cell began.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { CqlValue } from '../type/cql-value.ts'

export type EncodeValue = (value: CqlValue, writer: ByteWriter) => void
export type DecodeValue = (bytes: Buffer, start: number, length: number) => CqlValue

export interface Codec {
  /** The type as CQL text, for messages. */
  readonly typeName: string
  readonly encode: EncodeValue
  readonly decode: DecodeValue
}

/** The only place where codecs are built, so that they share one hidden class. */
export function codecOf(typeName: string, encode: EncodeValue, decode: DecodeValue): Codec {
  return { typeName, encode, decode }
}

/** Writes [bytes]: the length and the payload, or -1 for null. */
export function writeCell(codec: Codec, value: CqlValue, writer: ByteWriter): void {
  if (value === null) {
    writer.writeInt32(-1)
    return
  }
  const at = writer.reserve(4)
  writer.position = at + 4
  codec.encode(value, writer)
  writer.setInt32(at, writer.position - at - 4)
}

/** Decodes a cell as a CellCursor recorded it; a negative length is null. */
export function readCell(codec: Codec, bytes: Buffer, range: CellRange): CqlValue {
  return range.length < 0 ? null : codec.decode(bytes, range.start, range.length)
}

export interface CellRange {
  readonly start: number
  readonly length: number
}
