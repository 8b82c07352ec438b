/**
 * What kind of query each is and why, what its source is asked, which key it gets, and that a query which is
 * called incremental gives row by row what it gives of all rows.
 */
import { describe, expect, it } from 'vitest'
import { SETTINGS_DEFAULT } from './job-record.ts'
import { Projector } from './projector.ts'
import { backlogTables } from './source-table.ts'
import { SqlEngine, type Value } from './sql-engine.ts'
import { newTask } from './task-change.ts'
import { setUpTask, type TaskSetup } from './task-setup.ts'

const tables = new Map(backlogTables().map(one => [one.name, one]))
const of = {
  ...{ job: { settings: SETTINGS_DEFAULT }, keyspace: 'ops' },
  find: (name: string) => tables.get(name),
}

function setUp(text: string): Promise<TaskSetup> {
  return setUpTask(newTask({ query: `REPLICATE ${text}` }), of)
}

const KEY = 't (PRIMARY KEY ((id)))'

describe('is incremental', () => {
  it.each([
    'SELECT Id, upper(Summary) AS title FROM Issues WHERE StatusId < 4 ORDER BY id',
    'SELECT * FROM Issues',
    'SELECT * EXCLUDE (Summary) FROM Issues AS i WHERE i.Summary IS NOT NULL',
    'SELECT Id, run_id() AS run, run_start() AS at FROM Issues',
    "SELECT Id, CASE WHEN StatusId = 4 THEN 'done' END AS state FROM Issues",
    'SELECT Id, date_trunc($$month$$, Created) AS month FROM Issues',
    'SELECT Issues.Id AS id FROM Issues',
    'SELECT Id, list_transform(CategoryNames, x -> upper(x)) AS names FROM Issues',
  ])('%s', async select => {
    const { query, rowSelect } = await setUp(`${KEY} ${select}`)
    expect(query).toMatchObject({
      kind: 'incremental',
      reason: expect.stringContaining('Each row comes from one row of Issues.'),
    })
    expect(rowSelect).toBeDefined()
  })

  it('reads what the source cannot tell the changes of whole', async () => {
    const { query } = await setUp('t SELECT ProjectId, Id, Name FROM ProjectStatuses')
    expect(query).toMatchObject({
      kind: 'incremental',
      reason: expect.stringContaining('each run reads them all'),
    })
  })
})

describe('is full', () => {
  it.each([
    ['SELECT StatusId AS id, count(*) AS n FROM Issues GROUP BY 1', 'groups rows'],
    ['SELECT max(Id) AS id FROM Issues', 'makes one value of many rows'],
    ['SELECT DISTINCT Id FROM Issues', 'takes distinct rows'],
    ['SELECT i.Id FROM Issues i JOIN Projects p ON p.Id = i.ProjectId', 'joins two tables'],
    ['SELECT i.Id FROM Issues i, Projects p, Users u', 'joins three tables'],
    ['SELECT Id, row_number() OVER () AS n FROM Issues', 'neighbours (a window)'],
    ['SELECT Id FROM Issues ORDER BY Id LIMIT 5', 'limits the number of rows'],
    [
      'SELECT Id FROM Issues WHERE Id IN (SELECT IssueId FROM IssueStars)',
      'SELECT inside the SELECT',
    ],
    ['SELECT Id FROM (SELECT Id FROM Issues)', 'reads more than the rows of a table'],
    ['SELECT Id FROM Issues UNION ALL SELECT Id FROM Projects', 'several SELECTs'],
    ['WITH x AS (SELECT Id FROM Issues) SELECT Id FROM x', 'parts of itself by WITH'],
    ['SELECT Id, unnest(CategoryIds) AS c FROM Issues', 'several rows of one'],
    ['SELECT Id FROM Issues USING SAMPLE 5', 'a sample'],
    ['SELECT Id FROM Issues WHERE DueDate < current_date', 'clock or on chance'],
    ['SELECT Id, random() AS x FROM Issues', 'clock or on chance'],
    ['SELECT Id, ago(INTERVAL 1 DAY) AS x FROM Issues', 'clock or on chance'],
    ['SELECT Id, age(Created) AS x FROM Issues', 'clock or on chance'],
    ['SELECT Id FROM Issues WHERE Updated > last_run_time()', 'by the time or the name of the run'],
    ["SELECT COLUMNS('.*d') FROM Projects", 'columns by a pattern'],
    ['SELECT StatusId AS id, Summary FROM Issues', 'has not the whole key of its table'],
    ['SELECT Id + 1 AS id FROM Issues', 'has not the whole key of its table'],
    ['SELECT * REPLACE (StatusId AS Id) FROM Issues', 'has not the whole key of its table'],
    ['SELECT * EXCLUDE (i.Id), StatusId AS id FROM Issues i', 'has not the whole key'],
    ['SELECT Id, Content FROM IssueComments', 'has not the whole key of its table'],
    ['SELECT Id FROM Issues AS i(ProjectId, Id)', 'has not the whole key of its table'],
    [
      'SELECT DISTINCT StatusId AS id, count(*) AS n FROM Issues GROUP BY 1',
      'takes distinct rows, groups rows and makes',
    ],
  ])('%s', async (select, why) => {
    const { query, rowSelect } = await setUp(`${KEY} ${select}`)
    expect(query?.kind).toBe('full')
    expect(query?.reason).toContain(why)
    expect(rowSelect).toBeUndefined()
  })
})

