/**
 * JSON keys, values and headers whose schema is in a registry
 * (io.confluent.connect.json.JsonSchemaConverter): the options, and the JSON part of the shared
 * registry converter. The payload is read in place by the same readers as that of a JSON envelope.
 * Spec: connect-rest 12, 12.3. Values of a wrong JSON type are refused, never read as null or 0.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { JsonIndex } from '../../base/json/json-index.ts'
import { booleanField, defineConfig, enumField, type SettingsOf } from '../../config/index.ts'
import type { Decoded, RegistrySchema, Schema, Value } from '../../flow/index.ts'
import { notJson } from '../json/json-errors.ts'
import { compilePayloadReader, PayloadContext } from '../json/payload-reader.ts'
import { PayloadWriter } from '../json/payload-writer.ts'
import { checkRegistry, registryFields } from '../registry/registry-fields.ts'
import type {
  PayloadDecoder,
  PayloadEncoder,
  SchemaCodec,
  TranslatedSchema,
} from '../registry/schema-codec.ts'
import { toJsonSchemaText } from './from-connect.ts'
import { jsonSchemaDialect } from './json-schema-dialect.ts'
import { JsonSchemaDocument } from './json-schema-document.ts'
import { type JsonSchemaOptions, ONE_OF } from './json-schema-names.ts'
import { toConnectSchema } from './to-connect.ts'

const DATA = { group: 'JSON', importance: 'low' as const }

export const jsonSchemaConverterConfig = defineConfig(
  'JsonSchemaConverter',
  {
    ...registryFields,
    additionalProperties: booleanField('object.additional.properties', {
      ...DATA,
      doc: 'Written schemas allow members that they do not name.',
      default: true,
    }),
    optionalForNonRequired: booleanField('use.optional.for.nonrequired', {
      ...DATA,
      doc: 'Properties that are not required are optional, when schemas are read and written.',
      default: false,
    }),
    decimalFormat: enumField('decimal.format', ['BASE64', 'NUMERIC'], {
      ...DATA,
      doc: 'How decimals are written: Base64 of the unscaled bytes, or JSON numbers. Both are read.',
      ignoreCase: true,
      default: 'BASE64',
    }),
    ignoreDefaultForNullables: booleanField('ignore.default.for.nullables', {
      ...DATA,
      doc: 'Write a null as null even when its field has a default value.',
      default: false,
    }),
    flattenSingletonUnions: booleanField('flatten.singleton.unions', {
      ...DATA,
      doc: 'Read a union of one type as that type.',
      default: true,
    }),
    generalSumTypes: booleanField('generalized.sum.type.support', {
      ...DATA,
      doc: 'Name enums and unions alike for all formats.',
      noEffect: 'unions of JSON Schema are read by their own names',
      default: false,
    }),
    scrubInvalidNames: booleanField('scrub.invalid.names', {
      ...DATA,
      doc: 'Replace what is not allowed in names.',
      noEffect: 'JSON allows every name',
      default: false,
    }),
    failInvalidSchema: booleanField('json.fail.invalid.schema', {
      ...DATA,
      doc: 'Check values against the whole schema.',
      noEffect:
        'the type of every value is always checked; limits such as pattern or minimum are left to producers',
      default: false,
    }),
  },
  {
    summary: 'Reads and writes JSON whose schema is in a schema registry.',
    description:
      'A message begins with the byte 0 and the id of its schema in the registry, then follows JSON. ' +
      'Schemas are fetched when they are first met and kept.',
    crossChecks: [checkRegistry],
  },
)

export type JsonSchemaConverterSettings = SettingsOf<typeof jsonSchemaConverterConfig>

export class JsonSchemaCodec implements SchemaCodec {
  readonly format = 'JSON'
  readonly #options: JsonSchemaOptions
  readonly #index = new JsonIndex()
  readonly #context = new PayloadContext({ replaceNullWithDefault: true, isStrict: true })

  constructor(options: JsonSchemaOptions) {
    this.#options = options
  }

  compileDecoder({ text, imports, version }: RegistrySchema): PayloadDecoder {
    const document = JsonSchemaDocument.parse(text, imports)
    const schema = toConnectSchema(document, this.#options, version)
    const reader = compilePayloadReader(schema, 0, jsonSchemaDialect)
    const index = this.#index
    const context = this.#context
    return {
      decode(bytes: Buffer, start: number, end: number): Decoded {
        const form = index.scan(bytes, start, end)
        if (form === 'invalid' || form === 'blank') {
          throw notJson(bytes, { start, end }, index.errorOffset)
        }
        context.bytes = bytes
        index.selectRoot()
        return { schema, value: reader.read(context, index, 0) }
      },
    }
  }

  translate(schema: Schema | null): TranslatedSchema {
    return { text: toJsonSchemaText(schema, this.#options), recordName: schema?.name }
  }

  /** JSON names its fields itself: any registered schema is written alike. */
  compileEncoder(schema: Schema | null): PayloadEncoder {
    const options = {
      decimalFormat: this.#options.decimalFormat,
      replaceNullWithDefault: !this.#options.ignoreDefaultForNullables,
      unionName: ONE_OF,
      entriesAreObjects: true,
    }
    let writer: PayloadWriter | undefined
    let target: ByteWriter | undefined
    return {
      write(out: ByteWriter, value: Value): void {
        if (writer === undefined || target !== out) {
          writer = new PayloadWriter(out, options)
          target = out
        }
        writer.write(schema, value)
      },
    }
  }
}
