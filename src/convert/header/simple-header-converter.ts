/**
 * The default converter of headers (org.apache.kafka.connect.storage.SimpleHeaderConverter): it
 * writes text and infers types when it reads. Bytes that are not UTF-8 stay bytes.
 * Also adapts key and value converters to headers. Spec: connect-rest 11.3.
 */
import { isUtf8 } from 'node:buffer'
import {
  type Converter,
  type Header,
  type HeaderConverter,
  type RawHeader,
  Schema,
  STRING,
} from '../../flow/index.ts'
import { parseHeaderText } from './header-parser.ts'
import { headerText } from './header-text.ts'

const BYTES = new Schema('bytes')

export class SimpleHeaderConverter implements HeaderConverter {
  decode(_topic: string, header: RawHeader): Header {
    const { name, value } = header
    if (value === null) return { name, schema: null, value: null }
    if (!isUtf8(value)) return { name, schema: BYTES, value }
    if (value.length === 0) return { name, schema: STRING, value: '' }
    return { name, ...parseHeaderText(value.utf8Slice(0, value.length)) }
  }

  encode(_topic: string, header: Header): Buffer | null {
    if (header.value === null) return null
    return Buffer.from(headerText(header.schema, header.value))
  }
}

/** A converter of keys and values in the role of a header converter. */
export class ConvertedHeader implements HeaderConverter {
  readonly #converter: Converter

  constructor(converter: Converter) {
    this.#converter = converter
  }

  decode(topic: string, header: RawHeader): Header {
    const { name, value } = header
    const bytes = value ?? Buffer.alloc(0)
    const decoded = this.#converter.decode(topic, bytes, 0, value === null ? -1 : value.length)
    return { name, schema: decoded.schema, value: decoded.value }
  }

  encode(topic: string, header: Header): Buffer | null {
    return this.#converter.encode(topic, header.schema, header.value)
  }
}
