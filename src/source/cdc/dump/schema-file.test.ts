/** Tables from files of CQL, as DESCRIBE writes them and as people do. */
import { describe, expect, it } from 'vitest'
import { readSchemaFile } from './schema-file.ts'

const read = (text: string) => readSchemaFile(text, 'schema.cql')

describe('readSchemaFile', () => {
  it('reads what DESCRIBE WITH INTERNALS writes', () => {
    const rows = read(`
      CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'} AND durable_writes = true;
      CREATE TYPE ks.address (
        street text,
        tags frozen<set<text>>
      );
      CREATE TABLE ks."Mixed" (
        "A" int,
        b timeuuid,
        s text static,
        gone frozen<list<int>>,
        u frozen<address>,
        PRIMARY KEY ("A", b)
      ) WITH ID = 0cbd2fd0-aaaa-11ee-8e4f-4d5b2a3c1f00
        AND CLUSTERING ORDER BY (b DESC)
        AND cdc = true
        AND comment = 'it''s; a comment -- not one';
      ALTER TABLE ks."Mixed" DROP gone USING TIMESTAMP 1700000000123000;`)
    const place = { keyspace: 'ks', table: 'Mixed' }
    expect(rows.tables).toEqual([
      { ...place, id: '0cbd2fd0-aaaa-11ee-8e4f-4d5b2a3c1f00', isCdc: true, isCounter: false },
    ])
    expect(rows.columns).toEqual([
      { ...place, column: 'A', kind: 'partition_key', position: 0, type: 'int' },
      { ...place, column: 'b', kind: 'clustering', position: 0, type: 'timeuuid' },
      { ...place, column: 's', kind: 'static', position: -1, type: 'text' },
      { ...place, column: 'u', kind: 'regular', position: -1, type: 'frozen<address>' },
    ])
    expect(rows.droppedColumns).toEqual([
      {
        ...{ ...place, column: 'gone', kind: 'regular', type: 'frozen<list<int>>' },
        droppedAtMs: 1_700_000_000_123n,
      },
    ])
    expect(rows.types).toEqual([
      {
        ...{ keyspace: 'ks', name: 'address', fieldNames: ['street', 'tags'] },
        fieldTypes: ['text', 'frozen<set<text>>'],
      },
    ])
  })

  it('reads short forms: USE, a key beside its column, composite keys, counters, comments', () => {
    const rows = read(
      `-- a file by hand
      USE Shop;
      create table if not exists hits (page text primary key, n counter); /* CREATE TABLE x (y int) */`,
    )
    expect(rows.tables).toEqual([
      { keyspace: 'shop', table: 'hits', id: '', isCdc: false, isCounter: true },
    ])
    expect(rows.columns.map(one => [one.column, one.kind])).toEqual([
      ['page', 'partition_key'],
      ['n', 'regular'],
    ])
    const composite = read('CREATE TABLE k.t (a int, b int, c int, PRIMARY KEY ((a, b), c))')
    expect(composite.columns.map(one => [one.column, one.kind, one.position])).toEqual([
      ['a', 'partition_key', 0],
      ['b', 'partition_key', 1],
      ['c', 'clustering', 0],
    ])
  })

  it('tells the line of a statement that it cannot read', () => {
    expect(() => read('\n\nCREATE TABLE k.t a int')).toThrow(
      expect.objectContaining({
        code: 'SCM_CDC_SCHEMA_FILE',
        message: expect.stringContaining('schema.cql, statement at line 3'),
      }),
    )
  })
})
