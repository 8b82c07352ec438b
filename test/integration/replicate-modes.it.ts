/**
 * The modes of tasks on real servers: truncate and load, drop and create, append, with start, time to
 * live and deletes of their own; each killed in the middle and run again leaves the right table.
 */
import { spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import type { JobInfo, TaskDraft } from '../../src/api-v1.ts'
import { Replication } from '../support/replication.ts'

const CHILD = new URL('../support/replicate-child.ts', import.meta.url).pathname
const KILLS = 3
const ROWS = 3_000

let scene: Replication
afterEach(() => scene.close())

async function execute(cql: string, params: readonly unknown[] = []) {
  const text = cql.replaceAll('$', scene.keyspace.name)
  return await scene.keyspace.client.execute(text, [...params], { prepare: true })
}

async function put(id: number, a: string | null, at = '2026-05-01'): Promise<void> {
  await execute('INSERT INTO $.origin (id, a, at) VALUES (?, ?, ?)', [id, a, new Date(at)])
}

/** Copies the table `origin`, which has the rows 1 and 2, into `copy`. */
async function copyJob(draft: Partial<TaskDraft>, rows = 2): Promise<JobInfo> {
  scene = await Replication.open({ issues: 1 })
  await execute('CREATE TABLE $.origin (id int PRIMARY KEY, a text, at timestamp)')
  for (let id = 1; id <= rows; id += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, rows - id + 1) }, (_, at) => put(id + at, `v${id + at}`)),
    )
  const made = await scene.job({ tasks: [], cassandra: { pageSize: 100 } })
  const { id } = await scene.replicator.addJob({
    ...{ name: 'copy', source: made.destination, destination: made.destination },
    settings: { deletion: 'hard' },
  })
  return await scene.replicator.addTasks(id, [{ table: 'origin', destination: 'copy', ...draft }])
}

const copied = async () => await scene.rows('SELECT id, a FROM copy')

describe('truncate and load', () => {
  it('has the rows of the source and nothing else, and needs the name of the table', async () => {
    await expect(copyJob({ mode: 'truncate' })).rejects.toMatchObject({
      context: { field: 'confirm' },
    })
    await scene.close()
    const job = await copyJob({ mode: 'truncate', confirm: 'copy' })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
    await execute("INSERT INTO $.copy (id, a) VALUES (77, 'of somebody else')")
    await execute('DELETE FROM $.origin WHERE id = 1')
    await put(2, null)
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 1, updated: 0, deleted: 0 })
    expect(await copied()).toEqual(['2 null'])
    // Written later, and not hidden by what emptied the table.
    await put(1, 'back')
    await scene.run(job)
    expect(await copied()).toEqual(['1 back', '2 null'])
  })

  it('keeps its rows when the source has none, until that is accepted', async () => {
    const job = await copyJob({ mode: 'truncate', confirm: 'copy' })
    await scene.run(job)
    await execute('TRUNCATE $.origin')
    const held = await scene.run(job)
    expect([held.state, held.tasks[0]!.parkedDeletes]).toEqual(['WARNING', 2])
    expect(await copied()).toEqual(['1 v1', '2 v2'])
    await scene.run(job, { mode: 'full', acceptDeletes: true })
    expect(await copied()).toEqual([])
  })

  it('is not done once another task writes the table', async () => {
    const job = await copyJob({ mode: 'truncate', confirm: 'copy' })
    await scene.run(job)
    const { source, destination } = job
    const other = await scene.replicator.addJob({ name: 'other', source, destination })
    await scene.replicator.addTasks(other.id, [{ table: 'origin', destination: 'copy' }])
    const held = await scene.run(job)
    expect([held.state, held.tasks[0]!.error]).toEqual([
      'FAILED',
      expect.stringContaining('each run empties copy, but'),
    ])
    expect(await copied()).toEqual(['1 v1', '2 v2'])
    expect((await scene.run(job, { mode: 'dry-run' })).state).toBe('SUCCESS')
  })

  it('is not done by a dry run, and the table is as it was when the mode changes', async () => {
    const job = await copyJob({ mode: 'truncate', confirm: 'copy' })
    await scene.run(job)
    await put(3, 'v3')
    expect((await scene.run(job, { mode: 'dry-run' })).rows).toMatchObject({ inserted: 1 })
    expect(await copied()).toEqual(['1 v1', '2 v2'])
    await scene.replicator.patchTask(job.id, job.tasks[0]!.id, { mode: 'incremental' })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 1, unchanged: 2 })
  })
})

