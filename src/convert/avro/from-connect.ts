/**
 * Translates a Connect schema into the JSON text of an Avro schema, as Confluent's converter and
 * Avro's Java library write it: member for member, so that one schema has one text everywhere.
 * Called once per Connect schema; the Avro converter registers the result. Spec: connect-rest 12.1.
 * Invariant: a named type is defined where it is met first and only named later.
 */
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../flow/index.ts'
import { decimalToBytes, scaleOf } from '../decimal-bytes.ts'
import {
  type AvroDataOptions,
  DECIMAL_PRECISION,
  DEFAULT_NAME,
  ENUM_DEFAULT,
  ENUM_DOC,
  ENUM_PARAMETER,
  FIELD_DEFAULT,
  FIELD_DOC,
  FIXED_SIZE,
  GENERAL_ENUM,
  INTERNAL_TYPE,
  isFixed,
  isStringMap,
  isUnion,
  MAP_ENTRY,
  NAMESPACE,
  PRECISION_DEFAULT,
  RECORD_DOC,
  scrubFullName,
  scrubName,
} from './avro-names.ts'
import { namespaceOf, schemaError } from './avro-schema.ts'

/** JSON whose numbers keep their text. */
type Json = null | boolean | string | number | RawJson | Json[] | { [name: string]: Json }

/** A number that a double would not hold. */
class RawJson {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const PLAIN: Readonly<Partial<Record<Schema['type'], string>>> = {
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
}

/** The schema of data that has none. */
export const ANYTHING_TEXT = JSON.stringify({
  type: 'record',
  name: 'Anything',
  namespace: NAMESPACE,
  fields: [
    ...['boolean', 'bytes', 'double', 'float', 'int', 'long', 'string'].map(name => ({
      name,
      type: ['null', name],
      default: null,
    })),
    { name: 'array', type: ['null', { type: 'array', items: 'Anything' }], default: null },
    {
      name: 'map',
      type: [
        'null',
        {
          type: 'array',
          items: {
            type: 'record',
            name: MAP_ENTRY,
            fields: [
              { name: 'key', type: 'Anything' },
              { name: 'value', type: 'Anything' },
            ],
          },
        },
      ],
      default: null,
    },
  ],
})

export function toAvroText(schema: Schema | null, options: AvroDataOptions): string {
  if (schema === null) return ANYTHING_TEXT
  return print(new FromConnect(options).schema(schema, ''))
}

class FromConnect {
  readonly #options: AvroDataOptions
  /** Definitions by full name: what stands there, to tell a repetition from a conflict. */
  readonly #defined = new Map<string, Schema>()
  #unnamed = 0

  constructor(options: AvroDataOptions) {
    this.#options = options
  }

  schema(schema: Schema, namespace: string): Json {
    if (schema.type === 'struct' && isUnion(schema)) return this.#union(schema, namespace)
    const base = this.#base(schema, namespace)
    if (!schema.optional) return base
    const isFirst = schema.defaultValue != null && schema.type !== 'struct'
    return isFirst ? [base, 'null'] : ['null', base]
  }

  #union(schema: Schema, namespace: string): Json {
    const branches = schema.fields.map(field => this.#base(field.schema, namespace))
    return schema.optional ? ['null', ...branches] : branches
  }

  #base(schema: Schema, namespace: string): Json {
    switch (schema.type) {
      case 'string':
        return this.#string(schema, namespace)
      case 'bytes':
        return this.#bytes(schema, namespace)
      case 'array': {
        if (schema.values === undefined) throw schemaError('expected the elements of an array')
        const items = this.schema(schema.values, namespace)
        return this.#described({ type: 'array', items }, schema)
      }
      case 'map':
        return this.#map(schema, namespace)
      case 'struct':
        return this.#record(schema, namespace)
      default:
        return simple(this.#described({ type: PLAIN[schema.type]! }, schema))
    }
  }

  #string(schema: Schema, namespace: string): Json {
    const { enhanced, generalSumTypes, discardTypeDocDefault } = this.#options
    const parameters = schema.parameters ?? {}
    const prefix = generalSumTypes ? GENERAL_ENUM : ENUM_PARAMETER
    const enumName = parameters[prefix]
    if ((!enhanced && !generalSumTypes) || enumName === undefined) {
      return simple(this.#described({ type: 'string' }, schema))
    }
    const symbols = Object.keys(parameters)
      .filter(name => name.startsWith(`${prefix}.`))
      .map(name => name.slice(prefix.length + 1))
    const known = this.#reference(enumName, schema, namespace)
    if (known !== undefined) return known
    const simpleName = enumName.slice(enumName.lastIndexOf('.') + 1)
    const docKey = discardTypeDocDefault ? 'connect.enum.doc' : ENUM_DOC + simpleName
    const byDefault = discardTypeDocDefault ? undefined : parameters[ENUM_DEFAULT + simpleName]
    const json: { [name: string]: Json } = {
      type: 'enum',
      ...named(enumName, namespace),
      ...text('doc', parameters[docKey]),
      symbols,
      ...text('default', byDefault),
    }
    return this.#described(json, schema)
  }

