import { describe, expect, it } from 'vitest'
import type { ColumnSchema, TableSchema } from '../../../cassandra/index.ts'
import { defaultQuery, fitQuery, readQuery } from './scan-query.ts'

const column = (name: string, kind: ColumnSchema['kind']): ColumnSchema => ({
  name,
  kind,
  position: 0,
  type: { kind: 'int' },
})

function table(...keys: string[]): TableSchema {
  const partitionKey = keys.map(name => column(name, 'partition_key'))
  const columns = [...partitionKey, column('Name', 'regular')]
  return { keyspace: 'ks', name: 't', columns, partitionKey, clusteringKey: [], isCounter: false }
}

const accepted = (text: string) => {
  const read = readQuery(text)
  if ('problem' in read) throw new Error(read.problem)
  return read
}

describe('query of a token-range source', () => {
  it('is made from the table', () => {
    expect(defaultQuery(table('a', 'B'))).toBe(
      'SELECT a, "B", "Name" FROM ks.t WHERE token(a, "B") > ? AND token(a, "B") <= ?',
    )
  })

  it.each<[string, string | undefined, string, string]>([
    ['SELECT * FROM ks.t WHERE token(a) > ? AND token(a) <= ?', 'ks', 't', 'a'],
    ['select x from T where TOKEN( A ) > ? and token(a)<= ? ALLOW FILTERING', undefined, 't', 'a'],
    ['SELECT x FROM "Ks" . "T" WHERE token(a, "B") > ? AND token(a,"B") <= ?', 'Ks', 'T', 'a,B'],
    ["SELECT x FROM t WHERE token(a) > ? AND token(a) <= ? AND c = '?'", undefined, 't', 'a'],
  ])('is read: %s', (text, keyspace, name, columns) => {
    const read = accepted(text)
    expect([read.keyspace, read.table, read.tokenColumns.join()]).toEqual([keyspace, name, columns])
  })

  it.each([
    'SELECT * FROM t',
    'DELETE FROM t WHERE token(a) > ? AND token(a) <= ?',
    'SELECT * FROM t WHERE token(a) > ?',
    'SELECT * FROM t WHERE token(a) >= ? AND token(a) <= ?',
    'SELECT * FROM t WHERE token(a) > ? AND token(b) <= ?',
    'SELECT * FROM t WHERE token(a) <= ? AND token(a) > ?',
    'SELECT * FROM t WHERE token(a) > ? AND token(a) <= ? AND c = ?',
    'SELECT * FROM t WHERE token(a) > ? AND token(a) > ? AND token(a) <= ?',
  ])('is refused: %s', text => {
    expect(readQuery(text)).toHaveProperty('problem')
  })

  it('has the partition key, or a name that stands for a key of one column', () => {
    const fits = accepted('SELECT * FROM t WHERE token(id) > ? AND token(id) <= ?')
    expect(fitQuery(fits, table('id')).note).toBeUndefined()
    const guide = accepted('SELECT * FROM t WHERE token(key) > ? AND token(key) <= ?')
    expect(fitQuery(guide, table('id'))).toEqual({
      cql: 'SELECT * FROM ks.t WHERE token(id) > ? AND token(id) <= ?',
      note: expect.stringContaining('there is no column key'),
    })
    expect(() => fitQuery(guide, table('a', 'b'))).toThrow('expected token(a, b)')
    const named = 'SELECT * FROM ks.t WHERE token(id) > ? AND token(id) <= ?'
    expect(fitQuery(accepted(named), table('id'))).toEqual({ cql: named, note: undefined })
    const other = accepted('SELECT * FROM t WHERE token(Name) > ? AND token(Name) <= ?')
    expect(() => fitQuery(other, table('id', 'part'))).toThrow('found token(name)')
  })
})
