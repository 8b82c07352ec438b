/**
 * What goes wrong while a job runs, each with a correct table or a clear state at the end: storms of
 * 429, slow answers, a user without rights or projects, a key that is taken away in the middle, edits
 * and deletes while pages are read, and schemas that change on either side.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { ColumnSpec, RunInfo } from '../../src/api-v1.ts'
import { Replication } from '../support/replication.ts'

let scene: Replication
afterEach(() => scene.close())

const spec = (source: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  ...{ on: true, source, expression: null, name: source.toLowerCase(), type: 'text' },
  ...{ key: 'none', ...more },
})

describe('the source', () => {
  it('answers 429 again and again: the run waits, says so, and uses up no retries', async () => {
    scene = await Replication.open()
    const job = await scene.job({ tasks: [{ table: 'Issues' }] })
    const states = new Set<string>()
    scene.replicator.onEvent(({ event, data }) => {
      if (event === 'run') for (const one of (data as RunInfo).tasks) states.add(one.state)
    })
    const storm = { action: 'status', status: 429, backlogCode: 13, resetInSeconds: 1 } as const
    scene.standIn.faults.push({ path: /^issues$/, skip: 1, times: 7, ...storm })
    const run = await scene.run(job)
    expect(run).toMatchObject({ state: 'SUCCESS', requests: { retried: 0 } })
    expect(run.requests.waitedMs).toBeGreaterThan(0)
    expect(states).toContain('WAITING_RATE_LIMIT')
    expect(scene.standIn.journal.filter(one => one.status === 429).length).toBe(7)
    await scene.expectSpace()
  })

  it('makes a run wait longer than the job allows: partial, and the next run goes on', async () => {
    scene = await Replication.open()
    const job = await scene.job({ tasks: [{ table: 'Issues' }], settings: { waitMaxSeconds: 1 } })
    const storm = { action: 'status', status: 429, backlogCode: 13, resetInSeconds: 30 } as const
    scene.standIn.faults.push({ path: /^issues$/, skip: 2, ...storm })
    const run = await scene.run(job)
    expect([run.state, run.tasks[0]?.error]).toEqual([
      'PARTIAL',
      expect.stringContaining('more than 1 s'),
    ])
    // As after the end of the window: pauses are not kept over a start.
    await scene.restart()
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
  })

  it('is slower than the timeout: the same request is sent again', async () => {
    scene = await Replication.open()
    const job = await scene.job({
      tasks: [{ table: 'Issues' }],
      backlog: { requestTimeoutMs: 2_000 },
    })
    const slow = { path: /^issues$/, action: 'delay', delayMs: 4_000 } as const
    scene.standIn.faults.push({ ...slow, skip: 1 }, { ...slow, skip: 2 })
    const run = await scene.run(job)
    expect(run.state).toBe('SUCCESS')
    expect(run.requests.retried).toBeGreaterThan(0)
    await scene.expectSpace()
  })

  it('changes and loses issues at every page: two runs later the tables are equal', async () => {
    scene = await Replication.open({ issues: 400, comments: 1 })
    const job = await scene.job({ tasks: [{ table: 'Issues' }, { table: 'IssueComments' }] })
    const ids = [...scene.standIn.space.issues.keys()]
    for (let page = 0; page < 6; page++) {
      const before = (space: typeof scene.standIn.space) => {
        space.deleteIssue(ids[page * 50]!)
        space.updateIssue(ids[page * 50 + 1]!, { summary: `changed at ${page}`, statusId: 4 })
        space.addComment(ids[page * 50 + 2]!, `said at ${page}`)
        space.addIssue({ summary: `new at ${page}` })
      }
      scene.standIn.faults.push({ path: /^issues$/, skip: 1, action: 'delay', delayMs: 1, before })
    }
    await scene.run(job)
    scene.standIn.faults.length = 0
    await scene.run(job)
    await scene.expectSpace(true)
  })

  it('refuses the key in the middle: failed with advice; with the key it goes on', async () => {
    scene = await Replication.open()
    const job = await scene.job({ tasks: [{ table: 'Issues' }, { table: 'Projects' }] })
    const refused = { action: 'status', status: 401, backlogCode: 11, times: 1_000 } as const
    scene.standIn.faults.push({ path: /./, skip: 5, ...refused })
    const run = await scene.run(job)
    expect(run.state).toBe('FAILED')
    expect(run.tasks[0]?.error).toContain('401')
    expect(run.tasks[0]?.advice).toContain('API')
    scene.standIn.faults.length = 0
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
  })

  it('answers 500 for longer than retries last: failed with advice, the next run goes on', async () => {
    scene = await Replication.open()
    const job = await scene.job({ tasks: [{ table: 'Issues' }] })
    scene.standIn.faults.push({ path: /^issues$/, skip: 2, times: 1_000, action: 'status' })
    const failed = await scene.run(job)
    expect(failed.state).toBe('FAILED')
    expect(failed.tasks[0]?.error).toContain('failed 6 times')
    expect(failed.tasks[0]?.advice).toContain('next run goes on')
    scene.standIn.faults.length = 0
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
  })

  it('ends the sign-in for good: failed, the connection says so, a new sign-in goes on', async () => {
    scene = await Replication.open()
    const { oauth, faults } = scene.standIn
    const job = await scene.job({
      tasks: [{ table: 'Issues' }],
      backlog: {
        ...{ authScheme: 'OAuth', apiKey: '', oauthClientId: oauth.clientId },
        ...{ oauthClientSecret: oauth.clientSecret, oauthRefreshToken: oauth.refreshToken },
      },
    })
    const end = () => {
      oauth.refreshToken = 'another'
    }
    faults.push({ path: /^issues$/, skip: 2, action: 'revoke', before: end })
    const run = await scene.run(job)
    expect([run.state, run.tasks[0]?.error]).toEqual([
      'FAILED',
      expect.stringContaining('sign in again'),
    ])
    expect(scene.replicator.connection(job.source).status).toBe('AUTH_EXPIRED')
    const properties = { oauthRefreshToken: oauth.refreshToken }
    scene.replicator.patchConnection(job.source, { properties })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
  })

  it('has a row that is refused: failed in every run until the row can be written', async () => {
    scene = await Replication.open()
    const { space } = scene.standIn
    const fits = { expression: "CASE WHEN Summary = 'bad' THEN 'x' ELSE '1' END", type: 'int' }
    const columns: ColumnSpec[] = [
      spec('Id', { type: 'bigint', key: 'partition' }),
      spec('Summary', { ...fits, onError: 'fail_row' }),
    ]
    const tasks = [{ table: 'Issues', columns }, { table: 'IssueCategories' }]
    const job = await scene.job({ tasks })
    space.issues.get(880_001)!.summary = 'bad'
    for (let run = 0; run < 2; run++) {
      const { state, tasks } = await scene.run(job)
      expect([state, tasks[0]?.rows.rejected]).toEqual(['FAILED', 1])
    }
    space.updateIssue(880_001, { summary: 'good' })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect((await scene.rows('SELECT id FROM issues')).length).toBe(250)
  })

  it('has rows that are refused and may be: a retry reads them alone, once', async () => {
    scene = await Replication.open({ comments: 1 })
    const { space, journal } = scene.standIn
    const fits = (column: string) => ({
      ...{ expression: `CASE WHEN ${column} = 'bad' THEN 'x' ELSE '1' END`, type: 'int' },
      onError: 'fail_row' as const,
    })
    const comments: ColumnSpec[] = [
      spec('IssueId', { name: 'issue_id', type: 'bigint', key: 'partition' }),
      spec('Id', { type: 'bigint', key: 'clustering_asc' }),
      spec('Content', fits('Content')),
    ]
    const issues = [
      spec('Id', { type: 'bigint', key: 'partition' }),
      spec('Summary', fits('Summary')),
    ]
    const job = await scene.job({
      tasks: [
        { table: 'Issues', columns: issues },
        { table: 'IssueComments', columns: comments },
      ],
      settings: { rejectedMax: 5 },
    })
    space.issues.get(880_001)!.summary = 'bad'
    space.addComment(880_002, 'bad')
    const run = await scene.run(job)
    expect([run.state, ...run.tasks.map(one => one.rows.rejected)]).toEqual(['WARNING', 1, 1])
    // Nothing tells that they changed, so no other run reads them.
    space.issues.get(880_001)!.summary = 'good'
    expect((await scene.run(job)).tasks[0]?.rows.rejected).toBe(0)
    expect((await scene.rows('SELECT id FROM issues')).length).toBe(249)
    const from = journal.length
    const retry = await scene.replicator.waitFor(scene.replicator.retryRejected(run.id, 'api').id)
    expect(retry).toMatchObject({ mode: 'retry', retryOf: run.id, rows: { inserted: 1 } })
    expect(retry.tasks.map(one => [one.state, one.rows.rejected])).toEqual([
      ['SUCCESS', 0],
      ['WARNING', 1],
    ])
    expect(journal.length - from).toBeLessThanOrEqual(3)
    expect((await scene.rows('SELECT id FROM issues')).length).toBe(250)
    const tried = scene.replicator.rejected(run.id).map(one => one.retriedBy)
    expect(tried).toEqual([retry.id, retry.id])
    expect(() => scene.replicator.retryRejected(run.id, 'api')).toThrow('not tried again')
    // What was refused again is a rejected row of the retry.
    expect(scene.replicator.rejected(retry.id)).toMatchObject([{ retriedBy: null }])
    // What happened since the last run is still found.
    space.deleteIssue(880_004)
    expect((await scene.run(job)).rows.deleted).toBeGreaterThan(0)
  })

  it('shows nothing at all: a warning, never green but empty', async () => {
    scene = await Replication.open({ issues: 0 })
    const job = await scene.job({ tasks: [{ table: 'Issues' }] })
    const run = await scene.run(job)
    expect([run.state, run.rows.read]).toEqual(['WARNING', 0])
    expect(run.tasks[0]?.warnings.join()).toContain('nothing was read')
  })
})

describe('schemas', () => {
  const KEY = spec('Id', { type: 'bigint', key: 'partition' })

  it('a column more: the table is altered, and every row has it', async () => {
    scene = await Replication.open()
    const columns = [KEY, spec('Summary')]
    const job = await scene.job({ tasks: [{ table: 'Issues', columns }] })
    await scene.run(job)
    const wider = [...columns, spec('StatusId', { name: 'status_id', type: 'bigint' })]
    await scene.replicator.patchTask(job.id, job.tasks[0]!.id, { columns: wider })
    const run = await scene.run(job)
    expect(run).toMatchObject({ state: 'SUCCESS', rows: { updated: 250, inserted: 0, deleted: 0 } })
    expect(run.schemaChanges.join()).toContain('ADD "status_id" bigint'.replaceAll('"', ''))
    await scene.expectSpace()
  })

  it('a query with another filter: rows that match no more are gone', async () => {
    scene = await Replication.open()
    const query = (limit: number) =>
      `REPLICATE issues (PRIMARY KEY ((id))) SELECT Id AS id, StatusId AS status_id, Summary AS summary FROM Issues WHERE StatusId < ${limit}`
    const job = await scene.job({ tasks: [{ query: query(5) }] })
    await scene.run(job)
    await scene.expectSpace()
    await scene.replicator.patchTask(job.id, job.tasks[0]!.id, { query: query(4) })
    const run = await scene.run(job)
    const kept = [...scene.standIn.space.issues.values()].filter(one => one.statusId < 4)
    expect(run.state).toBe('SUCCESS')
    expect(run.rows.deleted).toBe(250 - kept.length)
    expect((await scene.rows('SELECT id FROM issues')).length).toBe(kept.length)
  })

  it('a table that another one made does not fit: told with advice, the other task is done', async () => {
    scene = await Replication.open()
    const { client, name } = scene.keyspace
    await client.execute(`CREATE TABLE ${name}.issues (id text PRIMARY KEY, summary text)`)
    const job = await scene.job({ tasks: [{ table: 'Issues' }, { table: 'Projects' }] })
    const run = await scene.run(job)
    expect(run.state).toBe('PARTIAL')
    expect(run.tasks.map(one => one.state)).toEqual(['FAILED', 'SUCCESS'])
    expect(run.tasks[0]?.error).toContain('column id is text, the task has bigint')
    expect(run.tasks[0]?.advice).toContain('another table name')
    expect(await scene.rows('SELECT id FROM issues')).toEqual([])
  })

  it('columns come and go in a table of Cassandra: followed, nothing is dropped', async () => {
    scene = await Replication.open()
    const { client, name } = scene.keyspace
    await client.execute(`CREATE TABLE ${name}.origin (id bigint PRIMARY KEY, a text)`)
    await client.execute(`INSERT INTO ${name}.origin (id, a) VALUES (1, 'x')`)
    const made = await scene.job({ tasks: [] })
    const copy = await scene.replicator.addJob({
      ...{ name: 'copy', source: made.destination, destination: made.destination },
      settings: { deletion: 'hard', newColumns: 'add' },
    })
    const job = await scene.replicator.addTasks(copy.id, [{ table: 'origin', destination: 'copy' }])
    await scene.run(job)
    await client.execute(`ALTER TABLE ${name}.origin ADD b int`)
    await client.execute(`INSERT INTO ${name}.origin (id, a, b) VALUES (2, 'y', 7)`)
    const wider = await scene.run(job)
    expect(wider.schemaChanges.join()).toContain('ADD b int')
    expect(await scene.rows('SELECT id, a, b FROM copy')).toEqual(['1 x null', '2 y 7'])
    await client.execute(`ALTER TABLE ${name}.origin DROP a`)
    await client.execute(`INSERT INTO ${name}.origin (id, b) VALUES (3, 8)`)
    // What the table has of the column stays; that it is not written any more is told.
    expect((await scene.run(job)).state).toBe('WARNING')
    expect(await scene.rows('SELECT id, b FROM copy')).toEqual(['1 null', '2 7', '3 8'])
  })

  it('a table that was dropped is made and filled again', async () => {
    scene = await Replication.open()
    const job = await scene.job({ tasks: [{ table: 'Issues' }] })
    await scene.run(job)
    await scene.keyspace.client.execute(`DROP TABLE ${scene.keyspace.name}.issues`)
    expect((await scene.run(job)).state).toBe('SUCCESS')
    await scene.expectSpace()
  })

  it('types that cannot hold every value need a choice', async () => {
    scene = await Replication.open()
    const summary = spec('Summary', { type: 'int' })
    const job = await scene.job({ tasks: [] })
    const add = (column: ColumnSpec) =>
      scene.replicator.addTasks(job.id, [{ table: 'Issues', columns: [KEY, column] }])
    await expect(add(summary)).rejects.toThrow('not every string can become int')
    await expect(add({ ...summary, expression: 'upper(Summary)' })).rejects.toThrow('VARCHAR')
    const made = await add({ ...summary, onError: 'null' })
    expect((await scene.run(made)).state).toBe('SUCCESS')
    expect(
      (await scene.rows('SELECT id, summary FROM issues')).every(one => /null$/.test(one)),
    ).toBe(true)
  })
})
