/**
 * Bytes as they are (org.apache.kafka.connect.converters.ByteArrayConverter).
 * Decoded values are views of the message; see RawMessage for how long they are valid.
 * Spec: connect-rest 11.3.
 */
import {
  type Converter,
  type Decoded,
  OPTIONAL_BYTES,
  type Schema,
  type Value,
} from '../flow/index.ts'
import { CONVERT_ERRORS, dataError } from './errors.ts'
import { kindOfValue, typeName } from './value-kind.ts'

const NULL: Decoded = { schema: OPTIONAL_BYTES, value: null }

export class ByteArrayConverter implements Converter {
  decode(_topic: string, bytes: Buffer, start: number, length: number): Decoded {
    if (length < 0) return NULL
    return { schema: OPTIONAL_BYTES, value: bytes.subarray(start, start + length) }
  }

  encode(_topic: string, schema: Schema | null, value: Value): Buffer | null {
    if (schema !== null && schema.type !== 'bytes') {
      throw dataError(
        CONVERT_ERRORS.VALUE,
        `Invalid schema type for ByteArrayConverter: ${typeName(schema)}`,
      )
    }
    if (value === null || Buffer.isBuffer(value)) return value
    throw dataError(
      CONVERT_ERRORS.VALUE,
      `ByteArrayConverter is not compatible with objects of type ${kindOfValue(value)}`,
    )
  }
}
