import { describe, expect, it } from 'vitest'
import {
  compare,
  type GridColumn,
  searchTexts,
  toChip,
  toCsv,
  viewRows,
  widthOf,
} from './grid-model.ts'

type Row = readonly (string | null)[]
const column = (id: string, at: number, isNumber = false): GridColumn<Row> => ({
  ...{ id, title: id.toUpperCase(), width: 100, isNumber },
  text: row => row[at] ?? null,
})
const COLUMNS = [column('name', 0), column('n', 1, true)]
const ROWS: Row[] = [
  ['b', '9223372036854775807'],
  ['a', '9223372036854775806'],
  ['C "x", y', null],
  ['a', '-5'],
]
const names = (rows: readonly Row[]) => rows.map(row => row[1])
const ALL = { search: '', chips: [], sorting: undefined }

describe('rows', () => {
  it('are sorted by all the digits of a number, those without one last', () => {
    const up = viewRows(ROWS, COLUMNS, { ...ALL, sorting: { column: 'n', down: false } })
    expect(names(up)).toEqual(['-5', '9223372036854775806', '9223372036854775807', null])
    const down = viewRows(ROWS, COLUMNS, { ...ALL, sorting: { column: 'n', down: true } })
    expect(names(down)).toEqual(['9223372036854775807', '9223372036854775806', '-5', null])
  })

  it('keep their order where they are equal, and the given list stays', () => {
    const sorted = viewRows(ROWS, COLUMNS, { ...ALL, sorting: { column: 'name', down: false } })
    expect(names(sorted)).toEqual(['9223372036854775806', '-5', '9223372036854775807', null])
    expect(names(ROWS)[0]).toBe('9223372036854775807')
  })

  it.each([
    ['a', [], 2],
    ['A 806', [], 1],
    ['', [{ column: 'n', text: '5807' }], 1],
    ['', [{ column: undefined, text: 'x' }], 1],
    ['nothing', [], 0],
  ])('are found by %s and %j', (search, chips, count) => {
    expect(viewRows(ROWS, COLUMNS, { ...ALL, search, chips })).toHaveLength(count)
  })

  it('are sorted by an order of their own where a column has one', () => {
    const byLength = {
      ...column('name', 0),
      order: (one: Row, other: Row) => (one[0]?.length ?? 0) - (other[0]?.length ?? 0),
    }
    const sorted = (down: boolean) =>
      viewRows(ROWS, [byLength], { ...ALL, sorting: { column: 'name', down } })
    expect([sorted(false).at(-1)?.[0], sorted(true)[0]?.[0]]).toEqual(['C "x", y', 'C "x", y'])
  })

  it('are found by a text that no column shows', () => {
    const texts = searchTexts(COLUMNS, row => (row[0] === 'b' ? 'label PROD' : ''))
    expect(names(viewRows(ROWS, COLUMNS, { ...ALL, search: 'prod' }, texts))).toEqual([
      '9223372036854775807',
    ])
  })

  it('are compared as numbers when they have fractions', () => {
    expect(compare('1.5', '10', true)).toBeLessThan(0)
    expect(compare('x10', 'x9', false)).toBeGreaterThan(0)
  })
})

it('reads chips', () => {
  expect(toChip('name: b', COLUMNS)).toEqual({ column: 'name', text: 'b' })
  expect(toChip('12:30', COLUMNS)).toEqual({ column: undefined, text: '12:30' })
  expect(toChip('  ', COLUMNS)).toBeUndefined()
})

it('writes CSV with quotes where they are needed', () => {
  expect(toCsv(ROWS.slice(2, 3), COLUMNS)).toBe('NAME,N\r\n"C ""x"", y",\r\n')
})

it.each([
  ['=1+1', "'=1+1"],
  ['+SUM(A1)', "'+SUM(A1)"],
  ['-cmd', "'-cmd"],
  ['@x', "'@x"],
  ['\t=x', "'\t=x"],
  ['=A1,"b"', '"\'=A1,""b"""'],
  ['-9223372036854775808', '-9223372036854775808'],
  ['+1.5e-3', '+1.5e-3'],
  ['-.5', '-.5'],
  ['a=b', 'a=b'],
])('CSV keeps %s from being a formula, and numbers as they are', (text, cell) => {
  expect(toCsv([[text, null]], COLUMNS).split('\r\n')[1]).toBe(`${cell},`)
})

it('makes columns as wide as their first rows, within bounds', () => {
  expect(widthOf('a', ['b'])).toBe(88)
  expect(widthOf('a', ['x'.repeat(500)])).toBe(360)
})
