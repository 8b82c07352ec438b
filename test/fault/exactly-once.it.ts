/**
 * Exactly once: sources in a cluster whose workers are killed and frozen in the middle of their
 * transactions give each row once to a reader of what is committed; and a producer with an id writes
 * nothing twice when the broker stands still and its requests are repeated.
 * Seen to fail with: `exactly.once.source.support` and `exactly.once.support` left out (rows come twice),
 * positions stored outside of the transaction, before its end (rows are missing),
 * `enable.idempotence` off (records come twice and thrice).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { RecordProducer } from '../../src/kafka/index.ts'
import type { SandboxDescription } from '../../src/sandbox/index.ts'
import { type CaptureWorker, removeFolder, startCaptureWorker } from '../support/capture-servers.ts'
import { type ClusterWorker, type UnitState, WorkerCluster } from '../support/cluster-workers.ts'
import { FaultScene, order } from '../support/faults.ts'
import { freePort } from '../support/free-port.ts'
import { JSON_CONVERTER } from '../support/source.ts'
import { callRest, type Settings, until } from '../support/standalone.ts'
import {
  closeAll,
  closing,
  logger,
  newTopic,
  Reader,
  settingsOf,
  useBroker,
} from '../support/topic-reader.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

let scene: FaultScene
let cluster: WorkerCluster
let capture: CaptureWorker | undefined
let captureUrl: string

beforeEach(async () => {
  scene = await FaultScene.open(1)
  useBroker(scene.kafka.bootstrapServers)
  captureUrl = `http://127.0.0.1:${await freePort()}`
  cluster = new WorkerCluster(scene.kafka.bootstrapServers, {
    'cdc.worker.url': captureUrl,
    'exactly.once.source.support': 'enabled',
    'session.timeout.ms': '3000',
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
  })
})
afterEach(async () => {
  await cluster.close()
  await capture?.stop()
  removeFolder(capture?.folder)
  capture = undefined
  await closeAll()
  await scene.close()
})

const NEW_TOPIC = {
  'topic.creation.default.partitions': '2',
  'topic.creation.default.replication.factor': '1',
}

/** Rows of `events`, written by the clock of their writing. */
async function write(from: number, to: number, perSecond: number): Promise<void> {
  const insert = `INSERT INTO ${scene.keyspace.name}.events (id, at) VALUES (?, ?)`
  const { client } = scene.keyspace
  for (let at = from; at < to; at += 50) {
    const ids = Array.from({ length: Math.min(50, to - at) }, (_, i) => at + i)
    const now = new Date()
    await Promise.all(ids.map(id => client.execute(insert, [id, now], { prepare: true })))
    await sleep((50 / perSecond) * 1000)
  }
}

function byTime(): Settings {
  const { contactPoints, port } = scene.cassandra
  return {
    'connector.class': 'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.key.space': scene.keyspace.name,
    'connect.cassandra.kcql': `INSERT INTO ${cluster.name}-time SELECT id, at FROM events PK at INCREMENTALMODE=TIMESTAMP`,
    'connect.cassandra.slice.delay.ms': '500',
    'connect.cassandra.import.poll.interval': '100',
    'connect.cassandra.batch.size': '25',
    'exactly.once.support': 'required',
    ...NEW_TOPIC,
  }
}

/** Changes of the same table, out of the queues of a worker that is not in the cluster. */
function byCapture(): Settings {
  return {
    'connector.class': 'DseSourceConnector',
    'tasks.max': '3',
    topic: `${cluster.name}-captured`,
    destination: 'once',
    // Every change has its place in the log in its value.
    'scamander.format': 'scamander',
    'exactly.once.support': 'required',
    ...NEW_TOPIC,
  }
}

async function startCapture(): Promise<void> {
  const { cassandra, kafka } = scene
  const description = { cassandra, kafka } as SandboxDescription
  capture = await startCaptureWorker(description, { properties: { listeners: captureUrl } })
  const call = async (path: string, body: unknown) => {
    const { status, text } = await callRest(captureUrl, 'POST', `/api/v1/cdc/${path}`, body)
    expect([status, text]).toEqual([201, text])
  }
  await call('destinations', { name: 'once' })
  const sourceKeyspace = scene.keyspace.name
  await call('channels', { sourceKeyspace, sourceTable: 'events', destination: 'once' })
}

function byRanges(): Settings {
  const { contactPoints, port, localDatacenter } = scene.cassandra
  return {
    'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
    'tasks.max': '3',
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    query: `SELECT id, at FROM ${scene.keyspace.name}.events WHERE token(id) > ? AND token(id) <= ?`,
    'topic.prefix': `${cluster.name}-`,
    'page.size': '20',
    mode: 'once',
    'transaction.boundary': 'interval',
    'transaction.boundary.interval.ms': '200',
    // Positions in a topic of its own: in the same transactions, read again after every kill.
    'offsets.storage.topic': `${cluster.name}-own`,
    'exactly.once.support': 'required',
    ...NEW_TOPIC,
  }
}

