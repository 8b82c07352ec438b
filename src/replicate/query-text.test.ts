/** REPLICATE statements as parts, and where each mistake is found. */
import { describe, expect, it } from 'vitest'
import { parseQuery, placedSelect } from './query-text.ts'

it('reads columns, types, key and statement', () => {
  const query = parseQuery(
    'REPLICATE Open (n bigint, tags list<text>, PRIMARY KEY ((a, b), c DESC, d)) SELECT 1 FROM t;',
  )
  expect(query).toEqual({
    destination: 'open',
    types: new Map([
      ['n', 'bigint'],
      ['tags', 'list<text>'],
    ]),
    partition: ['a', 'b'],
    clustering: [
      { name: 'c', isDescending: true },
      { name: 'd', isDescending: false },
    ],
    ...{ mode: undefined, options: {}, source: undefined, keyPlace: { from: 43, to: 74 } },
    ...{ select: 'SELECT 1 FROM t', selectAt: 76 },
  })
})

it('reads options, and knows them from parts that are named by WITH', () => {
  const query = parseQuery(
    `REPLICATE t -- here
     (PRIMARY KEY ((a)))
     WITH mode = full, Deletes = 'keep', batch_rows = 50, start = 2026-01-31,
       interval = 2, interval_unit = weeks, check_column = "Created", alter_schema = false
     WITH x AS (SELECT 1 AS a) SELECT a FROM x`,
  )
  expect(query.mode).toBe('full')
  expect(query.options).toEqual({
    ...{ deletes: 'keep', batchRows: 50, start: '2026-01-31', interval: 2 },
    ...{ intervalUnit: 'weeks', checkColumn: 'Created', alterSchema: false },
  })
  expect(query.select).toBe('WITH x AS (SELECT 1 AS a) SELECT a FROM x')
})

it.each([
  ['REPLICATE Issues', 'issues', 'Issues'],
  ['REPLICATE IssueComments WITH ttl_seconds = 60;', 'issue_comments', 'IssueComments'],
  ['REPLICATE copy (summary varchar) Issues ;', 'copy', 'Issues'],
])('%s copies a table', (text, destination, source) => {
  expect(parseQuery(text)).toMatchObject({ destination, source, select: '' })
})

it('places the statement where it is in the text', () => {
  const text = 'REPLICATE t\n(PRIMARY KEY ((a)))\n  SELECT a FROM t'
  expect(placedSelect(text, parseQuery(text))).toBe(
    `${' '.repeat(11)}\n${' '.repeat(19)}\n  SELECT a FROM t`,
  )
})

describe('a mistake is told where it is', () => {
  it.each([
    ['SELECT 1', 'line 1, column 1: expected REPLICATE table'],
    ['REPLICATE', 'line 1, column 10: expected the name of a table after REPLICATE, found the end'],
    ['REPLICATE t (PRIMARY KEY ((a)) SELECT 1', 'line 1, column 13: this bracket is not closed'],
    ['REPLICATE t\n(a bigint, 7)', 'line 2, column 12: expected a column with its type'],
    ['REPLICATE t (PRIMARY KEY ((a))) DROP TABLE x', 'column 38: expected SELECT, or the name'],
    [
      'REPLICATE t\nWITH mood = 1 SELECT 1',
      'line 2, column 6: there is no option mood; expected one of mode, deletes',
    ],
    [
      'REPLICATE t WITH mode = some SELECT 1',
      'column 25: option mode: expected one of incremental, full, truncate, recreate, append, found some',
    ],
    [
      'REPLICATE t WITH batch_rows = 0 SELECT 1',
      'option batch_rows: expected a whole number from 1, found 0',
    ],
    ['REPLICATE t WITH truncate = 1 SELECT 1', 'option truncate: expected true or false, found 1'],
    [
      "REPLICATE t WITH start = '2026-13-01' SELECT 1",
      "option start: expected a day or a moment such as '2026-01-31', found 2026-13-01",
    ],
    ['REPLICATE t WITH mode SELECT 1', 'option mode: expected = and a value, found SELECT 1'],
    [
      'REPLICATE t WITH mode = full, mode = full SELECT 1',
      'column 31: the option mode is written twice',
    ],
  ])('%s', (text, message) => {
    expect(() => parseQuery(text)).toThrow(message)
  })
})
