/**
 * The replicator without servers: runs that cannot reach anything, changes beside them, and its end.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JobInfo } from '../api-v1.ts'
import { Logger } from '../telemetry/index.ts'
import { Replicator } from './replicator.ts'
import { Store } from './store.ts'

let folder: string
let replicator: Replicator

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-replicator-'))
  replicator = new Replicator(folder, Logger.silent())
})
afterEach(async () => {
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** From a space to a cluster that both are not there. */
async function makeJob(name = 'nightly'): Promise<JobInfo> {
  const save = async (connector: 'backlog' | 'cassandra', properties: object) => {
    const draft = { name: `${name} ${connector}`, connector, properties: { ...properties } }
    return (await replicator.saveConnection(draft, AbortSignal.timeout(1_000))).connection!.id
  }
  const source = await save('backlog', {
    ...{ url: 'http://127.0.0.1:9', apiKey: 'none', allowPlainHttp: true },
  })
  const destination = await save('cassandra', {
    ...{ server: '127.0.0.1', port: 9, database: 'ks', authScheme: 'None' },
  })
  const { id } = await replicator.addJob({ name, source, destination })
  return await replicator.addTasks(id, [{ table: 'Issues' }])
}

describe('the end of the replicator', () => {
  it('waits for runs and starts none of their chains', async () => {
    const [first, second] = [await makeJob('first'), await makeJob('second')]
    const preset = { when: 'after_run', on: 'always', kind: 'job', onFailure: 'stop' } as const
    replicator.hooks.put(first.id, [{ ...preset, target: second.id, enabled: true }])
    const run = replicator.startRun(first.id, {}, 'api')
    const ended = replicator.waitFor(run.id)
    await replicator.close()
    expect((await ended).finishedAt).not.toBeNull()
    expect(() => replicator.startRun(first.id, {}, 'api')).toThrow('the server ends')
    replicator = new Replicator(folder, Logger.silent())
    expect(replicator.runs({ limit: 10 }).map(one => one.jobName)).toEqual(['first'])
  })
})

