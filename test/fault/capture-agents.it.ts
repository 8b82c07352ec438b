/**
 * Three nodes with three replicas, an agent process beside each, one worker process, Kafka: under load an
 * agent twice, a node and the worker are killed and Kafka is away for a minute, in which the node comes
 * back with capture off. Every change reaches the topic; repetitions are few, and counted.
 * Starts three nodes and Kafka of its own, with small heaps.
 * Spec: cdc-replication 9.4, 10.3.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
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

const PORT = 22_000 + (process.pid % 8_000)
const URL = `http://127.0.0.1:${PORT}`
const TOPIC = 'three'
const PATIENCE_MS = 120_000
/** CAPTURE_STEADY_SECONDS: how long writes go on, at full speed, in the steady state. */
const STEADY_MS = Number(process.env['CAPTURE_STEADY_SECONDS'] ?? '0') * 1000
const KAFKA_AWAY_MS = 60_000
/** Of one flush interval before the worker was killed, and what was under way. */
const REPEATED_MAX = 3000
let sandbox: Sandbox
let client: Client
let worker: RunningCli
const agents: RunningCli[] = []
let next = 0
const folder = mkdtempSync(join(tmpdir(), 'scamander-agents-'))

beforeAll(async () => {
  sandbox = await startSandbox({ nodes: 3, heapMb: 512 })
  const cassandra = sandbox.description.cassandra!
  const queryOptions = { consistency: types.consistencies.quorum }
  client = await connectClient(cassandra, { queryOptions })
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': 3}`
  await client.execute(`CREATE KEYSPACE r WITH replication = ${replication}`)
  await client.execute('CREATE TABLE r.t (k int PRIMARY KEY, v text) WITH cdc = true')
  await startWorker()
  for (const host of cassandra.contactPoints) agents.push(startAgent(host))
  await untilAgents(3)
  await callRest(URL, 'POST', '/api/v1/cdc/destinations', { name: 'd' })
  const channel = { sourceKeyspace: 'r', sourceTable: 't', destination: 'd' }
  const made = await callRest(URL, 'POST', '/api/v1/cdc/channels', channel)
  expect([made.status, made.json.notes]).toEqual([201, []])
  await startConnector()
}, 300_000)

afterAll(async () => {
  killScamanders()
  await client?.shutdown()
  await sandbox?.stop()
  removeFolder(folder)
}, 60_000)

async function startWorker(): Promise<void> {
  const { cassandra, kafka } = sandbox.description
  const json = 'org.apache.kafka.connect.json.JsonConverter'
  const settings = {
    'bootstrap.servers': kafka!.bootstrapServers,
    ...{ 'key.converter': json, 'value.converter': json },
    ...{ 'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false' },
    'offset.storage.file.filename': join(folder, 'offsets'),
    'offset.flush.interval.ms': '500',
    listeners: URL,
    'scamander.metrics.listeners': '',
    'cdc.contact.points': cassandra!.contactPoints.join(','),
    'cdc.port': String(cassandra!.port),
    'cdc.local.agents': 'false',
    'cdc.check.interval.ms': '500',
  }
  const file = join(folder, 'worker.properties')
  writeFileSync(file, toProperties(settings))
  worker = startScamander(['connect-standalone', file])
  const isHealthy = async () => {
    const answer = await callRest(URL, 'GET', '/health').catch(() => undefined)
    return answer?.status === 200
  }
  await until('the worker', isHealthy, PATIENCE_MS)
}

function startAgent(host: string): RunningCli {
  const { port } = sandbox.description.cassandra!
  return startScamander([
    ...['cdc-agent', '--contact-point', `${host}:${port}`, '--url', URL],
    ...['--data-dir', join(folder, host)],
  ])
}

async function untilAgents(count: number): Promise<void> {
  const isReached = async () => {
    const { json } = await callRest(URL, 'GET', '/api/v1/cdc/agents')
    const running = json.agents.filter((one: { state: string }) => one.state === 'RUNNING')
    return running.length === count
  }
  await until(`${count} agents`, isReached, PATIENCE_MS)
}

async function startConnector(): Promise<void> {
  const config = { 'connector.class': 'DseSourceConnector', topic: TOPIC, destination: 'd' }
  const body = { name: 'three', config: { ...config, 'tasks.max': '2' } }
  expect((await callRest(URL, 'POST', '/connectors', body)).status).toBe(201)
}

/** Writes one key after the other until told to stop; every one of them is confirmed. */
async function writeUntil(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const key = next++
    // The time is the statement's own, so that a repetition is the same write.
    const at = 1_700_000_000_000_000 + key
    const statement = `INSERT INTO r.t (k, v) VALUES (${key}, 'v') USING TIMESTAMP ${at}`
    const isWritten = () =>
      client.execute(statement).then(
        () => true,
        () => false,
      )
    await until(`write ${key}`, isWritten, PATIENCE_MS)
  }
}

async function stats() {
  return (await callRest(URL, 'GET', '/api/v1/cdc/channels')).json[0].stats
}