describe('the source is asked', () => {
  it.each([
    ['StatusId = 1', { statusId: [1] }],
    ['StatusId IN (1, 2) AND ProjectId = 101', { statusId: [1, 2], projectId: [101] }],
    ['StatusId < 4', { statusId: [1, 2, 3] }],
    ['StatusId = 1 OR StatusId = 2', { statusId: [1, 2] }],
    ['5 = AssigneeId', { assigneeId: [5] }],
    ['StatusId BETWEEN 2 AND 3 AND StatusId <> 2', { statusId: [2, 3] }],
    ["DueDate >= '2026-03-01'", { dueDateSince: '2026-02-28' }],
    ["Updated < TIMESTAMP '2026-03-01 10:00'", { updatedUntil: '2026-03-03' }],
    [
      "StartDate BETWEEN '2026-03-05' AND DATE '2026-03-07'",
      { startDateSince: '2026-03-04', startDateUntil: '2026-03-09' },
    ],
  ])('by %s', async (where, params) => {
    const { query } = await setUp(`t SELECT Id FROM Issues WHERE ${where}`)
    expect(query?.filters.get('Issues')?.params).toEqual(params)
  })

  it('by the moment of creation, a day wider', async () => {
    const { query } = await setUp(
      "t SELECT Id FROM Issues WHERE Created >= '2026-03-05' AND Created < '2026-03-07'",
    )
    expect(query?.filters.get('Issues')).toMatchObject({
      createdSinceMs: Date.parse('2026-03-04'),
      createdUntilMs: Date.parse('2026-03-09'),
    })
  })

  it('for some projects only, in tables that are read project by project', async () => {
    const { query } = await setUp(
      't SELECT ProjectId, Id FROM ProjectStatuses WHERE ProjectId IN (102, 103)',
    )
    expect([...(query?.filters.get('ProjectStatuses')?.projects ?? [])]).toEqual([102, 103])
  })

  it('by conditions on either side of a join', async () => {
    const { query } = await setUp(
      `${KEY} SELECT i.Id FROM Projects p LEFT JOIN Issues i ON i.ProjectId = p.Id WHERE i.StatusId = 1`,
    )
    expect(query?.filters.get('Issues')?.params).toEqual({ statusId: [1] })
  })

  it.each([
    "SELECT Id FROM Issues WHERE Summary LIKE '%cert%'",
    'SELECT Id FROM Issues WHERE StatusId = 1 OR PriorityId = 2',
    'SELECT Id FROM Issues WHERE NOT (StatusId = 1)',
    'SELECT Id FROM Issues WHERE ResolutionId = 0',
    'SELECT Id FROM Issues WHERE AssigneeId < 4',
    'SELECT Id FROM Issues WHERE StatusId = 1 AND StatusId = 2',
    'SELECT Id FROM Issues WHERE StatusId + 0 = 1',
    'SELECT Id FROM Issues WHERE AssigneeId IS NULL',
    'SELECT Id FROM Issues WHERE StatusId NOT IN (1)',
    'SELECT Id FROM Issues WHERE StatusId IS NOT DISTINCT FROM 1',
    "SELECT Id FROM Issues WHERE Created >= 'yesterday'",
    'SELECT StatusId AS id, count(*) FILTER (WHERE PriorityId = 2) AS n FROM Issues GROUP BY 1',
    'SELECT Id, PriorityId AS StatusId FROM Issues WHERE StatusId = 1',
    'SELECT i.Id FROM Issues i, Issues j WHERE i.StatusId = 1',
    'SELECT Id FROM Issues WHERE StatusId = 1 AND Id > (SELECT avg(Id) FROM Issues)',
    'SELECT i.Id FROM Projects p POSITIONAL JOIN Issues i WHERE i.StatusId = 1',
    'SELECT i.Id FROM Projects p ASOF JOIN Issues i ON p.Id >= i.ProjectId WHERE i.StatusId = 1',
    'SELECT Id FROM Issues WHERE StatusId = 1 USING SAMPLE 5',
    'SELECT Id FROM (SELECT * FROM Issues) WHERE StatusId = 1',
  ])('nothing by %s', async select => {
    const { query } = await setUp(`${KEY} ${select}`)
    expect(query?.asked).toEqual([])
  })
})

