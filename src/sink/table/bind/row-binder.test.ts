/** Decision tables of binding: presence (4.4), deletes (5.3), nulls (5.5), forms of records (4.3). */
import { describe, expect, it } from 'vitest'
import { OPTIONAL_STRING, Schema, STRING, Struct, structSchema } from '../../../flow/index.ts'
import { json, type Message, type Setup, schemaOf, TestBinder, text, tokenOf } from './test-bind.ts'

const USERS = schemaOf('id bigint, name text, age int')
const MAPPING = 'id=key, name=value.name, age=value.age'
const users = (rest: Partial<Setup> = {}) =>
  new TestBinder({ schema: USERS, mapping: MAPPING, ...rest })
const ofUser = (value: string): Message => ({ key: text('7'), value: text(value) })

describe('worked examples of the specification', () => {
  it.each([
    ['7', '{"name":"Ann","age":"41"}', 1000, 'insert', { name: 'Ann', age: 41, ts: 1000000n }],
    ['7', '{"name":null,"age":42}', 2000, 'insert', { name: 'unset', age: 42, ts: 2000000n }],
    ['7', '{"name":null,"age":null}', 3000, 'delete', { ts: 3000000n }],
    ['7', null, 3000, 'delete', { ts: 3000000n }],
    ['7', '{"name":"Bo"}', 4000, 'FIELD_MISSING', {}],
    ['x7', '{"name":"Bo","age":1}', 4000, 'CONVERSION', {}],
    ['7', '{"name":"Bo","age":1.5}', 4000, 'CONVERSION', {}],
    ['7', '{"name":{"a":1},"age":true}', 4000, 'insert', { name: '{"a":1}', age: 1 }],
  ])('%s %s', (key, value, timestampMs, kind, values) => {
    const message = { key: text(key), value: value === null ? null : text(value), timestampMs }
    const row = users().bind(message)
    if (typeof row === 'string') expect(row).toBe(kind)
    else expect(row).toMatchObject({ kind, values: { id: 7n, ...values } })
  })
})

describe('presence', () => {
  const all = 'id=key.id, name=value.name, age=header.age'
  const age = { name: 'age', schema: null, value: 5n }
  it.each([
    ['all there', text('{"id":1}'), text('{"name":"a"}'), [age], 'insert'],
    ['null content is there', text('{"id":1}'), text('{"name":null}'), [age], 'insert'],
    ['extra fields are ignored', text('{"id":1,"x":2}'), text('{"name":1,"y":2}'), [age], 'insert'],
    ['key field missing', text('{"ID":1}'), text('{"name":"a"}'), [age], 'FIELD_MISSING'],
    ['value field missing', text('{"id":1}'), text('{"x":"a"}'), [age], 'FIELD_MISSING'],
    ['header missing', text('{"id":1}'), text('{"name":"a"}'), [], 'FIELD_MISSING'],
    ['value null is exempt', text('{"id":1}'), null, [age], 'insert'],
    ['value {} is exempt', text('{"id":1}'), text('{}'), [age], 'insert'],
    ['key null is not exempt', null, text('{"name":"a"}'), [age], 'FIELD_MISSING'],
    ['key {} is not exempt', text('{}'), text('{"name":"a"}'), [age], 'FIELD_MISSING'],
  ])('%s', (_name, key, value, headers, expected) => {
    const row = users({ mapping: all }).bind({ key, value, headers })
    expect(typeof row === 'string' ? row : row.kind).toBe(expected)
  })

  it.each(['{broken', '12', '"text"', '[1]', 'null', '', '  ', 'true'])(
    'a value %j that is no object is a mapping error; a delete in the reference (D1)',
    value => {
      expect(users().bind(ofUser(value))).toBe('FIELD_MISSING')
      expect(users({ reference: ['D1'] }).bind(ofUser(value))).toMatchObject({ kind: 'delete' })
    },
  )

  it('treats absent as null when asked', () => {
    const row = users({ allowMissingFields: true }).bind(ofUser('{"name":"Bo"}'))
    expect(row).toMatchObject({ kind: 'insert', values: { name: 'Bo', age: 'unset' } })
    expect(users({ allowMissingFields: true }).bind({ value: text('{"name":"x"}') })).toBe(
      'KEY_NULL',
    )
  })

  it('names field, column and record, never the value', () => {
    const { message, context } = users().failure({
      key: text('7'),
      value: text('{"age":"secret"}'),
    }) as Error & { context: object }
    expect(message).toContain('ks.t, name=value.name: required field missing')
    expect(context).toEqual({ topic: 'topic', partition: 3, offset: 0 })
    const conversion = users().failure(ofUser('{"name":"a","age":"secret"}'))
    expect(conversion.message).toContain('ks.t, age=value.age: ')
    expect(conversion.message).not.toContain('secret')
  })
})

