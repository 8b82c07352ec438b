/**
 * Translates a JSON Schema into the Connect schema of the values that are read by it.
 * Called once per schema of the registry. Spec: connect-rest 12.3.
 * Invariants: `connect.index` orders the fields, else they stand as written; a recursive schema
 * becomes a circle over one list of fields; null is an empty schema: data without one.
 */
import { JsonNumber, type JsonValue } from '../../base/json/parse-json.ts'
import { Schema, type SchemaField, type SchemaOptions, STRING } from '../../flow/index.ts'
import { defaultOf } from './json-schema-default.ts'
import {
  type JsonSchemaDocument,
  type PlacedNode,
  type SchemaNode,
  schemaError,
} from './json-schema-document.ts'
import { ENUM_PARAMETER, type JsonSchemaOptions, ONE_OF } from './json-schema-names.ts'
import { mergeAllOf } from './merge-all-of.ts'

const NUMBER_TYPES: ReadonlySet<string> = new Set(['float32', 'float64', 'bytes'])
const INTEGER_TYPES: ReadonlySet<string> = new Set(['int8', 'int16', 'int32', 'int64', 'bytes'])

type Base = readonly [Schema['type'], SchemaOptions]

export function toConnectSchema(
  document: JsonSchemaDocument,
  options: JsonSchemaOptions,
  version?: number,
): Schema | null {
  const { root } = document
  if (root === true || (root instanceof Map && root.size === 0)) return null
  if (!(root instanceof Map)) throw schemaError('expected an object')
  return new ToConnect(options).schema({ node: root, document }, { version })
}

interface Place {
  readonly optional?: boolean
  readonly version?: number | undefined
}

class ToConnect {
  readonly #options: JsonSchemaOptions
  /** Objects whose properties are being translated. */
  readonly #open = new Map<SchemaNode, { fields: SchemaField[]; options: SchemaOptions }>()

  constructor(options: JsonSchemaOptions) {
    this.#options = options
  }

  schema(placed: PlacedNode, place: Place): Schema {
    const { node, document } = placed
    const reference = node.get('$ref')
    if (typeof reference === 'string') return this.schema(document.resolve(reference), place)
    const open = this.#open.get(node)
    if (open !== undefined) {
      const optional = place.optional === true
      return new Schema('struct', { ...open.options, optional, fields: open.fields })
    }
    const allOf = node.get('allOf')
    if (Array.isArray(allOf)) return this.schema(mergeAllOf(placed, allOf), place)
    const branches = node.get('oneOf') ?? node.get('anyOf')
    if (Array.isArray(branches)) return this.#combined(placed, branches, place)
    const types = node.get('type')
    if (Array.isArray(types)) {
      const copies = types.map(type => new Map(node).set('type', type))
      return this.#combined(placed, copies, place)
    }
    if (node.get('nullable') === true) {
      const plain = new Map(node)
      plain.delete('nullable')
      return this.schema({ node: plain, document }, { ...place, optional: true })
    }
    return this.#finish(placed, this.#base(placed), place)
  }

  #combined(placed: PlacedNode, branches: readonly JsonValue[], place: Place): Schema {
    const { document, node } = placed
    const others = branches.filter(branch => !isNull(branch))
    const hasNull = others.length < branches.length
    const optional = place.optional === true || hasNull
    const isSingle = others.length === 1 && (hasNull || this.#options.flattenSingletonUnions)
    if (isSingle) return this.schema(childOf(others[0], document), { ...place, optional })
    const fields = others.map((branch, index) => ({
      name: `${ONE_OF}.field.${index}`,
      index,
      schema: this.schema(childOf(branch, document), { optional: true }),
    }))
    const description = node.get('description')
    return new Schema('struct', {
      name: ONE_OF,
      fields,
      optional,
      ...(typeof description === 'string' ? { doc: description } : {}),
    })
  }

