/**
 * Queries of jobs on real servers, with the stand-in as the space: incremental ones follow edits, moves and
 * deletes and read only what changed; what the source is asked to leave out never changes a result; what a
 * query says by WITH is in its task; functions of a run; tables that are copied by a statement.
 */
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JobInfo, TaskDraft } from '../../src/api-v1.ts'
import { Replication } from '../support/replication.ts'

const OPEN = `REPLICATE open_issues (PRIMARY KEY ((project), id))
  SELECT ProjectId AS project, Id AS id, upper(Summary) AS title, StatusId AS status
  FROM Issues WHERE StatusId IN (1, 2)`

describe('an incremental query', () => {
  let scene: Replication
  afterEach(() => scene.close())

  async function jobOf(query: string, more: Partial<TaskDraft> = {}): Promise<JobInfo> {
    return await scene.job({ tasks: [{ query, ...more }] })
  }

  async function expectOpen(): Promise<void> {
    const issues = [...scene.standIn.space.issues.values()].filter(one => one.statusId < 3)
    // As the engine does: letter by letter.
    const upper = (text: string) => text.toUpperCase()
    expect(await scene.rows('SELECT project, id, title, status FROM open_issues')).toEqual(
      issues.map(one => [one.projectId, one.id, upper(one.summary), one.statusId].join(' ')).sort(),
    )
  }

  it('reads what changed, and deletes rows that it does not choose any more', async () => {
    scene = await Replication.open({ projects: 2 })
    const job = await jobOf(OPEN)
    expect(job.tasks[0]).toMatchObject({ queryKind: 'incremental' })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await expectOpen()
    const { space, journal } = scene.standIn
    expect(journal.some(one => one.query.includes('statusId'))).toBe(true)
    journal.length = 0
    const second = await scene.run(job)
    expect(second.rows).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
    expect(second.requests.sent).toBeLessThan(10)
    expect(journal.some(one => one.query.includes('statusId'))).toBe(false)
    const [first, other, third] = [...space.issues.values()].filter(one => one.statusId === 1)
    space.updateIssue(first!.id, { statusId: 4 })
    space.updateIssue(other!.id, { projectId: other!.projectId === 101 ? 102 : 101 })
    space.deleteIssue(third!.id)
    const left = await scene.run(job)
    expect(left.rows).toMatchObject({ inserted: 1, updated: 0, deleted: 3 })
    await expectOpen()
    space.updateIssue(first!.id, { statusId: 2 })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 1, deleted: 0 })
    await expectOpen()
  })

  it('converges through random edits, with whole readings in between', async () => {
    scene = await Replication.open({ projects: 2 })
    const job = await jobOf(OPEN)
    const { space } = scene.standIn
    let roll = 7
    const next = (count: number) => {
      roll = (roll * 16_807) % 2_147_483_647
      return roll % count
    }
    for (let round = 0; round < 6; round++) {
      for (let step = 0; step < 20; step++) {
        const ids = [...space.issues.keys()]
        const id = ids[next(ids.length)]!
        const act = next(5)
        if (act === 0) space.deleteIssue(id)
        else if (act === 1) space.addIssue({ statusId: 1 + next(4) })
        else space.updateIssue(id, { statusId: 1 + next(4), summary: `edit ${round} ${step}` })
      }
      const run = await scene.run(job, round % 3 === 2 ? { mode: 'full' } : {})
      expect(run.state).toBe('SUCCESS')
      await expectOpen()
    }
  })

  it('keeps rows that it does not choose any more, when that is wanted', async () => {
    scene = await Replication.open()
    const job = await jobOf(OPEN.replace('SELECT', "WITH deletes = 'keep' SELECT"))
    expect(job.tasks[0]!.options).toEqual({ deletes: 'keep' })
    await scene.run(job)
    const { space } = scene.standIn
    const [one] = [...space.issues.values()].filter(issue => issue.statusId === 1)
    space.updateIssue(one!.id, { statusId: 4 })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    const rows = await scene.rows('SELECT id FROM open_issues')
    expect(rows).toContain(String(one!.id))
  })

  it('over comments deletes those that it does not choose any more', async () => {
    scene = await Replication.open({ issues: 30, comments: 3 })
    const job = await jobOf(
      "REPLICATE c SELECT IssueId, Id, Content FROM IssueComments WHERE coalesce(Content, '') NOT LIKE '%hidden%'",
    )
    await scene.run(job)
    const { space } = scene.standIn
    const expectComments = async () => {
      const all = [...space.issues.values()].flatMap(issue =>
        space.commentsOf(issue).map(one => `${issue.id} ${one['id']} ${one['content']}`),
      )
      const wanted = all.filter(one => !one.includes('hidden')).sort()
      expect(await scene.rows('SELECT issueid, id, content FROM c')).toEqual(wanted)
    }
    await expectComments()
    const issue = [...space.issues.values()].find(one => space.commentsOf(one).length > 1)!
    const [comment] = space.commentsOf(issue)
    space.putComment(issue.id, Number(comment!['id']), { ...comment, content: 'hidden now' })
    space.addComment(issue.id, 'a new one')
    await scene.run(job)
    await expectComments()
  })

  it('is copied by the name of its table alone, with options, and is told when it is wrong', async () => {
    scene = await Replication.open({ issues: 30 })
    const job = await jobOf('REPLICATE Issues WITH mode = full, batch_rows = 10')
    expect(job.tasks[0]).toMatchObject({
      ...{ destination: 'issues', mode: 'full', options: { batchRows: 10 } },
      queryKind: 'incremental',
    })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
    const task = job.tasks[0]!.id
    const changed = await scene.replicator.patchTask(job.id, task, { query: 'REPLICATE Issues' })
    expect(changed.tasks[0]).toMatchObject({ mode: 'incremental', options: {} })
    const wrong = { query: 'REPLICATE Issues\n  WITH batch_size = 7' }
    await expect(scene.replicator.patchTask(job.id, task, wrong)).rejects.toThrow(
      'line 2, column 8: there is no option batch_size; expected one of mode',
    )
    const losing = { query: 'REPLICATE Issues WITH truncate = true' }
    await expect(scene.replicator.patchTask(job.id, task, losing)).rejects.toMatchObject({
      context: { field: 'confirm' },
    })
  })

  it('tells its run, the one before, and values that the server shares', async () => {
    vi.stubEnv('SCAMANDER_ENV_REGION', "north's")
    vi.stubEnv('NOT_SHARED', 'secret')
    scene = await Replication.open({ issues: 3 })
    const job = await jobOf(
      "REPLICATE t SELECT Id, run_id() AS run, run_start() AS at, last_run_time() AS before, env('REGION') AS region FROM Issues",
    )
    const one = await scene.run(job)
    const rows = await scene.rows('SELECT run, before, region FROM t')
    expect(new Set(rows)).toEqual(new Set([`${one.id} null north's`]))
    const two = await scene.run(job, { mode: 'full' })
    const { rows: again } = await scene.keyspace.client.execute(
      `SELECT run, at, before FROM ${scene.keyspace.name}.t LIMIT 1`,
    )
    expect(again[0]!['run']).toBe(two.id)
    expect(again[0]!['at'].toISOString()).toBe(two.startedAt)
    expect(again[0]!['before'].toISOString()).toBe(one.startedAt)
    const other = await scene.replicator.addTasks(job.id, [
      { query: "REPLICATE u SELECT Id, env('NOT_SHARED') AS x FROM Issues" },
    ])
    const run = await scene.run(other)
    expect(run.tasks[1]).toMatchObject({
      ...{ state: 'FAILED', error: expect.stringContaining('there is no value NOT_SHARED') },
    })
    vi.unstubAllEnvs()
  })

  it('shows its plan with its first rows', async () => {
    scene = await Replication.open({ projects: 2 })
    const job = await scene.job({ tasks: [] })
    const preview = await scene.replicator.previewTask(
      job.id,
      { query: `${OPEN} AND Summary LIKE '%certificate%' ORDER BY id DESC` },
      AbortSignal.timeout(60_000),
    )
    expect(preview).toMatchObject({
      queryKind: 'incremental',
      queryPlan: {
        ...{ requests: 8, asked: ['StatusId'], here: ['upper', 'choice by Summary', 'order'] },
        order: { columns: ['id DESC'], query: expect.stringContaining('((project), id DESC)') },
      },
    })
    expect(preview.after.rows.length).toBeGreaterThan(0)
  })
})

