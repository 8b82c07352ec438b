/**
 * The value of a record as a JSON object, for classic KCQL statements: made once per record, although
 * several tables may select from it. One instance per topic and task.
 * Invariant: null for a tombstone; anything that is no object is a ConversionFailure.
 * Spec: cassandra-sink 10.2 (value kinds).
 */
import type { JsonObject, JsonValue } from '../../../base/json/parse-json.ts'
import { type FlowRecord, RawText, Struct, type Value } from '../../../flow/index.ts'
import { failure, toTree, treeOfText } from '../conversion/index.ts'

const EXPECTED = 'a struct, a map, or text or bytes that hold a JSON object'

export class RecordTree {
  #record: FlowRecord | undefined
  #tree: JsonObject | null = null

  /** Null for a tombstone. */
  of(record: FlowRecord): JsonObject | null {
    if (this.#record !== record) {
      this.#record = undefined
      this.#tree = treeOf(record)
      this.#record = record
    }
    return this.#tree
  }

  /** Listed nulls of a struct are kept, those of JSON are left out. */
  static omitsNull(record: FlowRecord): boolean {
    return !(record.value instanceof Struct)
  }
}

function treeOf({ value, valueSchema }: FlowRecord): JsonObject | null {
  if (value === null) return null
  const tree = isText(value) ? parsed(value) : toTree(value, valueSchema)
  if (tree === null && value instanceof RawText && value.form === 'json') return null
  if (tree instanceof Map) return tree
  throw failure('not an object', EXPECTED, kindOf(value))
}

function isText(value: Value): value is string | Buffer | RawText {
  return typeof value === 'string' || Buffer.isBuffer(value) || value instanceof RawText
}

function parsed(value: string | Buffer | RawText): JsonValue {
  if (value instanceof RawText) return treeOfText(value.bytes, value.start, value.end)
  return treeOfText(typeof value === 'string' ? Buffer.from(value) : value)
}

function kindOf(value: Value): string {
  if (isText(value)) return 'JSON of another kind'
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
