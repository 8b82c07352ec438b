/** Keys out of a pattern and its parts. */
import { expect, it } from 'vitest'
import { fits, keyOf, partsOf, previewOf, suggestionsOf } from './pattern-keys.ts'

const MAPPING = 'topic.<topic>.<keyspace>.<table>.mapping'

it('knows the parts, and which may hold dots', () => {
  expect(partsOf(MAPPING).map(one => [one.name, one.mayHoldDots])).toEqual([
    ['topic', true],
    ['keyspace', false],
    ['table', false],
  ])
  expect(partsOf('consumer.override.<property*>')).toEqual([
    { name: 'property', mayHoldDots: true },
  ])
})

it('makes a key only of parts that fit', () => {
  const parts = { topic: 'a.b', keyspace: ' ks ', table: 't' }
  expect(keyOf(MAPPING, parts)).toBe('topic.a.b.ks.t.mapping')
  expect(keyOf(MAPPING, { ...parts, table: ' ' })).toBeUndefined()
  expect(keyOf(MAPPING, { ...parts, table: 'a.b' })).toBeUndefined()
  expect(previewOf(MAPPING, { topic: 'a.b' })).toBe('topic.a.b.<keyspace>.<table>.mapping')
})

it('suggests what the draft names', () => {
  const draft = { topics: 'a, b', 'topic.c.d.ks.t.mapping': '' }
  expect(suggestionsOf('topic', draft)).toEqual(['a', 'b', 'c.d'])
  expect(suggestionsOf('table', draft)).toEqual(['t'])
  expect(suggestionsOf('alias', draft)).toEqual([])
})

it.each([
  ['topic.a.b.ks.t.mapping', true],
  ['topic.a.ks.mapping', false],
  ['topicXaXksXtXmapping', false],
])('%s is made of the pattern: %s', (key, is) => {
  expect(fits(MAPPING, key)).toBe(is)
})
