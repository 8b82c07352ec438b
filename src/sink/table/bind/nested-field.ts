/**
 * Fields inside fields: `value.a.b` when the record has no field called `a.b` but an object or
 * struct `a` with a field `b`. Called only after the literal name was not found.
 * Invariant: nothing is built for JSON; a null on the way counts as a null field.
 * Spec: cassandra-sink 4.2 (extension).
 */
import { JsonIndex } from '../../../base/json/json-index.ts'
import { KIND_NULL, KIND_OBJECT } from '../../../base/json/json-kind.ts'
import { type Schema, Struct, type Value } from '../../../flow/index.ts'
import type { SideView } from './side-view.ts'

/** A JSON value in the bytes of its side; strings inside their quotes. */
export class JsonPlace {
  start = 0
  end = 0
  kind = 0
}

const nested = new JsonIndex()
const place = new JsonPlace()

/** The place is valid until the next call. */
export function findJson(side: SideView, path: readonly Buffer[]): JsonPlace | undefined {
  let { index } = side
  for (let depth = 0; ; depth++) {
    const member = index.find(path[depth]!, 0)
    if (member < 0) return undefined
    place.start = index.valueStart[member]!
    place.end = index.valueEnd[member]!
    place.kind = index.valueKind[member]!
    if (depth === path.length - 1 || place.kind === KIND_NULL) return place
    if (place.kind !== KIND_OBJECT) return undefined
    nested.scan(side.bytes, place.start, place.end)
    index = nested
  }
}

export interface NestedValue {
  readonly value: Value
  readonly schema: Schema | null
}

export function findValue(struct: Struct, path: readonly Buffer[]): NestedValue | undefined {
  let value: Value = struct
  let schema: Schema | null = struct.schema
  for (const part of path) {
    if (value === null) break
    const name = part.toString()
    if (value instanceof Struct) {
      const field = value.schema.field(name)
      if (field === undefined) return undefined
      value = value.values[field.index] ?? null
      schema = field.schema
    } else if (value instanceof Map) {
      const member: Value | undefined = value.get(name)
      if (member === undefined) return undefined
      value = member
      schema = schema?.values ?? null
    } else return undefined
  }
  return { value, schema }
}
