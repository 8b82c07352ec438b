/**
 * Queues that are kept in Kafka as well, on real servers: a worker that captures hangs and its
 * folder is gone; another one takes over with everything that was queued, its agent and the workers
 * that deliver find it by themselves, and every write arrives. Meanwhile the rows that were there
 * already are given by a worker that keeps no queues, and to a destination in Cassandra.
 * Spec: cdc-replication 1.2, 1.4, 5; docs/adr/0032-queues-in-topics.md.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type CaptureServers,
  type CaptureWorker,
  captureServers,
  command,
  removeFolder,
  startCaptureWorker,
} from '../support/capture-servers.ts'
import { WorkerCluster } from '../support/cluster-workers.ts'
import { freePort } from '../support/free-port.ts'
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

const RUN = Date.now()
const KEYSPACE = `topics_${RUN}`
const TARGET = `copied_${RUN}`
const PREFIX = `capture-${RUN}`
const PATIENCE_MS = 120_000
const OLD_ROWS = 400
const folder = mkdtempSync(join(tmpdir(), 'scamander-topics-'))
let servers: CaptureServers
let client: Client
let first: RunningCli
let firstUrl: string
let second: CaptureWorker | undefined
let cluster: WorkerCluster | undefined
let url: string
let written = 0

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  for (const keyspace of [KEYSPACE, TARGET]) {
    await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${replication}`)
  }
  await client.execute(`USE ${KEYSPACE}`)
}, 180_000)

afterAll(async () => {
  killScamanders()
  await cluster?.close()
  await second?.stop()
  for (const keyspace of [KEYSPACE, TARGET]) {
    await client?.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  }
  removeFolder(second?.folder)
  removeFolder(folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

const captureSettings = () => ({
  'cdc.local.agents': 'false',
  'cdc.queue.store': 'kafka',
  'cdc.topic.prefix': PREFIX,
  'cdc.contact.points': servers.description.cassandra!.contactPoints[0]!,
  'cdc.port': String(servers.description.cassandra!.port),
})

async function advrep(...args: string[]): Promise<string> {
  const done = await command('advrep', '--url', url, ...args)
  expect([args, done.code, done.err.replace(/^note:.*\n/gm, '')]).toEqual([args, 0, ''])
  return done.out
}

const tableArgs = (table: string) => ['--source-keyspace', KEYSPACE, '--source-table', table]

async function channel(table: string, destination: string, ...more: string[]): Promise<void> {
  await advrep('channel', 'create', ...tableArgs(table), '--destination', destination, ...more)
}

async function insert(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const k = OLD_ROWS + written++
    await client.execute(`INSERT INTO t (k, v) VALUES (${k}, 'v${k}')`)
  }
}

const queued = async (destination: string) =>
  Number(
    await advrep('replog', 'count', ...tableArgs('t'), '--destination', destination).then(text =>
      text.trim(),
    ),
  )

/** A process that can be killed, with a folder of its own. */
async function startFirst(): Promise<void> {
  const port = await freePort()
  firstUrl = `http://127.0.0.1:${port}`
  const file = join(folder, 'worker.properties')
  const settings = {
    ...captureSettings(),
    'bootstrap.servers': servers.description.kafka!.bootstrapServers,
    'key.converter': 'JsonConverter',
    'value.converter': 'JsonConverter',
    'offset.storage.file.filename': join(folder, 'first', 'offsets'),
    listeners: firstUrl,
    'scamander.metrics.listeners': '',
  }
  writeFileSync(file, toProperties(settings))
  first = startScamander(['connect-standalone', file])
  const answers = () =>
    callRest(firstUrl, 'GET', '/api/v1/cdc/agents').then(
      answer => answer.status === 200,
      () => false,
    )
  await until('the worker that captures', answers, PATIENCE_MS)
  url = firstUrl
}

async function startAgent(): Promise<void> {
  const { cassandra, kafka } = servers.description
  const config = join(folder, 'agent.properties')
  writeFileSync(config, toProperties({ 'cdc.topic.prefix': PREFIX }))
  const port = await freePort()
  const agent = startScamander([
    ...['cdc-agent', '--contact-point', `${cassandra!.contactPoints[0]}:${cassandra!.port}`],
    ...['--bootstrap-servers', kafka!.bootstrapServers, '--config', config],
    ...['--data-dir', join(folder, 'agent'), '--listen', `127.0.0.1:${port}`],
  ])
  const isReady = async () => {
    if (agent.output.stderr.includes('SCM_')) throw new Error(agent.output.stderr)
    const ready = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined)
    return ready?.status === 200
  }
  await until('the agent', isReady, PATIENCE_MS)
}

