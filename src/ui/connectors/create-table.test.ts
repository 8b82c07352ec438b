/** Tables out of mappings. */
import { expect, it } from 'vitest'
import { createTableText } from './create-table.ts'

const KEY = 'topic.a.b.ks.T.mapping'
const of = (mapping: string) => createTableText(KEY, { [KEY]: mapping })

it('has the columns of the mapping, those of the key as primary key', () => {
  expect(of('v=value.x, id=key.id, "B b"=key.b, t=now(), __ttl=value.ttl')).toBe(
    [
      '-- The key and the types are guesses out of the mapping: correct them.',
      'CREATE TABLE ks."T" (',
      '  v text,',
      '  id text,',
      '  "B b" text,',
      '  t timeuuid,',
      '  PRIMARY KEY (id, "B b")',
      ');',
    ].join('\n'),
  )
})

it('takes the first column where the key feeds none', () => {
  expect(of('id=value.id,n=value.n')).toContain('PRIMARY KEY (id)')
})

it.each([
  ['topics', { topics: 'a' }],
  [KEY, {}],
  [KEY, { [KEY]: '' }],
])('is none for %s of %j', (key, config) => {
  expect(createTableText(key, config as Record<string, string>)).toBeUndefined()
})