describe('deletes: each condition flipped alone', () => {
  const allNull = ofUser('{"name":null,"age":null}')
  const kindOf = (binder: TestBinder, message = allNull) => {
    const row = binder.bind(message)
    return typeof row === 'string' ? row : row.kind
  }

  it('all conditions hold', () => expect(kindOf(users())).toBe('delete'))

  it('1: deletes disabled', () => {
    expect(users({ deletesEnabled: false }).bind(allNull)).toMatchObject({
      kind: 'insert',
      values: { id: 7n, name: 'unset', age: 'unset' },
    })
  })

  it('1: a query', () => {
    const query = 'INSERT INTO ks.t (id, name, age) VALUES (:id, :name, :age)'
    expect(kindOf(users({ query, deletesEnabled: false }))).toBe('insert')
  })

  it('2: a column is not mapped', () => {
    expect(kindOf(users({ mapping: 'id=key, name=value.name' }))).toBe('insert')
  })

  it('3: only the primary key is mapped', () => {
    const schema = schemaOf('id bigint, name text', 2)
    const binder = new TestBinder({ schema, mapping: 'id=key, name=value.name' })
    expect(binder.plan.deleteCql).toBeUndefined()
    expect(binder.bind(ofUser('{"name":"x"}'))).toMatchObject({ kind: 'insert' })
  })

  it('4: a field that is not null', () => {
    expect(kindOf(users(), ofUser('{"name":null,"age":0}'))).toBe('insert')
    expect(kindOf(users(), ofUser('{"name":"","age":null}'))).toBe('insert')
  })

  it('4: now() is a value, but not in the reference (D3), and not as part of the key', () => {
    const schema = schemaOf('id bigint, at timeuuid')
    const setup = { schema, mapping: 'id=key, at=now()' }
    expect(kindOf(new TestBinder(setup))).toBe('insert')
    expect(kindOf(new TestBinder({ ...setup, reference: ['D3'] }))).toBe('delete')
    const keyed = { schema: schemaOf('id timeuuid, a int'), mapping: 'id=now(), a=value.a' }
    expect(kindOf(new TestBinder(keyed), { value: text('{"a":null}') })).toBe('delete')
  })

  it.each([
    // Mapping __ttl makes the count wrong in the reference, either way.
    [`${MAPPING}, __ttl=value.ttl`, 'delete', 'insert'],
    ['id=key, name=value.name, __ttl=value.ttl', 'insert', 'insert'],
    [`${MAPPING}, __timestamp=value.ts`, 'delete', 'insert'],
    ['id=key, name=value.name, __timestamp=value.ts', 'insert', 'delete'],
  ])('2 with pseudo-columns (D3): %s', (mapping, fixed, reference) => {
    const message = ofUser('{"name":null,"age":null,"ttl":5,"ts":6}')
    expect(kindOf(users({ mapping }), message)).toBe(fixed)
    expect(kindOf(users({ mapping, reference: ['D3'] }), message)).toBe(reference)
  })

  it('carries the timestamp of the record, but not in the reference (D4)', () => {
    expect(users().bind(allNull)).toMatchObject({
      kind: 'delete',
      values: { id: 7n, ts: 1000000n },
      isOrdered: false,
    })
    const reference = users({ reference: ['D4'] }).bind(allNull)
    expect(reference).toMatchObject({ kind: 'delete', values: { id: 7n }, isOrdered: true })
    expect(Object.keys((reference as { values: object }).values)).toEqual(['id'])
  })

  it('takes every component of the key, in the order of the key', () => {
    const schema = schemaOf('p int, c text, d int, v int', 3)
    const mapping = 'v=value.v, d=key.d, c=key.c, p=key.p'
    const row = new TestBinder({ schema, mapping }).bind({ key: text('{"p":1,"c":"x","d":2}') })
    expect(row).toMatchObject({ kind: 'delete', values: { p: 1, c: 'x', d: 2, ts: 1000000n } })
  })
})