  #bytes(schema: Schema, namespace: string): Json {
    const parameters = schema.parameters ?? {}
    const size = parameters[FIXED_SIZE]
    const decimal: { [name: string]: Json } = {}
    if (schema.name === LOGICAL.DECIMAL) {
      decimal['scale'] = scaleOf(schema)
      decimal['precision'] = Number(parameters[DECIMAL_PRECISION] ?? PRECISION_DEFAULT)
    }
    if (!isFixed(schema)) return simple(this.#described({ type: 'bytes', ...decimal }, schema))
    const fullName = scrubFullName(schema.name!, this.#options)
    const known = this.#reference(fullName, schema, namespace)
    if (known !== undefined) return known
    const json = { type: 'fixed', ...named(fullName, namespace), size: Number(size), ...decimal }
    return this.#described(json, schema)
  }

  #map(schema: Schema, namespace: string): Json {
    if (schema.keys === undefined || schema.values === undefined) {
      throw schemaError('expected the keys and values of a map')
    }
    if (isStringMap(schema, this.#options)) {
      const values = this.schema(schema.values, namespace)
      return this.#described({ type: 'map', values }, schema)
    }
    const fullName = this.#entryName(schema)
    const known = this.#reference(fullName, schema, namespace)
    if (known !== undefined) return this.#described({ type: 'array', items: known }, schema)
    const inner = namespaceOf(fullName)
    const items: Json = {
      type: 'record',
      ...named(fullName, namespace),
      fields: [
        this.#field('key', schema.keys, { namespace: inner }),
        this.#field('value', schema.values, { namespace: inner }),
      ],
      ...(fullName === `${NAMESPACE}.${MAP_ENTRY}` ? {} : { [INTERNAL_TYPE]: MAP_ENTRY }),
    }
    return this.#described({ type: 'array', items }, schema)
  }

  /** Entries of other types than the first ones get a number: one name means one type. */
  #entryName(schema: Schema): string {
    if (schema.name !== undefined) return scrubFullName(schema.name, this.#options)
    for (let n = 1; ; n++) {
      const name = `${NAMESPACE}.${MAP_ENTRY}${n === 1 ? '' : n}`
      const known = this.#defined.get(name)
      if (known === undefined || isSameSchema(known, schema)) return name
    }
  }

  #record(schema: Schema, namespace: string): Json {
    const { discardTypeDocDefault } = this.#options
    const fullName =
      schema.name === undefined ? this.#defaultName() : scrubFullName(schema.name, this.#options)
    const known = schema.name && this.#reference(fullName, schema, namespace)
    if (known) return known
    const inner = namespaceOf(fullName)
    const parameters = schema.parameters ?? {}
    const doc = parameters[discardTypeDocDefault ? 'connect.record.doc' : RECORD_DOC]
    const fields = schema.fields.map(field => {
      const fieldDoc = discardTypeDocDefault ? field.schema.doc : parameters[FIELD_DOC + field.name]
      const name = scrubName(field.name, this.#options)
      return this.#field(name, field.schema, { namespace: inner, doc: fieldDoc })
    })
    const json = { type: 'record', ...named(fullName, namespace), ...text('doc', doc), fields }
    return this.#described(json, schema)
  }

  #field(
    name: string,
    schema: Schema,
    { namespace, doc }: { namespace: string; doc?: string | undefined },
  ): Json {
    const type = this.schema(schema, namespace)
    const json: { [name: string]: Json } = { name, type, ...text('doc', doc) }
    // Avro wants the default of a union to be of its first branch: an optional struct has none.
    const isNullFirst = Array.isArray(type) && type[0] === 'null'
    if (schema.defaultValue != null && !isNullFirst) {
      json['default'] = this.#defaultJson(schema, schema.defaultValue)
    } else if (schema.optional && isNullFirst) json['default'] = null
    return json
  }

  #defaultName(): string {
    this.#unnamed++
    return `${NAMESPACE}.${DEFAULT_NAME}${this.#unnamed > 1 ? this.#unnamed : ''}`
  }

