/**
 * The options of the JSON converter, declared once. Spec: connect-rest 11.2.
 * `scamander.json.strict` is our addition: the reference reads values of a wrong JSON type as
 * null, false or 0, and so do we unless it is set.
 */
import { messageOf } from '../../base/scamander-error.ts'
import {
  booleanField,
  type Config,
  checked,
  defineConfig,
  enumField,
  type Field,
  intField,
  range,
  type SettingsOf,
  stringField,
} from '../../config/index.ts'
import { readSchema } from './schema-reader.ts'

/** The schema text of `schema.content` must be readable before anything starts. */
const schemaText = checked<string>('a schema in the JSON form of the envelope', text => {
  if (text.trim() === '') return []
  try {
    const bytes = Buffer.from(text)
    readSchema(bytes, 0, bytes.length)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
})

export const jsonConverterConfig: Config<{
  readonly schemasEnable: Field<boolean>
  readonly schemasCacheSize: Field<number>
  readonly decimalFormat: Field<'BASE64' | 'NUMERIC'>
  readonly replaceNullWithDefault: Field<boolean>
  readonly schemaContent: Field<string | undefined>
  readonly strict: Field<boolean>
}> = defineConfig(
  'JsonConverter',
  {
    schemasEnable: booleanField('schemas.enable', {
      default: true,
      importance: 'high',
      doc: 'Messages are envelopes with a schema and a payload. Set to false for plain JSON.',
    }),
    schemasCacheSize: intField('schemas.cache.size', {
      default: 1000,
      importance: 'high',
      doc: 'How many distinct schemas are remembered, so that each is parsed once.',
      validator: range({ min: 0 }),
    }),
    decimalFormat: enumField('decimal.format', ['BASE64', 'NUMERIC'], {
      default: 'BASE64',
      importance: 'low',
      ignoreCase: true,
      doc: 'How decimals are written: Base64 of the unscaled bytes, or JSON numbers. Both are read.',
    }),
    replaceNullWithDefault: booleanField('replace.null.with.default', {
      default: true,
      importance: 'low',
      doc: 'A null in a field with a default value is read and written as the default.',
    }),
    schemaContent: stringField('schema.content', {
      importance: 'high',
      doc: 'One schema for all messages, which then hold the payload without an envelope.',
      validator: schemaText,
      since: '4.2',
    }),
    strict: booleanField('scamander.json.strict', {
      default: false,
      importance: 'low',
      doc: 'Refuse payload values of a wrong JSON type instead of reading null, false or 0.',
    }),
  },
  {
    summary: 'Reads and writes JSON, with or without schemas.',
    description:
      'With schemas, every message is an object with the members schema and payload. ' +
      'Without, a message is any JSON text.',
  },
)

export type JsonConverterSettings = SettingsOf<typeof jsonConverterConfig>