describe('a change of a job', () => {
  it('takes named fields only', async () => {
    const job = await makeJob()
    const [task] = job.tasks
    const foreign = { source: 'x', tasks: null, id: 'y', version: 7, type: 'z', createdAt: 0 }
    const labels = ['a']
    replicator.patchJob(job.id, {
      ...foreign,
      labels,
      settings: { rejectedMax: 3, more: 1 },
    } as object)
    expect(replicator.job(job.id)).toEqual({
      ...{ ...job, labels, settings: { ...job.settings, rejectedMax: 3 }, version: 3 },
      updatedAt: expect.any(String),
    })
    const patch = { id: 'x', table: 'Projects', freshAt: 1, enabled: false } as object
    await replicator.patchTask(job.id, task!.id, patch)
    expect(replicator.job(job.id).tasks).toEqual([{ ...task, enabled: false }])
  })

  it('of columns keeps rows in sight, which are written again: also the first expression', async () => {
    const job = await makeJob()
    const { id } = job.tasks[0]!
    const column = (source: string, more: object) => ({
      ...{ on: true, source, expression: null, name: source.toLowerCase(), type: 'text' },
      ...{ key: 'none' as const, ...more },
    })
    const key = column('Id', { type: 'bigint', key: 'partition' })
    const known = async (work: (store: Store) => unknown) => {
      await replicator.close()
      const store = new Store(folder)
      const found = work(store)
      store.close()
      replicator = new Replicator(folder, Logger.silent())
      return found
    }
    const count = () => known(store => store.rows.count(id))
    await known(store => store.rows.put(id, [{ key: '[1]', scope: '1', hash: Buffer.from('h') }]))
    const computed = [key, column('Summary', { expression: 'upper(Summary)' })]
    for (const columns of [[key, column('Summary', {})], computed, [key]]) {
      await replicator.patchTask(job.id, id, { columns })
      expect(await count()).toBe(1)
      const hash = await known(store => store.rows.find(id, ['[1]']).get('[1]')?.hash.length)
      expect(hash).toBe(0)
    }
    // A column that the source has lost is taken away.
    await known(store => {
      const own = store.get<JobInfo>('job', job.id)!
      const lost = [key, column('Lost', {})]
      store.put('job', job.id, { ...own, tasks: [{ ...own.tasks[0], columns: lost }] })
    })
    await replicator.patchTask(job.id, id, { columns: [key] })
    expect(await count()).toBe(1)
    // The same once more is no change.
    await known(store => store.rows.put(id, [{ key: '[1]', scope: '1', hash: Buffer.from('h') }]))
    await replicator.patchTask(job.id, id, { columns: [key] })
    expect(await known(store => store.rows.find(id, ['[1]']).get('[1]')?.hash.length)).toBe(1)
    await replicator.patchTask(job.id, id, { columns: [{ ...key, type: 'text' }] })
    expect(await count()).toBe(0)
  })

  it.each([
    ['labels', { labels: null }],
    ['enabled', { enabled: 'yes' }],
    ['name', { name: 5 }],
    ['settings', { settings: null }],
    ['settings.rejectedMax', { settings: { rejectedMax: '5' } }],
    ['settings.deletion', { settings: { deletion: 'all' } }],
    ['settings.exclude', { settings: { exclude: 'Issues' } }],
    ['schedule', { schedule: null }],
    ['interval', { schedule: {} }],
    ['interval', { schedule: { interval: 'yearly', timeZone: 'UTC' } }],
    ['timeZone', { schedule: { interval: 'daily', time: '02:00', timeZone: 'Nowhere' } }],
    ['days', { schedule: { interval: 'weekly', time: '02:00', days: 1 } }],
  ])('is refused with the name of the wrong field: %s', async (field, patch) => {
    const job = await makeJob()
    expect(() => replicator.patchJob(job.id, patch as object)).toThrow(
      expect.objectContaining({ kind: 'config', context: { field } }),
    )
    expect(replicator.jobs()).toEqual([job])
  })

  it.each([
    ['destination', { destination: 5 }],
    ['mode', { mode: 'slow' }],
    ['enabled', { enabled: 1 }],
    ['columns', { columns: [null] }],
    ['columns.0.key', { columns: [{ on: true, name: 'id', type: 'int', key: 'first' }] }],
    ['columns.0.name', { columns: [{ on: true, type: 'int', key: 'none' }] }],
  ])('is refused with the name of the wrong field of a task: %s', async (field, patch) => {
    const job = await makeJob()
    await expect(
      replicator.patchTask(job.id, job.tasks[0]!.id, patch as object),
    ).rejects.toMatchObject({ kind: 'config', context: { field } })
    expect(replicator.jobs()).toEqual([job])
  })

  it('goes to another cluster only', async () => {
    const job = await makeJob()
    const change = () => replicator.patchJob(job.id, { destination: job.source })
    expect(change).toThrow('expected a Cassandra connection')
  })

  it('does not touch what a run is using', async () => {
    const job = await makeJob()
    const { id } = job.tasks[0]!
    const run = replicator.startRun(job.id, {}, 'api')
    const message = 'job nightly is running; stop it first'
    expect(() => replicator.resetTask(job.id, id)).toThrow(message)
    expect(() => replicator.deleteTask(job.id, id)).toThrow(message)
    for (const patch of [{ destination: 'other' }, { columns: [] }])
      await expect(replicator.patchTask(job.id, id, patch)).rejects.toThrow(message)
    await replicator.patchTask(job.id, id, { enabled: false })
    replicator.cancelRun(run.id)
    await replicator.waitFor(run.id)
    replicator.resetTask(job.id, id)
    await replicator.patchTask(job.id, id, { destination: 'other' })
    expect(replicator.job(job.id).tasks).toMatchObject([{ enabled: false, destination: 'other' }])
  })
})