describe('nulls', () => {
  const table = {
    schema: schemaOf('id int, t text, a ascii, i int, b blob, l list<int>'),
    mapping: 'id=key, t=value.t, a=value.a, i=value.i, b=value.b, l=value.l',
  }
  const row = (fields: object, rest: Partial<Setup> = {}) => {
    const value = { t: 'x', a: 'x', i: 1, b: '0x01', l: [1], ...fields }
    const bound = new TestBinder({ ...table, ...rest }).bind({
      key: text('1'),
      value: text(JSON.stringify(value)),
    })
    return typeof bound === 'string' ? bound : bound.values
  }

  it.each([
    [{ t: null }, 't', 'unset', null],
    [{ t: '' }, 't', '', ''],
    [{ a: '' }, 'a', '', ''],
    [{ i: null }, 'i', 'unset', null],
    [{ i: '' }, 'i', 'unset', null],
    [{ l: null }, 'l', 'unset', null],
    [{ l: '' }, 'l', 'unset', null],
    [{ b: null }, 'b', 'unset', null],
    [{ b: '0x' }, 'b', '', ''],
  ])('%j', (fields, column, unset, written) => {
    expect(row(fields)).toMatchObject({ [column]: unset })
    expect(row(fields, { nullToUnset: false })).toMatchObject({ [column]: written })
  })

  it('an empty blob is like null in the reference, and 0x where nulls are written (D6)', () => {
    const reference = ['D6']
    expect(row({ b: '0x' }, { reference })).toMatchObject({ b: 'unset' })
    expect(row({ b: '0x' }, { reference, nullToUnset: false })).toMatchObject({ b: '' })
  })

  it('writes null where the protocol knows no unset', () => {
    expect(row({ i: null }, { canUnset: false })).toMatchObject({ i: null })
  })

  it.each([
    [null, 'KEY_NULL'],
    [text(''), 'KEY_NULL'],
  ])('a primary key of %s is refused', (key, code) => {
    const message = { key, value: text('{"name":"a","age":1}') }
    expect(users().bind(message)).toBe(code)
    const failure = users().failure(message) as Error & { context: object }
    expect(failure.message).toContain('Primary key column id cannot be mapped to null')
    expect(failure.context).toEqual({ topic: 'topic', partition: 3, offset: 0 })
  })

  it('an empty text is a key; an empty blob is one too', () => {
    const schema = schemaOf('id text, v int')
    const mapping = 'id=key, v=value.v'
    expect(
      new TestBinder({ schema, mapping }).bind({ key: text(''), value: text('{"v":1}') }),
    ).toMatchObject({ values: { id: '', v: 1 } })
  })
})

