/**
 * Three workers with 20 connectors under load: the leader and another worker are killed, a leader is
 * frozen for longer than its session. No record is missing, nothing runs twice for longer than the
 * stated bound, and recovery takes what `session.timeout.ms` promises.
 * Seen to fail with: the lease and the loss of the membership ignored (the worker that woke runs on
 * with what others have, and the group never finds back to one owner each).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClusterWorker } from '../support/cluster-workers.ts'
import { DistributedScene, SESSION_MS, WORK_MS } from '../support/distributed-scene.ts'
import { until } from '../support/standalone.ts'
import type { Silence } from '../support/unit-intervals.ts'

let scene: DistributedScene

beforeEach(async () => {
  scene = await DistributedScene.open()
})
afterEach(() => scene.close())

it('kill -9 of the leader, then of another worker, loses nothing', async () => {
  const [first, second, third] = await scene.startThree()
  const silences: Silence[] = []
  const kill = async (worker: ClusterWorker) => {
    silences.push({ workerId: worker.workerId, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY })
    await worker.kill('SIGKILL')
  }
  await kill(first)
  const leaderMs = await scene.recovery(second, [second, third])
  const fourth = await scene.cluster.start()
  await scene.untilShared(second, [second, third, fourth], fourth)
  await kill(third)
  const otherMs = await scene.recovery(fourth, [second, fourth])
  await scene.verify('workers killed:', silences, { leaderMs, otherMs, sessionMs: SESSION_MS })
  expect(Math.max(leaderMs, otherMs)).toBeLessThan(SESSION_MS + WORK_MS)
})

it('a leader frozen for longer than its session fences itself when it wakes', async () => {
  const [first, second, third] = await scene.startThree()
  const { names } = scene.ledger
  const fromMs = Date.now()
  first.signal('SIGSTOP')
  const recoveryMs = await scene.recovery(second, [second, third])
  // The others go on, and have a new leader that writes.
  expect((await second.call('PUT', `/connectors/${names[0]}/pause`)).status).toBe(202)
  expect((await third.call('PUT', `/connectors/${names[0]}/resume`)).status).toBe(202)
  await sleep(1_000)
  first.signal('SIGCONT')
  const silences = [{ workerId: first.workerId, fromMs, toMs: Date.now() }]
  // What the deposed leader is asked to write now is written by the new one, or refused.
  const path = `/connectors/${names[1]}`
  const late = await first.call('PUT', `${path}/pause`)
  expect([202, 409, 503]).toContain(late.status)
  const wanted = late.status === 202 ? 'PAUSED' : 'RUNNING'
  await until('the same target everywhere', async () => {
    const answers = await Promise.all(
      scene.cluster.workers.map(worker => worker.call('GET', `${path}/status`)),
    )
    return answers.every(({ json }) => json?.connector?.state === wanted)
  })
  const resume = async () => (await second.call('PUT', `${path}/resume`)).status === 202
  await until('resumed', resume)
  await scene.untilShared(second, scene.cluster.workers, first)
  expect(first.logs()).toContain('lets go of all its work')
  await scene.verify('leader frozen:', silences, { recoveryMs, sessionMs: SESSION_MS })
})
