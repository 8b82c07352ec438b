/**
 * A worker that stops and comes back under its address within `scheduled.rebalance.max.delay.ms`: its
 * work waits for it, is told as UNASSIGNED, and is given back at once; nothing else moves.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ClusterWorker, type UnitState, WorkerCluster } from '../support/cluster-workers.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { sinkSettings, until } from '../support/standalone.ts'
import { type TestTopic, testKafka, testTopic } from '../support/topic.ts'

const names = Array.from({ length: 4 }, (_, i) => `r${i}-${randomBytes(3).toString('hex')}`)
let keyspace: TestKeyspace
let topic: TestTopic
let cluster: WorkerCluster

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
  cluster = new WorkerCluster(testKafka().bootstrapServers, {
    'scheduled.rebalance.max.delay.ms': '120000',
  })
  // The first to join leads and holds the other's work; a new leader would hold nothing.
  await cluster.start()
  await cluster.start()
})
afterAll(async () => {
  await cluster?.close()
  await topic?.drop()
  await keyspace?.drop()
})

/** "state worker" of every task, by connector. */
async function places(asked: ClusterWorker): Promise<string[] | undefined> {
  const { json } = await asked.call('GET', '/connectors?expand=status')
  const tasks = names.map(name => json[name]?.status?.tasks[0] as UnitState | undefined)
  if (tasks.includes(undefined)) return undefined
  return tasks.map(task => `${task!.state} ${task!.worker_id}`)
}

it('gets its own work back', async () => {
  const [stays, leaves] = cluster.workers as [ClusterWorker, ClusterWorker]
  for (const name of names) {
    const mapping = { [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value' }
    const config = sinkSettings(name, topic.name, mapping)
    expect((await stays.call('POST', '/connectors', { name, config })).status).toBe(201)
  }
  const before = await until('two tasks each', async () => {
    const found = await places(stays)
    const isHalf = found?.filter(one => one === `RUNNING ${leaves.workerId}`).length === 2
    return isHalf && found.every(one => one.startsWith('RUNNING')) && found
  })
  expect(await leaves.kill('SIGTERM')).toBe(0)
  const held = before.map(one =>
    one.replace(`RUNNING ${leaves.workerId}`, `UNASSIGNED ${leaves.workerId}`),
  )
  await until(
    'UNASSIGNED',
    async () => JSON.stringify(await places(stays)) === JSON.stringify(held),
  )
  await cluster.start({}, Number(new URL(leaves.url).port))
  await until(
    'its own work',
    async () => JSON.stringify(await places(stays)) === JSON.stringify(before),
    60_000,
  )
})
