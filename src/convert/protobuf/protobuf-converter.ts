/**
 * Protobuf keys, values and headers with a schema registry
 * (io.confluent.connect.protobuf.ProtobufConverter): the options, the path of the message in its
 * file, and the Protobuf part of the shared registry converter. Spec: connect-rest 12, 12.2.
 *
 *   message path: count, then one index per level, zig-zag varints; [0] is the one byte 0
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { booleanField, defineConfig, type SettingsOf } from '../../config/index.ts'
import type { Decoded, RegistrySchema, Schema } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { checkRegistry, registryFields } from '../registry/registry-fields.ts'
import type {
  PayloadDecoder,
  PayloadEncoder,
  SchemaCodec,
  TranslatedSchema,
} from '../registry/schema-codec.ts'
import { toProtoText } from './from-connect.ts'
import { ProtoCursor } from './proto-cursor.ts'
import type { ProtobufOptions } from './proto-names.ts'
import { compileProtoReader, type MessageReader } from './proto-reader.ts'
import { type ProtoFile, type ProtoMessage, parseProtoFile } from './proto-schema.ts'
import { writeVarint32 } from './proto-varint.ts'
import { compileProtoWriter } from './proto-writer.ts'
import { toConnectSchema } from './to-connect.ts'

const LEVELS_MAX = 64
const DATA = { group: 'Protobuf', importance: 'low' as const, default: false }

export const protobufConverterConfig = defineConfig(
  'ProtobufConverter',
  {
    ...registryFields,
    enhanced: booleanField('enhanced.protobuf.schema.support', {
      ...DATA,
      importance: 'medium',
      doc: 'Name structs by the full name of their message, with the package.',
    }),
    scrubInvalidNames: booleanField('scrub.invalid.names', {
      ...DATA,
      doc: 'Replace what Protobuf does not allow in names by _.',
    }),
    intForEnums: booleanField('int.for.enums', {
      ...DATA,
      doc: 'Read enums as their numbers instead of their symbols.',
    }),
    optionalForNullables: booleanField('optional.for.nullables', {
      ...DATA,
      doc: 'Fields marked optional may be null, all others may not; optional fields are written so.',
    }),
    optionalForProto2: booleanField('optional.for.proto2', {
      ...DATA,
      doc: 'With optional.for.nullables: also for proto2.',
      default: true,
    }),
    wrapperForNullables: booleanField('wrapper.for.nullables', {
      ...DATA,
      doc: 'Wrapper messages (google.protobuf.StringValue, …) stand for scalars that may be null.',
    }),
    wrapperForRawPrimitives: booleanField('wrapper.for.raw.primitives', {
      ...DATA,
      doc: 'A wrapper message as a whole key or value stands for its scalar.',
      default: true,
    }),
    indexForUnions: booleanField('generate.index.for.unions', {
      ...DATA,
      doc: 'The struct field of a oneof has its number behind the name.',
      default: true,
    }),
    flattenUnions: booleanField('flatten.unions', {
      ...DATA,
      doc: 'Fields of a oneof are fields of the message itself.',
    }),
    structForNulls: booleanField('generate.struct.for.nulls', {
      ...DATA,
      doc: 'Write an empty message for a struct that is null.',
    }),
    ignoreDefaultForNullables: booleanField('ignore.default.for.nullables', {
      ...DATA,
      doc: 'Write a null as null even when its field has a default value.',
    }),
    generalSumTypes: booleanField('generalized.sum.type.support', {
      ...DATA,
      doc: 'Name unions alike for all formats.',
    }),
  },
  {
    summary: 'Reads and writes Protobuf with a schema registry.',
    description:
      'A message begins with the byte 0, the id of its schema in the registry and the place of the message ' +
      'type in the schema. Schemas are fetched when they are first met and kept.',
    crossChecks: [checkRegistry],
  },
)

export type ProtobufConverterSettings = SettingsOf<typeof protobufConverterConfig>

interface CompiledMessage {
  readonly schema: Schema
  readonly read: MessageReader
}

export class ProtobufCodec implements SchemaCodec {
  readonly format = 'PROTOBUF'
  readonly #options: ProtobufOptions
  readonly #cursor = new ProtoCursor()

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  compileDecoder({ text, imports, version }: RegistrySchema): PayloadDecoder {
    const file = parseProtoFile(text, imports)
    const options = this.#options
    const cursor = this.#cursor
    const compile = (message: ProtoMessage): CompiledMessage => {
      const schema = toConnectSchema(message, options, version)
      return { schema, read: compileProtoReader(message, schema, options) }
    }
    const first = compile(file.messages[0]!)
    const others = new Map<ProtoMessage, CompiledMessage>([[file.messages[0]!, first]])
    const atPath = (): CompiledMessage => {
      const message = messageAt(file, readPath(cursor), cursor)
      const known = others.get(message) ?? compile(message)
      others.set(message, known)
      return known
    }
    return {
      decode(bytes: Buffer, start: number, end: number, indexes?: Buffer): Decoded {
        let target = first
        if (indexes !== undefined) {
          cursor.open(indexes, 0, indexes.length)
          target = atPath()
          cursor.open(bytes, start, end)
        } else if (start < end && bytes[start] === 0) cursor.open(bytes, start + 1, end)
        else {
          cursor.open(bytes, start, end)
          target = atPath()
        }
        return { schema: target.schema, value: target.read(cursor) }
      },
    }
  }

  translate(schema: Schema | null): TranslatedSchema {
    if (schema === null) {
      throw dataError(
        CONVERT_ERRORS.SCHEMA,
        'Protobuf needs a schema, found data without one; use a converter of JSON or Avro',
      )
    }
    const { text, fullName } = toProtoText(schema, this.#options)
    return { text, recordName: fullName }
  }

  compileEncoder(
    schema: Schema | null,
    registered: Pick<RegistrySchema, 'text' | 'imports'>,
    dropUnknown: boolean,
  ): PayloadEncoder {
    const { recordName } = this.translate(schema)
    const file = parseProtoFile(registered.text, registered.imports)
    const { message, path } = messageNamed(file, recordName ?? '')
    const options = { ...this.#options, dropUnknownFields: dropUnknown }
    const write = compileProtoWriter(message, schema!, options)
    const prefix = pathBytes(path)
    return {
      write(out, value) {
        out.writeBytes(prefix)
        write(out, value)
      },
    }
  }
}

/** Where a message stands in its file. */
function messageNamed(
  file: ProtoFile,
  fullName: string,
): { readonly message: ProtoMessage; readonly path: readonly number[] } {
  const search = (
    messages: readonly ProtoMessage[],
    outer: readonly number[],
  ): { message: ProtoMessage; path: readonly number[] } | undefined => {
    for (const [index, message] of messages.entries()) {
      const path = [...outer, index]
      if (message.fullName === fullName) return { message, path }
      const inner = search(message.nested, path)
      if (inner !== undefined) return inner
    }
    return undefined
  }
  // A schema registered by somebody else may call it otherwise: then the first one is meant.
  return search(file.messages, []) ?? { message: file.messages[0]!, path: [0] }
}

function messageAt(file: ProtoFile, path: readonly number[], cursor: ProtoCursor): ProtoMessage {
  let messages = file.messages
  let found: ProtoMessage | undefined
  for (const index of path) {
    found = messages[index]
    if (found === undefined) throw cursor.bad('expected the place of a message in its schema')
    messages = found.nested
  }
  return found!
}

function readPath(cursor: ProtoCursor): number[] {
  const count = unzigzag(cursor.readVarint32())
  if (count === 0) return [0]
  if (count < 0 || count > LEVELS_MAX) {
    throw cursor.bad(`expected a message path of at most ${LEVELS_MAX} levels`)
  }
  return Array.from({ length: count }, () => unzigzag(cursor.readVarint32()))
}

function pathBytes(path: readonly number[]): Buffer {
  const out = new ByteWriter(64)
  if (path.length === 1 && path[0] === 0) out.writeUInt8(0)
  else for (const one of [path.length, ...path]) writeVarint32(out, one << 1)
  return Buffer.from(out.view())
}

function unzigzag(raw: number): number {
  return (raw >>> 1) ^ -(raw & 1)
}