describe('what the source is asked', () => {
  let scene: Replication
  afterEach(() => scene.close())

  const day = fc.integer({ min: 0, max: 320 }).map(one => new Date(Date.UTC(2026, 0, one)))
  const quoted = (at: Date) => `'${at.toISOString().slice(0, 10)}'`
  const id = (...ids: readonly number[]) => fc.constantFrom(...ids)
  const compare = fc.constantFrom('=', '<', '<=', '>', '>=')
  const number = (column: string, ids: fc.Arbitrary<number>) =>
    fc.oneof(
      fc.tuple(compare, ids).map(([sign, one]) => `${column} ${sign} ${one}`),
      fc.tuple(compare, ids).map(([sign, one]) => `${one} ${sign} ${column}`),
      fc.array(ids, { minLength: 1, maxLength: 3 }).map(all => `${column} IN (${all.join(', ')})`),
      fc.tuple(ids, ids).map(([a, b]) => `${column} BETWEEN ${a} AND ${b}`),
      fc.tuple(ids, ids).map(([a, b]) => `(${column} = ${a} OR ${column} = ${b})`),
    )
  const moment = (column: string) =>
    fc.oneof(
      fc.tuple(compare, day).map(([sign, at]) => `${column} ${sign} ${quoted(at)}`),
      fc.tuple(compare, day).map(([sign, at]) => `${column} ${sign} DATE ${quoted(at)}`),
      fc.tuple(day, day).map(([a, b]) => `${column} BETWEEN ${quoted(a)} AND ${quoted(b)}`),
    )
  const condition = fc.oneof(
    number('ProjectId', id(101, 102, 103, 104)),
    number('StatusId', id(0, 1, 2, 3, 4, 5)),
    number('PriorityId', id(1, 2, 3, 4)),
    number('AssigneeId', id(40_001, 40_002, 40_003, 7)),
    number('CreatedUserId', id(40_001, 40_002)),
    number('IssueTypeId', id(1_011, 1_021)),
    number('ResolutionId', id(0, 1, 2)),
    ...['Created', 'Updated', 'StartDate', 'DueDate'].map(moment),
    fc.constantFrom("Summary LIKE '%cert%'", 'AssigneeId IS NULL', 'NOT (StatusId = 1)'),
  )
  const JOINS = [
    ['i.Id, p.Name', 'Issues i JOIN Projects p ON p.Id = i.ProjectId', 'i.StatusId = 1'],
    [
      'i.Id, p.Name',
      'Projects p LEFT JOIN Issues i ON p.Id = i.ProjectId AND i.StatusId < 3',
      'i.PriorityId = 2',
    ],
    [
      'i.Id, s.Name',
      'ProjectStatuses s FULL JOIN Issues i ON s.Id = i.StatusId AND s.ProjectId = i.ProjectId',
      's.ProjectId = 102 AND i.AssigneeId = 40001',
    ],
    ['IssueId, CategoryId', 'IssueCategories', 'ProjectId = 102'],
    ['Id, Name', 'WikiPages', 'ProjectId = 103'],
  ] as const

  /** Each query twice: as it is, and with conditions of which nothing can be asked. */
  function pairOf(
    index: number,
    [columns, from, where]: readonly [columns: string, from: string, where: string],
  ): TaskDraft[] {
    const row = `concat_ws(' ', ${columns})`
    return [where, `(${where}) IS TRUE`].map((one, place) => ({
      query: `REPLICATE checks (PRIMARY KEY ((k))) SELECT ${2 * index + place} AS k, list(${row} ORDER BY ${row}) AS found FROM ${from} WHERE ${one}`,
    }))
  }

  it('never changes the result', async () => {
    scene = await Replication.open({ projects: 3 })
    const parts = fc.array(condition, { minLength: 1, maxLength: 3 })
    const seed = Date.now() % 1_000_000
    const wheres = fc.sample(parts, { numRuns: 40, seed }).map(one => one.join(' AND '))
    const queries = [
      ...wheres.map(where => ['Id, StatusId, Created', 'Issues', where] as const),
      ...JOINS,
    ]
    const job = await scene.job({ tasks: queries.flatMap((one, index) => pairOf(index, one)) })
    const run = await scene.run(job)
    expect(run.tasks.filter(one => one.error !== null).map(one => one.error)).toEqual([])
    const { rows } = await scene.keyspace.client.execute(
      `SELECT k, found FROM ${scene.keyspace.name}.checks`,
    )
    const found = new Map(rows.map(row => [Number(row['k']), JSON.stringify(row['found'])]))
    expect(found.size).toBe(2 * queries.length)
    for (const [index, query] of queries.entries())
      expect([query, seed, found.get(2 * index)]).toEqual([query, seed, found.get(2 * index + 1)])
    for (const index of JOINS.keys())
      expect(found.get(2 * (wheres.length + index))).not.toBe('null')
    // Otherwise nothing was put to the test.
    const asked = scene.standIn.journal.map(one => one.query).join(' ')
    for (const param of ['statusId', 'projectId', 'assigneeId', 'priorityId'])
      expect(asked).toContain(param)
  })
})
