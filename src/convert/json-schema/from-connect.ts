/**
 * Translates a Connect schema into the text of a JSON Schema (draft 7 words). Called once per Connect
 * schema; the JSON Schema converter registers the result. Spec: connect-rest 12.3.
 * Invariant: what JSON Schema does not know stands as `connect.*`, so that reading gives the schema
 * back; the name of a schema is its title.
 */
import { Decimal } from '../../base/decimal.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../flow/index.ts'
import { decimalToBytes, scaleOf } from '../decimal-bytes.ts'
import { schemaError } from './json-schema-document.ts'
import { ENUM_PARAMETER, type JsonSchemaOptions, ONE_OF } from './json-schema-names.ts'

type Json = null | boolean | string | number | bigint | Decimal | Json[] | JsonObject
interface JsonObject {
  [name: string]: Json
}

const NUMERIC: Readonly<Partial<Record<Schema['type'], 'integer' | 'number'>>> = {
  int8: 'integer',
  int16: 'integer',
  int32: 'integer',
  int64: 'integer',
  float32: 'number',
  float64: 'number',
}

export function toJsonSchemaText(schema: Schema | null, options: JsonSchemaOptions): string {
  if (schema === null) return '{}'
  return print(new FromConnect(options).schema(schema))
}

interface Position {
  /** Place among the fields of a struct. */
  readonly index?: number
  /** The schema of a branch: null stands beside it already. */
  readonly isBranch?: boolean
}

class FromConnect {
  readonly #options: JsonSchemaOptions
  readonly #open = new Set<Schema>()

  constructor(options: JsonSchemaOptions) {
    this.#options = options
  }

  schema(schema: Schema, position: Position = {}): JsonObject {
    const index: JsonObject =
      position.index === undefined ? {} : { 'connect.index': position.index }
    if (schema.type === 'struct' && schema.name === ONE_OF) {
      const branches = schema.fields.map(field =>
        this.schema(field.schema, { index: field.index, isBranch: true }),
      )
      return { oneOf: schema.optional ? [{ type: 'null' }, ...branches] : branches, ...index }
    }
    const isNullable = schema.optional && position.isBranch !== true
    if (!isNullable) return { ...this.#present(schema), ...index }
    return { oneOf: [{ type: 'null' }, this.#present(schema)], ...index }
  }

  #present(schema: Schema): JsonObject {
    if (this.#open.has(schema)) {
      throw schemaError('a recursive schema cannot be written as JSON Schema')
    }
    this.#open.add(schema)
    const json = { ...this.#base(schema), ...this.#described(schema) }
    this.#open.delete(schema)
    return json
  }

  #base(schema: Schema): JsonObject {
    const numeric = NUMERIC[schema.type]
    if (numeric !== undefined) return { type: numeric, 'connect.type': schema.type }
    switch (schema.type) {
      case 'boolean':
        return { type: 'boolean' }
      case 'string':
        return stringBase(schema)
      case 'bytes': {
        const isNumber = schema.name === LOGICAL.DECIMAL
        return { type: isNumber ? 'number' : 'string', 'connect.type': 'bytes' }
      }
      case 'array':
        return { type: 'array', items: this.schema(part(schema.values)) }
      case 'map':
        return this.#map(schema)
      default:
        return this.#struct(schema)
    }
  }

  #map(schema: Schema): JsonObject {
    const keys = part(schema.keys)
    const values = part(schema.values)
    if (keys.type === 'string' && !keys.optional) {
      return { type: 'object', additionalProperties: this.schema(values), 'connect.type': 'map' }
    }
    const properties = {
      key: this.schema(keys, { index: 0 }),
      value: this.schema(values, { index: 1 }),
    }
    return { type: 'array', items: { type: 'object', properties }, 'connect.type': 'map' }
  }

  #struct(schema: Schema): JsonObject {
    const { additionalProperties, optionalForNonRequired } = this.#options
    const properties: JsonObject = {}
    for (const { name, index, schema: field } of schema.fields) {
      properties[name] = this.schema(field, { index, isBranch: optionalForNonRequired })
    }
    const required = schema.fields.filter(field => !field.schema.optional).map(field => field.name)
    return {
      type: 'object',
      properties,
      ...(optionalForNonRequired && required.length > 0 ? { required } : {}),
      ...(additionalProperties ? {} : { additionalProperties: false }),
    }
  }

  #described(schema: Schema): JsonObject {
    const { name, version, doc, parameters, defaultValue } = schema
    const kept = Object.entries(parameters ?? {}).filter(
      ([key]) => !key.startsWith('io.confluent.connect.json'),
    )
    return {
      ...(name === undefined ? {} : { title: name }),
      ...(version === undefined ? {} : { 'connect.version': version }),
      ...(doc === undefined ? {} : { description: doc }),
      ...(kept.length === 0 ? {} : { 'connect.parameters': Object.fromEntries(kept) }),
      ...(defaultValue == null ? {} : { default: this.#default(schema, defaultValue) }),
    }
  }

  #default(schema: Schema, value: Value): Json {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'bigint') return value
    if (value instanceof RawText) return value.toString()
    if (value instanceof Decimal) {
      if (this.#options.decimalFormat === 'NUMERIC') return value
      return decimalToBytes(value, scaleOf(schema)).toString('base64')
    }
    if (Array.isArray(value)) return value.map(one => this.#default(part(schema.values), one))
    if (value instanceof Struct) {
      const members = schema.fields.map(({ name, index, schema: field }): [string, Json] => [
        name,
        this.#default(field, value.values[index] ?? null),
      ])
      return Object.fromEntries(members)
    }
    if (!(value instanceof Map)) return value.toString('base64')
    const members = [...value].map(([key, one]): [string, Json] => [
      String(key),
      this.#default(part(schema.values), one),
    ])
    return Object.fromEntries(members)
  }
}

function stringBase(schema: Schema): JsonObject {
  const parameters = schema.parameters ?? {}
  if (parameters[ENUM_PARAMETER] === undefined) return { type: 'string' }
  const symbols = Object.entries(parameters)
    .filter(([name]) => name.startsWith(`${ENUM_PARAMETER}.`))
    .map(([, symbol]) => symbol)
  return { enum: symbols }
}

function part(schema: Schema | undefined): Schema {
  if (schema !== undefined) return schema
  throw schemaError('expected a schema for the elements of a collection, found none')
}

function print(json: Json): string {
  if (typeof json === 'bigint' || json instanceof Decimal) return json.toString()
  if (Array.isArray(json)) return `[${json.map(print).join(',')}]`
  if (json === null || typeof json !== 'object') return JSON.stringify(json)
  const members = Object.entries(json).map(([name, one]) => `${JSON.stringify(name)}:${print(one)}`)
  return `{${members.join(',')}}`
}
