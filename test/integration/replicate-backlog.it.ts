/**
 * Replication of a Backlog space into a real Cassandra, with the stand-in as the space: full and
 * incremental runs equal to the source, faults, limits, sign-in that ends, deletes and their guard,
 * a process killed in the middle, queries, and mistakes that save nothing.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobInfo, JobSettings, RunInfo, RunRequest, TaskDraft } from '../../src/api-v1.ts'
import {
  type BacklogStandIn,
  type StandInOptions,
  startBacklogStandIn,
} from '../../src/demo/index.ts'
import { Replicator } from '../../src/replicate/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'

const logger = Logger.silent()
let keyspace: TestKeyspace
let folder: string
let standIn: BacklogStandIn
let replicator: Replicator

beforeEach(async () => {
  keyspace = await testKeyspace()
  folder = mkdtempSync(join(tmpdir(), 'scamander-replicate-'))
})

afterEach(async () => {
  await replicator.close()
  await standIn.close()
  await keyspace.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function open(options: StandInOptions = {}): Promise<void> {
  standIn = await startBacklogStandIn({
    issues: 250,
    limits: { read: 1_000_000, search: 1_000_000 },
    ...options,
  })
  replicator = new Replicator(folder, logger)
}

async function makeJob(
  tasks: readonly TaskDraft[],
  settings: Partial<JobSettings> = {},
  backlog: Record<string, string> = {},
): Promise<JobInfo> {
  const signal = AbortSignal.timeout(60_000)
  const { contactPoints, port, username, password } = testCassandra()
  const login =
    username === undefined
      ? { authScheme: 'None' }
      : { authScheme: 'Basic', user: username, password: password ?? '' }
  const cassandra = await replicator.saveConnection(
    {
      name: 'cassandra',
      connector: 'cassandra',
      test: true,
      properties: {
        server: contactPoints[0]!,
        port,
        database: keyspace.name,
        consistencyLevel: 'ONE',
        ...login,
      },
    },
    signal,
  )
  expect(cassandra.test?.steps.filter(one => one.state === 'failed')).toEqual([])
  const properties = Object.keys(backlog).length === 0 ? { apiKey: standIn.apiKey } : backlog
  const space = await replicator.saveConnection(
    {
      name: 'acme',
      connector: 'backlog',
      test: true,
      properties: { url: standIn.url, ...properties },
    },
    signal,
  )
  expect(space.test?.text).toContain('Connected to Acme KK')
  const job = await replicator.addJob({
    name: 'nightly',
    source: space.connection!.id,
    destination: cassandra.connection!.id,
    settings: { deletion: 'hard', ...settings },
  })
  return tasks.length === 0 ? job : await replicator.addTasks(job.id, tasks)
}

async function run(job: JobInfo, request: RunRequest = {}): Promise<RunInfo> {
  return await replicator.waitFor(replicator.startRun(job.id, request, 'api').id)
}

/** Every issue of the space, field by field, in the table. */
async function expectIssues(): Promise<void> {
  const { rows } = await keyspace.client.execute(
    `SELECT id, project_id, issue_key, summary, description, status_id, resolution_id, assignee_name, category_ids, estimated_hours, toJson(due_date) AS due, updated, custom_fields, url FROM ${keyspace.name}.issues`,
    [],
    { fetchSize: 5_000 },
  )
  const found = new Map(rows.map(row => [Number(row['id']), row]))
  expect([...found.keys()].sort()).toEqual([...standIn.space.issues.keys()].sort())
  for (const issue of standIn.space.issues.values()) {
    const shown = JSON.parse(JSON.stringify(standIn.space.render(issue)))
    const row = found.get(issue.id)!
    const got = {
      ...{
        projectId: Number(row['project_id']),
        issueKey: row['issue_key'],
        summary: row['summary'],
        description: row['description'],
      },
      ...{
        status: Number(row['status_id']),
        resolution: row['resolution_id'] === null ? undefined : Number(row['resolution_id']),
        assignee: row['assignee_name'] ?? undefined,
      },
      categories: (row['category_ids'] ?? []).map(Number),
      hours: row['estimated_hours'] === null ? null : Number(row['estimated_hours']),
      ...{
        due: row['due'] === 'null' ? null : row['due'].slice(1, 11),
        updated: row['updated'].getTime(),
        fields: JSON.parse(row['custom_fields']),
        url: row['url'],
      },
    }
    expect(got).toEqual({
      ...{
        projectId: shown.projectId,
        issueKey: shown.issueKey,
        summary: shown.summary,
        description: shown.description,
      },
      ...{
        status: shown.status.id,
        resolution: shown.resolution?.id,
        assignee: shown.assignee?.name,
      },
      categories: shown.category.map((one: { id: number }) => one.id),
      hours: shown.estimatedHours,
      ...{
        due: shown.dueDate?.slice(0, 10) ?? null,
        updated: Date.parse(shown.updated),
        fields: shown.customFields,
        url: `${standIn.url}/view/${shown.issueKey}`,
      },
    })
  }
}