it('tells what is done here', async () => {
  const { query } = await setUp(
    `${KEY} SELECT Id, upper(Summary) AS title FROM Issues WHERE StatusId = 1 AND Summary LIKE 'a%' ORDER BY id`,
  )
  expect(query).toMatchObject({
    asked: ['StatusId'],
    here: ['upper', 'choice by Summary', 'order'],
  })
})

describe('the key', () => {
  const keyOf = async (text: string) =>
    (await setUp(text)).specs.filter(one => one.key !== 'none').map(one => `${one.name} ${one.key}`)

  it('is that of the one table when its columns are kept', async () => {
    expect(await keyOf('t SELECT Name, Id, ProjectId FROM ProjectStatuses')).toEqual([
      'projectid partition',
      'id clustering_asc',
    ])
  })

  it.each([
    't SELECT Id AS number FROM Issues',
    't SELECT Id + 1 AS Id FROM Issues',
    't SELECT Id FROM Issues AS i(ProjectId, Id)',
    't SELECT StatusId AS Id, count(*) AS n FROM Issues GROUP BY 1',
    't SELECT i.Id FROM Issues i JOIN Projects p ON p.Id = i.ProjectId',
  ])('has to be named: %s', async text => {
    await expect(setUp(text)).rejects.toThrow('PRIMARY KEY ((…), …) is missing')
  })

  it('of a copy is that of its table, or the one that is declared with all of it', async () => {
    expect(await keyOf('Issues')).toEqual(['id partition'])
    expect(await keyOf('t (summary ascii, PRIMARY KEY ((project_id), id)) Issues')).toEqual([
      'project_id partition',
      'id clustering_asc',
    ])
    await expect(setUp('t (PRIMARY KEY ((project_id))) Issues')).rejects.toThrow('lacks id')
    await expect(setUp('t (titel text) Issues')).rejects.toThrow('no column titel')
  })

  it('can take the order of the rows', async () => {
    const order = async (text: string) => (await setUp(text)).query?.order
    const key = 't (PRIMARY KEY ((projectid), id))'
    const select = 'SELECT ProjectId, Id, Summary FROM Issues ORDER BY'
    expect(await order(`${key} ${select} Id`)).toBeNull()
    expect(await order(`${key} ${select} ProjectId, Id DESC`)).toEqual({
      partition: ['projectid'],
      clustering: [{ name: 'id', isDescending: true }],
    })
    expect(await order(`${key} ${select} Summary`)).toMatchObject({
      clustering: [{ name: 'summary' }, { name: 'id' }],
    })
    expect(await order(`${key} ${select} upper(Summary)`)).toBeNull()
  })
})

it('mistakes in the statement are told by their line in the text', async () => {
  await expect(
    setUp('t (PRIMARY KEY ((id)))\nSELECT Id FROM Issues\nWHERE Nmae = 1'),
  ).rejects.toThrow('LINE 3')
})

it('of an incremental query gives row by row what it gives of all rows', async () => {
  const setup = await setUp(
    `${KEY} SELECT *, upper(Name) AS loud FROM Projects WHERE Id % 3 > 0 AND length(Name) > 2`,
  )
  const table = setup.tables[0]!
  const rows = Array.from({ length: 200 }, (_, at): Value[] =>
    table.columns.map(({ name, type }) =>
      name === 'Id' ? at : type === 'string' ? 'x'.repeat(at % 7) : type === 'boolean' ? true : 1,
    ),
  )
  const engine = await SqlEngine.open()
  const projector = await Projector.open(setup)
  try {
    await engine.stage(table.name, table.columns)
    await engine.append(table.name, rows)
    const all: Value[][] = []
    for await (const page of engine.select(setup.select!, 10_000)) all.push(...page)
    const parts: { key: Value; values: readonly Value[] }[] = []
    for (let at = 0; at < rows.length; at += 30) {
      const page = rows.slice(at, at + 30)
      for (const { values, from } of await projector.project(page))
        parts.push({ key: page[from]![0]!, values })
    }
    expect(parts.map(one => one.values)).toEqual(all)
    expect(parts.map(one => one.key)).toEqual(all.map(one => Number(one[0])))
    expect(all.length).toBeGreaterThan(50)
  } finally {
    engine.close()
    projector.close()
  }
})
