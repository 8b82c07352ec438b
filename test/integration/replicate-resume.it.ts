/**
 * A replication process killed at ten random points of its first load, each time while the issue that
 * it was writing is deleted: in the end the tables have every issue and comment of the space exactly
 * once and nothing else, and no kill starts from the beginning.
 */
import { spawn } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import { Replication } from '../support/replication.ts'

const KILLS = 10
const ISSUES = 400
const CHILD = new URL('../support/replicate-child.ts', import.meta.url).pathname

let scene: Replication
afterEach(() => scene.close())

it('goes on after kill -9 at ten random points', async () => {
  scene = await Replication.open({ issues: ISSUES, comments: 1 })
  const { standIn, folder } = scene
  const job = await scene.job({ tasks: [{ table: 'Issues' }, { table: 'IssueComments' }] })
  await scene.replicator.close()
  const points: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const requests = 10 + Math.floor(Math.random() * 50)
    points.push(requests)
    await runAndKill(folder, job.id, requests)
    deleteLastRead()
  }
  console.info('killed after so many requests:', points)
  const from = standIn.journal.length
  await scene.restart()
  const known = scene.replicator.runs({ limit: 100 })
  expect(known.filter(one => one.finishedAt === null)).toEqual([])
  const last = await scene.run(job)
  expect(last.state).toBe('SUCCESS')
  // Each kill came after progress: far from all comments are asked for again.
  expect(standIn.journal.length - from).toBeLessThan(ISSUES - KILLS)
  await scene.expectSpace(true)
  const again = await scene.run(job)
  expect(again.rows).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
})

/** Its rows may be in Cassandra without the process having noted that they are. */
function deleteLastRead(): void {
  const { journal, space } = scene.standIn
  const paths = journal.map(one => /^issues\/(\d+)\/comments$/.exec(one.path)?.[1])
  const last = paths.findLast(one => one !== undefined)
  if (last !== undefined) space.deleteIssue(Number(last))
}

async function runAndKill(folder: string, jobId: string, requests: number): Promise<void> {
  const { journal } = scene.standIn
  const from = journal.length
  const child = spawn(process.execPath, [CHILD, folder, jobId], { stdio: 'ignore' })
  const ended = new Promise(resolve => child.once('exit', resolve))
  await expect
    .poll(() => journal.length - from >= requests || child.exitCode !== null, {
      ...{ interval: 2, timeout: 60_000 },
    })
    .toBe(true)
  child.kill('SIGKILL')
  await ended
}
