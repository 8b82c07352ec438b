/**
 * Kafka killed and started again under load: the worker waits, goes on by itself, and loses nothing.
 * Seen to fail with: a fetch loop that ends with its connection (fetcher).
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

const sum = (offsets: readonly number[]) => offsets.reduce((total, one) => total + one, 0)

it('kill -9 and restart of Kafka', async () => {
  const worker = await scene.startWorker(scene.sink(['state', 'journal']))
  const producing = ledger.produce(9_000, 900)
  const stopWatching = ledger.watch()
  await until('the first commit', async () => sum(await scene.committed()) > 1_000)
  await order('kafka', 'kill')
  await sleep(5_000)
  await order('kafka', 'start')
  const startedMs = performance.now()
  const before = await until('Kafka', () => scene.committed().catch(() => undefined))
  const at = () => scene.committed().then(sum, () => 0)
  await until('the flow', async () => (await at()) > sum(before), 60_000)
  const resumedMs = Math.round(performance.now() - startedMs)
  await producing
  await ledger.waitCommitted()
  await stopWatching()
  expect(await scene.isRunning(worker)).toBe(true)
  const counts = await ledger.verify()
  console.info('Kafka killed:', { ...counts, resumedMs })
  expect(counts.records).toBe(9_000)
  expect(resumedMs).toBeLessThan(20_000)
})
