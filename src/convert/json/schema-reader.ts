/**
 * Reads the `schema` member of a JSON envelope into a Schema. Runs once per distinct schema: the
 * converter caches the result by the schema's bytes. Spec: connect-rest 11.2.
 * Invariant: unknown members are ignored; a missing or null schema is schemaless (null).
 */
import { JsonIndex } from '../../base/json/json-index.ts'
import {
  KIND_ARRAY,
  KIND_INTEGER,
  KIND_NULL,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from '../../base/json/json-kind.ts'
import { readJsonString } from '../../base/json/json-string.ts'
import { Schema, type SchemaField, type SchemaOptions, type SchemaType } from '../../flow/index.ts'
import { schemaError } from './json-errors.ts'
import { compilePayloadReader, PayloadContext } from './payload-reader.ts'

const TYPES: ReadonlyMap<string, SchemaType> = new Map([
  ['int8', 'int8'],
  ['int16', 'int16'],
  ['int32', 'int32'],
  ['int64', 'int64'],
  ['float', 'float32'],
  ['double', 'float64'],
  ['boolean', 'boolean'],
  ['string', 'string'],
  ['bytes', 'bytes'],
  ['array', 'array'],
  ['map', 'map'],
  ['struct', 'struct'],
])

/** The JSON names of the schema types. */
export const TYPE_NAMES: ReadonlyMap<SchemaType, string> = new Map(
  [...TYPES].map(([name, type]) => [type, name]),
)

/** Reads the schema in `bytes[start..end)`, one checked JSON value. */
export function readSchema(bytes: Buffer, start: number, end: number): Schema | null {
  const index = new JsonIndex()
  if (index.scan(bytes, start, end) === 'null') return null
  if (index.rootKind !== KIND_OBJECT) throw schemaError('Schema must be a JSON object')
  return new SchemaNode(bytes, index).read()
}

/** One object of the schema text. */
class SchemaNode {
  readonly #bytes: Buffer
  readonly #index: JsonIndex

  constructor(bytes: Buffer, index: JsonIndex) {
    this.#bytes = bytes
    this.#index = index
  }

  read(): Schema {
    const typeText = this.text('type')
    if (typeText === undefined) throw schemaError("Schema must contain 'type' field")
    const type = TYPES.get(typeText)
    if (type === undefined) throw schemaError(`Unknown schema type: ${typeText}`)
    const options: Draft = { optional: this.#kind('optional') === KIND_TRUE }
    if (type === 'array') {
      options.values = this.#child('items', 'Array schema did not specify the element type')
    } else if (type === 'map') {
      options.keys = this.#child('keys', 'Map schema did not specify the key type')
      options.values = this.#child('values', 'Map schema did not specify the value type')
    } else if (type === 'struct') options.fields = this.#fields()
    this.#describe(options)
    return this.#withDefault(type, options)
  }

  /** The text of a string member; undefined when it is absent or no string. */
  text(name: string): string | undefined {
    const i = this.#find(name)
    const kind = i < 0 ? KIND_NULL : this.#index.valueKind[i]!
    if (kind !== KIND_STRING && kind !== KIND_STRING_ESCAPED) return undefined
    return this.#textAt(i)
  }

  #describe(options: Draft): void {
    const name = this.text('name')
    const doc = this.text('doc')
    const parameters = this.#parameters()
    if (name !== undefined) options.name = name
    if (doc !== undefined) options.doc = doc
    if (parameters !== undefined) options.parameters = parameters
    const version = this.#find('version')
    if (version >= 0 && this.#index.valueKind[version] === KIND_INTEGER) {
      options.version = Number(this.#rangeText(version)) | 0
    }
  }

  #withDefault(type: SchemaType, options: Draft): Schema {
    const plain = new Schema(type, options)
    const i = this.#find('default')
    if (i < 0) return plain
    const context = new PayloadContext({ replaceNullWithDefault: true, isStrict: false })
    context.bytes = this.#bytes
    const defaultValue = compilePayloadReader(plain).read(context, this.#index, i)
    return new Schema(type, { ...options, defaultValue })
  }

  #fields(): SchemaField[] {
    const elements = this.#scan('fields', KIND_ARRAY)
    if (elements === undefined) {
      throw schemaError('Struct schema\'s "fields" argument is not an array.')
    }
    return Array.from({ length: elements.memberCount }, (_, i) => {
      const node = this.#node(elements, i)
      const name = node.text('field')
      if (name === undefined) throw schemaError("Struct schema's field name not specified properly")
      return { name, index: i, schema: node.read() }
    })
  }

  #parameters(): Record<string, string> | undefined {
    const members = this.#scan('parameters', KIND_OBJECT)
    if (members === undefined) return undefined
    const pairs = Array.from({ length: members.memberCount }, (_, i): [string, string] => {
      const kind = members.valueKind[i]!
      if (kind !== KIND_STRING && kind !== KIND_STRING_ESCAPED) {
        throw schemaError('Schema parameters must have string values.')
      }
      const escaped = members.nameEscaped[i] === 1
      const start = members.nameStart[i]!
      const name = readJsonString(this.#bytes, start, members.nameEnd[i]!, escaped)
      return [name, textOf(this.#bytes, members, i)]
    })
    return Object.fromEntries(pairs)
  }

  #child(name: string, missing: string): Schema {
    const i = this.#find(name)
    if (i < 0 || this.#index.valueKind[i] === KIND_NULL) throw schemaError(missing)
    return this.#node(this.#index, i).read()
  }

  #node(index: JsonIndex, i: number): SchemaNode {
    if (index.valueKind[i] !== KIND_OBJECT) throw schemaError('Schema must be a JSON object')
    const inner = new JsonIndex()
    inner.scan(this.#bytes, index.valueStart[i]!, index.valueEnd[i]!)
    return new SchemaNode(this.#bytes, inner)
  }

  #scan(name: string, kind: number): JsonIndex | undefined {
    const i = this.#find(name)
    if (i < 0 || this.#index.valueKind[i] !== kind) return undefined
    const inner = new JsonIndex()
    inner.scan(this.#bytes, this.#index.valueStart[i]!, this.#index.valueEnd[i]!)
    return inner
  }

  #find(name: string): number {
    return this.#index.find(Buffer.from(name), -1)
  }

  #kind(name: string): number {
    const i = this.#find(name)
    return i < 0 ? 0 : this.#index.valueKind[i]!
  }

  #textAt(i: number): string {
    return textOf(this.#bytes, this.#index, i)
  }

  #rangeText(i: number): string {
    return this.#bytes.latin1Slice(this.#index.valueStart[i]!, this.#index.valueEnd[i]!)
  }
}

type Draft = { -readonly [K in keyof SchemaOptions]: SchemaOptions[K] }

function textOf(bytes: Buffer, index: JsonIndex, i: number): string {
  const escaped = index.valueKind[i] === KIND_STRING_ESCAPED
  return readJsonString(bytes, index.valueStart[i]!, index.valueEnd[i]!, escaped)
}