async function expectComments(): Promise<void> {
  const { rows } = await keyspace.client.execute(
    `SELECT issue_id, id, content FROM ${keyspace.name}.issue_comments`,
    [],
    { fetchSize: 5_000 },
  )
  const found = rows.map(row => `${row['issue_id']}/${row['id']}/${row['content']}`).sort()
  const wanted = [...standIn.space.issues.values()].flatMap(issue =>
    standIn.space.commentsOf(issue).map(one => `${issue.id}/${one['id']}/${one['content']}`),
  )
  expect(found).toEqual(wanted.sort())
}

describe('runs', () => {
  it('loads a space, then moves only what changed', async () => {
    await open({ projects: 2 })
    const job = await makeJob([
      { table: 'Issues' },
      { table: 'IssueComments' },
      { table: 'IssueCategories' },
      { table: 'Projects' },
    ])
    expect((await run(job)).state).toBe('SUCCESS')
    await expectIssues()
    await expectComments()
    const second = await run(job)
    expect(second.rows).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
    const { space } = standIn
    space.updateIssue(880_001, { summary: 'changed', categoryIds: [] })
    space.deleteIssue(880_002)
    space.addComment(880_003, 'silent', false)
    space.addIssue({ summary: 'new' })
    const [firstComment] = space.commentsOf(space.issues.get(880_005)!)
    if (firstComment !== undefined) space.putComment(880_005, Number(firstComment['id']), null)
    const third = await run(job)
    expect(third.state).toBe('SUCCESS')
    expect(third.requests.sent).toBeLessThan(40)
    await expectIssues()
    await expectComments()
  })

  it('follows edits and deletes between two pages', async () => {
    await open()
    const job = await makeJob([{ table: 'Issues' }])
    standIn.faults.push({
      path: /^issues$/,
      skip: 2,
      action: 'delay',
      delayMs: 1,
      before: space => space.deleteIssue(880_010),
    })
    standIn.faults.push({
      path: /^issues$/,
      skip: 2,
      action: 'delay',
      delayMs: 1,
      before: space => void space.updateIssue(880_020, { summary: 'meanwhile' }),
    })
    await run(job)
    await run(job)
    await expectIssues()
  })

  it('survives errors, cut answers, closed sockets and pages of HTML', async () => {
    await open()
    const job = await makeJob([{ table: 'Issues' }])
    standIn.faults.push(
      { path: /^issues$/, action: 'status', status: 500 },
      { path: /^issues$/, action: 'truncate' },
      { path: /^issues$/, action: 'close' },
      { path: /^issues$/, action: 'html' },
    )
    const result = await run(job)
    expect(result).toMatchObject({ state: 'SUCCESS', requests: { retried: 4 } })
    await expectIssues()
  })

  it('renews a sign-in that ends in the middle and keeps the new token', async () => {
    await open()
    const { oauth } = standIn
    const properties = {
      authScheme: 'OAuth',
      oauthClientId: oauth.clientId,
      oauthClientSecret: oauth.clientSecret,
      oauthRefreshToken: oauth.refreshToken,
    }
    oauth.isRotating = false
    const job = await makeJob([{ table: 'Issues' }], {}, properties)
    oauth.isRotating = true
    standIn.faults.push({ path: /^issues$/, skip: 2, action: 'revoke' })
    expect((await run(job)).state).toBe('SUCCESS')
    await replicator.close()
    replicator = new Replicator(folder, logger)
    expect((await run(job)).state).toBe('SUCCESS')
    await expectIssues()
  })

  it('never sends two requests at once, and never shows the key', async () => {
    await open()
    const job = await makeJob([{ table: 'Issues' }, { table: 'IssueComments' }])
    await run(job)
    expect(Math.max(...standIn.journal.map(one => one.inFlight))).toBe(1)
    const shown = JSON.stringify([
      replicator.connections(),
      replicator.jobs(),
      replicator.notices(),
      standIn.journal,
    ])
    expect(shown).not.toContain(standIn.apiKey)
    expect(readFileSync(join(folder, 'scamander.db')).includes(standIn.apiKey)).toBe(false)
  })
})

