/** Changes as statements: what is written, with which time and which TTL. */
import { expect, it } from 'vitest'
import type { CqlType, CqlValue } from '../../../cql/index.ts'
import type { CellChange, Change, ColumnChange, NamedValue, Range } from '../change.ts'
import { planWrites } from './write-plan.ts'

const INT: CqlType = { kind: 'int' } as CqlType
const NOW = 1_700_000_000

const named = (name: string, value: number): NamedValue => ({
  ...{ name, type: INT, value, isEmpty: false },
})
const cell = (value: CqlValue, more: Partial<CellChange> = {}): CellChange => ({
  ...{ timestamp: 50n, isDeleted: false, ldt: 0, ttl: 0, path: null, value, isEmpty: false },
  ...{ shards: undefined, ...more },
})
const column = (name: string, cells: CellChange[], type = INT, more = {}): ColumnChange =>
  ({
    column: { name, type, isComplex: type !== INT },
    deletion: undefined,
    cells,
    ...more,
  }) as never
const target = (more = {}) => ({
  ...{ keyspace: 'ks', table: 't', columns: new Set(['p', 'c', 'd', 'v', 'w', 's', 'l', 'm']) },
  ...{ source: undefined, descending: new Set<string>(), ...more },
})

function plan(change: Partial<Change>, more = {}) {
  const whole = { isStatic: false, clustering: [named('c', 2)], timestamp: undefined, ...change }
  const options = { target: target(more), key: [named('p', 1)], nowSeconds: NOW }
  return planWrites(whole as Change, options)
}

const row = (op: 'insert' | 'update', columns: ColumnChange[], more = {}) =>
  ({
    op,
    columns,
    ttl: 0,
    expiresAt: 0,
    ...(op === 'insert' ? { timestamp: 50n } : {}),
    ...more,
  }) as never

const numbers = (values: readonly (Buffer | null)[]) =>
  values.map(one =>
    one === null ? null : one.length === 8 ? Number(one.readBigInt64BE()) : one.readInt32BE(),
  )

it('inserts the cells of the row and updates those with other times', () => {
  const { writes } = plan(
    row('insert', [column('v', [cell(7)]), column('w', [cell(8, { timestamp: 60n })])]),
  )
  expect(writes.map(one => [one.cql, numbers(one.values), one.keyAt])).toEqual([
    [
      'INSERT INTO ks.t (p, c, v) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?',
      [1, 2, 7, 50, 0],
      [0],
    ],
    [
      'UPDATE ks.t USING TTL ? AND TIMESTAMP ? SET w = ? WHERE p = ? AND c = ?',
      [0, 60, 8, 1, 2],
      [3],
    ],
  ])
})

it('writes what is left of a TTL, and deletes what has expired', () => {
  const { writes } = plan(
    row('update', [
      column('v', [cell(7, { ttl: 100, ldt: NOW + 40 })]),
      column('w', [cell(8, { ttl: 100, ldt: NOW - 1 })]),
      column('s', [cell(null, { isDeleted: true, timestamp: 70n })]),
    ]),
  )
  expect(writes.map(one => [one.cql, numbers(one.values)])).toEqual([
    ['DELETE w FROM ks.t USING TIMESTAMP ? WHERE p = ? AND c = ?', [50, 1, 2]],
    ['DELETE s FROM ks.t USING TIMESTAMP ? WHERE p = ? AND c = ?', [70, 1, 2]],
    ['UPDATE ks.t USING TTL ? AND TIMESTAMP ? SET v = ? WHERE p = ? AND c = ?', [40, 50, 7, 1, 2]],
  ])
})

it('adds and takes elements, overwrites whole collections, reads lists again', () => {
  const set = { kind: 'set', element: INT, frozen: false } as CqlType
  const list = { kind: 'list', element: INT, frozen: false } as CqlType
  const elements = [
    cell(null, { path: 1 }),
    cell(null, { path: 2, isDeleted: true }),
    cell(null, { path: 3 }),
  ]
  const deletion = { timestamp: 49n, ldt: NOW }
  const { writes, lists } = plan(
    row('update', [
      column('s', elements, set),
      column('m', [cell(null, { path: 5 })], set, { deletion }),
      column('l', [cell(4, { path: 'x', timestamp: 80n })], list),
    ]),
  )
  expect(writes.map(one => one.cql)).toEqual([
    'UPDATE ks.t USING TTL ? AND TIMESTAMP ? SET s = s + ?, m = ? WHERE p = ? AND c = ?',
    'UPDATE ks.t USING TTL ? AND TIMESTAMP ? SET s = s - ? WHERE p = ? AND c = ?',
  ])
  expect(lists).toEqual([{ column: 'l', type: list, timestamp: 80n }])
})

it('leaves out columns that are not there, and adds the one that tells the source', () => {
  const source = { column: 'origin', id: 'east', isKey: false }
  const { writes, missing } = plan(row('insert', [column('new', [cell(1)])]), { source })
  expect(missing).toEqual(['new'])
  expect(writes.map(one => one.cql)).toEqual([
    'INSERT INTO ks.t (p, c, origin) VALUES (?, ?, ?) USING TIMESTAMP ? AND TTL ?',
  ])
})

const c = (value: number) => named('c', value)
const d = (value: number) => named('d', value)
const bound = (isInclusive: boolean, ...values: NamedValue[]) => ({ isInclusive, values })

it.each<[string, Range, string[], string]>([
  ['everything', { start: undefined, end: undefined }, [], 'p = ?'],
  ['a prefix', { start: bound(true, c(5)), end: bound(true, c(5)) }, [], 'p = ? AND c = ?'],
  ['above', { start: bound(false, c(5)), end: undefined }, [], 'p = ? AND c > ?'],
  [
    'a slice',
    { start: bound(true, c(5), d(1)), end: bound(false, c(5), d(9)) },
    [],
    'p = ? AND c = ? AND d >= ? AND d < ?',
  ],
  [
    'to the end of a prefix',
    { start: bound(true, c(5), d(1)), end: bound(true, c(5)) },
    [],
    'p = ? AND c = ? AND d >= ?',
  ],
  [
    'downwards',
    { start: bound(true, c(9)), end: bound(false, c(3)) },
    ['c'],
    'p = ? AND c <= ? AND c > ?',
  ],
  [
    'two columns',
    { start: bound(false, c(1), d(2)), end: bound(true, c(3)) },
    [],
    'p = ? AND (c, d) > (?, ?) AND c <= ?',
  ],
])('deletes a range: %s', (_name, range, descending, where) => {
  const change = { op: 'delete_range', timestamp: 90n, range, clustering: [] } as never
  const { writes } = plan(change, { descending: new Set(descending) })
  expect(writes.map(one => one.cql)).toEqual([`DELETE FROM ks.t USING TIMESTAMP ? WHERE ${where}`])
})
