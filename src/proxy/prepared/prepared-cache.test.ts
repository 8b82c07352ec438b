import { expect, it } from 'vitest'
import { SOURCE, TARGET } from '../cluster.ts'
import { classify } from '../statement/classify.ts'
import { rewriteCalls, withoutAdded } from './added-variables.ts'
import { PreparedCache } from './prepared-cache.ts'
import { fromPreparedMessage, toPreparedMessage } from './prepared-message.ts'
import { PreparedStatement } from './prepared-statement.ts'

function statement(id: string, query = `SELECT ${id}`): PreparedStatement {
  const made = new PreparedStatement({
    clientId: Buffer.from(id),
    query,
    clientQuery: query,
    keyspace: 'ks',
    info: classify(query),
    isFiltered: false,
    added: [],
    obstacle: undefined,
  })
  made.setIds(SOURCE, Buffer.from(id), undefined)
  return made
}

it('finds a statement by the bytes of a frame, and forgets the least recently used', () => {
  const cache = new PreparedCache(10)
  for (let i = 0; i < 10; i++) cache.put(statement(`identifier-${i}`))
  const bytes = Buffer.from('..identifier-0..')
  expect(cache.find(bytes, 2, 12)?.query).toBe('SELECT identifier-0')
  expect(cache.find(bytes, 2, 11)).toBeUndefined()
  cache.put(statement('one more'))
  expect(cache.size).toBe(10)
  expect(cache.find(bytes, 2, 12)).toBeDefined()
  expect(cache.find(Buffer.from('identifier-1'), 0, 12)).toBeUndefined()
})

it('improves what it knows instead of keeping it twice', () => {
  const cache = new PreparedCache(10)
  const first = cache.put(statement('same id'))
  first.isRejected[TARGET] = true
  const again = statement('same id')
  again.setIds(TARGET, Buffer.from('target id'), undefined)
  expect(cache.put(again)).toBe(first)
  expect([cache.size, first.ids[TARGET]?.toString(), first.isRejected[TARGET]]).toEqual([
    1,
    'target id',
    false,
  ])
})

it('travels to another thread', () => {
  const original = statement('an id')
  original.setIds(TARGET, Buffer.from('other'), Buffer.from('metadata'))
  const copy = fromPreparedMessage(structuredClone(toPreparedMessage(original)))
  expect(copy).toEqual(original)
})

it('replaces calls by variables that the client does not see', () => {
  const query = 'INSERT INTO t (a, b, c) VALUES (?, now(), toTimestamp(system.now()))'
  const { query: sent, added } = rewriteCalls(query, classify(query))
  expect(sent).toBe('INSERT INTO t (a, b, c) VALUES (?, (timeuuid)?, toTimestamp((timeuuid)?))')
  expect(added.map(one => one.index)).toEqual([1, 2])
  const column = (name: string) => ({
    keyspace: 'k',
    table: 't',
    name,
    type: { kind: 'int' as const },
  })
  const columns = ['a', 'b', 'c', 'd'].map(column)
  const seen = withoutAdded({ columns, partitionKeyIndexes: [0, 3] }, added)
  expect([seen.columns.map(one => one.name), seen.partitionKeyIndexes]).toEqual([
    ['a', 'd'],
    [0, 1],
  ])
  expect(withoutAdded({ columns, partitionKeyIndexes: [1] }, added).partitionKeyIndexes).toEqual([])
})
