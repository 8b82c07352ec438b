import { describe, expect, it } from 'vitest'
import type { DemoTable, PlainRow } from './data/data-flow.ts'
import { compareRows } from './table-proof.ts'

const table: DemoTable = {
  name: 'k.t',
  columns: ['id', 'at', 'tags', 'more'],
  keyLength: 1,
  expires: false,
}
const AT = '2018-02-07T01:26:13.840Z'
const wanted: PlainRow[] = [
  ['a', AT, ['x', 'y'], { one: '1' }],
  ['b', AT, [], null],
]
const good = [
  { id: 'a', at: new Date(AT), tags: ['x', 'y'], more: { one: '1' } },
  { id: 'b', at: new Date(AT), tags: [], more: null },
]

describe('compareRows', () => {
  it('accepts equal rows', () => {
    expect(compareRows(table, wanted, good)).toMatchObject({
      expected: 2,
      rows: 2,
      fields: 8,
      mismatches: 0,
      examples: [],
    })
  })

  it('takes the last of the expected rows with one key', () => {
    const twice: PlainRow[] = [['a', AT, ['old'], null], ...wanted]
    expect(compareRows(table, twice, good).mismatches).toBe(0)
  })

  const cases: [string, Record<string, unknown>[], string][] = [
    ['a missing row', good.slice(0, 1), 'k.t b: the row is missing'],
    ['a row too many', [...good, { ...good[1], id: 'c' }], 'k.t c: a row that was never sent'],
    ['a row twice', [...good, good[1]!], 'k.t b: the same row twice'],
    [
      'another instant',
      [good[0]!, { ...good[1], at: new Date(0) }],
      `k.t b: at expected ${AT}, found 1970-01-01T00:00:00.000Z`,
    ],
    [
      'another order of a list',
      [{ ...good[0], tags: ['y', 'x'] }, good[1]!],
      'k.t a: tags expected ["x","y"], found ["y","x"]',
    ],
    [
      'a member of a map too many',
      [{ ...good[0], more: { one: '1', two: '2' } }, good[1]!],
      'k.t a: more expected {"one":"1"}, found {"one":"1","two":"2"}',
    ],
    [
      'text instead of null',
      [good[0]!, { ...good[1], more: '' }],
      'k.t b: more expected null, found ',
    ],
  ]
  it.each(cases)('finds %s', (_title, found, line) => {
    expect(compareRows(table, wanted, found)).toMatchObject({ mismatches: 1, examples: [line] })
  })

  it('asks expiring rows for their time to live', () => {
    const expiring = { ...table, expires: true }
    const found = good.map(row => ({ ...row, remaining_seconds: 10 }))
    expect(compareRows(expiring, wanted, found).mismatches).toBe(0)
    expect(compareRows(expiring, wanted, good).mismatches).toBe(2)
  })

  it('shows the first ten and counts all', () => {
    const found = Array.from({ length: 30 }, (_, index) => ({ ...good[0], id: `z${index}` }))
    const proof = compareRows(table, [], found)
    expect(proof.mismatches).toBe(30)
    expect(proof.examples).toHaveLength(10)
  })
})
