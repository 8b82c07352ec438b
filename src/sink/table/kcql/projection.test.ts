import { describe, expect, it } from 'vitest'
import { JsonNumber, type JsonValue, parseJson } from '../../../base/json/parse-json.ts'
import { parseKcql } from '../../../kcql/index.ts'
import { ConversionFailure } from '../conversion/index.ts'
import { Projection } from './projection.ts'

const RECORD =
  '{"id":1,"name":null,"a":{"b":{"c":2,"d":[3]},"e":4,"n":null},"list":[5,{"x":6}],"b":7}'

function projectionOf(select: string): Projection {
  const [statement] = parseKcql(`INSERT INTO t ${select.replace('FROM', 'FROM s ')}`)
  if (statement?.kind !== 'insert') throw new Error('an insert')
  return Projection.of(statement, statement.columns)
}

function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
  return value
}

function apply(select: string, text = RECORD, omitsNull = true): unknown {
  const root = parseJson(Buffer.from(text))
  if (!(root instanceof Map)) throw new Error('an object')
  const before = JSON.stringify(plain(root))
  const out = plain(projectionOf(select).apply(root, omitsNull))
  expect(JSON.stringify(plain(root))).toBe(before)
  return out
}

describe('Projection (checklist 9, section 10.2)', () => {
  it.each<[string, unknown]>([
    ['SELECT * FROM', JSON.parse(RECORD)],
    ['SELECT id FROM', { id: 1 }],
    ['SELECT id AS key FROM', { key: 1 }],
    ['SELECT id, id AS other FROM', { id: 1, other: 1 }],
    ['SELECT a.b.c FROM', { c: 2 }],
    ['SELECT a.b.c AS d FROM', { d: 2 }],
    ['SELECT a.b.c AS `x-y` FROM', { 'x-y': 2 }],
    ['SELECT a.* FROM', { b: { c: 2, d: [3] }, e: 4, n: null }],
    ['SELECT a.*, a.b AS x FROM', { e: 4, n: null, x: { c: 2, d: [3] } }],
    ['SELECT a.b.* FROM', { c: 2, d: [3] }],
    ['SELECT *, id AS key FROM', { ...JSON.parse(RECORD), id: undefined, key: 1 }],
    ['SELECT * FROM IGNORE a, list, b', { id: 1, name: null }],
    ['SELECT * FROM IGNORE a.b.c, a.n, list, b', { id: 1, name: null, a: { b: { d: [3] }, e: 4 } }],
    ['SELECT a FROM IGNORE a.b', { a: { e: 4, n: null } }],
    ['SELECT a.*, id FROM IGNORE a.b', { e: 4, n: null, id: 1 }],
    ['SELECT id, b FROM IGNORE b', { id: 1 }],
    ['SELECT list FROM', { list: [5, { x: 6 }] }],
    ['SELECT a.b, b FROM', { b: { c: 2, d: [3] }, b_1: 7 }],
    ['SELECT id AS x, b AS x, a.e AS x FROM', { x: 1, x_1: 7, x_2: 4 }],
    ['SELECT nothing, id FROM', { id: 1 }],
    ['SELECT name, id FROM', { id: 1 }],
    ['SELECT name.below, id FROM', { id: 1 }],
    ['SELECT nothing.* FROM', {}],
    ['SELECT a.b.c, a.e FROM WITHSTRUCTURE', { a: { b: { c: 2 }, e: 4 } }],
    ['SELECT a.b.c AS x, id FROM WITHSTRUCTURE', { a: { b: { x: 2 } }, id: 1 }],
    ['SELECT a.* FROM IGNORE a.b WITHSTRUCTURE', { a: { e: 4, n: null } }],
  ])('%s', (select, expected) => {
    expect(apply(select)).toEqual(expected)
  })

  it('keeps listed nulls of structs, leaves those of JSON out', () => {
    expect(apply('SELECT id, name FROM', RECORD, false)).toEqual({ id: 1, name: null })
    expect(apply('SELECT id, name FROM', RECORD, true)).toEqual({ id: 1 })
  })

  it.each([
    ['SELECT id.x FROM', 'an object at id'],
    ['SELECT list.x FROM', 'an object at list'],
    ['SELECT a.b.d.x FROM', 'an object at a.b.d'],
    ['SELECT id.* FROM', 'an object at id'],
  ])('%s is an error', (select, expected) => {
    expect(() => apply(select)).toThrow(ConversionFailure as never)
    try {
      apply(select)
    } catch (error) {
      expect(String(error)).toContain(expected)
    }
  })

  it.each<[string, string[] | undefined]>([
    ['SELECT a, b AS c, d.e FROM', ['a', 'c', 'e']],
    ['SELECT a, b.a FROM', ['a', 'a_1']],
    ['SELECT a.b, a.c, d FROM WITHSTRUCTURE', ['a', 'd']],
    ['SELECT a, * FROM', undefined],
    ['SELECT a.* FROM', undefined],
  ])('names known before any record: %s', (select, expected) => {
    expect(projectionOf(select).names?.map(({ name }) => name)).toEqual(expected)
  })
})
