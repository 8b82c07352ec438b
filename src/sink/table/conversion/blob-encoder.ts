/**
 * Encoder of blob: bytes as they are, `0x…` as hexadecimal digits, any other text as Base64.
 * Invariant: a text is decoded whole or refused. A blob of no bytes is a value, or EMPTY with the
 * reference's D6. Spec: cassandra-sink 5.5, 9.4.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { jsonNumberText } from '../../../base/java-number.ts'
import { hexDigit } from '../../../base/json/json-cursor.ts'
import { CellEncoder, EMPTY, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'

const BASE64 = /^[A-Za-z0-9+/]*(?:={0,2})$/

export class BlobEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('blob', codec)
  }

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    const isHex = bytes[start] === 0x30 && end - start >= 2 && (bytes[start + 1]! | 0x20) === 0x78
    if (isHex && this.#copyHex(writer, bytes.subarray(start + 2, end))) {
      return this.#statusOf(end - start - 2)
    }
    return this.#fromBase64(writer, bytes.latin1Slice(start, end))
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const bytes = Buffer.from(text)
    return this.fromTextBytes(writer, bytes, 0, bytes.length)
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, jsonNumberText(text))
  }

  protected override fromBytes(writer: ByteWriter, value: Buffer): Status {
    writer.writeBytes(value)
    return this.#statusOf(value.length)
  }

  #copyHex(writer: ByteWriter, digits: Buffer): boolean {
    if (digits.length % 2 !== 0) return false
    let out = writer.reserve(digits.length / 2)
    for (let at = 0; at < digits.length; at += 2) {
      const high = hexDigit(digits[at]!)
      const low = hexDigit(digits[at + 1]!)
      if (high < 0 || low < 0) return false
      writer.bytes[out++] = (high << 4) | low
    }
    writer.position = out
    return true
  }

  #fromBase64(writer: ByteWriter, text: string): Status {
    const digits = text.replace(/=+$/, '').length
    const hasPadding = digits < text.length
    const isWhole = digits % 4 !== 1 && (!hasPadding || text.length % 4 === 0)
    if (!BASE64.test(text) || !isWhole) {
      return this.refuse('not hexadecimal or Base64', 'text')
    }
    const value = Buffer.from(text, 'base64')
    writer.writeBytes(value)
    return this.#statusOf(value.length)
  }

  #statusOf(length: number): Status {
    return length === 0 && this.codec.compat.D6 === 'reference' ? EMPTY : VALUE
  }
}