describe('drop and create', () => {
  it('makes the table with the columns that it has now, by its name alone', async () => {
    const job = await copyJob({ mode: 'recreate', confirm: 'copy' })
    expect(() => scene.replicator.startRun(job.id, {}, 'api')).toThrow('drop: the run drops copy')
    await scene.run(job, { drop: ['copy'] })
    await execute('ALTER TABLE $.copy ADD own text')
    await put(3, 'v3')
    expect((await scene.run(job, { drop: ['copy'] })).rows).toMatchObject({ inserted: 3 })
    expect(await copied()).toEqual(['1 v1', '2 v2', '3 v3'])
    const { columns } = await execute('SELECT * FROM $.copy')
    expect(columns.map(one => one.name)).not.toContain('own')
  })

  it('is done once for a task whose key changed', async () => {
    const job = await copyJob({})
    await scene.run(job)
    const task = job.tasks[0]!.id
    const columns = [
      { on: true, source: 'a', expression: null, name: 'a', type: 'text', key: 'partition' },
      { on: true, source: 'id', expression: null, name: 'id', type: 'int', key: 'clustering_desc' },
    ] as const
    const plan = await scene.replicator.planTask(job.id, task, { columns })
    expect(plan.action).toBe('incompatible')
    expect(plan.options.map(one => [one.key, one.destination, one.rows])).toEqual([
      ['reload', 'copy', 2],
      ['rename', 'copy_v2', 2],
    ])
    const reload = { columns, reload: true }
    await expect(scene.replicator.patchTask(job.id, task, reload)).rejects.toThrow('confirm')
    await scene.replicator.patchTask(job.id, task, { ...reload, confirm: 'copy' })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 0, unchanged: 2 })
    expect(await scene.rows('SELECT a, id FROM copy')).toEqual(['v1 1', 'v2 2'])
  })
})

describe('append', () => {
  const versions = async () => await scene.rows('SELECT id, a FROM copy')

  it('writes each change as a row of its own and deletes nothing', async () => {
    const job = await copyJob({ mode: 'append' })
    await scene.run(job)
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 })
    await put(1, 'w1')
    await execute('DELETE FROM $.origin WHERE id = 2')
    expect((await scene.run(job)).rows).toMatchObject({ updated: 1, deleted: 0 })
    expect(await versions()).toEqual(['1 v1', '1 w1', '2 v2'])
    await put(1, null)
    await scene.run(job)
    expect(await versions()).toEqual(['1 null', '1 v1', '1 w1', '2 v2'])
    const { rows } = await execute('SELECT id, "_sc_run_id" FROM $.copy')
    expect(new Set(rows.map(row => String(row['_sc_run_id']))).size).toBe(3)
  })

  it('is another table than that of the other modes', async () => {
    const job = await copyJob({})
    await scene.run(job)
    const task = job.tasks[0]!.id
    const plan = await scene.replicator.planTask(job.id, task, { mode: 'append' })
    expect(plan.problems[0]).toContain('the task has (id, _sc_run_id)')
    await scene.replicator.patchTask(job.id, task, { mode: 'append', destination: 'copy_v2' })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await scene.rows('SELECT id, a FROM copy_v2')).toEqual(['1 v1', '2 v2'])
  })
})