it('captures into topics, for an agent that finds the worker by Kafka', async () => {
  await client.execute('CREATE TABLE t (k int PRIMARY KEY, v text) WITH cdc = true')
  for (let k = 0; k < OLD_ROWS; k++) {
    await client.execute(`INSERT INTO t (k, v) VALUES (${k}, 'v${k}')`)
  }
  await startFirst()
  await startAgent()
  await advrep('destination', 'create', '--name', 'd')
  await advrep('destination', 'create', '--name', 'dropped')
  await channel('t', 'd')
  await channel('t', 'dropped')
  await insert(150)
  await until('150 queued', async () => (await queued('dropped')) === 150, PATIENCE_MS)
  expect(
    await advrep('channel', 'truncate', ...tableArgs('t'), '--destinations', 'dropped'),
  ).toContain(': 150 messages')
  await insert(10)
  await until('160 queued', async () => (await queued('d')) === 160, PATIENCE_MS)
  await until('10 queued', async () => (await queued('dropped')) === 10, PATIENCE_MS)
}, 240_000)

it('lets one worker alone capture for a prefix', async () => {
  const other = startCaptureWorker(servers.description, { properties: captureSettings() })
  const refused = await other.then(
    () => 'it started',
    (error: Error) => error.message,
  )
  expect(refused).toContain(`the worker at ${firstUrl} captures for ${PREFIX}`)
}, 120_000)

it('loses nothing with the machine of the worker, while workers elsewhere give rows and changes', async () => {
  const { cassandra, kafka } = servers.description
  const topic = `moved-${RUN}`
  cluster = new WorkerCluster(kafka!.bootstrapServers, {
    'cdc.worker.url': 'kafka',
    'cdc.topic.prefix': PREFIX,
    'cdc.contact.points': cassandra!.contactPoints[0]!,
    'cdc.port': String(cassandra!.port),
  })
  const [deliverer] = await cluster.startAll(1)
  const config = {
    ...{ 'connector.class': 'DseSourceConnector', 'tasks.max': '2', topic, destination: 'd' },
    ...{ 'key.converter': 'JsonConverter', 'value.converter': 'JsonConverter' },
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
    ...{ 'snapshot.mode': 'initial', 'snapshot.page.size': '50' },
  }
  const put = async () =>
    (await deliverer!.call('PUT', '/connectors/moved/config', config)).status < 300
  await until('the connector', put, PATIENCE_MS)
  const isGiven = () => /the snapshot of .*table=t .*is done/.test(deliverer!.logs())
  await until('the rows that were there', isGiven, PATIENCE_MS)
  await until('an empty queue', async () => (await queued('d')) === 0, PATIENCE_MS)
  await advrep('channel', 'pause', ...tableArgs('t'), '--destinations', 'd', '--transmission')
  await insert(100)
  await until('changes that wait', async () => (await queued('d')) === 100, PATIENCE_MS)
  first.kill('SIGSTOP')
  removeFolder(join(folder, 'first'))
  // Nobody captures: the agent waits, and so do the tasks.
  await insert(50)
  second = await startCaptureWorker(servers.description, { properties: captureSettings() })
  url = second.url
  // One that only hung finds out, and takes and gives nothing any more.
  first.kill('SIGCONT')
  const output = () => first.output.stdout + first.output.stderr
  const isTold = () => output().includes(`another worker captures for ${PREFIX} now`)
  await until('the end of the first worker', isTold, PATIENCE_MS)
  first.kill('SIGKILL')
  await first.ended
  const held = await queued('d')
  expect(held).toBeGreaterThanOrEqual(100)
  await advrep('channel', 'resume', ...tableArgs('t'), '--destinations', 'd', '--transmission')
  await insert(50)
  const all = OLD_ROWS + written
  const seen = async () => {
    const records = await readWholeTopic(kafka!.bootstrapServers, topic, PATIENCE_MS)
    return records.map(record => ({ ...record, k: (record.key as { k: number }).k }))
  }
  const keys = await until(
    `${all} keys`,
    async () => {
      const found = await seen()
      return new Set(found.map(one => one.k)).size >= all ? found : undefined
    },
    PATIENCE_MS,
  )
  const values = new Map(keys.map(({ k, value }) => [k, (value as { v: string }).v]))
  expect([...values].every(([k, v]) => v === `v${k}`)).toBe(true)
  expect(keys.filter(one => one.k < OLD_ROWS).length).toBeGreaterThanOrEqual(OLD_ROWS)
  console.log(`moved: ${all} rows and changes, ${keys.length - all} more than once`)
  // Every write since the second channel was truncated waits there once.
  const waiting = async () => (await queued('dropped')) === written - 150
  await until('the other queue', waiting, PATIENCE_MS).catch(() => undefined)
  expect(await queued('dropped')).toBe(written - 150)
}, 400_000)

