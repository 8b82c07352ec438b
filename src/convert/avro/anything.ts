/**
 * Data without a schema in Avro: a record of which one field is set, as Confluent's converter has
 * it (`io.confluent.connect.avro.Anything`). Read and written here for the Avro converter.
 * Spec: connect-rest 12.1. Fields in order: boolean, bytes, double, float, int, long, string, array,
 * map; each is a union of null (0) and its type (1).
 * Invariant: numbers without a schema are FLOAT64, integers INT64.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { Value } from '../../flow/index.ts'
import { materialise } from '../materialise.ts'
import type { AvroCursor } from './avro-cursor.ts'
import { wrongValue } from './avro-scalars.ts'
import { writeZigZag, writeZigZagLong } from './avro-varint.ts'

const FIELDS = 9
const BOOLEAN = 0
const BYTES = 1
const DOUBLE = 2
const LONG = 5
const STRING = 6
const ARRAY = 7
const MAP = 8
const DEPTH_MAX = 500

const READERS: readonly ((cursor: AvroCursor, depth: number) => Value)[] = [
  cursor => cursor.readBoolean(),
  cursor => {
    const length = cursor.readLength()
    const start = cursor.take(length)
    return cursor.bytes.subarray(start, start + length)
  },
  cursor => cursor.bytes.readDoubleLE(cursor.take(8)),
  cursor => cursor.bytes.readFloatLE(cursor.take(4)),
  cursor => BigInt(cursor.readInt()),
  cursor => cursor.readLong(),
  cursor => {
    const length = cursor.readLength()
    const start = cursor.take(length)
    return cursor.bytes.utf8Slice(start, start + length)
  },
  (cursor, depth) => {
    const out: Value[] = []
    for (let count = cursor.readBlockCount(); count !== 0; count = cursor.readBlockCount()) {
      for (let i = 0; i < count; i++) out.push(readAnything(cursor, depth + 1))
    }
    return out
  },
  (cursor, depth) => {
    const out = new Map<Value, Value>()
    for (let count = cursor.readBlockCount(); count !== 0; count = cursor.readBlockCount()) {
      for (let i = 0; i < count; i++) {
        const key = readAnything(cursor, depth + 1)
        out.set(key, readAnything(cursor, depth + 1))
      }
    }
    return out
  },
]

export function anythingReader(cursor: AvroCursor): Value {
  return readAnything(cursor, 0)
}

function readAnything(cursor: AvroCursor, depth: number): Value {
  if (depth > DEPTH_MAX) throw cursor.bad(`expected at most ${DEPTH_MAX} levels`)
  let found: Value = null
  for (const read of READERS) {
    const branch = cursor.readInt()
    if (branch === 0) continue
    if (branch !== 1) throw cursor.bad('expected one of 2 union branches')
    found = read(cursor, depth)
  }
  return found
}

export function writeAnything(out: ByteWriter, given: Value): void {
  const value = materialise(given)
  const field = fieldOf(value)
  for (let i = 0; i < FIELDS; i++) {
    out.writeUInt8(i === field ? 2 : 0)
    if (i === field) writeField(out, value)
  }
}

/** -1: nothing is set, which is null. */
function fieldOf(value: Value): number {
  if (value === null) return -1
  switch (typeof value) {
    case 'boolean':
      return BOOLEAN
    case 'number':
      return DOUBLE
    case 'bigint':
      return LONG
    case 'string':
      return STRING
    default:
      if (Array.isArray(value)) return ARRAY
      if (value instanceof Map) return MAP
      if (Buffer.isBuffer(value)) return BYTES
      throw wrongValue('data without a schema', value)
  }
}

function writeField(out: ByteWriter, value: Value): void {
  if (typeof value === 'boolean') out.writeUInt8(value ? 1 : 0)
  else if (typeof value === 'bigint') writeZigZagLong(out, value)
  else if (typeof value === 'number') {
    const at = out.reserve(8)
    out.position = out.bytes.writeDoubleLE(value, at)
  } else if (typeof value === 'string') {
    writeZigZag(out, Buffer.byteLength(value))
    out.writeUtf8(value)
  } else if (Buffer.isBuffer(value)) {
    writeZigZag(out, value.length)
    out.writeBytes(value)
  } else if (Array.isArray(value)) {
    if (value.length > 0) writeZigZag(out, value.length)
    for (const one of value) writeAnything(out, one)
    out.writeUInt8(0)
  } else if (value instanceof Map) {
    if (value.size > 0) writeZigZag(out, value.size)
    for (const [key, member] of value) {
      writeAnything(out, key)
      writeAnything(out, member)
    }
    out.writeUInt8(0)
  }
}