describe('options', () => {
  it('start leaves what is before it as it is', async () => {
    const job = await copyJob({})
    await put(3, 'old', '2020-01-01')
    await scene.run(job)
    const task = job.tasks[0]!.id
    const options = { start: '2026-01-01', checkColumn: 'at' }
    await expect(
      scene.replicator.patchTask(job.id, task, { options: { start: '2026-01-01' } }),
    ).rejects.toMatchObject({ context: { field: 'options.start' } })
    await scene.replicator.patchTask(job.id, task, { options })
    await put(3, 'changed and still old', '2020-01-02')
    await put(4, 'never seen', '2020-01-01')
    await put(2, 'w2')
    await execute('DELETE FROM $.origin WHERE id = 1')
    expect((await scene.run(job)).rows).toMatchObject({ deleted: 1 })
    expect(await copied()).toEqual(['2 w2', '3 old'])
  })

  it('deletes of a task stand above those of the job', async () => {
    const job = await copyJob({ options: { deletes: 'keep' } })
    await scene.run(job)
    await execute('DELETE FROM $.origin WHERE id = 1')
    expect((await scene.run(job)).rows).toMatchObject({ deleted: 0 })
    expect(await copied()).toEqual(['1 v1', '2 v2'])
    const task = job.tasks[0]!.id
    await scene.replicator.patchTask(job.id, task, { options: { deletes: 'soft' } })
    await execute('DELETE FROM $.origin WHERE id = 2')
    expect((await scene.run(job, { acceptDeletes: true })).rows).toMatchObject({ deleted: 1 })
    expect(await scene.rows('SELECT id, "_sc_deleted" FROM copy')).toEqual(['1 null', '2 true'])
  })

  it('rows with a time to live have it, and are written anew by a full task', async () => {
    const job = await copyJob({ mode: 'full', options: { ttlSeconds: 1_000, batchRows: 1 } })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
    const { rows } = await execute('SELECT TTL(a) AS t FROM $.copy')
    for (const row of rows) expect(Number(row['t'])).toBeGreaterThan(900)
    expect((await scene.run(job)).rows).toMatchObject({ updated: 2, unchanged: 0 })
  })

  it('without alterSchema a column that is missing is an error', async () => {
    const job = await copyJob({ options: { alterSchema: false } })
    await scene.run(job)
    await execute('ALTER TABLE $.copy DROP a')
    const run = await scene.run(job)
    expect([run.state, run.tasks[0]!.error]).toEqual([
      'FAILED',
      expect.stringContaining('the task may not change it'),
    ])
  })
})

describe('killed in the middle and run again', () => {
  it.each(['truncate', 'recreate', 'append'] as const)('%s leaves the right table', async mode => {
    const job = await copyJob({ mode, confirm: 'copy' }, ROWS)
    const expected = Array.from({ length: ROWS }, (_, at) => `${at + 1} v${at + 1}`)
    for (let kill = 0; kill < KILLS; kill++) await runAndKill(job, (kill + 0.5) / KILLS)
    await scene.restart()
    expect((await scene.run(job, { drop: ['copy'] })).state).toBe('SUCCESS')
    expect(await copied()).toEqual(expected.sort())
    const again = mode === 'append' ? { inserted: 0, updated: 0 } : { inserted: ROWS }
    expect((await scene.run(job, { drop: ['copy'] })).rows).toMatchObject(again)
    expect(await copied()).toEqual(expected)
  })
})

/** Ends the process without warning once it has written about such a share of the table. */
async function runAndKill(job: JobInfo, share: number): Promise<void> {
  await scene.replicator.close()
  const before = await tableId()
  const child = spawn(process.execPath, [CHILD, scene.folder, job.id, 'copy'], { stdio: 'ignore' })
  const ended = new Promise(resolve => child.once('exit', resolve))
  const isThere = async () => {
    if (child.exitCode !== null) return true
    // Of a table that is made anew its own rows count.
    if (job.tasks[0]!.mode === 'recreate' && (await tableId()) === before) return false
    return (await count()) >= ROWS * share
  }
  await expect.poll(isThere, { interval: 5, timeout: 60_000 }).toBe(true)
  child.kill('SIGKILL')
  await ended
}

async function tableId(): Promise<string> {
  const cql =
    "SELECT id FROM system_schema.tables WHERE keyspace_name = '$' AND table_name = 'copy'"
  return String((await execute(cql)).rows[0]?.['id'])
}

async function count(): Promise<number> {
  try {
    return Number((await execute('SELECT count(*) AS n FROM $.copy')).rows[0]?.['n'])
  } catch {
    return 0
  }
}
