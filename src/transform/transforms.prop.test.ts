/**
 * Any transform on any record either answers or throws a data error; nothing else ever escapes, and
 * the origin of a record never changes.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from '../base/decimal.ts'
import { isScamanderError } from '../base/scamander-error.ts'
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

const CHAIN: readonly (readonly [name: string, config: Record<string, string>])[] = [
  ['Cast$Value', { spec: 'a:int8,b:string,c:boolean' }],
  ['Cast$Value', { spec: 'int64' }],
  ['Cast$Key', { spec: 'float32' }],
  ['DropHeaders', { headers: 'a' }],
  ['ExtractField$Value', { field: 'a.b', 'field.syntax.version': 'V2' }],
  ['ExtractField$Key', { field: 'a' }],
  ['Filter', {}],
  ['Flatten$Value', {}],
  ['HeaderFrom$Value', { fields: 'a,b', headers: 'x,y', operation: 'move' }],
  ['HoistField$Value', { field: 'a' }],
  ['InsertField$Value', { 'topic.field': 'a', 'offset.field': 'o!', 'timestamp.field': 't' }],
  ['InsertHeader', { header: 'h', 'value.literal': '1' }],
  ['MaskField$Value', { fields: 'a,b,c' }],
  ['MaskField$Value', { fields: 'a,b,c', replacement: '12.5' }],
  ['RegexRouter', { regex: '(.*)a(.*)', replacement: '$2$1' }],
  ['ReplaceField$Value', { exclude: 'c', renames: 'a:b' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'n', 'replace.null.with.default': 'false' }],
  ['TimestampConverter$Value', { field: 'a', 'target.type': 'string', format: 'yyyy-MM-dd' }],
  ['TimestampConverter$Value', { 'target.type': 'Date', format: 'yyyyMMdd' }],
  [
    'TimestampConverter$Value',
    { field: 'a.b', 'field.syntax.version': 'V2', 'target.type': 'unix' },
  ],
  ['TimestampRouter', { 'timestamp.format': "yyyy-'W'ww" }],
  ['ValueToKey', { fields: 'a,b' }],
]

const name = fc.constantFrom('a', 'b', 'c')

const plain: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string(),
    fc.uint8Array().map(bytes => Buffer.from(bytes) as Value),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 3 })
      .map(pairs => new Map<Value, Value>(pairs)),
  ),
})).value

type Typed = readonly [schema: Schema, value: Value]

const scalar: fc.Arbitrary<Typed> = fc.boolean().chain(optional => {
  const of = (schema: Schema, values: fc.Arbitrary<Value>): fc.Arbitrary<Typed> =>
    (optional ? fc.option(values, { nil: null }) : values).map(value => [schema, value] as const)
  const parameters = { scale: '2' }
  return fc.oneof(
    of(new Schema('int8', { optional }), fc.integer({ min: -128, max: 127 })),
    of(new Schema('int32', { optional }), fc.integer()),
    of(
      new Schema('int64', { optional, defaultValue: 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    of(new Schema('float64', { optional }), fc.double()),
    of(new Schema('string', { optional, defaultValue: 'd' }), fc.string()),
    of(
      new Schema('bytes', { optional }),
      fc.uint8Array().map(bytes => Buffer.from(bytes) as Value),
    ),
    of(
      new Schema('bytes', { optional, name: LOGICAL.DECIMAL, parameters }),
      fc.bigInt().map(n => new Decimal(n, 2) as Value),
    ),
    of(new Schema('int32', { optional, name: LOGICAL.DATE }), fc.integer()),
    of(
      new Schema('int64', { optional, name: LOGICAL.TIMESTAMP }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    of(
      new Schema('array', { optional, values: new Schema('int32') }),
      fc.array(fc.integer(), { maxLength: 2 }),
    ),
  )
})

const typed: fc.Arbitrary<Typed> = fc.letrec<{ typed: Typed }>(tie => ({
  typed: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc
      .uniqueArray(fc.tuple(name, tie('typed')), { selector: ([field]) => field, maxLength: 3 })
      .map((fields): Typed => {
        const schema = structSchema(fields.map(([field, [of]]) => [field, of]))
        return [
          schema,
          new Struct(
            schema,
            fields.map(([, [, value]]) => value),
          ),
        ]
      }),
  ),
})).typed

const side = fc.oneof(
  plain.map(value => ({ schema: null, value })),
  typed.map(([schema, value]) => ({ schema, value })),
)

describe('every transform', () => {
  it.each(CHAIN)('%s %j answers or throws a data error', (className, config) => {
    const transform = transformClasses.get(className)!.create(sourceOf(config), context)
    fc.assert(
      fc.property(side, side, fc.integer({ min: -1, max: 2 ** 45 }), (key, value, timestampMs) => {
        const data = {
          bytes: Buffer.alloc(0),
          keyStart: 0,
          keyLength: -1,
          valueStart: 0,
          valueLength: -1,
        }
        const origin = new RawMessage(
          { topic: 'a', partition: 0 },
          { offset: 5, timestampMs },
          data,
        )
        try {
          const answer = transform.apply(new FlowRecord(origin, key, value))
          if (answer !== undefined) expect(answer.origin).toBe(origin)
        } catch (error) {
          if (!isScamanderError(error, 'data')) throw error
        }
      }),
      { numRuns: 150 },
    )
  })
})
