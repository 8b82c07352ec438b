/** REPLICATE statements as parts. */
import { expect, it } from 'vitest'
import { parseQuery } from './query-text.ts'

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
    select: 'SELECT 1 FROM t',
  })
})

it.each([
  'SELECT 1',
  'REPLICATE t SELECT 1',
  'REPLICATE t (PRIMARY KEY ((a)) SELECT 1',
  'REPLICATE t (PRIMARY KEY ((a))) DROP TABLE x',
])('refuses %s', text => {
  expect(() => parseQuery(text)).toThrow()
})
