/**
 * Reads the payload of a JSON envelope by its schema: one reader per schema node, compiled once
 * and kept with the cached schema. Values are read from the index of their surroundings; nothing
 * is built but the result. Spec: connect-rest 11.2.
 * Invariant: a reader at depth n uses only the context's index n, so readers never disturb the
 * index that their caller walks.
 */
import { JsonIndex } from '../../base/json/json-index.ts'
import {
  KIND_ARRAY,
  KIND_NULL,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
} from '../../base/json/json-kind.ts'
import { readJsonString } from '../../base/json/json-string.ts'
import { LOGICAL, RawText, type Schema, Struct, type Value } from '../../flow/index.ts'
import { materialise } from '../materialise.ts'
import { typeName } from '../value-kind.ts'
import { nodeName, valueError } from './json-errors.ts'
import { scalarRead } from './scalar-reader.ts'

/** What all readers of one converter share. */
export class PayloadContext {
  bytes: Buffer = Buffer.alloc(0)
  /** Read a null or absent field as its default. */
  readonly replaceNullWithDefault: boolean
  /** Refuse values of a type that the reference silently replaces by null, false or 0. */
  readonly isStrict: boolean
  readonly #indexes: JsonIndex[] = []

  constructor(options: { replaceNullWithDefault: boolean; isStrict: boolean }) {
    this.replaceNullWithDefault = options.replaceNullWithDefault
    this.isStrict = options.isStrict
  }

  indexAt(depth: number): JsonIndex {
    let index = this.#indexes[depth]
    if (index === undefined) {
      index = new JsonIndex()
      this.#indexes[depth] = index
    }
    return index
  }
}

export interface PayloadReader {
  /** The value of member or element `i` of an index; -1: absent. */
  read(context: PayloadContext, index: JsonIndex, i: number): Value
}

/** Another form for some schemas; `depth` is the index that the reader may use. */
export type PayloadDialect = (schema: Schema, depth: number) => PayloadReader['read'] | undefined

/** Compiles the reader of a schema; null: schemaless. */
export function compilePayloadReader(
  schema: Schema | null,
  depth = 0,
  dialect: PayloadDialect = NO_DIALECT,
): PayloadReader {
  if (schema === null) return SCHEMALESS
  const read = dialect(schema, depth) ?? presentReader(schema, depth, dialect)
  return { read: nullable(schema, read) }
}

type Read = PayloadReader['read']

const NO_DIALECT: PayloadDialect = () => undefined

const SCHEMALESS: PayloadReader = {
  read: (context, index, i) => {
    if (i < 0 || index.valueKind[i] === KIND_NULL) return null
    return materialise(new RawText('json', context.bytes, ...fullRange(index, i)))
  },
}

/** The range of a value with the quotes of a string. */
function fullRange(index: JsonIndex, i: number): [start: number, end: number] {
  const kind = index.valueKind[i]
  const quote = kind === KIND_STRING || kind === KIND_STRING_ESCAPED ? 1 : 0
  return [index.valueStart[i]! - quote, index.valueEnd[i]! + quote]
}

function nullable(schema: Schema, read: Read): Read {
  return (context, index, i) => {
    if (i >= 0 && index.valueKind[i] !== KIND_NULL) return read(context, index, i)
    if (schema.defaultValue != null && context.replaceNullWithDefault) return schema.defaultValue
    if (schema.optional) return null
    throw valueError(`Invalid null value for required ${typeName(schema)} field`)
  }
}

function presentReader(schema: Schema, depth: number, dialect: PayloadDialect): Read {
  if (schema.name !== undefined && Object.values<string>(LOGICAL).includes(schema.name)) {
    return scalarRead(schema)
  }
  switch (schema.type) {
    case 'struct':
      return structRead(schema, depth, dialect)
    case 'array':
      return arrayRead(schema, depth, dialect)
    case 'map':
      return schema.keys?.type === 'string'
        ? objectMapRead(schema, depth, dialect)
        : pairMapRead(schema, depth, dialect)
    default:
      return scalarRead(schema)
  }
}

