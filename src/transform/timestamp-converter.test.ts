/**
 * TimestampConverter where Kafka has no answer to compare with: nested fields (V2), and schemaless
 * results, which stay plain integers. Everything else is in test/golden/transforms.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { sourceOf } from '../config/index.ts'
import {
  FlowRecord,
  LOGICAL,
  RawMessage,
  Schema,
  Struct,
  structSchema,
  type Value,
} from '../flow/index.ts'
import { transformClasses } from './transform-classes.ts'

const context = {
  materialise: (value: Value) => value,
  parseLiteral: (text: string) => ({ schema: null, value: text }),
}

function apply(config: Record<string, string>, schema: Schema | null, value: Value): FlowRecord {
  const data = {
    bytes: Buffer.alloc(0),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
  }
  const message = new RawMessage({ topic: 't', partition: 0 }, { offset: 0, timestampMs: 0 }, data)
  const record = new FlowRecord(message, { schema: null, value: null }, { schema, value })
  const factory = transformClasses.get('TimestampConverter$Value')!
  return factory.create(sourceOf(config), context).apply(record)!
}

describe('TimestampConverter$Value', () => {
  const V2 = { field: 'in.at', 'field.syntax.version': 'V2', 'target.type': 'Date' }
  const inner = structSchema([['at', new Schema('int64')]], { optional: true })
  const outer = structSchema([
    ['id', new Schema('int32')],
    ['in', inner],
  ])

  it('changes a nested field and its schema', () => {
    const record = apply(V2, outer, new Struct(outer, [1, new Struct(inner, [86_400_001n])]))
    const struct = record.value as Struct
    expect(struct.schema.field('in')?.schema.optional).toBe(true)
    expect(struct.schema.field('in')?.schema.field('at')?.schema.name).toBe(LOGICAL.DATE)
    expect((struct.get('in') as Struct).values).toEqual([1])
    expect(struct.get('id')).toBe(1)
  })

  it.each([
    ['a null on the way', null],
    ['a null at the end', new Map<Value, Value>([['at', null]])],
  ])('leaves %s', (_, nested) => {
    const value = new Map<Value, Value>([['in', nested]])
    expect(apply(V2, null, value).value).toEqual(value)
  })

  it('leaves a null struct on the way', () => {
    const record = apply(V2, outer, new Struct(outer, [1, null]))
    expect((record.value as Struct).values).toEqual([1, null])
  })

  it.each([
    ['Date', 86_400_000n],
    ['Time', 5n],
    ['Timestamp', 86_400_005n],
    ['unix', 86_400_005n],
  ])('gives schemaless %s as milliseconds', (target, expected) => {
    const value = new Map<Value, Value>([['in', new Map<Value, Value>([['at', 86_400_005n]])]])
    const record = apply({ ...V2, 'target.type': target }, null, value)
    expect(record.value).toEqual(new Map([['in', new Map([['at', expected]])]]))
  })

  it('gives records of one schema one schema', () => {
    const config = { 'target.type': 'Timestamp' }
    const schema = new Schema('int64')
    const factory = transformClasses.get('TimestampConverter$Value')!
    const transform = factory.create(sourceOf(config), context)
    const results = [1n, 2n].map(ms => {
      const record = apply({ 'target.type': 'unix' }, schema, ms)
      record.valueSchema = schema
      return transform.apply(record)?.valueSchema
    })
    expect(results[0]).toBe(results[1])
    expect(results[0]?.name).toBe(LOGICAL.TIMESTAMP)
  })
})