  /** The name alone when the type stands there already. */
  #reference(fullName: string, schema: Schema, namespace: string): string | undefined {
    const known = this.#defined.get(fullName)
    if (known === undefined) {
      this.#defined.set(fullName, schema)
      return undefined
    }
    if (!isSameSchema(known, schema)) {
      throw schemaError(`two different types are called ${fullName}`)
    }
    return namespaceOf(fullName) === namespace
      ? fullName.slice(fullName.lastIndexOf('.') + 1)
      : fullName
  }

  /** Adds what Avro does not know; it stands on the type, since unions carry nothing. */
  #described(json: { [name: string]: Json }, schema: Schema): { [name: string]: Json } {
    if (this.#options.metaData) this.#addMetaData(json, schema)
    const logical = LOGICAL_NAMES.get(schema.name ?? '')
    if (logical !== undefined) json['logicalType'] = logical
    for (const [name, value] of Object.entries(schema.parameters ?? {})) {
      if (name.startsWith('avro')) json[name] = value
    }
    return json
  }

  #addMetaData(json: { [name: string]: Json }, schema: Schema): void {
    const { discardTypeDocDefault } = this.#options
    if (schema.doc !== undefined) json['connect.doc'] = schema.doc
    if (schema.version !== undefined) json['connect.version'] = schema.version
    const parameters = Object.entries(schema.parameters ?? {}).filter(
      ([name]) => discardTypeDocDefault || name !== FIELD_DEFAULT,
    )
    if (parameters.length > 0) json['connect.parameters'] = Object.fromEntries(parameters)
    const isOfAvroField = schema.parameters?.[FIELD_DEFAULT] !== undefined
    if (schema.defaultValue != null && (discardTypeDocDefault || !isOfAvroField)) {
      json['connect.default'] = this.#defaultJson(schema, schema.defaultValue)
    }
    if (schema.name !== undefined) json['connect.name'] = schema.name
    if (schema.type === 'int8' || schema.type === 'int16') json['connect.type'] = schema.type
  }

  #defaultJson(schema: Schema, value: Value): Json {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'bigint') return new RawJson(value.toString())
    if (typeof value === 'number') return Number.isFinite(value) ? numberJson(schema, value) : null
    if (value instanceof RawText) return value.toString()
    if (value instanceof Decimal) {
      return decimalToBytes(value, scaleOf(schema)).toString('latin1')
    }
    if (Array.isArray(value)) return value.map(one => this.#defaultJson(schema.values!, one))
    if (value instanceof Struct) return this.#structDefault(schema, value)
    if (!(value instanceof Map)) return value.toString('latin1')
    const entries = [...value]
    if (!isStringMap(schema, this.#options)) {
      return entries.map(([key, member]) => ({
        key: this.#defaultJson(schema.keys!, key),
        value: this.#defaultJson(schema.values!, member),
      }))
    }
    return Object.fromEntries(
      entries.map(([key, member]) => [String(key), this.#defaultJson(schema.values!, member)]),
    )
  }

  #structDefault(schema: Schema, value: Struct): Json {
    const members = schema.fields.map(({ name, index, schema: field }): [string, Json] => [
      scrubName(name, this.#options),
      this.#defaultJson(field, value.values[index] ?? null),
    ])
    return isUnion(schema) ? (members[0]?.[1] ?? null) : Object.fromEntries(members)
  }
}

const LOGICAL_NAMES: ReadonlyMap<string, string> = new Map([
  [LOGICAL.DECIMAL, 'decimal'],
  [LOGICAL.DATE, 'date'],
  [LOGICAL.TIME, 'time-millis'],
  [LOGICAL.TIMESTAMP, 'timestamp-millis'],
])

/** A type without properties is its name alone. */
function simple(json: { [name: string]: Json }): Json {
  return Object.keys(json).length === 1 ? json['type']! : json
}

function text(name: string, value: string | undefined): { [name: string]: Json } {
  return value === undefined ? {} : { [name]: value }
}

function named(fullName: string, outer: string): { [name: string]: Json } {
  const namespace = namespaceOf(fullName)
  const name = fullName.slice(fullName.lastIndexOf('.') + 1)
  return namespace === outer ? { name } : { name, namespace }
}

/** As Java writes it: 1.0 for a floating-point one. */
function numberJson(schema: Schema, value: number): Json {
  const isFloating = schema.type === 'float32' || schema.type === 'float64'
  return isFloating && Number.isInteger(value) && Math.abs(value) < 1e7
    ? new RawJson(`${value}.0`)
    : value
}

function isSameSchema(a: Schema, b: Schema, open: ReadonlySet<Schema> = new Set()): boolean {
  if (a === b || open.has(a)) return true
  if (a.type !== b.type || a.name !== b.name || a.fields.length !== b.fields.length) return false
  const inside = new Set([...open, a])
  const isSamePart = (one: Schema | undefined, other: Schema | undefined) =>
    one === undefined || other === undefined
      ? one === other
      : one.optional === other.optional && isSameSchema(one, other, inside)
  return (
    isSamePart(a.keys, b.keys) &&
    isSamePart(a.values, b.values) &&
    a.fields.every((field, i) => {
      const other = b.fields[i]!
      return field.name === other.name && isSamePart(field.schema, other.schema)
    })
  )
}

function print(json: Json): string {
  if (json instanceof RawJson) return json.text
  if (Array.isArray(json)) return `[${json.map(print).join(',')}]`
  if (json === null || typeof json !== 'object') return JSON.stringify(json)
  const members = Object.entries(json).map(([name, one]) => `${JSON.stringify(name)}:${print(one)}`)
  return `{${members.join(',')}}`
}
