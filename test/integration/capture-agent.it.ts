/**
 * `scamander cdc-agent` as a process beside a worker that reads no log itself: what it reads arrives,
 * also what was written while the agent was killed, and while the worker was away.
 */
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
import { connectClient } from '../support/keyspace.ts'
import {
  callRest,
  killScamanders,
  type RunningCli,
  startScamander,
  until,
} from '../support/standalone.ts'

const KEYSPACE = `agent_${Date.now()}`
const PORT = 20_000 + (process.pid % 10_000)
let servers: CaptureServers
let client: Client
let worker: CaptureWorker
let agent: RunningCli

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute(`CREATE TABLE ${KEYSPACE}.t (k int PRIMARY KEY, v text)`)
  worker = await startWorker()
}, 180_000)

afterAll(async () => {
  killScamanders()
  await worker?.stop()
  await client?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  removeFolder(worker?.folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

function startWorker(folder?: string): Promise<CaptureWorker> {
  const properties = {
    'cdc.local.agents': 'false',
    listeners: `http://127.0.0.1:${PORT}`,
  }
  return startCaptureWorker(servers.description, {
    properties,
    ...(folder === undefined ? {} : { folder }),
  })
}

function startAgent(...more: string[]): RunningCli {
  const { contactPoints, port } = servers.description.cassandra!
  return startScamander([
    ...['cdc-agent', '--contact-point', `${contactPoints[0]}:${port}`],
    ...['--url', `http://127.0.0.1:${PORT}`, '--data-dir', `${worker.folder}/agent`],
    ...more,
  ])
}

const agents = async () => (await callRest(worker.url, 'GET', '/api/v1/cdc/agents')).json.agents

async function count(): Promise<number> {
  const { json } = await callRest(worker.url, 'GET', '/api/v1/cdc/channels')
  return json[0].stats.queued
}

const insert = (k: number) => client.execute(`INSERT INTO ${KEYSPACE}.t (k, v) VALUES (${k}, 'v')`)

it('gives what it reads to the worker', async () => {
  agent = startAgent('--listen', `127.0.0.1:${PORT + 10_000}`)
  await until('the agent', async () => (await agents())[0]?.state === 'RUNNING')
  const advrep = (...args: string[]) => command('advrep', '--url', worker.url, ...args)
  await advrep('destination', 'create', '--name', 'd')
  const made = await advrep(
    ...['channel', 'create', '--source-keyspace', KEYSPACE, '--source-table', 't'],
    ...['--destination', 'd'],
  )
  expect(made.err).toBe(`note: table ${KEYSPACE}.t was altered: cdc = true\n`)
  for (let k = 0; k < 20; k++) await insert(k)
  await until('20 frames', async () => (await count()) === 20)
  const [one] = await agents()
  const of = async (path: string) => (await callRest(worker.url, 'GET', `/api/v1/cdc/${path}`)).json
  const named = { hostId: one.hostId, state: 'RUNNING', cluster: one.cluster }
  expect(await of(`agents/${one.hostId}`)).toMatchObject({
    ...named,
    cdcRawDirectory: expect.any(String),
  })
  const [cluster] = await of('clusters')
  expect([cluster.name, cluster.nodes.length]).toEqual([one.cluster, 1])
  expect(cluster.nodes[0]).toMatchObject({ hostId: one.hostId, agent: 'RUNNING' })
  expect((await callRest(worker.url, 'GET', '/api/v1/cdc/agents/nobody')).status).toBe(404)
  for (const [given, held] of [
    [false, false],
    [null, true],
  ]) {
    const path = '/api/v1/cdc/destinations/d'
    const body = { transmissionEnabled: given, addresses: null, driver: null }
    expect((await callRest(worker.url, 'PATCH', path, body)).json).toMatchObject({
      ...{ transmissionEnabled: held, addresses: [], driver: {} },
    })
  }
  const paused = await callRest(worker.url, 'POST', '/api/v1/cdc/channels/pause', {
    ...{ sourceKeyspace: KEYSPACE, sourceTable: 't', transmission: true },
  })
  expect([paused.status, paused.json.applied]).toEqual([200, '1 of 1'])
  let metrics = ''
  const figure = (metric: string) => {
    const line = new RegExp(`^scamander_cdc_${metric}\\{node="${one.hostId}"\\} (.*)$`, 'm')
    return Number(line.exec(metrics)?.[1])
  }
  // Counted when the worker has answered.
  await until('the count of updates', async () => {
    metrics = await (await fetch(`http://127.0.0.1:${PORT + 10_000}/metrics`)).text()
    return figure('agent_updates_read_total') === 20
  })
  expect(figure('agent_bytes_read_total')).toBeGreaterThan(20 * 40)
  expect(figure('agent_read_lag_seconds')).toBeLessThan(5)
  expect(figure('raw_files')).toBeGreaterThan(0)
}, 60_000)

it('goes on where it stood after a kill, and after the worker was away', async () => {
  agent.kill('SIGKILL')
  await agent.ended
  for (let k = 20; k < 40; k++) await insert(k)
  agent = startAgent()
  await until('40 frames', async () => (await count()) === 40)
  await worker.stop()
  for (let k = 40; k < 60; k++) await insert(k)
  worker = await startWorker(worker.folder)
  await until('60 frames', async () => (await count()) === 60)
  // Nothing came twice: the queue still has each of them.
  expect(await count()).toBe(60)
}, 90_000)

it('is the only one for its node', async () => {
  const second = startAgent()
  await until('one of the two ends', () =>
    Promise.race([second.ended, agent.ended]).then(run => run.code === 1),
  )
  await until('the other works', async () => (await agents())[0]?.state === 'RUNNING')
}, 60_000)

it('ends when it is told to', async () => {
  killScamanders()
  const last = startAgent()
  await until('the agent', () => last.output.stderr.includes('captures from node'))
  last.kill('SIGTERM')
  expect((await last.ended).code).toBe(0)
}, 60_000)
