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
