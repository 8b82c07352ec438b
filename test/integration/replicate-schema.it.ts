/**
 * Changes of the source's schema on real servers: columns that come and go, types that get wider, and
 * what a job asks, takes and leaves out.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { JobInfo, JobSettings, JobType, SchemaChange } from '../../src/api-v1.ts'
import { testKeyspace } from '../support/keyspace.ts'
import { Replication } from '../support/replication.ts'

let scene: Replication
afterEach(() => scene.close())

async function execute(cql: string) {
  return await scene.keyspace.client.execute(cql.replaceAll('$', scene.keyspace.name))
}

interface Given {
  readonly settings?: Partial<JobSettings>
  readonly type?: JobType
}

/** Copies the table `origin`, which has the rows 1 and 2, into `copy`, once. */
async function copyJob({ settings = {}, type = 'standard' }: Given): Promise<JobInfo> {
  scene = await Replication.open({ issues: 1 })
  await execute('CREATE TABLE $.origin (id int PRIMARY KEY, a text, n int)')
  await execute("INSERT INTO $.origin (id, a, n) VALUES (1, 'x', 10)")
  await execute("INSERT INTO $.origin (id, a, n) VALUES (2, 'y', 20)")
  const made = await scene.job({ tasks: [] })
  const of = { source: made.destination, destination: made.destination, type }
  const job = await scene.replicator.addJob({
    ...{ ...of, name: 'copy' },
    settings: { deletion: 'hard', systemColumns: false, ...settings },
  })
  const task = { table: 'origin', destination: 'copy' }
  const ready = type === 'sync_all' ? job : await scene.replicator.addTasks(job.id, [task])
  expect((await scene.run(ready)).state).toBe('SUCCESS')
  return ready
}

const changes = (job: JobInfo) => scene.replicator.schema.changes(job.id)
const statesOf = (all: readonly SchemaChange[]) => all.map(one => [one.kind, one.column, one.state])

async function columnsOf(table: string): Promise<string[]> {
  return (await execute(`SELECT * FROM $.${table}`)).columns.map(one => one.name).sort()
}

describe('a new column', () => {
  it('waits for a decision, is told once, and comes with all rows when it is approved', async () => {
    const job = await copyJob({})
    await execute('ALTER TABLE $.origin ADD b text')
    await execute("UPDATE $.origin SET b = 'new' WHERE id = 1")
    const run = await scene.run(job)
    const text = 'origin: the new column b (text) waits for a decision'
    expect([run.state, run.schemaChanges, run.tasks[0]!.warnings]).toEqual([
      ...['WARNING', [text], [text]],
    ])
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await columnsOf('copy')).toEqual(['a', 'id', 'n'])
    const [change] = changes(job)
    expect(change).toMatchObject({ kind: 'column_added', state: 'pending', to: 'text' })
    expect(change!.ways).toEqual([
      { how: 'add', ddl: [`ALTER TABLE ${scene.keyspace.name}.copy ADD b text`] },
    ])
    await scene.replicator.schema.approve(job.id, change!.id, {})
    expect((await scene.run(job)).rows).toMatchObject({ updated: 2 })
    expect(await scene.rows('SELECT id, b FROM copy')).toEqual(['1 new', '2 null'])
    await expect(scene.replicator.schema.approve(job.id, change!.id, {})).rejects.toThrow('applied')
    expect(statesOf(changes(job))).toEqual([['column_added', 'b', 'applied']])
  })

  it('is left out when it is ignored, by a person or by the job', async () => {
    const job = await copyJob({})
    await execute('ALTER TABLE $.origin ADD b text')
    await scene.run(job)
    scene.replicator.schema.ignore(job.id, changes(job)[0]!.id)
    scene.replicator.patchJob(job.id, { settings: { ...job.settings, newColumns: 'ignore' } })
    await execute('ALTER TABLE $.origin ADD c text')
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await columnsOf('copy')).toEqual(['a', 'id', 'n'])
    const expected = [
      ['column_added', 'b', 'ignored'],
      ['column_added', 'c', 'ignored'],
    ]
    expect(statesOf(changes(job)).sort()).toEqual(expected)
  })

  it('is taken at once by a job of all tables, and so is a new table', async () => {
    const other = await testKeyspace()
    try {
      const job = await copyJob({ type: 'sync_all', settings: { keyspace: other.name } })
      await execute('ALTER TABLE $.origin ADD b text')
      await execute("UPDATE $.origin SET b = 'new' WHERE id = 2")
      await execute('CREATE TABLE $.extra (id int PRIMARY KEY)')
      const run = await scene.run(job)
      expect(run.schemaChanges.slice(0, 3)).toEqual([
        'extra is new and is copied',
        'origin: the new column b (text) is copied',
        `ALTER TABLE ${other.name}.origin ADD b text`,
      ])
      expect(run.tasks.find(one => one.table === 'origin')!.state).toBe('SUCCESS')
      const { rows } = await execute(`SELECT id, b FROM ${other.name}.origin`)
      expect(rows.map(row => `${row['id']} ${row['b']}`).sort()).toEqual(['1 null', '2 new'])
    } finally {
      await other.drop()
    }
  })
})

