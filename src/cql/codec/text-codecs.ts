/**
 * Codecs of text (UTF-8) and ascii (7 bits), from and to strings.
 * The empty string is a value, not null. A lone surrogate is written as U+FFFD.
 * Spec: native protocol v5, sections 5.1 and 5.19.
 */
import type {} from '../../base/buffer-methods.ts'
import { type Codec, codecOf } from './codec.ts'
import { badValue, wrongValue } from './value-error.ts'

export const textCodec: Codec = codecOf(
  'text',
  (value, writer) => {
    if (typeof value !== 'string') throw wrongValue('text', 'a string', value)
    writer.writeUtf8(value)
  },
  (bytes, start, length) => bytes.utf8Slice(start, start + length),
)

export const asciiCodec: Codec = codecOf(
  'ascii',
  (value, writer) => {
    if (typeof value !== 'string') throw wrongValue('ascii', 'a string', value)
    const length = value.length
    const written = writer.writeUtf8(value)
    if (written !== length) throw badValue('ascii', 'expected only 7-bit characters, found others')
  },
  (bytes, start, length) => bytes.latin1Slice(start, start + length),
)