describe('deletes', () => {
  it('holds back a mass delete until it is accepted', async () => {
    await open({ issues: 1_500, comments: 0 })
    const job = await makeJob([{ table: 'Issues' }])
    await run(job)
    for (const id of [...standIn.space.issues.keys()].slice(0, 1_200))
      standIn.space.issues.delete(id)
    standIn.space.version++
    const held = await run(job, { mode: 'full' })
    expect(held).toMatchObject({ state: 'WARNING', rows: { deleted: 0 } })
    expect(held.tasks[0]?.parkedDeletes).toBe(1_200)
    expect((await run(job, { mode: 'full', acceptDeletes: true })).rows.deleted).toBe(1_200)
    await expectIssues()
  })

  it('keeps the rows of a project that cannot be read any more', async () => {
    await open({ projects: 3 })
    const job = await makeJob([{ table: 'Issues' }, { table: 'ProjectStatuses' }])
    await run(job)
    standIn.space.hiddenProjects.set(102, 404)
    const result = await run(job, { mode: 'full' })
    expect(result).toMatchObject({ state: 'WARNING', rows: { deleted: 0 } })
    await expectIssues()
  })

  it('marks deleted rows when deletes are soft', async () => {
    await open()
    const job = await makeJob([{ table: 'Issues' }], { deletion: 'soft' })
    await run(job)
    standIn.space.deleteIssue(880_001)
    await run(job)
    const { rows } = await keyspace.client.execute(
      `SELECT "_sc_deleted" AS gone, "_sc_deleted_at" AS at, summary FROM ${keyspace.name}.issues WHERE id = 880001`,
    )
    expect(rows[0]).toMatchObject({ gone: true })
    expect(rows[0]?.['at']).toBeInstanceOf(Date)
  })
})

describe('columns and queries', () => {
  it('renames, drops, computes, and writes the result of a query', async () => {
    await open()
    const column = (
      source: string | null,
      name: string,
      type: string,
      expression: string | null = null,
    ) => ({
      on: true,
      source,
      expression,
      name,
      type,
      key: name === 'id' ? ('partition' as const) : ('none' as const),
    })
    const columns = [
      column('Id', 'id', 'bigint'),
      column('Summary', 'title', 'text', 'upper(Summary)'),
      column(null, 'day', 'date', 'CAST(Updated AS DATE)'),
    ]
    const query =
      'REPLICATE open_by_user (n bigint, PRIMARY KEY ((user_id))) SELECT coalesce(AssigneeId, 0) AS user_id, count(*) AS n FROM Issues WHERE StatusId < 4 GROUP BY 1 ORDER BY n'
    const job = await makeJob([{ table: 'Issues', destination: 'titles', columns }, { query }])
    expect((await run(job)).state).toBe('SUCCESS')
    const titles = await keyspace.client.execute(
      `SELECT title, toJson(day) AS day FROM ${keyspace.name}.titles WHERE id = 880001`,
    )
    const first = standIn.space.issues.get(880_001)!
    expect(titles.rows[0]).toMatchObject({
      title: first.summary.toUpperCase(),
      day: `"${new Date(first.updatedMs).toISOString().slice(0, 10)}"`,
    })
    const counts = new Map<number, number>()
    for (const one of standIn.space.issues.values())
      if (one.statusId < 4)
        counts.set(one.assigneeId ?? 0, (counts.get(one.assigneeId ?? 0) ?? 0) + 1)
    const { rows } = await keyspace.client.execute(
      `SELECT user_id, n FROM ${keyspace.name}.open_by_user`,
    )
    expect(new Map(rows.map(row => [Number(row['user_id']), Number(row['n'])]))).toEqual(counts)
  })

  it.each([
    [
      "REPLICATE x (PRIMARY KEY ((a))) SELECT * FROM read_csv('/etc/passwd')",
      /read_csv is not allowed/,
    ],
    ["REPLICATE x (PRIMARY KEY ((a))) SELECT * FROM '/etc/passwd'", /no table/],
    ['REPLICATE x (PRIMARY KEY ((nope))) SELECT Id FROM Issues', /PRIMARY KEY names nope/],
    ['REPLICATE x (PRIMARY KEY ((id))) SELECT Id FROM Issues; DROP TABLE Issues', /SELECT/],
    ['REPLICATE x SELECT Id AS n FROM Issues', /PRIMARY KEY/],
  ])('refuses %s', async (query, message) => {
    await open()
    const job = await makeJob([])
    await expect(replicator.addTasks(job.id, [{ query }])).rejects.toThrow(message)
    expect(replicator.job(job.id).tasks).toEqual([])
  })

  it('copies a table of Cassandra into another', async () => {
    await open()
    const job = await makeJob([{ table: 'Issues' }])
    await run(job)
    const copy = await replicator.addJob({
      name: 'copy',
      source: job.destination,
      destination: job.destination,
      settings: { deletion: 'hard' },
    })
    const withTask = await replicator.addTasks(copy.id, [
      { table: 'issues', destination: 'issues_copy' },
    ])
    expect((await run(withTask)).rows.inserted).toBe(250)
    await keyspace.client.execute(`DELETE FROM ${keyspace.name}.issues WHERE id = 880001`)
    expect((await run(withTask)).rows).toMatchObject({ inserted: 0, updated: 0, deleted: 1 })
  })
})