  #base(placed: PlacedNode): Base {
    const { node } = placed
    const connectType = textOf(node, 'connect.type')
    if (node.has('enum')) return enumBase(node)
    switch (node.get('type')) {
      case 'boolean':
        return ['boolean', {}]
      case 'integer':
        if (connectType === undefined) return ['int64', {}]
        return [checkedType(connectType, INTEGER_TYPES, 'integer'), {}]
      case 'number':
        if (connectType === undefined) return ['float64', {}]
        return [
          checkedType(connectType, new Set([...NUMBER_TYPES, ...INTEGER_TYPES]), 'number'),
          {},
        ]
      case 'string':
        return [connectType === 'bytes' ? 'bytes' : 'string', {}]
      case 'array':
        return this.#array(placed, connectType)
      case 'object':
        return this.#object(placed, connectType)
      case 'null':
        throw schemaError('a standalone null type is not supported')
      case undefined:
        return this.#untyped(placed, connectType)
      default:
        throw schemaError('expected a type that JSON Schema knows')
    }
  }

  /** A schema without `type` says it by its other words. */
  #untyped(placed: PlacedNode, connectType: string | undefined): Base {
    const { node } = placed
    if (node.has('properties') || node.has('additionalProperties')) {
      return this.#object(placed, connectType)
    }
    if (node.has('items')) return this.#array(placed, connectType)
    const constant = node.get('const')
    if (typeof constant === 'string') return ['string', {}]
    if (typeof constant === 'boolean') return ['boolean', {}]
    if (constant instanceof JsonNumber) return [constant.isInteger ? 'int64' : 'float64', {}]
    throw schemaError('expected a type, found a schema that allows everything')
  }

  #array({ node, document }: PlacedNode, connectType: string | undefined): Base {
    const items = node.get('items')
    if (!(items instanceof Map)) throw schemaError('Array schema did not specify the items type')
    const child = childOf(items, document)
    const properties = child.node.get('properties')
    if (connectType !== 'map' || !(properties instanceof Map)) {
      return ['array', { values: this.schema(child, {}) }]
    }
    const part = (name: string) => {
      const found = properties.get(name)
      if (found === undefined) throw schemaError(`expected ${name} in the entries of a map`)
      return this.schema(childOf(found, document), {})
    }
    return ['map', { keys: part('key'), values: part('value') }]
  }

  #object(placed: PlacedNode, connectType: string | undefined): Base {
    const { node, document } = placed
    if (connectType === 'map') {
      const members = node.get('additionalProperties')
      if (!(members instanceof Map)) throw schemaError('expected additionalProperties of a map')
      return ['map', { keys: STRING, values: this.schema(childOf(members, document), {}) }]
    }
    const fields: SchemaField[] = []
    this.#open.set(node, { fields, options: described(node, {}) })
    const required = node.get('required')
    const names: ReadonlySet<JsonValue> = new Set(Array.isArray(required) ? required : [])
    for (const [name, property] of ordered(node.get('properties'))) {
      const optional = this.#options.optionalForNonRequired && !names.has(name)
      const schema = this.schema(childOf(property, document), { optional })
      fields.push({ name, index: fields.length, schema })
    }
    this.#open.delete(node)
    return ['struct', { fields }]
  }

  #finish({ node }: PlacedNode, [type, draft]: Base, place: Place): Schema {
    const options = described(node, draft)
    const version = options.version ?? place.version
    const schema = new Schema(type, {
      ...options,
      ...(version === undefined ? {} : { version }),
      optional: place.optional === true,
    })
    const json = node.get('default')
    const value = json === undefined || json === null ? undefined : defaultOf(json, schema)
    if (value === undefined || value === null) return schema
    return new Schema(type, { ...options, optional: schema.optional, defaultValue: value })
  }
}

function described(node: SchemaNode, draft: SchemaOptions): SchemaOptions {
  const title = textOf(node, 'title')
  const description = textOf(node, 'description')
  const version = node.get('connect.version')
  const json = node.get('connect.parameters')
  const given: Record<string, string> = { ...draft.parameters }
  if (json instanceof Map) {
    for (const [name, value] of json) if (typeof value === 'string') given[name] = value
  }
  return {
    ...draft,
    ...(title === undefined ? {} : { name: title }),
    ...(description === undefined ? {} : { doc: description }),
    ...(version instanceof JsonNumber ? { version: Number(version.text) } : {}),
    ...(Object.keys(given).length === 0 ? {} : { parameters: given }),
  }
}

/** Texts only; numbers among the symbols are read as the number they are. */
function enumBase(node: SchemaNode): Base {
  const symbols = node.get('enum')
  const list = Array.isArray(symbols) ? symbols.filter(one => one !== null) : []
  if (list.length > 0 && list.every(one => one instanceof JsonNumber)) {
    return [list.every(one => one.isInteger) ? 'int64' : 'float64', {}]
  }
  const parameters: Record<string, string> = { [ENUM_PARAMETER]: '' }
  for (const one of list) {
    if (typeof one !== 'string') throw schemaError('expected the symbols of an enum to be texts')
    parameters[`${ENUM_PARAMETER}.${one}`] = one
  }
  return ['string', { parameters }]
}

/** Properties by `connect.index`; those without keep their place. */
function ordered(json: JsonValue | undefined): [string, JsonValue][] {
  if (!(json instanceof Map)) return []
  const placed = [...json].map(([name, property], position) => {
    const index = property instanceof Map ? property.get('connect.index') : undefined
    const at = index instanceof JsonNumber ? Number(index.text) : position
    return { at, entry: [name, property] as [string, JsonValue] }
  })
  return placed.sort((a, b) => a.at - b.at).map(one => one.entry)
}

export function childOf(json: JsonValue | undefined, document: JsonSchemaDocument): PlacedNode {
  if (json instanceof Map) return { node: json, document }
  throw schemaError('expected a schema with a type')
}

function isNull(json: JsonValue): boolean {
  return json instanceof Map && json.get('type') === 'null'
}

function textOf(node: SchemaNode, name: string): string | undefined {
  const value = node.get(name)
  return typeof value === 'string' ? value : undefined
}

function checkedType(name: string, known: ReadonlySet<string>, kind: string): Schema['type'] {
  if (known.has(name)) return name as Schema['type']
  throw schemaError(`expected a connect.type that fits ${kind}, found ${name}`)
}
