/**
 * What is known of rows, over the borders of one statement.
 */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { RowStates } from './row-states.ts'
import { SeenRows } from './seen-rows.ts'
import { Statements } from './statements.ts'

const HASH = Buffer.from('h')
const keys = (count: number) =>
  Array.from({ length: count }, (_, index) => `k${String(index).padStart(5, '0')}`)

function open(): RowStates {
  const db = new DatabaseSync(':memory:')
  return new RowStates(db, new Statements(db))
}

const row = (key: string, scope = 's') => ({ key, scope, hash: HASH })

it.each([0, 1, 99, 100, 101, 250])('keeps, finds and forgets %i rows', count => {
  const states = open()
  const all = keys(count)
  states.put(
    't',
    all.map(key => row(key)),
  )
  expect([...states.find('t', [...all, 'other']).keys()].sort()).toEqual(all.sort())
  expect([states.count('t'), states.count('u')]).toEqual([count, 0])
  states.put(
    't',
    [...all, 'other'].map(key => ({ ...row(key), hash: Buffer.from('i') })),
  )
  expect(states.count('t')).toBe(count + 1)
  expect(Buffer.from('i').equals(states.find('t', ['other']).get('other')!.hash)).toBe(true)
  states.forget('t', all)
  expect(states.count('t')).toBe(1)
})

it('tells what was not seen, while rows come and go', () => {
  const states = open()
  const all = keys(12_000)
  states.put(
    't',
    all.map(key => row(key, '')),
  )
  states.put('u', [row('other')])
  const seen = new SeenRows(states.last())
  const isSeen = (_: string, index: number) => index % 3 !== 0
  for (const { number } of states.find('t', all.filter(isSeen)).values()) seen.add(number)
  states.forget('t', all.slice(-1))
  states.put('t', [row('zz')])
  const wanted = all.slice(0, -1).filter((key, index) => !isSeen(key, index))
  const found: string[] = []
  for (const page of states.missing('t', seen)) {
    found.push(...page)
    states.forget('t', page)
  }
  expect(found).toEqual(wanted)
  expect([...states.missing('t', seen)]).toEqual([])
})

it('finds rows of scopes; rows without a scope are in none', () => {
  const states = open()
  states.put('t', [row('a'), row('b', 'r'), row('c', '')])
  const found = (scopes: string[]) => states.ofScopes('t', scopes).map(one => one.key)
  expect([found(['s', '']), found(['s', 'r']).sort(), found([])]).toEqual([['a'], ['a', 'b'], []])
})

it('knows buried rows, which are neither counted nor missing, until they come back', () => {
  const states = open()
  states.put('t', [row('a'), row('b'), row('c', '')])
  const seen = new SeenRows(states.last())
  const missing = () => [...states.missing('t', seen)].flat()
  expect(missing()).toEqual(['a', 'b', 'c'])
  states.bury('t', ['a', 'c'])
  expect([missing(), states.count('t')]).toEqual([['b'], 1])
  expect(states.ofScopes('t', ['s']).map(one => one.key)).toEqual(['b'])
  expect(states.find('t', ['a']).get('a')!.hash.length).toBe(0)
  states.put('t', [row('a', 'r')])
  expect([states.ofScopes('t', ['r']).length, states.count('t')]).toEqual([1, 2])
})

it('uses up numbers for new rows only', () => {
  const states = open()
  for (let pass = 0; pass < 3; pass++)
    states.put(
      't',
      keys(150).map(key => row(key)),
    )
  expect(states.last()).toBe(150)
  states.put('t', [row('k00000'), row('new')])
  expect([states.last(), states.count('t')]).toEqual([151, 151])
})

it('doubts hashes without forgetting the rows', () => {
  const states = open()
  states.put('t', [row('a', '')])
  states.doubt('t')
  expect(HASH.equals(states.find('t', ['a']).get('a')!.hash)).toBe(false)
  expect(states.count('t')).toBe(1)
})

it('knows rows that were being written when the process ended, but not what they hold', () => {
  const states = open()
  states.put('t', [row('old'), row('same')])
  states.intend('t', [row('old'), row('new', 'r')])
  states.recover('t')
  const found = states.find('t', ['old', 'new', 'same'])
  expect(found.get('new')).toMatchObject({ scope: 'r', hash: new Uint8Array(0) })
  expect([found.get('old')!.hash.length, found.get('same')!.hash.length]).toEqual([0, 1])
  states.put('t', [row('old'), row('new', 'r')])
  states.intend('t', [row('old')])
  states.settle('t')
  states.recover('t')
  expect(states.find('t', ['old']).get('old')!.hash.length).toBe(1)
})

const EARLIER = `
CREATE TABLE row_state (task TEXT, key TEXT, scope TEXT NOT NULL, hash BLOB NOT NULL, pass INTEGER NOT NULL, PRIMARY KEY (task, key)) WITHOUT ROWID;
INSERT INTO row_state VALUES ('t', 'a', 's', x'01', 1), ('t', 'b', '', x'01', 1), ('u', 'c', 's', x'01', 2);`

it('takes over the rows of an earlier form and has every task read again', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(`CREATE TABLE doc (kind TEXT, id TEXT, json TEXT); ${EARLIER}`)
  db.exec("INSERT INTO doc VALUES ('cursor', 't', '{}'), ('job', 'j', '{}')")
  const states = new RowStates(db, new Statements(db))
  expect([states.count('t'), states.count('u')]).toEqual([1, 1])
  expect(states.find('t', ['a']).get('a')).toMatchObject({ scope: 's', hash: new Uint8Array(0) })
  expect(db.prepare('SELECT kind FROM doc').all()).toEqual([{ kind: 'job' }])
  // Once only.
  states.forgetTask('t')
  expect(new RowStates(db, new Statements(db)).count('t')).toBe(0)
})

it('leaves an earlier form as it was when it cannot be taken over', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(EARLIER)
  expect(() => new RowStates(db, new Statements(db))).toThrow('doc')
  expect(db.prepare('SELECT count(*) AS n FROM row_state').get()).toEqual({ n: 3 })
})
