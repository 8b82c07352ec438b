/**
 * Translates a Protobuf message into the Connect schema of the values that are read by it.
 * Called once per message of a schema. Spec: connect-rest 12.2.
 * Invariants: unions stand before all other fields, as in the reference; a recursive message becomes
 * a circle over one list of fields.
 */
import {
  LOGICAL,
  Schema,
  type SchemaField,
  type SchemaOptions,
  type SchemaType,
} from '../../flow/index.ts'
import {
  DATE_MESSAGE,
  DECIMAL_MESSAGE,
  DECIMAL_PRECISION,
  ENUM_PARAMETER,
  GENERAL_UNION,
  type ProtobufOptions,
  TAG_PARAMETER,
  TIME_MESSAGE,
  TIMESTAMP_MESSAGE,
  UNION_NAME,
  WRAPPER_NAMES,
} from './proto-names.ts'
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoType, ScalarKind } from './proto-schema.ts'

const TYPES: Readonly<Record<ScalarKind, SchemaType>> = {
  double: 'float64',
  float: 'float32',
  int32: 'int32',
  sint32: 'int32',
  sfixed32: 'int32',
  uint32: 'int64',
  fixed32: 'int64',
  int64: 'int64',
  uint64: 'int64',
  sint64: 'int64',
  fixed64: 'int64',
  sfixed64: 'int64',
  bool: 'boolean',
  string: 'string',
  bytes: 'bytes',
}

export function toConnectSchema(
  message: ProtoMessage,
  options: ProtobufOptions,
  version?: number,
): Schema {
  if (options.wrapperForRawPrimitives && WRAPPER_NAMES.has(message.fullName)) {
    return new Schema(TYPES[message.fields[0]!.kind as ScalarKind])
  }
  return new ToConnect(options).message(message, version === undefined ? {} : { version })
}

/** The field of a struct that stands for a oneof. */
export function unionFieldName(oneof: string, index: number, options: ProtobufOptions): string {
  return options.indexForUnions ? `${oneof}_${index}` : oneof
}

/** Is it read as a scalar that may be null? */
export function isNullableWrapper(type: ProtoType, options: ProtobufOptions): boolean {
  return options.wrapperForNullables && WRAPPER_NAMES.has(type.message?.fullName ?? '')
}

class ToConnect {
  readonly #options: ProtobufOptions
  readonly #open = new Map<ProtoMessage, { fields: SchemaField[]; options: SchemaOptions }>()

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  message(message: ProtoMessage, more: SchemaOptions): Schema {
    const open = this.#open.get(message)
    if (open !== undefined) {
      return new Schema('struct', { ...open.options, ...more, fields: open.fields })
    }
    const name = this.#options.enhanced ? message.fullName : message.name
    const fields: SchemaField[] = []
    this.#open.set(message, { fields, options: { name } })
    const add = (field: string, schema: Schema) =>
      fields.push({ name: field, index: fields.length, schema })
    if (!this.#options.flattenUnions) {
      message.oneofs.forEach((oneof, index) => {
        add(unionFieldName(oneof, index, this.#options), this.#union(message, oneof, index))
      })
    }
    for (const field of message.fields) {
      if (field.oneof === undefined || this.#options.flattenUnions) {
        add(field.name, this.field(field, message.isProto2))
      }
    }
    this.#open.delete(message)
    return new Schema('struct', { name, fields, ...more })
  }

  #union(message: ProtoMessage, oneof: string, index: number): Schema {
    const fields = message.fields
      .filter(field => field.oneof === oneof)
      .map((field, at) => ({
        name: field.name,
        index: at,
        schema: this.field(field, message.isProto2),
      }))
    if (this.#options.generalSumTypes) {
      const name = `connect_union_${index}`
      return new Schema('struct', {
        name,
        fields,
        optional: true,
        parameters: { [GENERAL_UNION]: name },
      })
    }
    return new Schema('struct', { name: `${UNION_NAME}.${oneof}`, fields, optional: true })
  }

  field(field: ProtoField, isProto2: boolean): Schema {
    const parameters = { [TAG_PARAMETER]: String(field.number) }
    const optional = this.#isOptional(field, isProto2)
    if (field.key !== undefined) {
      const keys = this.#single(field.key, {}, { optional })
      const values = this.#single(field, field.params, { optional })
      return new Schema('map', { name: field.name, keys, values, parameters, optional })
    }
    if (!field.isRepeated) return this.#single(field, field.params, { optional, parameters })
    const values = this.#single(field, field.params, { optional: true })
    return new Schema('array', { values, parameters, optional: true })
  }

  #isOptional(field: ProtoField, isProto2: boolean): boolean {
    const { optionalForNullables, optionalForProto2, wrapperForNullables } = this.#options
    if (field.isRepeated || field.oneof !== undefined) return true
    if (field.kind === 'message' || field.kind === 'enum') return true
    if (optionalForNullables) return field.isOptional && (!isProto2 || optionalForProto2)
    return !wrapperForNullables
  }

  #single(type: ProtoType, params: Readonly<Record<string, string>>, more: SchemaOptions): Schema {
    if (type.enumeration !== undefined) return this.#enum(type.enumeration, more)
    if (type.message !== undefined) return this.#nested(type, params, more)
    const plain = TYPES[type.kind as ScalarKind]
    const told = params['connect.type']
    const isNarrow = plain === 'int32' && (told === 'int8' || told === 'int16')
    return new Schema(isNarrow ? told : plain, more)
  }

  #nested(type: ProtoType, params: Readonly<Record<string, string>>, more: SchemaOptions): Schema {
    const message = type.message!
    const optional = true
    switch (message.fullName) {
      case DECIMAL_MESSAGE: {
        const precision = params['precision']
        const told = precision === undefined ? {} : { [DECIMAL_PRECISION]: precision }
        const parameters = { scale: params['scale'] ?? '0', ...told, ...more.parameters }
        return new Schema('bytes', {
          name: LOGICAL.DECIMAL,
          version: 1,
          ...more,
          parameters,
          optional,
        })
      }
      case DATE_MESSAGE:
        return new Schema('int32', { name: LOGICAL.DATE, version: 1, ...more, optional })
      case TIME_MESSAGE:
        return new Schema('int32', { name: LOGICAL.TIME, version: 1, ...more, optional })
      case TIMESTAMP_MESSAGE:
        return new Schema('int64', { name: LOGICAL.TIMESTAMP, version: 1, ...more, optional })
      default: {
        if (!isNullableWrapper(type, this.#options)) {
          return this.message(message, { ...more, optional })
        }
        return new Schema(TYPES[message.fields[0]!.kind as ScalarKind], { ...more, optional })
      }
    }
  }

  #enum({ name, numbers }: ProtoEnum, more: SchemaOptions): Schema {
    const symbols = [...numbers].map(([symbol, number]) => [
      `${ENUM_PARAMETER}.${symbol}`,
      String(number),
    ])
    const parameters = {
      [ENUM_PARAMETER]: name,
      ...Object.fromEntries(symbols),
      ...more.parameters,
    }
    const type = this.#options.intForEnums ? 'int32' : 'string'
    return new Schema(type, { name, ...more, parameters, optional: true })
  }
}
