/**
 * The worker that captures is killed under load, twice, and Kafka goes away for a while: every change
 * reaches the topic, repetitions stay within what was under way. Kafka hangs while its topics are
 * written: the owner stays the owner. A queue that is full lets `cdc_raw`
 * fill up to its limit: that is told before the node refuses writes, and nothing is lost; with an
 * overflow folder the node refuses none.
 * Starts servers and workers of its own.
 * Spec: cdc-replication 6.2, 9.4, 10.3.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer, listTransactionsV1 } from '@platformatic/kafka'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, fenceProducers, toClientSettings } from '../../src/kafka/index.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { openReplica } from '../../src/source/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { removeFolder } from '../support/capture-servers.ts'
import { connectClient } from '../support/keyspace.ts'
import {
  callRest,
  killScamanders,
  type RunningCli,
  startScamander,
  toProperties,
  until,
} from '../support/standalone.ts'
import { readWholeTopic } from '../support/topic-records.ts'

const PORT = 21_000 + (process.pid % 9_000)
const URL = `http://127.0.0.1:${PORT}`
const TOPIC = 'crash'
/** Of one flush interval, and of what was read meanwhile. */
const REPEATED_MAX = 3000
let sandbox: Sandbox
let client: Client
let worker: RunningCli
let next = 0
const folder = mkdtempSync(join(tmpdir(), 'scamander-crash-'))