/** Every change is on the topic; how many more than once. */
async function repetitions(): Promise<number> {
  const { bootstrapServers } = sandbox.description.kafka!
  const seen = new Map<number, number>()
  const read = async () => {
    seen.clear()
    for (const { key } of await readWholeTopic(bootstrapServers, TOPIC, PATIENCE_MS)) {
      const { k } = key as { k: number }
      seen.set(k, (seen.get(k) ?? 0) + 1)
    }
    return seen.size >= next && (await stats()).queued === 0
  }
  // A replica that was away gets its hints first, which may take a while.
  await until('every change on the topic', read, PATIENCE_MS).catch(() => undefined)
  const missing = Array.from({ length: next }, (_, k) => k).filter(k => !seen.has(k))
  expect(missing).toEqual([])
  return [...seen.values()].reduce((sum, times) => sum + times - 1, 0)
}

function cassandraYaml(): string {
  return sandbox.description.cassandra!.nodes[2]!.configPath
}

/** What the file was before. */
function turnCaptureOff(): string {
  const before = readFileSync(cassandraYaml(), 'utf8')
  writeFileSync(cassandraYaml(), before.replace('cdc_enabled: true', 'cdc_enabled: false'))
  return before
}

/** The node and the moment from which on its changes are missing are told; nothing new is accepted. */
async function expectCaptureOff(): Promise<void> {
  const failed = await until(
    'the failed channel',
    async () => {
      const now = await stats()
      return now.state === 'FAILED' && now.gaps === 1 ? now : undefined
    },
    PATIENCE_MS,
  )
  expect(failed.error).toMatch(
    /cdc_enabled is false on node .*: changes that it logs are not captured/,
  )
  expect(failed.advice).toBe('set cdc_enabled: true in its cassandra.yaml and restart it')
  const { json: gaps } = await callRest(URL, 'GET', '/api/v1/cdc/gaps')
  expect(gaps).toMatchObject([{ kind: 'node', toTime: null, state: 'open' }])
  expect(Date.parse(gaps[0].fromTime)).toBeGreaterThan(0)
  const other = { sourceKeyspace: 'r', sourceTable: 't', destination: 'd2' }
  await callRest(URL, 'POST', '/api/v1/cdc/destinations', { name: 'd2' })
  const refused = await callRest(URL, 'POST', '/api/v1/cdc/channels', other)
  expect([refused.status, refused.json.message]).toEqual([
    400,
    expect.stringContaining('expected cdc_enabled: true in cassandra.yaml, found false on'),
  ])
}

it(
  'gives every change once in steady state',
  async () => {
    const stop = new AbortController()
    const lanes = Array.from({ length: STEADY_MS > 0 ? 32 : 2 }, () => writeUntil(stop.signal))
    const writing = Promise.all(lanes)
    await until('a thousand writes', () => next > 1000, PATIENCE_MS)
    await sleep(STEADY_MS)
    stop.abort()
    await writing
    expect(await repetitions()).toBe(0)
    const copies = async () => {
      const found = (await stats()).duplicates
      return found >= next * 2 && found
    }
    const duplicates = await until('the copies of the other replicas', copies, PATIENCE_MS)
    console.log(`steady: ${next} changes, 0 missing, 0 repeated, ${duplicates} copies recognised`)
  },
  180_000 + STEADY_MS * 2,
)

it('loses nothing when node, agent and worker are killed while Kafka is away for a minute', async () => {
  const { contactPoints } = sandbox.description.cassandra!
  const before = next
  const stop = new AbortController()
  const writing = Promise.all([writeUntil(stop.signal), writeUntil(stop.signal)])
  await sandbox.kafka!.kill()
  const awaySince = performance.now()
  for (let round = 1; round <= 2; round++) {
    agents[1]!.kill('SIGKILL')
    await agents[1]!.ended
    await until('writes without an agent', () => next > before + 200 * round, PATIENCE_MS)
    const again = startAgent(contactPoints[1]!)
    agents[1] = again
    const isBack = () => again.output.stderr.includes('captures from node')
    await until('the agent again', isBack, PATIENCE_MS)
  }
  const [, , third] = sandbox.nodes
  await third!.kill()
  const withoutNode = next
  await until('writes without a node', () => next > withoutNode + 200, PATIENCE_MS)
  const yaml = turnCaptureOff()
  await third!.start()
  await expectCaptureOff()
  writeFileSync(cassandraYaml(), yaml)
  await third!.stop()
  await third!.start()
  await until('capture', async () => (await stats()).state !== 'FAILED', PATIENCE_MS)
  const left = KAFKA_AWAY_MS - (performance.now() - awaySince)
  if (left > 0) await sleep(left)
  expect((await stats()).queued).toBeGreaterThan(300)
  await sandbox.kafka!.start()
  const delivered = await until(
    'delivery',
    async () => (await stats()).queued < 300 || undefined,
    PATIENCE_MS,
  )
  expect(delivered).toBe(true)
  worker.kill('SIGKILL')
  await worker.ended
  const withoutWorker = next
  await until('writes without the worker', () => next > withoutWorker + 100, PATIENCE_MS)
  await startWorker()
  await startConnector()
  await untilAgents(3)
  stop.abort()
  await writing
  const repeated = await repetitions()
  console.log(`faults: ${next - before} changes, 0 missing, ${repeated} repeated`)
  expect(repeated).toBeLessThanOrEqual(REPEATED_MAX)
  // Of the time with capture off, and of nothing else.
  const { json: gaps } = await callRest(URL, 'GET', '/api/v1/cdc/gaps')
  expect(gaps).toMatchObject([{ kind: 'node', state: 'open' }])
  expect(Date.parse(gaps[0].toTime)).toBeGreaterThan(Date.parse(gaps[0].fromTime))
}, 500_000)
