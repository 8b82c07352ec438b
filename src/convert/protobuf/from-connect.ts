/**
 * Translates a Connect schema into the text of a .proto file with one top-level message. Called once
 * per Connect schema; the Protobuf converter registers the result. Spec: connect-rest 12.2.
 * Invariants: a field keeps the number that its schema tells, others get the next free one; a type
 * with a name is defined where it is met first and referred to by its whole path afterwards.
 */
import type { Schema, SchemaField } from '../../flow/index.ts'
import { logicalMessage } from './proto-logical.ts'
import {
  DECIMAL_MESSAGE,
  DECIMAL_PRECISION,
  DEFAULT_NAME,
  ENUM_PARAMETER,
  GENERAL_UNION,
  type ProtobufOptions,
  TAG_PARAMETER,
  UNION_NAME,
  WRAPPERS,
  WRAPPERS_TEXT,
} from './proto-names.ts'
import { schemaError } from './proto-schema.ts'

const SCALARS: Readonly<Partial<Record<Schema['type'], string>>> = {
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int64',
  float32: 'float',
  float64: 'double',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
}
const FILES: ReadonlyMap<string, string> = new Map([
  ['confluent.type.Decimal', 'confluent/type/decimal.proto'],
  ['google.type.Date', 'google/type/date.proto'],
  ['google.type.TimeOfDay', 'google/type/timeofday.proto'],
  ['google.protobuf.Timestamp', 'google/protobuf/timestamp.proto'],
])
const KEY_TYPES: ReadonlySet<string> = new Set(['int32', 'int64', 'bool', 'string'])
const NUMBER_MAX = 536_870_911

export interface ProtoText {
  readonly text: string
  /** Of the message for the schema. */
  readonly fullName: string
}

export function toProtoText(schema: Schema, options: ProtobufOptions): ProtoText {
  if (schema.type !== 'struct') return wrapperText(schema, options)
  return new FromConnect(options).file(schema)
}

export function isProtoUnion(schema: Schema): boolean {
  if (schema.type !== 'struct') return false
  const isNamed = schema.name?.startsWith(`${UNION_NAME}.`) === true
  return isNamed || schema.parameters?.[GENERAL_UNION] !== undefined
}