beforeAll(async () => {
  // Little room for changes that nobody takes, so that it can be filled.
  const yaml = { commitlog_segment_size: '1MiB', cdc_total_space: '8MiB' }
  sandbox = await startSandbox({ heapMb: 640, yaml })
  client = await connectClient(sandbox.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE c WITH replication = ${replication}`)
  await client.execute('CREATE TABLE c.t (k int PRIMARY KEY, v text) WITH cdc = true')
  await startWorker()
  const destination = { name: 'd' }
  await callRest(URL, 'POST', '/api/v1/cdc/destinations', destination)
  const channel = { sourceKeyspace: 'c', sourceTable: 't', destination: 'd' }
  const made = await callRest(URL, 'POST', '/api/v1/cdc/channels', channel)
  expect(made.status).toBe(201)
  await startConnector()
}, 240_000)

afterAll(async () => {
  killScamanders()
  await client?.shutdown()
  await sandbox?.stop()
  removeFolder(folder)
}, 60_000)

async function startWorker(more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { cassandra, kafka } = sandbox.description
  const json = 'org.apache.kafka.connect.json.JsonConverter'
  const file = join(folder, 'worker.properties')
  const settings = {
    'bootstrap.servers': kafka!.bootstrapServers,
    'key.converter': json,
    'value.converter': json,
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
    'offset.storage.file.filename': join(folder, 'offsets'),
    'offset.flush.interval.ms': '500',
    listeners: URL,
    'scamander.metrics.listeners': '',
    'cdc.contact.points': cassandra!.contactPoints[0]!,
    'cdc.port': String(cassandra!.port),
    ...more,
  }
  writeFileSync(file, toProperties(settings))
  worker = startScamander(['connect-standalone', file])
  await until('the worker', () =>
    callRest(URL, 'GET', '/health').then(
      answer => answer.status === 200,
      () => false,
    ),
  )
}

async function startConnector(): Promise<void> {
  const config = { 'connector.class': 'DseSourceConnector', topic: TOPIC, destination: 'd' }
  const made = await callRest(URL, 'POST', '/connectors', { name: 'crash', config })
  expect(made.status).toBe(201)
}

/** Writes one key after the other until told to stop; every one of them is confirmed. */
function writeUntil(signal: AbortSignal): Promise<void> {
  return (async () => {
    while (!signal.aborted) {
      await client.execute(`INSERT INTO c.t (k, v) VALUES (${next}, 'v')`)
      next++
    }
  })()
}

async function readCounts(): Promise<Map<number, number>> {
  const consumer = new Consumer({
    clientId: 'scamander-test',
    groupId: `g-${Date.now()}`,
    bootstrapBrokers: sandbox.description.kafka!.bootstrapServers.split(','),
  })
  const seen = new Map<number, number>()
  try {
    const stream = await consumer.consume({ topics: [TOPIC], mode: 'earliest', maxWaitTime: 100 })
    for await (const { key } of stream) {
      const { k } = JSON.parse(key.toString()) as { k: number }
      seen.set(k, (seen.get(k) ?? 0) + 1)
      if (seen.size >= next) break
    }
    await stream.close()
    return seen
  } finally {
    await consumer.close(true)
  }
}

async function expectAll(repeatedMax: number): Promise<void> {
  await until(
    'an empty queue',
    async () => {
      const { json } = await callRest(URL, 'GET', '/api/v1/cdc/channels')
      return json[0].stats.queued === 0
    },
    60_000,
  )
  const seen = await readCounts()
  const missing = Array.from({ length: next }, (_, k) => k).filter(k => !seen.has(k))
  expect(missing).toEqual([])
  const repeated = [...seen.values()].reduce((sum, times) => sum + times - 1, 0)
  expect(repeated).toBeLessThanOrEqual(repeatedMax)
}

it('loses nothing when the worker is killed under load, twice', async () => {
  const stop = new AbortController()
  const writing = writeUntil(stop.signal)
  for (let round = 0; round < 2; round++) {
    await sleep(2000)
    worker.kill('SIGKILL')
    await worker.ended
    await sleep(500)
    await startWorker()
    await startConnector()
  }
  stop.abort()
  await writing
  await expectAll(REPEATED_MAX)
}, 120_000)

it('loses nothing while Kafka is away, and Cassandra never waits for it', async () => {
  const stop = new AbortController()
  const before = next
  const writing = writeUntil(stop.signal)
  await sleep(1000)
  await sandbox.kafka!.kill()
  await sleep(10_000)
  const atReturn = next
  await sandbox.kafka!.start()
  stop.abort()
  await writing
  expect(atReturn - before).toBeGreaterThan(500)
  await expectAll(REPEATED_MAX)
}, 120_000)

it('keeps its topics when Kafka hangs until a transaction has timed out', async () => {
  const lines: string[] = []
  const logger = Logger.create({ sink: line => lines.push(JSON.stringify(line)) })
  const servers = { 'bootstrap.servers': sandbox.description.kafka!.bootstrapServers }
  const client = toClientSettings(servers, logger)
  const prefix = `hangs-${Date.now()}`
  const directory = join(folder, 'owner')
  const topics = { prefix, replicationFactor: 0, keepMs: 60_000 }
  const { signal } = new AbortController()
  const { store, replica } = await openReplica({ directory, topics, client, logger, signal })
  const lost: Error[] = []
  replica.start(
    () => [],
    error => lost.push(error),
  )
  const goesOn = () => lines.filter(line => line.includes('nobody took over')).length
  try {
    // So large that the transaction is open long enough to be seen.
    store.put('conf', 'large', 'x'.repeat(12 * 1024 * 1024))
    const written = replica.flush().catch(() => undefined)
    await openTransaction(client.connection, `${prefix}-owner`)
    sandbox.kafka!.pause()
    await sleep(12_000)
    sandbox.kafka!.resume()
    await written
    await until(
      'the topics again',
      () =>
        replica.flush().then(
          () => true,
          () => false,
        ),
      60_000,
    )
    console.log(`hang: the owner was ${goesOn() > 0 ? 'fenced by Kafka' : 'in time'}`)
    // The same for certain: its epoch is over, and nobody else is written.
    const before = goesOn()
    await fenceProducers(client.connection, [`${prefix}-owner`], signal)
    store.put('conf', 'small', 1)
    await replica.flush()
    expect([goesOn() - before, lost]).toEqual([1, []])
  } finally {
    sandbox.kafka!.resume()
    await replica.close()
    store.close()
  }
  // Everything is in the topics: another folder is filled with it.
  const other = join(folder, 'other')
  const next = await openReplica({ directory: other, topics, client, logger, signal })
  expect(next.store.readAll<string | number>('conf').map(one => String(one).length)).toEqual([
    12 * 1024 * 1024,
    1,
  ])
  await next.replica.close()
  next.store.close()
}, 120_000)

/** Resolves while the transaction is open. */
async function openTransaction(
  connection: ConstructorParameters<typeof Cluster>[0],
  id: string,
): Promise<void> {
  const cluster = new Cluster(connection)
  try {
    const broker = await cluster.anyConnection()
    const isOpen = async () => {
      const call = listTransactionsV1.api
      const { transactionStates } = await call.async(broker, ['Ongoing'], [], -1n, null)
      return transactionStates.some(one => one.transactionalId === id)
    }
    const untilMs = performance.now() + 10_000
    while (!(await isOpen())) {
      if (performance.now() > untilMs) throw new Error(`no transaction of ${id} was seen`)
    }
  } finally {
    await cluster.close()
  }
}

it('tells that cdc_raw fills up behind a full queue, and loses nothing when it is full', async () => {
  const [channel] = (await callRest(URL, 'GET', '/api/v1/cdc/channels')).json
  const path = `/api/v1/cdc/channels/${channel.dataCenterId}/c/t/d`
  const selected = { sourceKeyspace: 'c', sourceTable: 't', transmission: true }
  await callRest(URL, 'POST', '/api/v1/cdc/channels/pause', selected)
  const limit = { queueMaxBytes: 100_000, queueFull: 'block' }
  expect((await callRest(URL, 'PATCH', path, limit)).status).toBe(200)
  const insert = `INSERT INTO c.t (k, v) VALUES (?, '${'x'.repeat(20_000)}')`
  const isWritten = () =>
    client.execute(insert, [next], { prepare: true }).then(
      () => next++ >= 0,
      () => false,
    )
  // Twice the limit and more.
  let refused = 0
  for (let i = 0; i < 2000 && refused < 3; i++) if (!(await isWritten())) refused++
  expect(refused).toBe(3)
  const blocked = await until(
    'the blocked agent',
    async () => {
      const { json } = await callRest(URL, 'GET', '/api/v1/cdc/agents')
      const [agent] = json.agents
      const { bytes, limitBytes } = agent.cdcRaw
      return agent.state === 'BLOCKED' && bytes > limitBytes * 0.8 ? agent : undefined
    },
    60_000,
  )
  expect(blocked.error).toMatch(/the queue of channel .* holds \d+ bytes, its limit is 100000/)
  const warning = /cdc_raw holds \d+ % of its limit .*at 100 % the node refuses writes to captured/
  await until('the warning', () => warning.test(worker.output.stderr), 60_000)
  const status = (await callRest(URL, 'GET', '/api/v1/cdc/channels')).json[0].stats
  expect(status.state).toBe('BLOCKED')
  await callRest(URL, 'PATCH', path, { queueMaxBytes: 0 })
  await callRest(URL, 'POST', '/api/v1/cdc/channels/resume', selected)
  await until('a write that the node takes again', isWritten, 120_000)
  await expectAll(REPEATED_MAX)
  expect((await callRest(URL, 'GET', '/api/v1/cdc/gaps')).json).toEqual([])
}, 300_000)

it('moves full segments away while the queue is full: the node goes on taking writes', async () => {
  worker.kill('SIGKILL')
  await worker.ended
  const overflow = join(folder, 'overflow')
  await startWorker({ 'cdc.overflow.directory': overflow })
  await startConnector()
  const [channel] = (await callRest(URL, 'GET', '/api/v1/cdc/channels')).json
  const path = `/api/v1/cdc/channels/${channel.dataCenterId}/c/t/d`
  const selected = { sourceKeyspace: 'c', sourceTable: 't', transmission: true }
  await callRest(URL, 'POST', '/api/v1/cdc/channels/pause', selected)
  await callRest(URL, 'PATCH', path, { queueMaxBytes: 100_000, queueFull: 'block' })
  const insert = `INSERT INTO c.t (k, v) VALUES (?, '${'x'.repeat(20_000)}')`
  const isWritten = () =>
    client.execute(insert, [next], { prepare: true }).then(
      () => next++ >= 0,
      () => false,
    )
  // Twice the limit of the node; without the other folder it would refuse the rest for good.
  for (let i = 0; i < 800; i++) await until(`write ${i}`, isWritten, 20_000)
  const agent = async () => (await callRest(URL, 'GET', '/api/v1/cdc/agents')).json.agents[0]
  const blocked = await agent()
  expect(blocked.state).toBe('BLOCKED')
  expect(blocked.overflow.bytes).toBeGreaterThan(4 * 1024 * 1024)
  expect(blocked.overflow.files).toBeGreaterThan(4)
  await callRest(URL, 'PATCH', path, { queueMaxBytes: 0 })
  await callRest(URL, 'POST', '/api/v1/cdc/channels/resume', selected)
  await expectAll(REPEATED_MAX)
  await until('an empty overflow folder', async () => (await agent()).overflow.files === 0, 60_000)
  expect((await callRest(URL, 'GET', '/api/v1/cdc/gaps')).json).toEqual([])
}, 240_000)

it('tells what a node deleted that was not to refuse writes, and gives the rest', async () => {
  const [node] = sandbox.description.cassandra!.nodes
  const yaml = readFileSync(node!.configPath, 'utf8')
  writeFileSync(node!.configPath, `${yaml}cdc_block_writes: false\n`)
  worker.kill('SIGKILL')
  await worker.ended
  await sandbox.nodes[0]!.stop()
  await sandbox.nodes[0]!.start()
  const insert = `INSERT INTO c.t (k, v) VALUES (?, '${'x'.repeat(20_000)}')`
  const isWritten = (key: number) =>
    client.execute(insert, [key], { prepare: true }).then(
      () => true,
      () => false,
    )
  // Three times the limit, of which nothing is refused.
  const first = next
  for (let i = 0; i < 1200; i++) {
    const key = next++
    await until(`write ${key}`, () => isWritten(key), 60_000)
  }
  await startWorker()
  await startConnector()
  // No other replica can have the changes.
  const gap = await until(
    'the gap',
    async () => {
      const [found] = (await callRest(URL, 'GET', '/api/v1/cdc/gaps')).json
      return found?.state === 'open' ? found : undefined
    },
    60_000,
  )
  expect(gap).toMatchObject({
    ...{ kind: 'segments', state: 'open', node: expect.stringContaining('-') },
    channels: [expect.stringContaining('keyspace=c table=t to d')],
  })
  expect(BigInt(gap.toSegment)).toBeGreaterThanOrEqual(BigInt(gap.fromSegment))
  expect(Date.parse(gap.toTime)).toBeGreaterThan(Date.parse(gap.fromTime))
  const last = next++
  await client.execute(insert, [last], { prepare: true })
  const seen = await until('the last write on the topic', async () => {
    const whole = await readWholeTopic(sandbox.description.kafka!.bootstrapServers, TOPIC, 60_000)
    const keys = new Set(whole.map(({ key }) => (key as { k: number }).k))
    return keys.has(last) && keys
  })
  const missing = Array.from({ length: next }, (_, k) => k).filter(k => !seen.has(k))
  console.log(
    `gap: ${missing.length} of ${next - first} changes were deleted by the node, and told`,
  )
  // What is missing is of the time of the gap, and in one piece.
  expect(missing.length).toBeGreaterThan(0)
  expect(missing.every(k => k >= first && k < last)).toBe(true)
  expect(missing.at(-1)! - missing[0]!).toBe(missing.length - 1)
  const { json } = await callRest(URL, 'GET', '/api/v1/cdc/channels')
  expect(json[0].stats.gaps).toBeGreaterThan(0)
}, 240_000)
