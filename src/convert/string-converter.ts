/**
 * Text keys, values and headers (org.apache.kafka.connect.storage.StringConverter).
 * UTF-8, the default, is handed on as `RawText` without a copy; other encodings are decoded.
 * Any value can be written: it takes Connect's text form. Spec: connect-rest 11.3.
 */
import {
  type Config,
  type ConfigSource,
  checked,
  defineConfig,
  type Field,
  parseConfig,
  stringField,
} from '../config/index.ts'
import {
  type Converter,
  type Decoded,
  OPTIONAL_STRING,
  RawText,
  type Schema,
  type Value,
} from '../flow/index.ts'
import { CONVERT_ERRORS, dataError } from './errors.ts'
import { toText } from './value-text.ts'

const NULL: Decoded = { schema: OPTIONAL_STRING, value: null }

export const stringConverterConfig: Config<{ readonly encoding: Field<string> }> = defineConfig(
  'StringConverter',
  {
    encoding: stringField('converter.encoding', {
      default: 'UTF8',
      importance: 'high',
      doc: 'The character set of the text. UTF-8 is by far the fastest.',
      recommended: ['UTF8', 'ISO-8859-1', 'UTF-16BE'],
      validator: checked('the name of a character set', text =>
        isEncoding(text) ? [] : ['Unknown character set'],
      ),
    }),
  },
  {
    summary: 'Reads and writes text.',
    description: 'Keys and values are text. Values of other types are written in their text form.',
  },
)

export class StringConverter implements Converter {
  /** Undefined: UTF-8. */
  readonly #charset: Charset | undefined
  /** The answer for every text that is left undecoded. */
  readonly #raw: { schema: Schema; value: Value } = { schema: OPTIONAL_STRING, value: null }

  constructor(options: { readonly encoding?: string } = {}) {
    this.#charset = charsetOf(options.encoding ?? 'UTF8')
  }

  static fromConfig(source: ConfigSource): StringConverter {
    const options = { isForeignKey: () => true }
    return new StringConverter(parseConfig(stringConverterConfig, source, options).settings)
  }

  decode(_topic: string, bytes: Buffer, start: number, length: number): Decoded {
    if (length < 0) return NULL
    const end = start + length
    if (this.#charset === undefined) {
      this.#raw.value = new RawText('string', bytes, start, end)
      return this.#raw
    }
    return { schema: OPTIONAL_STRING, value: this.#charset.decode(bytes.subarray(start, end)) }
  }

  encode(_topic: string, schema: Schema | null, value: Value): Buffer | null {
    if (value === null) return null
    if (this.#charset !== undefined) return this.#charset.encode(toText(schema, value))
    if (value instanceof RawText && value.form === 'string') {
      return value.bytes.subarray(value.start, value.end)
    }
    return Buffer.from(toText(schema, value))
  }
}

interface Charset {
  decode(bytes: Buffer): string
  encode(text: string): Buffer
}

const UTF8 = /^utf-?8$/i
/** Java's names of the character sets that Node both reads and writes. */
const NODE_ENCODINGS: readonly (readonly [RegExp, BufferEncoding])[] = [
  [/^(iso-?8859-1|iso_8859-1|iso8859_1|latin1|l1|cp819)$/i, 'latin1'],
  [/^(us-)?ascii$/i, 'latin1'],
  [/^(utf-?16le|utf_16le|x-utf-16le|unicodelittleunmarked)$/i, 'utf16le'],
]

function isEncoding(name: string): boolean {
  if (UTF8.test(name) || NODE_ENCODINGS.some(([pattern]) => pattern.test(name))) return true
  try {
    return new TextDecoder(name).encoding !== ''
  } catch {
    // A RangeError: the runtime does not know the name.
    return false
  }
}

function charsetOf(name: string): Charset | undefined {
  if (UTF8.test(name)) return undefined
  const encoding = NODE_ENCODINGS.find(([pattern]) => pattern.test(name))?.[1]
  if (encoding !== undefined) {
    return {
      decode: bytes => bytes.toString(encoding),
      encode: text => Buffer.from(text, encoding),
    }
  }
  if (/^utf-?16$/i.test(name)) return UTF16
  const decoder = new TextDecoder(name)
  return {
    decode: bytes => decoder.decode(bytes),
    encode: text => {
      if (decoder.encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16()
      return encodeAscii(text, name)
    },
  }
}

const bigEndian = new TextDecoder('utf-16be')

/** Java's UTF-16: reads by the byte order mark, big-endian without one; writes big-endian with one. */
const UTF16: Charset = {
  decode: bytes => {
    const isLittleEndian = bytes[0] === 0xff && bytes[1] === 0xfe
    return isLittleEndian ? bytes.toString('utf16le', 2) : bigEndian.decode(bytes)
  },
  encode: text => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
}

/** For character sets that the runtime only reads: plain ASCII text is the same in all of them. */
function encodeAscii(text: string, name: string): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
  if (/^[\x00-\x7f]*$/.test(text)) return Buffer.from(text, 'latin1')
  throw dataError(
    CONVERT_ERRORS.VALUE,
    `Text beyond ASCII cannot be written in ${name}; set converter.encoding to UTF8`,
  )
}
