/**
 * Encoders of uuid and timeuuid: UUID texts, and version-1 UUIDs out of timestamps.
 * The common form of 36 characters is read straight from the bytes.
 * Invariant: a timeuuid is of version 1. Spec: cassandra-sink 9.4.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { jsonNumberText } from '../../../base/java-number.ts'
import { hexDigit } from '../../../base/json/json-cursor.ts'
import { UUID_BYTES, writeTimeUuidAt } from '../../../base/time-uuid.ts'
import type { Schema } from '../../../flow/index.ts'
import { CellEncoder, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { convertUnit } from './time-unit.ts'

const TEXT_BYTES = 36
const DASH = 0x2d
const SHORT_FORM =
  /^([0-9a-f]{1,8})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,12})$/i
const GROUP_DIGITS = [8, 4, 4, 4, 12]

export class UuidEncoder extends CellEncoder {
  readonly #isTimeUuid: boolean

  constructor(kind: 'uuid' | 'timeuuid', codec: Codec) {
    super(kind, codec)
    this.#isTimeUuid = kind === 'timeuuid'
  }

  override fromTextBytes(writer: ByteWriter, bytes: Buffer, start: number, end: number): Status {
    if (end - start === TEXT_BYTES && this.#copyHex(writer, bytes, start)) {
      return this.#checked(writer)
    }
    return this.fromText(writer, bytes.utf8Slice(start, end))
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const groups = SHORT_FORM.exec(text)
    if (groups === null) {
      const instant = this.codec.timestamp.toInstant(text)
      if (instant === undefined) return this.refuse('not a UUID', 'text')
      return this.#fromMs(writer, instant.second * 1000 + Math.floor(instant.nano / 1_000_000))
    }
    const hex = GROUP_DIGITS.map((digits, i) => groups[i + 1]!.padStart(digits, '0')).join('')
    writer.writeBytes(Buffer.from(hex, 'hex'))
    return this.#checked(writer)
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.fromText(writer, jsonNumberText(text))
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    _schema: Schema | null,
  ): Status {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      return this.refuse('overflow', 'number with a fraction')
    }
    return this.#fromMs(writer, Number(convertUnit(value, this.codec.unit, 'MILLISECONDS')))
  }

  #fromMs(writer: ByteWriter, ms: number): Status {
    return writeTimeUuidAt(writer, ms) ? VALUE : this.refuse('overflow', 'timestamp')
  }

  /** Reads the canonical form; false when the text has another. */
  #copyHex(writer: ByteWriter, bytes: Buffer, start: number): boolean {
    let out = writer.reserve(UUID_BYTES)
    const target = writer.bytes
    for (let at = start; at < start + TEXT_BYTES; at += 2) {
      const offset = at - start
      if (offset === 8 || offset === 13 || offset === 18 || offset === 23) {
        if (bytes[at] !== DASH) return false
        at++
      }
      const high = hexDigit(bytes[at]!)
      const low = hexDigit(bytes[at + 1]!)
      if (high < 0 || low < 0) return false
      target[out++] = (high << 4) | low
    }
    writer.position = out
    return true
  }

  #checked(writer: ByteWriter): Status {
    const version = writer.bytes[writer.position - 10]! >> 4
    if (this.#isTimeUuid && version !== 1) return this.refuse('not a version-1 UUID', 'text')
    return VALUE
  }
}
