/**
 * The job of the demo in a folder that was kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Replicator } from '../replicate/index.ts'
import { Logger } from '../telemetry/index.ts'
import { BacklogJob, type BacklogJobParts } from './backlog-job.ts'

it('has its tasks after a start that was stopped before they were added', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scamander-demo-job-'))
  const replicator = new Replicator(folder, Logger.silent())
  const session = { execute: async () => [] }
  const node = { contactPoints: ['127.0.0.1'], port: 9, localDatacenter: 'dc1' }
  const parts = { replicator, session, node } as unknown as BacklogJobParts
  try {
    await (await BacklogJob.open(parts)).close()
    const [job] = replicator.jobs()
    for (const { id } of job!.tasks) replicator.deleteTask(job!.id, id)
    await (await BacklogJob.open(parts)).close()
    const tasks = replicator.jobs().flatMap(one => one.tasks.map(({ table }) => table))
    expect(tasks).toEqual(['Projects', 'Issues', 'IssueComments'])
  } finally {
    await replicator.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
