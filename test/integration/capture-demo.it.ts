/**
 * The demonstration of the replaced product, command by command: a table, a destination, a channel,
 * a connector, three rows, three records.
 * Spec: cdc-replication 10.1.
 */
import { Consumer } from '@platformatic/kafka'
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
import { callRest, until } from '../support/standalone.ts'

const TOPIC = `demo-topic-${Date.now()}`
const KEYSPACE = 'demo_ks'
let servers: CaptureServers
let client: Client
let worker: CaptureWorker

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  await client.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  worker = await startCaptureWorker(servers.description)
}, 180_000)

afterAll(async () => {
  await worker?.stop()
  removeFolder(worker?.folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

const advrep = (...args: string[]) => command('advrep', '--url', worker.url, ...args)

interface Seen {
  readonly key: string
  readonly value: string | null
  readonly headers: Record<string, string>
  readonly timestamp: number
}

async function readTopic(topic: string, count: number): Promise<Seen[]> {
  const consumer = new Consumer({
    clientId: 'scamander-test',
    groupId: `g-${Date.now()}`,
    bootstrapBrokers: servers.description.kafka!.bootstrapServers.split(','),
  })
  const seen: Seen[] = []
  try {
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 100 })
    for await (const message of stream) {
      const headers = [...message.headers].map(([name, value]) => [
        name.toString(),
        value.toString(),
      ])
      seen.push({
        key: message.key.toString(),
        value: message.value?.toString() ?? null,
        headers: Object.fromEntries(headers),
        timestamp: Number(message.timestamp),
      })
      if (seen.length >= count) break
    }
    await stream.close()
    return seen
  } finally {
    await consumer.close(true)
  }
}

it('runs command by command', async () => {
  const dc = servers.description.cassandra!.localDatacenter
  const replication = `{'class': 'NetworkTopologyStrategy', '${dc}': 1}`
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute(`CREATE TABLE ${KEYSPACE}.demo_table (k TEXT, v TEXT, PRIMARY KEY ((k)))`)
  const destination = await advrep(
    ...['destination', 'create', '--name', 'demo_destination', '--transmission-enabled', 'true'],
  )
  expect(destination).toEqual({ code: 0, out: 'Destination demo_destination created\n', err: '' })
  const channel = await advrep(
    ...['channel', 'create', '--data-center-id', dc, '--source-keyspace', KEYSPACE],
    ...['--source-table', 'demo_table', '--destination', 'demo_destination'],
  )
  expect(channel).toEqual({
    code: 0,
    out: `Created channel dc=${dc} keyspace=demo_ks table=demo_table to demo_destination\n`,
    err: 'note: table demo_ks.demo_table was altered: cdc = true\n',
  })
  expect((await advrep('destination', 'list')).out).toBe(
    [
      '--------------------------',
      '|name            |enabled|',
      '--------------------------',
      '|demo_destination|true   |',
      '--------------------------',
      '',
    ].join('\n'),
  )
  const status = (await advrep('channel', 'status')).out.split('\n')
  const pad = ' '.repeat(dc.length - 2)
  expect(status[1]).toBe(
    `|dc${pad}|keyspace|table     |collecting|transmitting|replication order|priority|src id|src id col|dest            |dest enabled|`,
  )
  expect(status[3]).toBe(
    `|${dc}|demo_ks |demo_table|true      |true        |FIFO             |2       |      |          |demo_destination|true        |`,
  )

  const created = await callRest(worker.url, 'POST', '/connectors', {
    name: 'demo-connector',
    config: {
      'connector.class': 'com.datastax.kafkaconnector.source.DseSourceConnector',
      'tasks.max': '1',
      'key.converter': 'JsonConverter',
      'value.converter': 'JsonConverter',
      'key.converter.schemas.enable': 'false',
      'value.converter.schemas.enable': 'false',
      topic: TOPIC,
      destination: 'demo_destination',
      contact_points: '127.0.0.1',
    },
  })
  expect(created.status).toBe(201)
  const rows = [
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]
  for (const [k, v] of rows) {
    await client.execute(`INSERT INTO ${KEYSPACE}.demo_table (k, v) VALUES ('${k}', '${v}')`)
  }
  // The topic is made with the first record.
  const seen = await until('three records', () => readTopic(TOPIC, 3).catch(() => undefined))
  expect(seen.map(one => [one.key, one.value]).sort()).toEqual(
    rows.map(([k, v]) => [`{"k":"${k}"}`, `{"v":"${v}"}`]),
  )
  const times = await client.execute(`SELECT k, writetime(v) AS t FROM ${KEYSPACE}.demo_table`)
  const written = new Map(times.rows.map(row => [`{"k":"${row['k']}"}`, String(row['t'])]))
  for (const one of seen) {
    const micros = written.get(one.key)!
    expect(one.headers).toMatchObject({
      ...{ keyspace: KEYSPACE, table: 'demo_table', operation: 'INSERT' },
      ...{ 'scamander.ts': micros, 'scamander.fields': 'v' },
    })
    expect(one.timestamp).toBe(Math.floor(Number(micros) / 1000))
  }
  await until('the queue is empty', async () => {
    const count = await advrep(
      ...['replog', 'count', '--source-keyspace', KEYSPACE, '--source-table', 'demo_table'],
      ...['--destination', 'demo_destination'],
    )
    return count.out === '0\n'
  })
}, 90_000)

it('runs the published configurations', async () => {
  const base = { 'connector.class': 'DseSourceConnector', destination: 'demo_destination' }
  const configs: Record<string, string>[] = [
    { ...base, topics: TOPIC, contactPoints: '127.0.0.1', 'tasks.max': '1' },
    { ...base, topic: TOPIC, contact_points: '127.0.0.1', 'key.conveter': 'x', 'tasks.max': '10' },
  ]
  for (const [i, config] of configs.entries()) {
    const name = `published-${i}`
    expect(
      (await callRest(worker.url, 'DELETE', `/connectors/demo-connector`)).status,
    ).toBeLessThan(500)
    expect((await callRest(worker.url, 'POST', '/connectors', { name, config })).status).toBe(201)
    await until('RUNNING', async () => {
      const { json } = await callRest(worker.url, 'GET', `/connectors/${name}/status`)
      const states = [json.connector, ...json.tasks].map((one: { state: string }) => one.state)
      return json.tasks.length > 0 && states.every(state => state === 'RUNNING')
    })
    await callRest(worker.url, 'DELETE', `/connectors/${name}`)
  }
}, 60_000)

it('refuses what does not exist, with the command that helps', async () => {
  const unknown = await advrep(
    ...['channel', 'create', '--source-keyspace', KEYSPACE, '--source-table', 'demo_table'],
    ...['--destination', 'nowhere'],
  )
  expect(unknown.code).toBe(2)
  expect(unknown.err).toContain('advrep destination create --name nowhere')
  const config = {
    'connector.class': 'DseSourceConnector',
    topic: TOPIC,
    destination: 'nowhere',
  }
  const refused = await callRest(worker.url, 'POST', '/connectors', { name: 'bad', config })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('nowhere')
})
