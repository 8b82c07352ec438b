/**
 * Runs that nobody asks for, on the stand-in of Backlog and a real Cassandra: after another job, caught up
 * after a restart, side by side, by one of two servers on one database; and what they leave in logs.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JobInfo, JobPatch, RunInfo, ScheduleSpec } from '../../src/api-v1.ts'
import { Replicator } from '../../src/replicate/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { Replication } from '../support/replication.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }
const DAY_MS = 86_400_000
const ISSUES = 150
const FAILING = 'SELECT Id AS id, CAST(Name AS INTEGER) AS n FROM Projects'

let scene: Replication
beforeEach(async () => {
  scene = await Replication.open({ issues: ISSUES, projects: 2 })
})
afterEach(() => scene.close())

/** Another job between the same places. */
async function another(job: JobInfo, name: string, schedule: ScheduleSpec): Promise<JobInfo> {
  const { source, destination } = job
  const { id } = await scene.replicator.addJob({ name, source, destination, schedule })
  return await scene.replicator.addTasks(id, [{ table: 'Projects' }])
}

const runsOf = ({ id }: JobInfo) => scene.replicator.runs({ jobId: id, limit: 20 })
const ended = (job: JobInfo, count: number) =>
  expect.poll(() => runsOf(job).filter(one => one.finishedAt !== null).length, PATIENCE).toBe(count)

it('starts a job after another one, refuses circles, and starts nothing after dry or stopped runs', async () => {
  const first = await scene.job({ tasks: [{ table: 'Issues' }] })
  const after: ScheduleSpec = {
    ...{ on: true, interval: 'after_job', afterJob: 'nightly', timeZone: 'UTC' },
  }
  const second = await another(first, 'second', after)
  expect(second.schedule).toMatchObject({ afterJob: first.id, text: 'After nightly, on success' })
  const third = await another(first, 'third', { ...after, afterJob: second.id })
  const circle: JobPatch = { schedule: { ...after, afterJob: third.id } }
  expect(() => scene.replicator.patchJob(first.id, circle)).toThrow(
    'nightly → second → third → nightly',
  )
  expect(() => scene.replicator.deleteJob(first.id)).toThrow('schedule of second')
  expect((await scene.run(first, { mode: 'dry-run' })).state).toBe('SUCCESS')
  const stopped = scene.replicator.startRun(first.id, {}, 'api')
  scene.replicator.cancelRun(stopped.id)
  expect((await scene.replicator.waitFor(stopped.id)).state).toBe('CANCELLED')
  expect(runsOf(second)).toEqual([])
  const run = await scene.run(first)
  expect(run.state).toBe('SUCCESS')
  await ended(third, 1)
  const [chained] = runsOf(second)
  expect(chained).toMatchObject({
    ...{ state: 'SUCCESS', trigger: 'chained' },
    after: { jobId: first.id, jobName: 'nightly', runId: run.id },
  })
  expect(runsOf(third)[0]?.after?.runId).toBe(chained?.id)
  expect(runsOf(second).length).toBe(1)
  await scene.replicator.close()
  scene.replicator = new Replicator(scene.folder, Logger.silent())
})

it('runs after a failure only where that is asked for, and not while all is paused', async () => {
  const first = await scene.job({
    tasks: [{ query: `REPLICATE f (PRIMARY KEY ((id))) ${FAILING}` }],
  })
  const after = { on: true, interval: 'after_job', afterJob: first.id, timeZone: 'UTC' } as const
  const picky = await another(first, 'picky', after)
  const always = await another(first, 'always', { ...after, afterOn: 'always' })
  scene.replicator.schedules.setPause(true, 'mori')
  expect((await scene.run(first)).state).toBe('FAILED')
  expect(scene.replicator.schedules.pause()).toMatchObject({ paused: true, by: 'mori' })
  scene.replicator.schedules.setPause(false, 'mori')
  const run = await scene.run(first)
  await ended(always, 1)
  expect(runsOf(always)[0]?.after?.runId).toBe(run.id)
  expect(runsOf(picky)).toEqual([])
})

/** What is kept of a job, changed beside the server. */
function change(job: JobInfo, part: object): void {
  const db = new DatabaseSync(join(scene.folder, 'scamander.db'), { timeout: 5_000 })
  const sql = "UPDATE doc SET json = json_patch(json, ?) WHERE kind = 'job' AND id = ?"
  expect(db.prepare(sql).run(JSON.stringify(part), job.id).changes).toBe(1)
  db.close()
}

it('catches up one missed run after a restart, or records that it was missed', async () => {
  const first = await scene.job({ tasks: [{ table: 'Projects' }] })
  // Long enough ago that no other time of theirs comes while this runs.
  const time = new Date(Date.now() - 12 * 3_600_000).toISOString().slice(11, 16)
  const daily = { on: true, interval: 'daily', time, timeZone: 'UTC' } as const
  const careless = await another(first, 'careless', { ...daily, catchUp: false })
  scene.replicator.patchJob(first.id, { schedule: daily })
  // The server was down since.
  const updatedAt = new Date(Date.now() - 3 * DAY_MS).toISOString()
  for (const job of [first, careless]) change(job, { updatedAt })
  for (let start = 0; start < 2; start++) {
    await scene.restart()
    scene.replicator.start()
    await ended(first, 1)
  }
  const [run, ...more] = runsOf(first)
  expect(run).toMatchObject({ state: 'SUCCESS', trigger: 'schedule', isCatchUp: true })
  expect(run?.dueAt?.slice(11, 16)).toBe(time)
  expect(more).toEqual([])
  const missed = runsOf(careless)
  expect(missed.map(one => [one.state, one.trigger, one.dueAt])).toEqual([
    ['SKIPPED', 'schedule', run?.dueAt],
  ])
  expect(missed[0]?.error).toContain('the server was down')
})