it('writes the rows that are there into a destination in Cassandra, with their times', async () => {
  const columns = `p int, c int, s text static, v text, n int, m map<text, int>, l list<int>,
    u set<int>, PRIMARY KEY (p, c)`
  await client.execute(`CREATE TABLE rows (${columns}) WITH cdc = true`)
  await client.execute(`CREATE TABLE ${TARGET}.rows (${columns})`)
  const statements = [
    `INSERT INTO rows (p, c, v, n, m, l, u) VALUES (1, 1, 'x', 1, {'a': 1}, [3, 1], {7, 8})`,
    `UPDATE rows SET m['b'] = 2 WHERE p = 1 AND c = 1`,
    `INSERT INTO rows (p, c, v) VALUES (1, 2, 'ttl') USING TTL 5000`,
    `INSERT INTO rows (p, c) VALUES (1, 3)`,
    `UPDATE rows SET s = 'static' WHERE p = 2`,
    `INSERT INTO rows (p, c, v) VALUES (3, 1, 'gone')`,
    `DELETE FROM rows WHERE p = 3`,
    `UPDATE rows USING TIMESTAMP 1000 AND TTL 900 SET n = 3 WHERE p = 5 AND c = 1`,
  ]
  for (const statement of statements) await client.execute(statement)
  for (let c = 0; c < 700; c++) {
    await client.execute(`INSERT INTO rows (p, c, v) VALUES (6, ${c}, 'wide')`)
  }
  const { contactPoints, port } = servers.description.cassandra!
  const address = `${contactPoints[0]}:${port}`
  await advrep('destination', 'create', '--name', 'far', '--addresses', address)
  await channel('rows', 'far', '--destination-keyspace', TARGET)
  // A change from before the rows are read, and one from behind.
  await client.execute('DELETE FROM rows WHERE p = 6 AND c = 5')
  await advrep('channel', 'snapshot', ...tableArgs('rows'))
  await client.execute('DELETE FROM rows WHERE p = 6 AND c = 6')
  const isDone = () =>
    second!.logs.some(line => /the snapshot of .*table=rows .*is done/.test(line))
  await until('the snapshot', isDone, PATIENCE_MS)
  const times = ['s', 'v', 'n', 'm', 'u'].map(name => `writetime(${name}) AS w${name}`)
  const select = async (table: string) => {
    const query = `SELECT JSON p, c, s, v, n, m, l, u, ${times.join(', ')} FROM ${table}`
    const { rows } = await client.execute(query, [], { fetchSize: 5000 })
    return rows.map(row => String(row['[json]'])).sort()
  }
  await until(
    'equal tables',
    async () =>
      JSON.stringify(await select('rows')) === JSON.stringify(await select(`${TARGET}.rows`)),
    PATIENCE_MS,
  ).catch(async () => expect(await select(`${TARGET}.rows`)).toEqual(await select('rows')))
  expect((await select(`${TARGET}.rows`)).length).toBe(703)
  const { rows } = await client.execute(
    `SELECT ttl(v) AS v, ttl(n) AS n FROM ${TARGET}.rows WHERE p IN (1, 5) AND c IN (1, 2)`,
  )
  const ttls = rows.map(row => Number(row['v'] ?? row['n'])).filter(one => one > 0)
  expect(ttls.length).toBe(2)
  expect(ttls.every(one => (one > 300 && one <= 900) || (one > 4000 && one <= 5000))).toBe(true)
}, 240_000)