describe('a column that is gone', () => {
  it('stays in the table, is not written any more, and is told once', async () => {
    const job = await copyJob({})
    await execute('ALTER TABLE $.origin DROP n')
    await execute("INSERT INTO $.origin (id, a) VALUES (3, 'z')")
    const run = await scene.run(job)
    expect([run.state, run.rows.inserted]).toEqual(['WARNING', 1])
    expect(run.tasks[0]!.warnings[0]).toContain('the column n is gone from the source')
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await scene.rows('SELECT id, n FROM copy')).toEqual(['1 10', '2 20', '3 null'])
    expect(statesOf(changes(job))).toEqual([['column_removed', 'n', 'kept']])
  })
})

describe('a type that gets wider', () => {
  async function widen(): Promise<void> {
    await execute('DROP TABLE $.origin')
    await execute('CREATE TABLE $.origin (id int PRIMARY KEY, a text, n bigint)')
    await execute("INSERT INTO $.origin (id, a, n) VALUES (1, 'x', 5000000000)")
    await execute("INSERT INTO $.origin (id, a, n) VALUES (2, 'y', 20)")
  }

  it('keeps the column until somebody decides, and then fills another one', async () => {
    const job = await copyJob({ settings: { rejectedMax: 10 } })
    await widen()
    const run = await scene.run(job)
    expect([run.state, run.rows.rejected]).toEqual(['WARNING', 1])
    expect(await scene.rows('SELECT id, n FROM copy')).toEqual(['1 10', '2 20'])
    const [change] = changes(job)
    expect(change).toMatchObject({ kind: 'type_widened', from: 'int', to: 'bigint' })
    expect(change!.ways.map(one => one.how)).toEqual(['v2', 'reload'])
    await scene.replicator.schema.approve(job.id, change!.id, { how: 'v2' })
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await scene.rows('SELECT id, n, n_v2 FROM copy')).toEqual([
      ...['1 10 5000000000', '2 20 20'],
    ])
  })

  it('or the table is made anew, by its name', async () => {
    const job = await copyJob({ settings: { rejectedMax: 10 } })
    await widen()
    await scene.run(job)
    const [change] = changes(job)
    const approve = (confirm?: string) =>
      scene.replicator.schema.approve(job.id, change!.id, {
        how: 'reload',
        ...(confirm === undefined ? {} : { confirm }),
      })
    await expect(approve()).rejects.toMatchObject({ context: { field: 'confirm' } })
    await approve('copy')
    expect((await scene.run(job)).rows).toMatchObject({ inserted: 2 })
    expect(await scene.rows('SELECT id, n FROM copy')).toEqual(['1 5000000000', '2 20'])
  })

  it('is taken at once where the job says so', async () => {
    const job = await copyJob({ settings: { newColumns: 'add' } })
    await widen()
    expect((await scene.run(job)).state).toBe('SUCCESS')
    expect(await scene.rows('SELECT id, n_v2 FROM copy')).toEqual(['1 5000000000', '2 20'])
  })
})
