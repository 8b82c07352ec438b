/**
 * Codecs of float and double: IEEE 754, big-endian, from and to numbers.
 * A float is rounded to the nearest 32-bit value, as on the server; NaN and infinities are values.
 * Spec: native protocol v5, sections 5.8 and 5.10.
 */
import { type Codec, codecOf } from './codec.ts'
import { wrongLength } from './integer-codecs.ts'
import { wrongValue } from './value-error.ts'

export const floatCodec: Codec = codecOf(
  'float',
  (value, writer) => {
    if (typeof value !== 'number') throw wrongValue('float', 'a number', value)
    writer.writeFloat32(value)
  },
  (bytes, start, length) =>
    length === 4 ? bytes.readFloatBE(start) : wrongLength('float', 4, length),
)

export const doubleCodec: Codec = codecOf(
  'double',
  (value, writer) => {
    if (typeof value !== 'number') throw wrongValue('double', 'a number', value)
    writer.writeFloat64(value)
  },
  (bytes, start, length) =>
    length === 8 ? bytes.readDoubleBE(start) : wrongLength('double', 8, length),
)
