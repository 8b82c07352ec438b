/** TTL, write timestamps, ties and now(): cassandra-sink 5.4, 12 D2, D5, D7, D24. */
import { describe, expect, it } from 'vitest'
import { NO_TIMESTAMP, Schema, Struct, structSchema } from '../../../flow/index.ts'
import { type Message, type Setup, schemaOf, TestBinder, text } from './test-bind.ts'

const TABLE = schemaOf('id int, v int')
const binderOf = (mapping: string, rest: Partial<Setup> = {}) =>
  new TestBinder({ schema: TABLE, mapping, ...rest })
const cellOf = (binder: TestBinder, message: Message, name: string) => {
  const row = binder.bind(message)
  return typeof row === 'string' ? row : row.values[name]
}

describe('__timestamp', () => {
  const bound = (x: string, rest: Partial<Setup> = {}) =>
    cellOf(
      binderOf('id=key, v=value.v, __timestamp=value.x', rest),
      { key: 1, value: text(`{"v":1,"x":${x}}`) },
      'ts',
    )

  it.each([
    ['5', 'MICROSECONDS', 5n],
    ['-5', 'MICROSECONDS', -5n],
    ['5', 'MILLISECONDS', 5000n],
    ['2147483648', 'SECONDS', 2147483648000000n],
    ['1', 'DAYS', 86400000000n],
    ['1999', 'NANOSECONDS', 1n],
    ['-1', 'NANOSECONDS', -1n],
    ['1.5', 'SECONDS', 1500000n],
    ['9223372036854775807', 'MICROSECONDS', 9223372036854775807n],
    ['9223372036854775808', 'MICROSECONDS', 'CONVERSION'],
    ['9223372036854775807', 'MILLISECONDS', 'CONVERSION'],
    ['"5"', 'MICROSECONDS', 'NOT_A_NUMBER'],
    ['true', 'MICROSECONDS', 'NOT_A_NUMBER'],
    ['null', 'MICROSECONDS', 'NOT_A_NUMBER'],
    ['{}', 'MICROSECONDS', 'NOT_A_NUMBER'],
  ] as const)('%s %s', (x, timestampTimeUnit, expected) => {
    expect(bound(x, { timestampTimeUnit })).toBe(expected)
  })

  it.each([
    [new Schema('int32'), 2147483647],
    [new Schema('int64'), 2147483647n],
  ])('of a struct and of a header is not cut to its width (D5, D24)', (schema, x) => {
    const value = new Struct(
      structSchema([
        ['v', new Schema('int32')],
        ['x', schema],
      ]),
      [1, x],
    )
    const seconds = { timestampTimeUnit: 'SECONDS' } as const
    const binder = binderOf('id=key, v=value.v, __timestamp=value.x', seconds)
    expect(cellOf(binder, { key: 1, value }, 'ts')).toBe(2147483647000000n)
    const header = binderOf('id=key, v=value.v, __timestamp=header.h', seconds)
    const message = { key: 1, value, headers: [{ name: 'h', schema, value: x }] }
    expect(cellOf(header, message, 'ts')).toBe(2147483647000000n)
  })

  it('a tombstone without it is deleted at the time of the record', () => {
    const binder = binderOf('id=key, v=value.v, __timestamp=value.x')
    const expected = { kind: 'delete', values: { id: 1, ts: 1000000n } }
    expect(binder.bind({ key: 1, value: null })).toMatchObject(expected)
    const own = binder.bind({ key: 1, value: text('{"v":null,"x":9}') })
    expect(own).toMatchObject({ kind: 'delete', values: { ts: 9n } })
    expect(binder.bind({ key: 1, value: text('{"v":null,"x":"9"}') })).toBe('NOT_A_NUMBER')
  })

  it('pseudo-columns are ordinary columns when quoted', () => {
    const schema = schemaOf('id int, "__ttl" text')
    const binder = new TestBinder({ schema, mapping: 'id=key, "__ttl"=value' })
    expect(cellOf(binder, { key: 1, value: text('x') }, '__ttl')).toBe('x')
  })
})

describe('timestamp of the record', () => {
  const binder = () => binderOf('id=key, v=value.v')
  const at = (timestampMs: number, rest: Partial<Setup> = {}) =>
    binderOf('id=key, v=value.v', rest).bind({ key: 1, value: text('{"v":1}'), timestampMs })

  it.each([
    [0, 0n],
    [1, 1000n],
    [1700000000123, 1700000000123000n],
    [1700000000123456, 1700000000123456000n],
  ])('%d ms', (timestampMs, ts) => {
    expect(at(timestampMs)).toMatchObject({ values: { ts }, isOrdered: false })
  })

  it('beyond 64 bits is an error, not a wrong time (D5)', () => {
    expect(at(1.7e18)).toBe('CONVERSION')
  })

  it('without one the server decides, and rows keep their order', () => {
    expect(at(NO_TIMESTAMP)).toMatchObject({ values: { ts: 'unset' }, isOrdered: true })
    const deleted = binder().bind({ key: 1, value: null, timestampMs: NO_TIMESTAMP })
    expect(deleted).toMatchObject({ kind: 'delete', values: { ts: 'unset' }, isOrdered: true })
    expect(at(NO_TIMESTAMP, { reference: ['D7'] })).toMatchObject({ isOrdered: false })
  })

  it('where nothing can be left unset the time of the client is bound', () => {
    const before = BigInt(Date.now()) * 1000n
    const row = at(NO_TIMESTAMP, { canUnset: false })
    expect(typeof row === 'string' ? 0n : row.values['ts']).toBeGreaterThanOrEqual(before)
  })
})