/** Everything of the connectors runs on these workers. */
async function untilRuns(names: readonly string[], on: readonly ClusterWorker[]): Promise<void> {
  const ids = on.map(worker => worker.workerId)
  const isOn = (unit: UnitState) => unit.state === 'RUNNING' && ids.includes(unit.worker_id)
  await until(
    'all tasks run',
    async () => {
      const { json } = await on[0]!.call('GET', '/connectors?expand=status')
      return names.every(name => {
        const status = json?.[name]?.status
        if (status === undefined || status.tasks.length === 0) return false
        return [status.connector, ...status.tasks].every(isOn)
      })
    },
    120_000,
  )
}

it('workers that are killed and frozen give every row exactly once', async () => {
  const rows = 4_000
  await scene.keyspace.client.execute(
    `CREATE TABLE ${scene.keyspace.name}.events (id int PRIMARY KEY, at timestamp)`,
  )
  await startCapture()
  const writing = write(0, rows, 250)
  let running = await cluster.startAll(2)
  const connectors = { time: byTime(), ranges: byRanges(), captured: byCapture() }
  const names = Object.keys(connectors)
  await sleep(4_000)
  for (const [name, config] of Object.entries(connectors)) {
    const created = await running[0]!.call('POST', '/connectors', { name, config })
    expect({ status: created.status, text: created.text }).toMatchObject({ status: 201 })
  }
  await untilRuns(names, running)
  // Once each: killed while it leads, frozen while others take over, killed when it is back.
  for (const fault of ['kill', 'freeze', 'kill']) {
    const [victim, other] = running as [ClusterWorker, ClusterWorker]
    await sleep(500 + Math.random() * 500)
    if (fault === 'freeze') {
      victim.signal('SIGSTOP')
      await untilRuns(names, [other])
      victim.signal('SIGCONT')
      running = [other, victim]
    } else {
      await victim.kill('SIGKILL')
      running = [other, await cluster.start()]
    }
    await untilRuns(names, running)
  }
  await writing
  const topics = { time: `${cluster.name}-time`, ranges: `${cluster.name}-events` }
  const reader = await new Reader(
    { topics: [topics.time] },
    { 'isolation.level': 'read_committed' },
  ).open()
  await reader.readUntil(() => reader.values.size >= rows, 120_000)
  const captured = await new Reader(
    { topics: [`${cluster.name}-captured`] },
    { 'isolation.level': 'read_committed' },
  ).open()
  await captured.readUntil(() => captured.values.size >= rows, 120_000)
  // The table was read while it was written: what came later belongs to the next reading, if any.
  const scanned = await new Reader(
    { topics: [topics.ranges] },
    { 'isolation.level': 'read_committed' },
  ).open()
  const stop = async (name: string) =>
    (await running[0]!.call('PUT', `/connectors/${name}/stop`)).status === 204
  for (const name of names) await until(`${name} stopped`, () => stop(name), 60_000)
  for (const one of [reader, scanned, captured]) {
    let isQuiet = 0
    while (isQuiet < 3) isQuiet = (await one.readOnce()).length === 0 ? isQuiet + 1 : 0
  }
  const twice = [reader, scanned, captured].map(({ values }) =>
    [...values].filter(([, n]) => n !== 1),
  )
  expect(twice).toEqual([[], [], []])
  expect([reader.values.size, captured.values.size]).toEqual([rows, rows])
  expect(scanned.values.size).toBeGreaterThan(0)
  console.info('exactly once:', { rows, scanned: scanned.values.size })
})

it('a request that is repeated because the broker stood still writes nothing twice', async () => {
  const topic = await newTopic(3)
  const settings = settingsOf({
    'enable.idempotence': 'true',
    acks: 'all',
    'request.timeout.ms': '1000',
    'delivery.timeout.ms': '600000',
  })
  const producer = new RecordProducer({ settings, logger })
  closing.push(() => producer.close(0))
  await producer.open()
  let count = 0
  const send = (size: number) => {
    const numbers = Array.from({ length: size }, () => count++)
    return producer.send(
      numbers.map(n => ({
        topic,
        partition: n % 3,
        key: null,
        value: Buffer.from(`v${n}`),
        headers: [],
      })),
    )
  }
  expect((await send(300)).failures).toEqual([])
  const sending: ReturnType<typeof send>[] = []
  for (let round = 0; round < 3; round++) {
    sending.push(send(300))
    await order('kafka', 'pause')
    sending.push(send(300))
    await sleep(2_500)
    sending.push(send(300))
    await order('kafka', 'resume')
    await sleep(500)
  }
  for (const sent of await Promise.all(sending)) expect(sent.failures).toEqual([])
  const reader = await new Reader({ topics: [topic] }).open()
  await reader.readUntil(() => reader.values.size >= count)
  let isQuiet = 0
  while (isQuiet < 3) isQuiet = (await reader.readOnce()).length === 0 ? isQuiet + 1 : 0
  expect([...reader.values].filter(([, times]) => times !== 1)).toEqual([])
  expect(reader.values.size).toBe(count)
})
