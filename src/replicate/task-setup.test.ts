/**
 * Expressions and queries that cannot be used are told at their field, in the engine's words or ours, before
 * anything is saved; what they may do is let through.
 */
import { describe, expect, it } from 'vitest'
import type { ColumnSpec } from '../api-v1.ts'
import { SETTINGS_DEFAULT } from './job-record.ts'
import { Projector } from './projector.ts'
import { backlogTables } from './source-table.ts'
import { newTask } from './task-change.ts'
import { setUpTask } from './task-setup.ts'

const tables = new Map(backlogTables().map(one => [one.name, one]))
const of = {
  ...{ job: { settings: SETTINGS_DEFAULT }, keyspace: 'ops' },
  find: (name: string) => tables.get(name),
}

const ID: ColumnSpec = {
  ...{ on: true, source: 'Id', expression: null, name: 'id', type: 'bigint', key: 'partition' },
}

function withExpression(expression: string, type = 'text', more: Partial<ColumnSpec> = {}) {
  const computed: ColumnSpec = {
    ...{ on: true, source: null, expression, name: 'x', type, key: 'none', ...more },
  }
  return setUpTask(newTask({ table: 'Projects', columns: [ID, computed] }), of)
}

function query(text: string) {
  return setUpTask(newTask({ query: `REPLICATE t ${text}` }), of)
}

describe('an expression', () => {
  it.each([
    ['no_such(Name)', 'no_such'],
    ['Nmae', 'Nmae'],
    ['1) AS a, (2', 'expected one value, found 2'],
    ['count(*)', 'GROUP BY'],
    ['row_number() OVER ()', 'found a window'],
    ['(SELECT max(Id) FROM Projects)', 'found a subquery'],
    ['(SELECT 1 FROM Issues)', 'only columns of the table'],
    ["unnest(['a', 'b'])", 'found unnest'],
    ["(SELECT content FROM read_text('/etc/passwd'))", 'read_text is not allowed'],
  ])('%s is refused at its column', async (expression, why) => {
    await expect(withExpression(expression)).rejects.toMatchObject({
      ...{ kind: 'config', context: { field: 'x' } },
      message: expect.stringContaining(why),
    })
  })

  it('whose values may not fit needs a choice', async () => {
    await expect(withExpression('Name', 'int')).rejects.toMatchObject({ context: { field: 'x' } })
    const { specs } = await withExpression('Name', 'int', { onError: 'null' })
    expect(specs.map(one => one.name)).toEqual(['id', 'x'])
  })

  it('may end with a comment', async () => {
    const setup = await withExpression('upper(Name) -- loud')
    const projector = await Projector.open(setup)
    const row = setup.tables[0]!.columns.map(({ name }) =>
      name === 'Id' ? 7 : name === 'Name' ? 'ops' : null,
    )
    expect(await projector.project([row, row])).toEqual([
      { values: ['7', 'OPS'], from: 0 },
      { values: ['7', 'OPS'], from: 1 },
    ])
    projector.close()
  })
})

describe('a query', () => {
  it.each([
    ['(PRIMARY KEY ((id))) SELECT Name FROM Projects', 'PRIMARY KEY names id'],
    ["(PRIMARY KEY ((id))) SELECT * FROM '/etc/passwd'", 'no table /etc/passwd'],
    ["(PRIMARY KEY ((id))) SELECT * FROM read_csv('/etc/passwd')", 'read_csv is not allowed'],
    ['(PRIMARY KEY ((id))) SELECT 1 AS id; SELECT 2 AS id', 'expected one SELECT, found 2'],
    ['(PRIMARY KEY ((id))) SELECT 1 AS id', 'reads no table'],
    ['SELECT Id AS x FROM Projects', 'PRIMARY KEY ((…), …) is missing'],
    ['(n int, PRIMARY KEY ((id))) SELECT Id AS id, Name AS n FROM Projects', 'column n is VARCHAR'],
    ['(n smallint, PRIMARY KEY ((id))) SELECT Id AS id, Id AS n FROM Projects', 'CAST'],
  ])('%s is refused', async (text, why) => {
    await expect((async () => await query(text))()).rejects.toMatchObject({
      ...{ kind: 'config', context: { field: 'query' } },
      message: expect.stringContaining(why),
    })
  })

  it.each([
    ['n bigint', 'sum(Id)'],
    ['n text', 'avg(Id)'],
    ['n set<text>', 'list(Name)'],
    ['n frozen<list<text>>', 'list(Name)'],
    ['n int', 'CAST(min(Name) AS INTEGER)'],
    ['n timestamp', "DATE '2026-11-20'"],
  ])('may declare %s for %s', async (declared, select) => {
    const text = `(${declared}, PRIMARY KEY ((id))) SELECT Id AS id, ${select} AS n FROM Projects GROUP BY 1 -- why`
    expect((await query(text)).target.columns.map(one => one.name)).toEqual(['id', 'n'])
  })
})
