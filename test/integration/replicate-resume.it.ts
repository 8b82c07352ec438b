/**
 * A replication process killed at random points of its first load, again and again: in the end the
 * table has every issue and comment of the space exactly once, and no kill starts from the beginning.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startBacklogStandIn } from '../../src/demo/index.ts'
import { Replicator } from '../../src/replicate/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { testCassandra, testKeyspace } from '../support/keyspace.ts'

const KILLS = 5
const CHILD = new URL('../support/replicate-child.ts', import.meta.url).pathname

it('goes on after kill -9', async () => {
  await using keyspace = await testKeyspace()
  const folder = mkdtempSync(join(tmpdir(), 'scamander-resume-'))
  const standIn = await startBacklogStandIn({
    issues: 3_000,
    comments: 0,
    limits: { read: 1_000_000, search: 1_000_000 },
  })
  const signal = AbortSignal.timeout(60_000)
  try {
    const replicator = new Replicator(folder, Logger.silent())
    const { contactPoints, port } = testCassandra()
    const cassandra = await replicator.saveConnection(
      {
        name: 'c',
        connector: 'cassandra',
        properties: {
          server: contactPoints[0]!,
          port,
          database: keyspace.name,
          authScheme: 'None',
          consistencyLevel: 'ONE',
        },
      },
      signal,
    )
    const space = await replicator.saveConnection(
      { name: 'b', connector: 'backlog', properties: { url: standIn.url, apiKey: standIn.apiKey } },
      signal,
    )
    const made = await replicator.addJob({
      name: 'j',
      source: space.connection!.id,
      destination: cassandra.connection!.id,
      settings: { deletion: 'hard' },
    })
    const job = await replicator.addTasks(made.id, [{ table: 'Issues' }])
    await replicator.close()
    let kills = 0
    while (kills < KILLS) {
      const child = spawn(process.execPath, [CHILD, folder, job.id], { stdio: 'ignore' })
      const ended = new Promise(resolve => child.once('exit', resolve))
      const from = standIn.journal.length
      await expect
        .poll(() => standIn.journal.length - from, { interval: 5, timeout: 30_000 })
        .toBeGreaterThan(9)
      child.kill('SIGKILL')
      await ended
      kills++
    }
    standIn.space.deleteIssue(880_001)
    const from = standIn.journal.length
    const after = new Replicator(folder, Logger.silent())
    expect(after.runs({ limit: 10 }).every(one => one.state === 'FAILED')).toBe(true)
    const last = await after.waitFor(after.startRun(job.id, {}, 'api').id)
    expect(last.state).toBe('SUCCESS')
    expect(standIn.journal.length - from).toBeLessThan(34)
    await after.close()
    const { rows } = await keyspace.client.execute(
      `SELECT id, summary FROM ${keyspace.name}.issues`,
      [],
      { fetchSize: 5_000 },
    )
    const found = new Map(rows.map(row => [Number(row['id']), row['summary']]))
    expect(found).toEqual(
      new Map([...standIn.space.issues.values()].map(one => [one.id, one.summary])),
    )
  } finally {
    await standIn.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