/** A name of letters, digits and `_`. */
export function scrubName(name: string, options: ProtobufOptions): string {
  if (!options.scrubInvalidNames || /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return name
  const encoded = encodeURIComponent(name).replace(/[^A-Za-z0-9_]/g, '_')
  return /^[A-Za-z]/.test(encoded) ? encoded : `x${encoded}`
}

function wrapperText(schema: Schema, options: ProtobufOptions): ProtoText {
  const type = SCALARS[schema.type]
  const wrapper = WRAPPERS.find(([, wrapped]) => wrapped === type)
  const isPlain = logicalMessage(schema) === undefined
  if (options.wrapperForRawPrimitives && wrapper !== undefined && isPlain) {
    return { text: WRAPPERS_TEXT, fullName: `google.protobuf.${wrapper[0]}` }
  }
  throw schemaError(`Unsupported root schema of type ${schema.type.toUpperCase()}`)
}

/** What a message being written still collects. */
interface Scope {
  readonly path: string
  readonly definitions: string[]
  readonly taken: Set<number>
  next: number
}

class FromConnect {
  readonly #options: ProtobufOptions
  readonly #imports = new Set<string>()
  /** Whole path by the schema's name. */
  readonly #defined = new Map<string, string>()
  #unnamed = 0

  constructor(options: ProtobufOptions) {
    this.#options = options
  }

  file(schema: Schema): ProtoText {
    const name = schema.name ?? `${DEFAULT_NAME}${++this.#unnamed}`
    const dot = name.lastIndexOf('.')
    const namespace = name.slice(0, Math.max(0, dot))
    const simple = scrubName(name.slice(dot + 1), this.#options)
    const fullName = namespace === '' ? simple : `${namespace}.${simple}`
    if (schema.name !== undefined) this.#defined.set(schema.name, fullName)
    const message = this.#message(simple, fullName, schema)
    const head = ['syntax = "proto3";']
    if (namespace !== '') head.push(`package ${namespace};`)
    const imports = [...this.#imports].sort().map(file => `import "${file}";`)
    return { text: `${[...head, ...imports].join('\n')}\n\n${message}\n`, fullName }
  }

  #message(name: string, path: string, schema: Schema): string {
    const scope: Scope = { path, definitions: [], taken: tagsOf(schema), next: 1 }
    const lines = schema.fields.flatMap(field =>
      isProtoUnion(field.schema) ? this.#oneof(field, scope) : [this.#field(field, scope, true)],
    )
    const body = [...lines, ...scope.definitions.flatMap(text => text.split('\n'))]
    return [`message ${name} {`, ...body.map(line => `  ${line}`), '}'].join('\n')
  }

  #oneof({ name, schema }: SchemaField, scope: Scope): string[] {
    const own = schema.name?.startsWith(`${UNION_NAME}.`)
      ? schema.name.slice(UNION_NAME.length + 1)
      : name.replace(/_\d+$/, '')
    const fields = schema.fields.map(field => `  ${this.#field(field, scope, false)}`)
    return [`oneof ${scrubName(own, this.#options)} {`, ...fields, '}']
  }

  #field({ name, schema }: SchemaField, scope: Scope, isOwn: boolean): string {
    const scrubbed = scrubName(name, this.#options)
    const number = numberOf(schema, scope)
    const isList = schema.type === 'array'
    const element = isList ? schema.values : schema
    if (element === undefined || (isList && !isElement(element))) {
      throw schemaError(`Array cannot be nested: field ${name}`)
    }
    const type = this.#type(element, scrubbed, scope)
    const label = isList
      ? 'repeated '
      : isOwn && this.#isMarkedOptional(schema, type)
        ? 'optional '
        : ''
    // Members of a map cannot carry anything: the field does it for them.
    const carrier = element.type === 'map' ? (element.values ?? element) : element
    return `${label}${type} ${scrubbed} = ${number}${this.#params(carrier)};`
  }

  #isMarkedOptional(schema: Schema, type: string): boolean {
    if (!this.#options.optionalForNullables || !schema.optional) return false
    return SCALARS[schema.type] === type || schema.parameters?.[ENUM_PARAMETER] !== undefined
  }

  #type(schema: Schema, fieldName: string, scope: Scope): string {
    const logical = logicalMessage(schema)
    if (logical !== undefined) {
      this.#imports.add(FILES.get(logical)!)
      return logical
    }
    if (schema.type === 'map') return this.#map(schema, fieldName, scope)
    if (schema.type === 'struct') return this.#nested(schema, fieldName, scope)
    const enumName = schema.parameters?.[ENUM_PARAMETER]
    if (enumName !== undefined) return this.#enum(schema, enumName, scope)
    const scalar = SCALARS[schema.type]
    if (scalar === undefined) throw schemaError(`type ${schema.type} cannot stand here`)
    if (!this.#options.wrapperForNullables || !schema.optional) return scalar
    this.#imports.add('google/protobuf/wrappers.proto')
    return `google.protobuf.${WRAPPERS.find(([, type]) => type === scalar)![0]}`
  }

  #map(schema: Schema, fieldName: string, scope: Scope): string {
    const { keys, values } = schema
    if (keys === undefined || values === undefined) throw schemaError('expected keys and values')
    if (!isElement(values) || !isElement(keys)) {
      throw schemaError(`a map of collections cannot be written: field ${fieldName}`)
    }
    const keyType = this.#type(keys, 'key', scope)
    const valueType = this.#type(values, 'value', scope)
    if (KEY_TYPES.has(keyType) && keys.parameters?.[ENUM_PARAMETER] === undefined) {
      return `map<${keyType}, ${valueType}>`
    }
    // Keys that Protobuf's maps do not have: the entries are written out.
    const words = fieldName.split('_').map(word => word.slice(0, 1).toUpperCase() + word.slice(1))
    const name = `${words.join('')}Entry`
    const key = `  ${keyType} key = 1${this.#params(keys)};`
    const value = `  ${valueType} value = 2${this.#params(values)};`
    scope.definitions.push([`message ${name} {`, key, value, '}'].join('\n'))
    return `repeated ${name}`
  }

  #nested(schema: Schema, fieldName: string, scope: Scope): string {
    const known = schema.name === undefined ? undefined : this.#defined.get(schema.name)
    if (known !== undefined) return `.${known}`
    const full = schema.name ?? `${DEFAULT_NAME}${++this.#unnamed}`
    const last = scrubName(full.slice(full.lastIndexOf('.') + 1), this.#options)
    const name = last === fieldName ? `${last}Message` : last
    const path = `${scope.path}.${name}`
    if (schema.name !== undefined) this.#defined.set(schema.name, path)
    scope.definitions.push(this.#message(name, path, schema))
    return name
  }

  #enum(schema: Schema, given: string, scope: Scope): string {
    const name = scrubName(given.slice(given.lastIndexOf('.') + 1), this.#options)
    const path = `${scope.path}.${name}`
    const known = this.#defined.get(`enum ${given}`)
    if (known !== undefined) return `.${known}`
    this.#defined.set(`enum ${given}`, path)
    const values = Object.entries(schema.parameters ?? {})
      .filter(([key]) => key.startsWith(`${ENUM_PARAMETER}.`))
      .map(([key, number]) => `  ${key.slice(ENUM_PARAMETER.length + 1)} = ${number};`)
    scope.definitions.push([`enum ${name} {`, ...values, '}'].join('\n'))
    return name
  }

  /** What Protobuf has no word for. */
  #params(schema: Schema): string {
    const params: [string, string][] = []
    if (schema.type === 'int8' || schema.type === 'int16') {
      params.push(['connect.type', schema.type])
    }
    if (logicalMessage(schema) === DECIMAL_MESSAGE) {
      const precision = schema.parameters?.[DECIMAL_PRECISION]
      if (precision !== undefined) params.push(['precision', precision])
      params.push(['scale', schema.parameters?.['scale'] ?? '0'])
    }
    if (params.length === 0) return ''
    this.#imports.add('confluent/meta.proto')
    const list = params.map(([key, value]) => `{ key: "${key}", value: "${value}" }`).join(', ')
    return ` [(confluent.field_meta) = { params: [ ${list} ] }]`
  }
}

function isElement(schema: Schema): boolean {
  return schema.type !== 'array' && schema.type !== 'map'
}

/** Numbers that the fields tell themselves. */
function tagsOf(schema: Schema): Set<number> {
  const fields = schema.fields.flatMap(field =>
    isProtoUnion(field.schema) ? field.schema.fields : [field],
  )
  return new Set(fields.map(field => givenNumber(field.schema)).filter(n => n !== undefined))
}

function givenNumber(schema: Schema): number | undefined {
  const text = schema.parameters?.[TAG_PARAMETER]
  const number = text === undefined ? Number.NaN : Number(text)
  return Number.isInteger(number) && number > 0 && number <= NUMBER_MAX ? number : undefined
}

function numberOf(schema: Schema, scope: Scope): number {
  const given = givenNumber(schema)
  if (given !== undefined) return given
  while (scope.taken.has(scope.next)) scope.next++
  return scope.next++
}
