/**
 * The types of an Avro schema as a graph, parsed from its JSON text and the texts it refers to.
 * Used by the translation to Connect schemas, the readers and the writers of this folder.
 * Invariants: every named type is one object, so recursive schemas are circles of objects; all
 * properties that Avro itself does not know are kept. Spec: Avro 1.11, "Schema Declaration".
 */
import {
  JsonNumber,
  JsonSyntaxError,
  type JsonValue,
  parseJsonText,
} from '../../base/json/parse-json.ts'
import type { ImportedSchema } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'

export const PRIMITIVE_KINDS = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const
export type AvroKind =
  | (typeof PRIMITIVE_KINDS)[number]
  | 'array'
  | 'map'
  | 'record'
  | 'enum'
  | 'fixed'
  | 'union'

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly doc: string | undefined
  /** Undefined: none; null is the JSON null. */
  readonly defaultValue: JsonValue | undefined
}

type Properties = ReadonlyMap<string, JsonValue>

export class AvroType {
  readonly kind: AvroKind
  /** Of a record, enum or fixed type; empty for others. */
  readonly fullName: string
  readonly properties: Properties
  readonly doc: string | undefined
  /** Filled after the type is known by name, since a record may contain itself. */
  readonly fields: AvroField[] = []
  readonly symbols: string[] = []
  readonly enumDefault: string | undefined
  /** Bytes of a fixed type. */
  readonly size: number
  /** Of an array or map. */
  readonly element: AvroType | undefined
  readonly branches: readonly AvroType[]

  constructor(
    kind: AvroKind,
    parts: {
      readonly fullName?: string
      readonly properties?: Properties
      readonly size?: number
      readonly element?: AvroType
      readonly branches?: readonly AvroType[]
      readonly symbols?: readonly string[]
    } = {},
  ) {
    this.kind = kind
    this.fullName = parts.fullName ?? ''
    this.properties = parts.properties ?? NO_PROPERTIES
    this.doc = textProperty(this.properties, 'doc')
    this.enumDefault = kind === 'enum' ? textProperty(this.properties, 'default') : undefined
    this.size = parts.size ?? 0
    this.element = parts.element
    this.branches = parts.branches ?? []
    this.symbols.push(...(parts.symbols ?? []))
  }

  /** The last part of the full name. */
  get simpleName(): string {
    return this.fullName.slice(this.fullName.lastIndexOf('.') + 1)
  }

  text(property: string): string | undefined {
    return textProperty(this.properties, property)
  }

  integer(property: string): number | undefined {
    const value = this.properties.get(property)
    return value instanceof JsonNumber ? Number(value.text) : undefined
  }
}

const NO_PROPERTIES: Properties = new Map()
const PRIMITIVES: ReadonlyMap<string, AvroType> = new Map(
  PRIMITIVE_KINDS.map(kind => [kind, new AvroType(kind)]),
)
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u

/** Parses a schema; `imports` are the texts it refers to, depths first. */
export function parseAvroSchema(text: string, imports: readonly ImportedSchema[] = []): AvroType {
  const names = new Map<string, AvroType>()
  for (const one of imports) new Parser(names).type(parseText(one.text), '')
  return new Parser(names).type(parseText(text), '')
}

function parseText(text: string): JsonValue {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    // Registries may hand on a primitive type without its quotes.
    if (PRIMITIVES.has(text.trim())) return text.trim()
    throw schemaError(`expected JSON: ${error.message}`, error)
  }
}

class Parser {
  readonly #names: Map<string, AvroType>

  constructor(names: Map<string, AvroType>) {
    this.#names = names
  }

