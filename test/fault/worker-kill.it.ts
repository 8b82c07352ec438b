/**
 * kill -9 of the worker under load, again and again: no gap, nothing committed that is not written,
 * and repetitions only behind what was committed when it died. A clean stop repeats nothing.
 * Seen to fail with: positions settled when a write begins (sink-task, second case); the commit at
 * shutdown left out (third case).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FaultScene, order } from '../support/faults.ts'
import { Ledger } from '../support/ledger.ts'
import { until } from '../support/standalone.ts'

const PARTITIONS = 3
let scene: FaultScene
let ledger: Ledger

beforeEach(async () => {
  scene = await FaultScene.open(PARTITIONS)
  ledger = new Ledger(scene, PARTITIONS)
})
afterEach(async () => {
  await ledger.close()
  await scene.close()
})

it('kill -9 of the worker at random moments loses nothing', async () => {
  const sink = scene.sink(['state', 'journal', 'hits'])
  await ledger.produce(6_000)
  const producing = ledger.produce(9_000, 900)
  const stopWatching = ledger.watch()
  const floors: (readonly number[])[] = []
  for (let round = 0; round < 4; round++) {
    const worker = await scene.startWorker(sink)
    const before = await scene.committed()
    await until('progress', async () =>
      (await scene.committed()).some((at, p) => at > (before[p] ?? 0)),
    )
    await sleep(200 + Math.random() * 1_000)
    floors.push(await ledger.checkCommitted())
    await worker.kill('SIGKILL')
  }
  await producing
  await scene.startWorker(sink)
  await ledger.waitCommitted()
  await stopWatching()
  const counts = await ledger.verify()
  const repeated = await ledger.verifyRepetitions(floors)
  console.info('worker killed 4 times:', { ...counts, repeated })
  expect(counts.records).toBe(15_000)
})

it('kill -9 with writes under way that never arrive commits none of them', async () => {
  const sink = scene.sink(['state', 'journal'])
  await ledger.produce(900)
  const worker = await scene.startWorker(sink)
  await ledger.waitCommitted()
  const before = await scene.committed()
  await order('cassandra', 'pause')
  await ledger.produce(3)
  await sleep(500) // a delivery is under way, and there is time for commits
  await ledger.produce(3_000)
  await sleep(1_500)
  expect(await scene.committed()).toEqual(before)
  await worker.kill('SIGKILL')
  await order('cassandra', 'kill')
  await order('cassandra', 'start')
  expect(await scene.committed()).toEqual(before)
  await scene.startWorker(sink)
  await ledger.waitCommitted()
  console.info('worker killed with writes under way:', await ledger.verify())
})

it('a clean stop under load repeats nothing', async () => {
  const sink = scene.sink(['state', 'journal', 'hits'])
  const producing = ledger.produce(6_000, 1_000)
  for (let round = 0; round < 2; round++) {
    const worker = await scene.startWorker(sink)
    await until('progress', async () => (await scene.committed()).length > 0)
    await sleep(500)
    expect(await worker.kill('SIGTERM')).toBe(0)
  }
  await producing
  await scene.startWorker(sink)
  await ledger.waitCommitted()
  const counts = await ledger.verify()
  console.info('worker stopped twice:', counts)
  expect(await ledger.verifyRepetitions([])).toBe(0)
})
