/**
 * The demonstration of the replaced product, command by command: a table, a destination, a channel,
 * a connector, three rows, three records; every command with every option; and the same
 * demonstration on commit logs that are compressed or encrypted.
 * Spec: cdc-replication 2, 10.1, 10.4.
 */

import { readFileSync, writeFileSync } from 'node:fs'
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
import { readWholeTopic } from '../support/topic-records.ts'

const TOPIC = `demo-topic-${Date.now()}`
const KEYSPACE = 'demo_ks'
/** Of the tests alone. */
const STORE = new URL('../golden/keystores/commit-log-key.jceks', import.meta.url).pathname
let servers: CaptureServers
let client: Client
let worker: CaptureWorker

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  await client.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  const keystore = 'cdc.encryption.keystore'
  const properties = { [`${keystore}.path`]: STORE, [`${keystore}.password`]: 'changeit' }
  worker = await startCaptureWorker(servers.description, { properties })
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
  expect(refused.text).toContain('scamander advrep destination create --name nowhere')
})

/** Every command and option of the replaced product and ours; what it prints, and its exit code. */
function commandCases(dc: string): [args: string, code: number, out: string | RegExp][] {
  const table = '--source-keyspace demo_ks --source-table demo_table'
  const key = `${table} --destination all_options`
  const named = `dc=${dc} keyspace=demo_ks table=demo_table`
  const driver =
    '--driver-user u --driver-pwd p --driver-local-dc dc --driver-consistency-level ONE --driver-connections 1 --driver-connections-max 2 --driver-max-requests-per-connection 10 --driver-connect-timeout 100 --driver-read-timeout 100 --driver-compression lz4 --driver-used-hosts-per-remote-dc 0 --driver-allow-remote-dcs-for-local-cl false --driver-ssl-enabled false'
  const options =
    '--source-id east --source-id-column origin --lifo-order --priority 1 --collection-enabled true --transmission-enabled false --queue-max-bytes 1000000 --queue-full block --emit first'
  const switched = (what: string, state: string) =>
    `Channel ${named} ${what} to all_options was ${state}\n`
  return [
    [`destination create --name=all_options`, 0, 'Destination all_options created\n'],
    [`destination create --name all_options`, 2, ''],
    [`destination update --name all_options ${driver}`, 0, 'Destination all_options updated\n'],
    [`destination list-conf --name all_options`, 0, /\|all_options\|driver-pwd +\|\[hidden\]/],
    [
      `destination remove-conf --name all_options --driver-user x --driver-pwd x`,
      ...([0, 'Destination all_options: removed driver-user, driver-pwd\n'] as const),
    ],
    [
      `channel create ${key} --data-center-id ${dc} ${options}`,
      0,
      `Created channel ${named} to all_options\n`,
    ],
    [`channel create ${key}`, 2, ''],
    [
      `channel update ${key} --fifo-order --priority 3`,
      0,
      `Updated channel ${named} to all_options\n`,
    ],
    [
      `--no-pretty-print --separator ; channel status --data-center-id ${dc} ${key}`,
      0,
      `dc;keyspace;table;collecting;transmitting;replication order;priority;src id;src id col;dest;dest enabled\n${dc};demo_ks;demo_table;true;false;FIFO;3;east;origin;all_options;true\n`,
    ],
    [
      `--no-pretty-print destination list`,
      0,
      'name,enabled\nall_options,true\ndemo_destination,true\n',
    ],
    [
      `channel pause ${table} --destinations all_options`,
      0,
      switched('collection', 'disabled') + switched('transmission', 'disabled'),
    ],
    [
      `channel resume ${table} --destinations all_options --data-center-ids ${dc} --collection`,
      0,
      switched('collection', 'enabled'),
    ],
    [
      `channel truncate ${table} --destinations all_options`,
      0,
      `Truncated channel ${named} to all_options: 0 messages\n`,
    ],
    [
      `channel snapshot ${table} --destinations all_options --mode cancel`,
      0,
      /^Snapshot of channel .* was cancelled\n$/,
    ],
    [`replog count ${key} --data-center-id ${dc}`, 0, '0\n'],
    [
      `conf update --permits 9 --audit-log-enabled false --audit-log-compression gzip --audit-log-file a.log --audit-log-rotate-mins 0 --audit-log-max-life-span-mins 0 --invalid-message-log NONE --collection-time-slice-width 60 --collection-time-slice-count 5 --collection-max-open-files 5 --collection-expire-after-write 1h`,
      0,
      /^Updated permits, audit-log-enabled/,
    ],
    [`conf remove --permits --invalid-message-log`, 0, 'Removed permits, invalid-message-log\n'],
    [`conf list`, 0, /\|audit-log-compression +\|gzip/],
    [
      `metrics list --metric-group Tables --metric-type MessagesReceived`,
      0,
      /\|Tables\|MessagesReceived\|\d+/,
    ],
    [
      `metrics list --metric group Tables --metric type MessagesReceived`,
      0,
      /\|Tables\|MessagesReceived\|\d+/,
    ],
    [`metrics list --metric size`, 2, ''],
    [`agent list`, 0, /\|RUNNING\|(up|unknown) *\|\d+ *\|/],
    [`--cluster nowhere destination list`, 2, ''],
    [`help channel create`, 0, /--source-keyspace/],
    [`help channel make`, 2, ''],
    [`--verbose channel status ${key}`, 0, /\|rate\/s\|/],
    [`gap list`, 0, /\|id\|kind\|/],
    [
      `--jmx-port 7199 --jmx-user u --jmx-pwd p --ssl --kerberos-enabled --use-server-config --cipher-suites c --keystore-path k --keystore-password p --keystore-type t --truststore-path k --truststore-password p --truststore-type t destination list`,
      0,
      /all_options/,
    ],
    [`--v1 destination list`, 2, ''],
    [`channel delete ${key}`, 2, ''],
    [`destination delete --name all_options`, 2, ''],
    [
      `channel delete ${key} --data-center-id ${dc}`,
      0,
      `Deleted channel ${named} to all_options\n`,
    ],
    [`destination delete --name all_options --force`, 0, 'Destination all_options removed\n'],
    [`channel status --unknown`, 2, ''],
    [`destination create --name far --addresses a,b;c --driver-read-timeout soon`, 2, ''],
    [`gap ack --id first`, 2, ''],
    [`replog analyze-audit-log --file /nowhere`, 2, ''],
    [`replog count ${key}`, 2, ''],
  ]
}

