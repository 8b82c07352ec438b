/**
 * What the payload of a JSON Schema message has in another form than that of a JSON envelope:
 * unions, of which the value alone stands there, and maps without text keys as arrays of objects.
 * Used when a payload reader is compiled. Spec: connect-rest 12.3.
 * Invariant: the branch of a union is chosen by the kind of its JSON value, among objects by the
 * number of properties that they share, the first of equals.
 */
import type { JsonIndex } from '../../base/json/json-index.ts'
import {
  KIND_ARRAY,
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from '../../base/json/json-kind.ts'
import { type Schema, Struct, type Value } from '../../flow/index.ts'
import { nodeName, valueError } from '../json/json-errors.ts'
import {
  compilePayloadReader,
  type PayloadContext,
  type PayloadDialect,
  type PayloadReader,
  scanAs,
} from '../json/payload-reader.ts'
import { ONE_OF } from './json-schema-names.ts'

export const jsonSchemaDialect: PayloadDialect = (schema, depth) => {
  if (schema.type === 'struct' && schema.name === ONE_OF) return unionRead(schema, depth)
  if (schema.type === 'map' && (schema.keys?.type !== 'string' || schema.keys.optional)) {
    return entriesRead(schema, depth)
  }
  return undefined
}

const KEY = Buffer.from('key')
const VALUE = Buffer.from('value')

function entriesRead(schema: Schema, depth: number): PayloadReader['read'] {
  const keys = compilePayloadReader(schema.keys!, depth + 2, jsonSchemaDialect)
  const values = compilePayloadReader(schema.values!, depth + 2, jsonSchemaDialect)
  return (context, index, i) => {
    const expected = 'Maps with non-string keys should be encoded as JSON arrays of objects'
    const list = scanAs(KIND_ARRAY, expected, { context, index, i, depth })
    const out = new Map<Value, Value>()
    for (let k = 0; k < list.memberCount; k++) {
      const at = { context, index: list, i: k, depth: depth + 1 }
      const entry = scanAs(KIND_OBJECT, 'Map entries should be encoded as JSON objects', at)
      // The value first: reading the key may index again below this depth only.
      const key = keys.read(context, entry, entry.find(KEY, 0))
      out.set(key, values.read(context, entry, entry.find(VALUE, 1)))
    }
    return out
  }
}

function unionRead(schema: Schema, depth: number): PayloadReader['read'] {
  const branches = schema.fields.map(field => ({
    kinds: kindsOf(field.schema),
    names: field.schema.fields.map(one => Buffer.from(one.name)),
    reader: compilePayloadReader(field.schema, depth + 1, jsonSchemaDialect),
  }))
  return (context, index, i) => {
    const kind = index.valueKind[i]!
    const fitting = branches.filter(branch => branch.kinds.includes(kind))
    const branch =
      kind === KIND_OBJECT && fitting.length > 1
        ? bestObject(fitting, { context, index, i, depth })
        : fitting[0]
    if (branch === undefined) {
      throw valueError(`Did not find matching oneof field for data: found ${nodeName(kind)}`)
    }
    const values = new Array<Value>(branches.length).fill(null)
    values[branches.indexOf(branch as (typeof branches)[number])] = branch.reader.read(
      context,
      index,
      i,
    )
    return new Struct(schema, values)
  }
}

function bestObject<B extends { readonly names: readonly Buffer[] }>(
  branches: readonly B[],
  at: { context: PayloadContext; index: JsonIndex; i: number; depth: number },
): B | undefined {
  const inner = scanAs(KIND_OBJECT, '', at)
  let best: B | undefined
  let mostShared = -1
  for (const branch of branches) {
    const shared = branch.names.filter((name, k) => inner.find(name, k) >= 0).length
    if (shared > mostShared) {
      best = branch
      mostShared = shared
    }
  }
  return best
}

function kindsOf(schema: Schema): readonly number[] {
  switch (schema.type) {
    case 'boolean':
      return [KIND_TRUE, KIND_FALSE]
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return [KIND_INTEGER]
    case 'float32':
    case 'float64':
      return [KIND_FRACTION, KIND_INTEGER]
    case 'array':
      return [KIND_ARRAY]
    case 'map':
      return schema.keys?.type === 'string' ? [KIND_OBJECT] : [KIND_ARRAY]
    case 'struct':
      return [KIND_OBJECT]
    case 'bytes':
      // Decimals may be numbers.
      return [KIND_STRING, KIND_STRING_ESCAPED, KIND_FRACTION, KIND_INTEGER]
    default:
      return [KIND_STRING, KIND_STRING_ESCAPED]
  }
}
