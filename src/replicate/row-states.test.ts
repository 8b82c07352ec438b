/**
 * What is known of rows, over the borders of one statement.
 */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { RowStates } from './row-states.ts'
import { Statements } from './statements.ts'

const HASH = Buffer.from('h')
const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`)

function open(): RowStates {
  const db = new DatabaseSync(':memory:')
  return new RowStates(db, new Statements(db))
}

it.each([0, 1, 99, 100, 101, 250])('keeps, finds and forgets %i rows', count => {
  const states = open()
  const all = keys(count)
  states.put(
    't',
    all.map(key => ({ key, scope: 's', hash: HASH })),
    1,
  )
  expect([...states.find('t', [...all, 'other']).keys()].sort()).toEqual(all.sort())
  expect([states.count('t'), states.count('u'), states.count('t', 1)]).toEqual([count, 0, 0])
  states.touch('t', all.slice(0, 1), 2)
  expect(states.missing('t', 1, 1_000).length).toBe(Math.min(1, count))
  states.forget('t', all)
  expect(states.count('t')).toBe(0)
})

it('tells what of a scope was not seen; rows without a scope are in none', () => {
  const states = open()
  states.put('t', [{ key: 'a', scope: 's', hash: HASH }], 1)
  states.put('t', [{ key: 'b', scope: 's', hash: HASH }], 2)
  states.put('t', [{ key: 'c', scope: '', hash: HASH }], 1)
  expect(states.missingOfScopes('t', ['s', ''], 2)).toEqual(['a'])
  states.touchScopes('t', ['s', ''], 3)
  expect([states.missing('t', 3, 10), states.missingOfScopes('t', ['s'], 3)]).toEqual([['c'], []])
})

it('doubts hashes without forgetting the rows', () => {
  const states = open()
  states.put('t', [{ key: 'a', scope: '', hash: HASH }], 1)
  states.doubt('t')
  expect(HASH.equals(states.find('t', ['a']).get('a')!.hash)).toBe(false)
  expect(states.count('t')).toBe(1)
})