it('takes every command with every option', async () => {
  for (const [text, code, out] of commandCases(servers.description.cassandra!.localDatacenter)) {
    const run = await advrep(...text.split(' '))
    const isExpected = typeof out === 'string' ? run.out === out : out.test(run.out)
    expect([text, run.code, isExpected || run.out, run.err.includes('internal')]).toEqual([
      ...[text, code, true, false],
    ])
    const isTold = code !== 0 || /^--(jmx|verbose)/.test(text)
    expect([text, run.err === '']).toEqual([text, !isTold])
  }
  const { hostname, port } = new URL(worker.url)
  const away = ['--host', hostname, '--port', port, '-u', 'a', '-p', 'b', 'destination', 'list']
  const listed = await command('dse', 'advrep', ...away)
  expect([listed.code, listed.out]).toEqual([0, (await advrep('destination', 'list')).out])
  const gone = await command('advrep', '--url', 'http://127.0.0.1:1', 'destination', 'list')
  expect(gone.code).toBe(4)
}, 120_000)

const compressed = (name: string) => ({ commitlog_compression: [{ class_name: name }] })
const store = { keystore: STORE, keystore_password: 'changeit', store_type: 'JCEKS' }
const FORMS = {
  snappy: compressed('SnappyCompressor'),
  deflate: compressed('DeflateCompressor'),
  encrypted: {
    transparent_data_encryption_options: {
      ...{ enabled: true, chunk_length_kb: 64, cipher: 'AES/CBC/PKCS5Padding', key_alias: 'k1' },
      key_provider: [
        {
          class_name: 'org.apache.cassandra.security.JKSKeyProvider',
          parameters: [{ ...store, key_password: 'changeit' }],
        },
      ],
    },
  },
}

// LZ4 and Zstd: capture-oracle.
it('runs on commit logs that are packed by Snappy, by Deflate, and encrypted', async ctx => {
  const [node] = servers.nodes
  if (node === undefined) ctx.skip('needs servers of its own')
  const { configPath } = servers.description.cassandra!.nodes[0]!
  const yaml = readFileSync(configPath, 'utf8')
  const table = `${KEYSPACE}.packed`
  await client.execute(`CREATE TABLE ${table} (k text PRIMARY KEY, v text)`)
  const key = ['--source-keyspace', KEYSPACE, '--source-table', 'packed', '--destination']
  await advrep('destination', 'create', '--name', 'packed')
  expect((await advrep('channel', 'create', ...key, 'packed')).code).toBe(0)
  const config = { 'connector.class': 'DseSourceConnector', destination: 'packed' }
  const body = { name: 'packed', config: { ...config, topic: `${TOPIC}-packed` } }
  expect((await callRest(worker.url, 'POST', '/connectors', body)).status).toBe(201)
  for (const [name, settings] of Object.entries(FORMS)) {
    const lines = Object.entries({ commitlog_sync: 'batch', ...settings })
    // A packed log has no marker before it is synced.
    const own = yaml.split('\n').filter(line => !line.startsWith('commitlog_sync'))
    const added = lines.map(([one, value]) => `${one}: ${JSON.stringify(value)}`)
    writeFileSync(configPath, [...own, ...added, ''].join('\n'))
    await node!.stop()
    await node!.start()
    const insert = `INSERT INTO ${table} (k, v) VALUES ('${name}', '${'x'.repeat(1000)}')`
    const isWritten = () =>
      client.execute(insert).then(
        () => true,
        () => false,
      )
    await until(`the write of ${name}`, isWritten)
    const isThere = async () => {
      const { bootstrapServers } = servers.description.kafka!
      const seen = await readWholeTopic(bootstrapServers, `${TOPIC}-packed`, 60_000)
      return seen.some(({ key }) => (key as { payload: { k: string } }).payload.k === name)
    }
    await until(`the record of ${name}`, () => isThere().catch(() => false))
  }
  const found = await callRest(worker.url, 'GET', '/api/v1/cdc/agents')
  expect(found.json.agents).toMatchObject([{ state: 'RUNNING', undecodable: 0, corrupt: 0 }])
}, 180_000)
