/**
 * Rows that come back after they were gone, and jobs whose destination moves to another place: nothing
 * old is left in their cells, and nothing is missing at the new place.
 */
import { afterEach, expect, it } from 'vitest'
import type { JobInfo, JobSettings } from '../../src/api-v1.ts'
import { testKeyspace } from '../support/keyspace.ts'
import { Replication } from '../support/replication.ts'

let scene: Replication
afterEach(() => scene.close())

/** Copies the table `origin` of the scene's keyspace, which has the rows 1 and 2, into `copy`. */
async function copyJob(settings: Partial<JobSettings>): Promise<JobInfo> {
  scene = await Replication.open({ issues: 1 })
  await execute('CREATE TABLE $.origin (id bigint PRIMARY KEY, a text)')
  await execute("INSERT INTO $.origin (id, a) VALUES (1, 'x')")
  await execute("INSERT INTO $.origin (id, a) VALUES (2, 'y')")
  const made = await scene.job({ tasks: [] })
  const { id } = await scene.replicator.addJob({
    ...{ name: 'copy', source: made.destination, destination: made.destination, settings },
  })
  return await scene.replicator.addTasks(id, [{ table: 'origin', destination: 'copy' }])
}

async function execute(cql: string, keyspace = scene.keyspace.name) {
  return await scene.keyspace.client.execute(cql.replace('$', keyspace))
}

it.each(['soft', 'ignore'] as const)(
  'a row that comes back has its nulls and no old cells: deletion %s',
  async deletion => {
    const job = await copyJob({ deletion })
    await scene.run(job)
    await execute('DELETE FROM $.origin WHERE id = 1')
    expect((await scene.run(job)).rows.deleted).toBe(1)
    // It is deleted once.
    expect((await scene.run(job)).rows.deleted).toBe(0)
    expect(await scene.rows('SELECT id, a FROM copy')).toEqual(['1 x', '2 y'])
    await execute('INSERT INTO $.origin (id) VALUES (1)')
    expect((await scene.run(job)).rows.updated).toBe(1)
    expect(await scene.rows('SELECT id, a FROM copy')).toEqual(['1 null', '2 y'])
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
  },
)

it('a job that moves does not empty a table that has rows of others', async () => {
  const job = await copyJob({ deletion: 'hard' })
  const truncate = { mode: 'truncate', confirm: 'copy' } as const
  await scene.replicator.patchTask(job.id, job.tasks[0]!.id, truncate)
  await scene.run(job)
  const other = await testKeyspace()
  try {
    await execute('CREATE TABLE $.copy (id bigint PRIMARY KEY, a text)', other.name)
    await execute("INSERT INTO $.copy (id, a) VALUES (9, 'theirs')", other.name)
    scene.replicator.patchJob(job.id, { settings: { ...job.settings, keyspace: other.name } })
    const held = await scene.run(job)
    expect([held.state, held.tasks[0]!.error]).toEqual([
      'FAILED',
      expect.stringContaining('rows that this task did not write'),
    ])
    expect((await execute('SELECT id FROM $.copy', other.name)).rows.length).toBe(1)
    await execute('TRUNCATE $.copy', other.name)
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
  } finally {
    await other.drop()
  }
})

it('a job that moves to a table that is there writes every row, with its nulls', async () => {
  const job = await copyJob({ deletion: 'hard', systemColumns: false })
  await execute('INSERT INTO $.origin (id) VALUES (3)')
  await scene.run(job)
  const other = await testKeyspace()
  try {
    await execute('CREATE TABLE $.copy (id bigint PRIMARY KEY, a text)', other.name)
    await execute("INSERT INTO $.copy (id, a) VALUES (3, 'old')", other.name)
    scene.replicator.patchJob(job.id, { settings: { ...job.settings, keyspace: other.name } })
    await scene.run(job, { mode: 'dry-run' })
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 0, updated: 3 })
    const { rows } = await execute('SELECT id, a FROM $.copy', other.name)
    expect(rows.map(row => `${row['id']} ${row['a']}`).sort()).toEqual(['1 x', '2 y', '3 null'])
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
  } finally {
    await other.drop()
  }
})