const TASKS = [
  ...[{ table: 'Issues' }, { table: 'IssueCategories' }, { table: 'Projects' }, { table: 'Users' }],
  { query: 'REPLICATE n (PRIMARY KEY ((id))) SELECT Id AS id, Name AS name FROM Priorities' },
]
const span = (run: RunInfo, table: string) => {
  const task = run.tasks.find(one => one.table === table)
  return [Date.parse(task?.startedAt ?? ''), Date.parse(task?.finishedAt ?? '')] as const
}

it('runs groups of tasks side by side in their order, those that read together as one', async () => {
  const job = await scene.job({ tasks: TASKS, settings: { parallelTasks: 4 } })
  const run = await scene.run(job)
  expect(run.state).toBe('SUCCESS')
  const spans = ['Issues', 'Projects', 'Users', 'n'].map(one => span(run, one))
  const lastStart = Math.max(...spans.map(([from]) => from))
  expect(lastStart).toBeLessThanOrEqual(Math.min(...spans.map(([, to]) => to)))
  expect(spans.map(([from]) => from)).toEqual(spans.map(([from]) => from).sort())
  expect(span(run, 'IssueCategories')).toEqual(span(run, 'Issues'))
  expect(run.tasks.at(-1)?.query).toContain('FROM Priorities')
  expect(run.used).toMatchObject({ product: expect.any(String), job: expect.any(Number) })
  await scene.expectSpace()
  scene.replicator.patchJob(job.id, { settings: { parallelTasks: 1 } })
  const again = await scene.run(job, { mode: 'full' })
  const one = ['Issues', 'Projects', 'Users', 'n'].map(table => span(again, table))
  for (const [index, [from]] of one.entries())
    expect(from).toBeGreaterThanOrEqual(one[index - 1]?.[1] ?? 0)
  expect(() => scene.replicator.patchJob(job.id, { settings: { parallelTasks: 17 } })).toThrow(
    'parallelTasks: expected a whole number of 1 to 16',
  )
})

it('begins no other group once one failed, where the job says so', async () => {
  const failing = ['f', 'g'].map(one => ({
    query: `REPLICATE ${one} (PRIMARY KEY ((id))) ${FAILING}`,
  }))
  const settings = { parallelTasks: 2, stopOnFirstError: true }
  const job = await scene.job({ tasks: [...failing, { table: 'Projects' }], settings })
  const run = await scene.run(job)
  expect(run.tasks.map(one => one.state).at(-1)).toBe('QUEUED')
  expect(run.tasks[0]?.state).toBe('FAILED')
  scene.replicator.patchJob(job.id, { settings: { stopOnFirstError: false } })
  expect((await scene.run(job)).tasks.at(-1)?.state).toBe('SUCCESS')
})

it('logs requests and answers where asked to, without the key, and only for a day', async () => {
  const job = await scene.job({
    ...{ tasks: [{ table: 'Issues' }], backlog: { keyInQuery: true } },
    settings: { logLevel: 'verbose' },
  })
  const until = Date.parse(job.settings.verboseUntil ?? '')
  expect(until).toBeGreaterThan(Date.now() + DAY_MS - 120_000)
  const lines = scene.replicator.log((await scene.run(job)).id)
  const of = (level: string) => lines.filter(one => one.level === level).map(one => one.text)
  expect(of('transfer').some(one => /GET .*issues\?.*apiKey=\*\*\*.* → 200/.test(one))).toBe(true)
  const [issue] = [...scene.standIn.space.issues.values()]
  expect(of('verbose').join('')).toContain(issue?.summary)
  expect(of('warn').join('')).toContain('contents of rows')
  expect(lines.filter(one => one.text.includes(scene.standIn.apiKey))).toEqual([])
  const verboseUntil = new Date(Date.now() - 1).toISOString()
  change(job, { settings: { ...job.settings, verboseUntil } })
  expect(scene.replicator.job(job.id).settings.logLevel).toBe('info')
  const later = scene.replicator.log((await scene.run(job, { mode: 'full' })).id)
  expect(later.filter(one => one.level === 'transfer' || one.level === 'verbose')).toEqual([])
})

it('lets one of two servers on one database run a job at a time', async () => {
  const job = await scene.job({ tasks: [{ table: 'Issues' }] })
  const run = scene.replicator.startRun(job.id, {}, 'api')
  const other = new Replicator(scene.folder, Logger.silent())
  try {
    expect(other.run(run.id).finishedAt).toBeNull()
    expect(other.job(job.id).activeRun?.id).toBe(run.id)
    expect(() => other.startRun(job.id, {}, 'api')).toThrow('another server')
    expect(() => other.cancelRun(run.id)).toThrow('stop it there')
    expect((await scene.replicator.waitFor(run.id)).state).toBe('SUCCESS')
    const next = await other.waitFor(other.startRun(job.id, {}, 'api').id)
    expect(next).toMatchObject({ state: 'SUCCESS', rows: { inserted: 0, updated: 0 } })
  } finally {
    await other.close()
  }
})