describe('ties in one millisecond', () => {
  const message = (id: number, value: string | null, timestampMs = 5): Message => ({
    key: id,
    value: value === null ? null : text(value),
    timestampMs,
  })

  it('later records of a key come microseconds later, deletes too; other keys do not (D7)', () => {
    const binder = binderOf('id=key, v=value.v')
    const sent = [
      message(1, '{"v":1}'),
      message(1, null),
      message(2, '{"v":1}'),
      message(1, '{"v":2}'),
      message(1, '{"v":3}', 6),
    ]
    const times = sent.map(one => cellOf(binder, one, 'ts'))
    expect(times).toEqual([5000n, 5001n, 5000n, 5002n, 6000n])
  })

  it('a record that fails takes no rank', () => {
    const binder = binderOf('id=key, v=value.v')
    expect(binder.bind(message(1, '{"v":"x"}'))).toBe('CONVERSION')
    expect(cellOf(binder, message(1, '{"v":1}'), 'ts')).toBe(5000n)
  })

  it('stops at 999 and never reaches the next millisecond', () => {
    const binder = binderOf('id=key, v=value.v')
    let last: unknown
    for (let i = 0; i < 1200; i++) last = cellOf(binder, message(1, '{"v":1}'), 'ts')
    expect(last).toBe(5999n)
  })

  it('all are equal in the reference', () => {
    const binder = binderOf('id=key, v=value.v', { reference: ['D7'] })
    const times = [1, 2].map(v => cellOf(binder, message(1, `{"v":${v}}`), 'ts'))
    expect(times).toEqual([5000n, 5000n])
  })

  it('__timestamp of the record itself is left as it is', () => {
    const binder = binderOf('id=key, v=value.v, __timestamp=value.v')
    const times = [1, 2].map(() => cellOf(binder, message(1, '{"v":8}'), 'ts'))
    expect(times).toEqual([8n, 8n])
  })
})

describe('__ttl', () => {
  const bound = (x: string, rest: Partial<Setup> = {}) => {
    const binder = binderOf('id=key, v=value.v, __ttl=value.x', rest)
    return cellOf(binder, { key: 1, value: text(`{"v":1,"x":${x}}`) }, 'ttl')
  }

  it.each([
    ['60', 'SECONDS', 60],
    ['1500', 'MILLISECONDS', 1],
    ['999', 'MILLISECONDS', 0],
    ['-60', 'SECONDS', 0],
    ['2', 'HOURS', 7200],
    ['1.9', 'SECONDS', 1],
    ['2147483648', 'SECONDS', 'CONVERSION'],
    ['24856', 'DAYS', 'CONVERSION'],
    ['"60"', 'SECONDS', 'NOT_A_NUMBER'],
    ['null', 'SECONDS', 'NOT_A_NUMBER'],
    ['true', 'SECONDS', 'NOT_A_NUMBER'],
  ] as const)('%s %s', (x, ttlTimeUnit, expected) => {
    expect(bound(x, { ttlTimeUnit })).toBe(expected)
  })

  it('does not stand in the way of a delete', () => {
    const binder = binderOf('id=key, v=value.v, __ttl=value.x')
    expect(binder.bind({ key: 1, value: null })).toMatchObject({ kind: 'delete' })
    expect(binder.bind({ key: 1, value: text('{"v":null,"x":60}') })).toMatchObject({
      kind: 'delete',
      values: { id: 1, ts: 1000001n },
    })
  })

  it('says what it is used as', () => {
    const failure = binderOf('id=key, v=value.v, __ttl=value.x').failure({
      key: 1,
      value: text('{"v":1,"x":"6"}'),
    })
    expect(failure.message).toContain('value used as a TTL is not a Number')
  })
})

describe('now()', () => {
  it('is a fresh version-1 UUID per column and record', () => {
    const schema = schemaOf('id timeuuid, a timeuuid, b uuid')
    const binder = new TestBinder({ schema, mapping: 'id=now(), a=now(), b=now()' })
    const rows = [1, 2].map(() => binder.bind({ key: 1 }))
    const ids = rows.flatMap(row => (typeof row === 'string' ? [] : Object.values(row.values)))
    const uuids = ids.filter(one => typeof one === 'string')
    expect(uuids).toHaveLength(6)
    expect(new Set(uuids).size).toBe(6)
    for (const uuid of uuids) expect(uuid).toMatch(/^\w{8}-\w{4}-1\w{3}-[89ab]\w{3}-\w{12}$/)
  })
})

describe('counters and queries', () => {
  it('a counter ignores the timestamp of the record (D2) and never deletes', () => {
    const schema = schemaOf('id int, c counter')
    const binder = new TestBinder({ schema, mapping: 'id=key, c=value.c' })
    const row = binder.bind({ key: 1, value: text('{"c":5}') })
    expect(row).toMatchObject({ kind: 'insert', values: { c: 5n, id: 1 }, isOrdered: false })
    expect(binder.plan.deleteCql).toBeUndefined()
  })

  it('a query binds what is mapped, leaves the rest unset, converts no units', () => {
    const query = 'INSERT INTO ks.t (id, v) VALUES (:id, :w) USING TIMESTAMP :a AND TTL :b'
    const binder = binderOf('id=key, a=value.a, b=value.b, other=value.v, __ttl=value.zzz', {
      query,
      deletesEnabled: false,
      ttlTimeUnit: 'HOURS',
      timestampTimeUnit: 'HOURS',
      variables: { w: 'int', a: 'bigint', b: 'int' },
    })
    const row = binder.bind({ key: 1, value: text('{"a":5,"b":6}') })
    expect(row).toMatchObject({ values: { id: 1, w: 'unset', a: 5n, b: 6 }, isOrdered: true })
  })
})
