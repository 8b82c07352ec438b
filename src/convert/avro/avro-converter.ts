/**
 * Avro keys, values and headers with a schema registry (io.confluent.connect.avro.AvroConverter):
 * the options, and the Avro part of the shared registry converter.
 * Spec: connect-rest 12, 12.1. Top-level bytes stand without their length, as the reference has them.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { booleanField, defineConfig, type SettingsOf } from '../../config/index.ts'
import {
  type Decoded,
  LOGICAL,
  type RegistrySchema,
  type Schema,
  type Value,
} from '../../flow/index.ts'
import { decimalFromBytes, scaleOf } from '../decimal-bytes.ts'
import { checkRegistry, registryFields } from '../registry/registry-fields.ts'
import type {
  PayloadDecoder,
  PayloadEncoder,
  SchemaCodec,
  TranslatedSchema,
} from '../registry/schema-codec.ts'
import { anythingReader, writeAnything } from './anything.ts'
import { AvroCursor } from './avro-cursor.ts'
import type { AvroDataOptions } from './avro-names.ts'
import { type AvroReader, compileAvroReader } from './avro-reader.ts'
import { bytesOf } from './avro-scalars.ts'
import { parseAvroSchema } from './avro-schema.ts'
import { compileAvroWriter } from './avro-writer.ts'
import { toAvroText } from './from-connect.ts'
import { toConnectSchema } from './to-connect.ts'

const DATA = { group: 'Avro', importance: 'low' as const, default: false }

export const avroConverterConfig = defineConfig(
  'AvroConverter',
  {
    ...registryFields,
    enhanced: booleanField('enhanced.avro.schema.support', {
      ...DATA,
      importance: 'medium',
      doc: 'Keep enums as Avro enums when values are written, and use full names for the branches of unions.',
    }),
    metaData: booleanField('connect.meta.data', {
      ...DATA,
      doc: 'Write what Avro does not know of a Connect schema as properties (connect.name, connect.version, …).',
      default: true,
    }),
    scrubInvalidNames: booleanField('scrub.invalid.names', {
      ...DATA,
      doc: 'Replace what Avro does not allow in names by _.',
    }),
    allowOptionalMapKeys: booleanField('allow.optional.map.keys', {
      ...DATA,
      doc: 'Write maps with optional text keys as Avro maps too.',
    }),
    generalSumTypes: booleanField('generalized.sum.type.support', {
      ...DATA,
      doc: 'Name enums and unions alike for all formats, and the branches of unions by number.',
    }),
    flattenSingletonUnions: booleanField('flatten.singleton.unions', {
      ...DATA,
      doc: 'Read a union of one type as that type.',
      default: true,
    }),
    ignoreDefaultForNullables: booleanField('ignore.default.for.nullables', {
      ...DATA,
      doc: 'Write a null as null even when its field has a default value.',
    }),
    discardTypeDocDefault: booleanField('discard.type.doc.default', {
      ...DATA,
      doc: 'Keep doc and default of fields only.',
      deprecated: {},
    }),
  },
  {
    summary: 'Reads and writes Avro with a schema registry.',
    description:
      'A message begins with the byte 0 and the id of its schema in the registry. ' +
      'Schemas are fetched when they are first met and kept.',
    crossChecks: [checkRegistry],
  },
)

export type AvroConverterSettings = SettingsOf<typeof avroConverterConfig>

export class AvroCodec implements SchemaCodec {
  readonly format = 'AVRO'
  readonly #options: AvroDataOptions
  readonly #cursor = new AvroCursor()

  constructor(options: AvroDataOptions) {
    this.#options = options
  }

  compileDecoder({ text, imports, version }: RegistrySchema): PayloadDecoder {
    const type = parseAvroSchema(text, imports)
    const schema = toConnectSchema(type, this.#options, version)
    const cursor = this.#cursor
    if (type.kind === 'bytes' && schema !== null) return wholeBytes(schema)
    const read: AvroReader = schema === null ? anythingReader : compileAvroReader(type, schema)
    return {
      decode(bytes: Buffer, start: number, end: number): Decoded {
        cursor.open(bytes, start, end)
        const value = read(cursor)
        if (cursor.position !== end) {
          throw cursor.bad(`expected the end, found ${end - cursor.position} more bytes`)
        }
        return { schema, value }
      },
    }
  }

  translate(schema: Schema | null): TranslatedSchema {
    const text = toAvroText(schema, this.#options)
    const type = parseAvroSchema(text)
    return { text, recordName: type.fullName === '' ? undefined : type.fullName }
  }

  compileEncoder(
    schema: Schema | null,
    registered: Pick<RegistrySchema, 'text' | 'imports'>,
    dropUnknown: boolean,
  ): PayloadEncoder {
    if (schema === null) return { write: writeAnything }
    const type = parseAvroSchema(registered.text, registered.imports)
    if (type.kind === 'bytes') {
      return { write: (out: ByteWriter, value: Value) => out.writeBytes(bytesOf(value, schema)) }
    }
    const options = { ...this.#options, dropUnknownFields: dropUnknown }
    return { write: compileAvroWriter(type, schema, options) }
  }
}

/** A schema that is bytes as a whole: the length would say nothing. */
function wholeBytes(schema: Schema): PayloadDecoder {
  const scale = schema.name === LOGICAL.DECIMAL ? scaleOf(schema) : undefined
  return {
    decode(bytes, start, end) {
      const view = bytes.subarray(start, end)
      return { schema, value: scale === undefined ? view : decimalFromBytes(view, scale) }
    },
  }
}
