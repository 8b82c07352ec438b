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

it('a Kafka that does not answer is told, and no more once it does', async () => {
  const worker = await scene.startWorker(scene.sink(['state', 'journal']))
  await ledger.produce(1_000)
  await ledger.waitCommitted()
  const waits = async () => (await worker.call('GET', '/api/v1/flows')).json.connectors[0].waits
  expect(await waits()).toEqual([])
  await order('kafka', 'pause')
  await until('the wait', async () => (await waits()).length > 0, 20_000)
  expect(await waits()).toMatchObject([{ server: 'Kafka', inFlight: 0 }])
  const { json } = await worker.call('GET', '/api/v1/attention')
  const what = json.items.find((one: { id: string }) => one.id === scene.name)?.what
  expect(what).toMatch(/^Kafka has not answered for \d+ s$/)
  await order('kafka', 'resume')
  await until('the answer', async () => (await waits()).length === 0, 60_000)
  expect(await scene.isRunning(worker)).toBe(true)
})