  type(json: JsonValue, namespace: string): AvroType {
    if (typeof json === 'string') return this.#byName(json, namespace)
    if (Array.isArray(json)) {
      const branches = json.map(one => this.type(one, namespace))
      return new AvroType('union', { branches })
    }
    if (!(json instanceof Map)) throw schemaError('expected a name, an object or an array')
    const type = json.get('type')
    if (typeof type !== 'string') return this.type(type ?? null, namespace)
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, namespace)
      case 'enum':
        return this.#enum(json, namespace)
      case 'fixed':
        return this.#fixed(json, namespace)
      case 'array':
        return this.#collection('array', json, { member: 'items', namespace })
      case 'map':
        return this.#collection('map', json, { member: 'values', namespace })
      default:
        return this.#primitive(type, json, namespace)
    }
  }

  #primitive(name: string, json: Properties, namespace: string): AvroType {
    const primitive = PRIMITIVES.get(name)
    if (primitive === undefined) return this.#byName(name, namespace)
    return json.size === 1 ? primitive : new AvroType(primitive.kind, { properties: json })
  }

  #byName(name: string, namespace: string): AvroType {
    const found =
      PRIMITIVES.get(name) ?? this.#names.get(qualified(name, namespace)) ?? this.#names.get(name)
    if (found === undefined)
      throw schemaError(`expected a type that is defined before, found ${name}`)
    return found
  }

  #record(json: Properties, outer: string): AvroType {
    const type = new AvroType('record', { fullName: nameOf(json, outer), properties: json })
    this.#define(type)
    const namespace = namespaceOf(type.fullName)
    const fields = json.get('fields')
    if (!Array.isArray(fields)) throw schemaError(`expected fields of ${type.fullName}, found none`)
    const seen = new Set<string>()
    for (const field of fields) {
      const name = field instanceof Map ? field.get('name') : undefined
      if (!(field instanceof Map) || typeof name !== 'string' || name === '') {
        throw schemaError(`expected a field with a name in ${type.fullName}`)
      }
      if (seen.has(name)) throw schemaError(`field ${name} stands twice in ${type.fullName}`)
      seen.add(name)
      const fieldType = this.type(field.get('type') ?? null, namespace)
      const doc = textProperty(field, 'doc')
      type.fields.push({ name, type: fieldType, doc, defaultValue: field.get('default') })
    }
    return type
  }

  #enum(json: Properties, outer: string): AvroType {
    const symbols = json.get('symbols')
    const fullName = nameOf(json, outer)
    if (!Array.isArray(symbols) || !symbols.every(one => typeof one === 'string')) {
      throw schemaError(`expected symbols of ${fullName} as texts`)
    }
    return this.#define(new AvroType('enum', { fullName, properties: json, symbols }))
  }

  #fixed(json: Properties, outer: string): AvroType {
    const size = json.get('size')
    const fullName = nameOf(json, outer)
    if (!(size instanceof JsonNumber) || !/^\d{1,9}$/.test(size.text)) {
      throw schemaError(`expected the size of ${fullName}`)
    }
    return this.#define(
      new AvroType('fixed', { fullName, properties: json, size: Number(size.text) }),
    )
  }

  #collection(
    kind: 'array' | 'map',
    json: Properties,
    { member, namespace }: { member: string; namespace: string },
  ): AvroType {
    const element = this.type(json.get(member) ?? null, namespace)
    return new AvroType(kind, { element, properties: json })
  }

  #define(type: AvroType): AvroType {
    if (this.#names.has(type.fullName) || PRIMITIVES.has(type.fullName)) {
      throw schemaError(`type ${type.fullName} is defined twice`)
    }
    this.#names.set(type.fullName, type)
    return type
  }
}

function nameOf(json: Properties, outer: string): string {
  const name = textProperty(json, 'name') ?? ''
  const parts = name.split('.')
  if (!parts.every(part => NAME.test(part))) {
    throw schemaError(`expected a name of letters, digits and _, found "${name}"`)
  }
  return qualified(name, textProperty(json, 'namespace') ?? outer)
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

/** Everything before the last dot. */
export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
}

function textProperty(properties: Properties, name: string): string | undefined {
  const value = properties.get(name)
  return typeof value === 'string' ? value : undefined
}

export function schemaError(message: string, cause?: unknown) {
  return dataError(CONVERT_ERRORS.SCHEMA, `Avro schema: ${message}`, cause)
}
