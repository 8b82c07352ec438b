/**
 * A record that no mapping accepts, in the middle of a partition, under each policy: None holds its
 * partition there and no other, All passes it, a dead-letter topic keeps it; all others arrive.
 * Seen to fail with: no rewind of a record that is to be tried again (settler, `#move`);
 * `ignoreErrors=All` taken for None; dead letters committed past without being written.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RawMessage } from '../../src/flow/index.ts'
import { FaultScene } from '../support/faults.ts'
import { Ledger } from '../support/ledger.ts'
import { until } from '../support/standalone.ts'
import { closeAll, Reader, useBroker } from '../support/topic-reader.ts'

const PARTITIONS = 3
let scene: FaultScene
let ledger: Ledger
let poisonAt: number

beforeEach(async () => {
  scene = await FaultScene.open(PARTITIONS)
  ledger = new Ledger(scene, PARTITIONS)
  await ledger.produce(3_000)
  poisonAt = await ledger.poison(1)
  await ledger.produce(600)
})
afterEach(async () => {
  await closeAll()
  await ledger.close()
  await scene.close()
})

const sink = (more: Record<string, string>) => scene.sink(['state', 'journal'], more)
const ends = () => ledger.offsets.map(one => one.at(-1)! + 1)

it('None: its partition stays there, the others go on, and all are there once it is passed', async () => {
  const worker = await scene.startWorker(sink({ ignoreErrors: 'None' }))
  const [end0, , end2] = ends()
  await until('the others', async () => {
    const committed = await scene.committed()
    return committed[0] === end0 && committed[1] === poisonAt && committed[2] === end2
  })
  // Everything around the record is written meanwhile, also behind it.
  await until('all rows', () => ledger.verify().catch(() => undefined))
  await ledger.produce(600)
  await until('the flow', async () => (await scene.committed())[2] === ends()[2])
  expect(await scene.committed()).toEqual([ends()[0], poisonAt, ends()[2]])
  expect(await scene.isRunning(worker)).toBe(true)
  expect(await worker.kill('SIGTERM')).toBe(0)
  expect(await scene.committed()).toEqual([ends()[0], poisonAt, ends()[2]])
  await scene.startWorker(sink({ ignoreErrors: 'All' }))
  await ledger.waitCommitted()
  console.info('poison, None then All:', await ledger.verify())
})

it('All: it is passed', async () => {
  const worker = await scene.startWorker(sink({ ignoreErrors: 'All' }))
  await ledger.waitCommitted()
  expect(await scene.committed()).toEqual(ends())
  expect(worker.logs()).toMatch(/record failed, it is skipped/)
  console.info('poison, All:', await ledger.verify())
})

it('a dead-letter topic keeps it, with where it came from and why', async () => {
  const letters = `${scene.topic.name}-dead`
  const worker = await scene.startWorker(
    sink({
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': letters,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    }),
  )
  await ledger.waitCommitted()
  const counts = await ledger.verify()
  await worker.kill('SIGKILL')
  useBroker(scene.kafka.bootstrapServers)
  const reader = await new Reader({ topics: [letters] }).open()
  const found: RawMessage[] = []
  await until('the letter', async () => {
    found.push(...(await reader.readOnce()))
    return found.length > 0
  })
  await sleep(500)
  found.push(...(await reader.readOnce()))
  expect(found.map(one => String(one.value()))).toEqual(['not JSON'])
  const headers = new Map(found[0]!.headers.map(header => [header.name, String(header.value)]))
  const prefix = '__connect.errors.'
  expect(headers.get(`${prefix}topic`)).toBe(scene.topic.name)
  expect(headers.get(`${prefix}partition`)).toBe('1')
  expect(headers.get(`${prefix}offset`)).toBe(String(poisonAt))
  expect(headers.get(`${prefix}connector.name`)).toBe(scene.name)
  expect(headers.get(`${prefix}stage`)).toBe('TASK_PUT')
  expect(headers.get(`${prefix}exception.message`)).toMatch(/value\.seq/)
  console.info('poison, dead letter:', { ...counts, letters: found.length })
})