describe('forms of keys and values', () => {
  const one = (type: string, field = 'value') =>
    new TestBinder({ schema: schemaOf(`id int, v ${type}`), mapping: `id=key, v=${field}` })
  const pair = structSchema([
    ['a', new Schema('int32')],
    ['b', STRING],
  ])
  const map = new Map<string, bigint | string>([
    ['a', 5n],
    ['b', 'x'],
  ])

  it.each([
    ['text of JSON', 'text', text(' {"a": 1.50} '), ' {"a": 1.50} '],
    ['text of JSON into a UDT', 'frozen<pair>', text('{"a":5,"b":"x"}'), [5, 'x']],
    ['text of JSON into a map', 'map<text,int>', text('{"a":5}'), [['a', 5]]],
    ['text of a JSON array into a list', 'list<int>', text('[1,2]'), [1, 2]],
    ['JSON into text is compact', 'text', json(' { "a" : 1.50 } '), '{"a":1.5}'],
    ['JSON into a UDT', 'frozen<pair>', json('{"a":5,"b":"x"}'), [5, 'x']],
    ['JSON string', 'text', json('"x"'), 'x'],
    ['JSON number', 'int', json('41'), 41],
    ['JSON array', 'list<int>', json('[1]'), [1]],
    ['JSON boolean', 'boolean', json('true'), true],
    ['a string', 'text', 'x', 'x'],
    ['a number', 'bigint', 41, 41n],
    ['a long', 'int', 41n, 41],
    ['bytes', 'blob', Buffer.from('cafe', 'hex'), 'cafe'],
    ['a map as text', 'text', map, '{"a":5,"b":"x"}'],
    [
      'a map into a map',
      'map<text,text>',
      map,
      [
        ['a', '5'],
        ['b', 'x'],
      ],
    ],
    ['a struct into a UDT', 'frozen<pair>', new Struct(pair, [5, 'x']), [5, 'x']],
  ])('whole value: %s', (_name, type, value, expected) => {
    const schema = value instanceof Struct ? { valueSchema: value.schema } : {}
    expect(one(type).bind({ key: 1, value, ...schema })).toMatchObject({ values: { v: expected } })
  })

  it.each([
    ['a struct into text', 'text', new Struct(pair, [5, 'x'])],
    ['text that is no number', 'int', text('x')],
    ['bytes into text', 'int', Buffer.from('x')],
  ])('whole value refused: %s', (_name, type, value) => {
    expect(one(type).bind({ key: 1, value })).toBe('CONVERSION')
  })

  it.each([
    ['text', text('{"f":3,"f":4}'), 4],
    ['text before other text', text('{"f":4} trailing'), 4],
    ['escaped name', text('{"\\u0066":4}'), 4],
    ['JSON', json('{"f":4}'), 4],
    ['a string', '{"f":4}', 4],
    ['a map', new Map([['f', 4n]]), 4],
    ['a struct', new Struct(structSchema([['f', new Schema('int8')]]), [4]), 4],
  ])('field of %s', (_name, value, expected) => {
    expect(one('int', 'value.f').bind({ key: 1, value })).toMatchObject({ values: { v: expected } })
    const key = new TestBinder({ schema: schemaOf('id int, v int'), mapping: 'id=key.f, v=value' })
    expect(key.bind({ key: value, value: 1 })).toMatchObject({ values: { id: expected } })
  })

  it('__self is the whole', () => {
    expect(one('text', 'value.__self').bind({ key: 1, value: text('x') })).toMatchObject({
      values: { v: 'x' },
    })
  })

  it('the first header of a name counts', () => {
    const headers = [
      { name: 'h', schema: OPTIONAL_STRING, value: '1' },
      { name: 'h', schema: OPTIONAL_STRING, value: '2' },
    ]
    const row = one('int', 'header.h').bind({ key: 1, value: null, headers })
    expect(row).toMatchObject({ values: { v: 1 } })
  })

  it('one record after another: nothing stays behind', () => {
    const binder = one('text', 'value.f')
    const rows = [text('{"f":"a"}'), null, text('{"x":1,"f":"b"}'), 5n, json('{"f":"c"}')]
    expect(
      rows.map(value => {
        const row = binder.bind({ key: 1, value })
        return typeof row === 'string' ? row : (row.values['v'] ?? row.kind)
      }),
    ).toEqual(['a', 'delete', 'b', 'FIELD_MISSING', 'c'])
  })
})