function structRead(schema: Schema, depth: number, dialect: PayloadDialect): Read {
  const fields = schema.fields.map(field => ({
    field,
    name: Buffer.from(field.name),
    reader: compilePayloadReader(field.schema, depth + 1, dialect),
  }))
  return (context, index, i) => {
    const inner = scanAs(KIND_OBJECT, 'Structs should be encoded as JSON objects', {
      context,
      index,
      i,
      depth,
    })
    const values: Value[] = new Array(fields.length)
    for (let k = 0; k < fields.length; k++) {
      const { field, name, reader } = fields[k]!
      const value = reader.read(context, inner, inner.find(name, k))
      if (value === null && !field.schema.optional && field.schema.defaultValue === undefined) {
        throw valueError(
          `Invalid value: null used for required field: "${field.name}", ` +
            `schema type: ${typeName(field.schema)}`,
        )
      }
      values[k] = value
    }
    return new Struct(schema, values)
  }
}

function arrayRead(schema: Schema, depth: number, dialect: PayloadDialect): Read {
  const elements = compilePayloadReader(schema.values ?? null, depth + 1, dialect)
  return (context, index, i) => {
    const inner = scanAs(KIND_ARRAY, 'Arrays should be encoded as JSON arrays', {
      context,
      index,
      i,
      depth,
    })
    const values: Value[] = new Array(inner.memberCount)
    for (let k = 0; k < values.length; k++) values[k] = elements.read(context, inner, k)
    return values
  }
}

function objectMapRead(schema: Schema, depth: number, dialect: PayloadDialect): Read {
  const members = compilePayloadReader(schema.values ?? null, depth + 1, dialect)
  return (context, index, i) => {
    const inner = scanAs(KIND_OBJECT, 'Maps with string fields should be encoded as JSON objects', {
      context,
      index,
      i,
      depth,
    })
    const map = new Map<Value, Value>()
    for (let k = 0; k < inner.memberCount; k++) {
      const escaped = inner.nameEscaped[k] === 1
      const start = inner.nameStart[k]!
      const key = readJsonString(context.bytes, start, inner.nameEnd[k]!, escaped)
      map.set(key, members.read(context, inner, k))
    }
    return map
  }
}

function pairMapRead(schema: Schema, depth: number, dialect: PayloadDialect): Read {
  const keys = compilePayloadReader(schema.keys ?? null, depth + 2, dialect)
  const members = compilePayloadReader(schema.values ?? null, depth + 2, dialect)
  return (context, index, i) => {
    const expected = 'Maps with non-string fields should be encoded as JSON array of tuples'
    const inner = scanAs(KIND_ARRAY, expected, { context, index, i, depth })
    const map = new Map<Value, Value>()
    for (let k = 0; k < inner.memberCount; k++) {
      const pair = scanAs(KIND_ARRAY, 'Map entries should be encoded as array tuples', {
        context,
        index: inner,
        i: k,
        depth: depth + 1,
      })
      if (pair.memberCount !== 2) {
        throw valueError(
          `Found invalid map entry, expected length 2 but found :${pair.memberCount}`,
        )
      }
      map.set(keys.read(context, pair, 0), members.read(context, pair, 1))
    }
    return map
  }
}

/** Indexes value `i` after checking that it is an object or an array. */
export function scanAs(
  kind: number,
  expected: string,
  at: { context: PayloadContext; index: JsonIndex; i: number; depth: number },
): JsonIndex {
  const { context, index, i, depth } = at
  const found = index.valueKind[i]!
  if (found !== kind) throw valueError(`${expected}, but found ${nodeName(found)}`)
  const inner = context.indexAt(depth)
  inner.scan(context.bytes, index.valueStart[i]!, index.valueEnd[i]!)
  return inner
}
