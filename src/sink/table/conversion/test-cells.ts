/**
 * Shortcuts of the conversion tests: one call encodes one cell and tells its bytes as hexadecimal
 * text, `null`, or the reason of the failure. Not part of the product.
 * Invariant: JSON goes through JsonIndex, as in the product.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { JsonIndex } from '../../../base/json/json-index.ts'
import type { CqlType } from '../../../cql/index.ts'
import type { Schema, Value } from '../../../flow/index.ts'
import { type CellEncoder, EMPTY, NULL, type Status } from './cell-encoder.ts'
import {
  CODEC_DEFAULTS,
  type CodecOptions,
  type CodecSettings,
  compileCodecSettings,
} from './codec-settings.ts'
import { compileCellEncoder } from './compile-encoder.ts'
import { ConversionFailure } from './conversion-failure.ts'

export type Setup = Partial<CodecSettings> & CodecOptions

export function encoderOf(type: CqlType | CqlType['kind'], setup: Setup = {}): CellEncoder {
  const { codec } = compileCodecSettings({ ...CODEC_DEFAULTS, ...setup }, setup)
  return compileCellEncoder(typeof type === 'string' ? ({ kind: type } as CqlType) : type, codec!)!
}

function run(encode: (writer: ByteWriter) => Status): string | null {
  const writer = new ByteWriter(64)
  writer.writeUInt8(0xee)
  try {
    const status = encode(writer)
    if (status === NULL) return writer.position === 1 ? null : 'null with bytes'
    const hex = writer.view().subarray(1).toString('hex')
    return status === EMPTY ? `empty:${hex}` : hex
  } catch (error) {
    if (error instanceof ConversionFailure) return error.reason
    throw error
  }
}

export function jsonCell(encoder: CellEncoder, json: string): string | null {
  const bytes = Buffer.from(`{"m":${json}}`)
  const index = new JsonIndex()
  if (index.scan(bytes, 0, bytes.length) !== 'object') throw new Error(`no JSON: ${json}`)
  const [start, end, kind] = [index.valueStart[0]!, index.valueEnd[0]!, index.valueKind[0]!]
  return run(writer => encoder.json(writer, bytes, start, end, kind))
}

export function textCell(encoder: CellEncoder, text: string): string | null {
  const bytes = Buffer.from(text)
  return run(writer => encoder.text(writer, bytes, 0, bytes.length))
}

export function valueCell(
  encoder: CellEncoder,
  value: Value,
  schema: Schema | null = null,
): string | null {
  return run(writer => encoder.value(writer, value, schema))
}