describe('names with dots', () => {
  const schema = schemaOf('id int, v int')
  const binder = (field = 'value.a.b', rest: Partial<Setup> = {}) =>
    new TestBinder({ schema, mapping: `id=key, v=${field}`, ...rest })
  const inner = structSchema([['b', new Schema('int32', { optional: true })]])
  const outer = structSchema([['a', inner]])
  const literal = structSchema([
    ['a', inner],
    ['a.b', new Schema('int32')],
  ])

  it.each([
    ['the literal name', text('{"a.b":1}'), 1],
    ['the literal name wins', text('{"a":{"b":2},"a.b":1}'), 1],
    ['a path in text', text('{"a":{"x":[1],"b":2}}'), 2],
    ['a path in JSON', json('{"a":{"b":2}}'), 2],
    ['a path in a map', new Map([['a', new Map([['b', 2n]])]]), 2],
    ['a path in a struct', new Struct(outer, [new Struct(inner, [2])]), 2],
    ['a literal field of a struct wins', new Struct(literal, [new Struct(inner, [2]), 1]), 1],
    ['null at the end', text('{"a":{"b":null}}'), null],
    ['null on the way', text('{"a":null}'), null],
    ['null on the way in a struct', new Struct(outer, [null]), null],
  ])('%s', (_name, value, expected) => {
    const row = binder('value.a.b', { nullToUnset: false, deletesEnabled: false }).bind({
      key: 1,
      value,
    })
    expect(row).toMatchObject({ values: { v: expected } })
  })

  it.each([text('{"a":{"c":1}}'), text('{"a":1}'), text('{"a":[1]}'), text('{"b":1}')])(
    'missing in %s',
    value => expect(binder().bind({ key: 1, value })).toBe('FIELD_MISSING'),
  )

  it('goes deeper, and feeds __timestamp', () => {
    const setup = { schema, mapping: 'id=key, v=value.a.b.c, __timestamp=value.m.t' }
    const value = text('{"m":{"t":77},"a":{"b":{"c":3}}}')
    expect(new TestBinder(setup).bind({ key: 1, value })).toMatchObject({
      values: { v: 3, ts: 77n },
    })
  })
})

describe('routing', () => {
  it('hashes the only key column as it is', () => {
    const id = Buffer.alloc(8)
    id.writeBigInt64BE(7n)
    const expected = { isRouted: true, token: tokenOf(id) }
    expect(users().bind(ofUser('{"name":"a","age":1}'))).toMatchObject(expected)
    expect(users().bind({ key: text('7') })).toMatchObject({ kind: 'delete', ...expected })
  })

  it('hashes several key columns with their lengths, in key order', () => {
    const schema = schemaOf('p int, q text, v int', 2, 2)
    const long = 'y'.repeat(700)
    const mapping = 'v=value.v, q=value.q, p=value.p'
    const row = new TestBinder({ schema, mapping }).bind({
      value: text(JSON.stringify({ v: 1, p: 5, q: long })),
    })
    const composite = Buffer.concat([
      Buffer.from([0, 4, 0, 0, 0, 5, 0]),
      Buffer.from([700 >> 8, 700 & 255]),
      Buffer.from(long),
      Buffer.from([0]),
    ])
    expect(row).toMatchObject({ isRouted: true, token: tokenOf(composite) })
  })

  it('sends a query without the whole key alone, in the order of Kafka keys', () => {
    const query = 'UPDATE ks.t SET name = :n WHERE id = 5'
    const setup = { query, deletesEnabled: false, mapping: 'n=value.n', variables: { n: 'text' } }
    const row = users(setup).bind({ value: text('{"n":"x"}'), keyBytes: 'k' })
    const expected = { isRouted: false, isOrdered: true, token: tokenOf(Buffer.from('k')) }
    expect(row).toMatchObject(expected)
  })
})
