/**
 * Channels side by side on real servers: formats, two destinations for one table, pause and resume,
 * truncate, orders, priorities, more tasks, all kinds of deletions, schemas that change under load,
 * restart of the worker.
 * Spec: cdc-replication 10.4.
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
import { readWholeTopic } from '../support/topic-records.ts'

const RUN = Date.now()
const KEYSPACE = `channels_${RUN}`
const topic = (name: string) => `${name}-${RUN}`
let servers: CaptureServers
let client: Client
let worker: CaptureWorker

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute(`USE ${KEYSPACE}`)
  worker = await startCaptureWorker(servers.description)
}, 180_000)

afterAll(async () => {
  await worker?.stop()
  await client?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  removeFolder(worker?.folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

async function advrep(...args: string[]): Promise<string> {
  const run = await command('advrep', '--url', worker.url, ...args)
  expect([run.code, run.err.replace(/^note:.*\n/gm, '')]).toEqual([0, ''])
  return run.out
}

const tableArgs = (table: string) => ['--source-keyspace', KEYSPACE, '--source-table', table]

async function channel(table: string, destination: string): Promise<void> {
  await advrep('destination', 'create', '--name', destination).catch(() => undefined)
  await advrep('channel', 'create', ...tableArgs(table), '--destination', destination)
}

async function connector(name: string, config: Record<string, string>): Promise<void> {
  const full = {
    'connector.class': 'DseSourceConnector',
    'tasks.max': '1',
    'key.converter': 'JsonConverter',
    'value.converter': 'JsonConverter',
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
    ...config,
  }
  const { status } = await callRest(worker.url, 'PUT', `/connectors/${name}/config`, full)
  expect([200, 201]).toContain(status)
}

interface Seen {
  // biome-ignore lint/suspicious/noExplicitAny: records are compared with literals
  readonly key: any
  // biome-ignore lint/suspicious/noExplicitAny: records are compared with literals
  readonly value: any
  readonly headers: Record<string, string>
}

/** Everything on the topic once there are `count` records. */
async function read(name: string, count: number): Promise<Seen[]> {
  // The topic is made with the first record.
  const isUnknown = (error: unknown) => String(error).includes('Unknown topic')
  return await until(`${count} records on ${name}`, () =>
    readNow(name, count).catch((error: unknown) => {
      if (isUnknown(error)) return undefined
      throw error
    }),
  )
}

async function readNow(name: string, count: number): Promise<Seen[]> {
  const consumer = new Consumer({
    clientId: 'scamander-test',
    groupId: `g-${Date.now()}`,
    bootstrapBrokers: servers.description.kafka!.bootstrapServers.split(','),
  })
  const seen: Seen[] = []
  try {
    const stream = await consumer.consume({ topics: [name], mode: 'earliest', maxWaitTime: 100 })
    for await (const { key, value, headers } of stream) {
      seen.push({
        key: JSON.parse(key.toString()),
        value: value == null || value.length === 0 ? null : JSON.parse(value.toString()),
        headers: Object.fromEntries([...headers].map(one => one.map(String))),
      })
      if (seen.length >= count) break
    }
    await stream.close()
    return seen
  } finally {
    await consumer.close(true)
  }
}

const count = async (table: string, destination: string) =>
  Number(await advrep('replog', 'count', ...tableArgs(table), '--destination', destination))

it('gives every kind of change in the default format', async () => {
  await client.execute(`CREATE TABLE kinds (p int, c int, s text static, v text, m map<text, int>,
    PRIMARY KEY (p, c)) WITH cdc = true`)
  await channel('kinds', 'kinds')
  await connector('kinds', { topic: topic('kinds'), destination: 'kinds' })
  const statements = [
    `INSERT INTO kinds (p, c, v, m) VALUES (1, 1, 'a', {'x': 1}) USING TTL 1000`,
    `UPDATE kinds SET v = null WHERE p = 1 AND c = 1`,
    `UPDATE kinds SET m['y'] = 2 WHERE p = 1 AND c = 1`,
    `UPDATE kinds SET s = 'stat' WHERE p = 1`,
    `DELETE FROM kinds WHERE p = 1 AND c > 5 AND c <= 9`,
    `DELETE FROM kinds WHERE p = 1 AND c = 1`,
    `DELETE FROM kinds WHERE p = 1`,
  ]
  // Each is let through before the next: the map is read again.
  for (const [i, statement] of statements.entries()) {
    await client.execute(statement)
    await read(topic('kinds'), i + 1)
  }
  const seen = await read(topic('kinds'), statements.length)
  expect(seen.map(one => [one.key, one.value])).toEqual([
    [
      { p: 1, c: 1 },
      { s: null, m: { x: 1 }, v: 'a' },
    ],
    [
      { p: 1, c: 1 },
      { s: null, m: null, v: null },
    ],
    [
      { p: 1, c: 1 },
      { s: null, m: { x: 1, y: 2 }, v: null },
    ],
    [
      { p: 1, c: null },
      { s: 'stat', m: null, v: null },
    ],
    [{ p: 1, c: null }, null],
    [{ p: 1, c: 1 }, null],
    [{ p: 1, c: null }, null],
  ])
  expect(seen.map(one => [one.headers['operation'], one.headers['scamander.scope']])).toEqual([
    ['INSERT', undefined],
    ['UPDATE', undefined],
    ['UPDATE', undefined],
    ['UPDATE', undefined],
    ['DELETE', 'range'],
    ['DELETE', 'row'],
    ['DELETE', 'partition'],
  ])
  expect(seen[0]!.headers['scamander.ttl']).toBe('1000')
  expect(seen[1]!.headers['scamander.fields']).toBe('v')
  expect(seen[3]!.headers['scamander.static']).toBe('true')
  expect(JSON.parse(seen[4]!.headers['scamander.range']!)).toEqual({
    start: { inclusive: false, values: { c: 5 } },
    end: { inclusive: true, values: { c: 9 } },
  })
}, 60_000)

it('gives the envelopes of Debezium and of its own', async () => {
  await client.execute('CREATE TABLE wrapped (k int PRIMARY KEY, v text, l list<int>)')
  await channel('wrapped', 'bezium')
  await channel('wrapped', 'own')
  await connector('bezium', {
    topic: topic('bezium'),
    destination: 'bezium',
    'scamander.format': 'debezium',
  })
  await connector('own', { topic: topic('own'), destination: 'own', format: 'scamander' })
  await client.execute(
    `INSERT INTO wrapped (k, v, l) VALUES (1, 'a', [4, 5]) USING TIMESTAMP 1700000000000000`,
  )
  await client.execute('DELETE v FROM wrapped USING TIMESTAMP 1700000000000001 WHERE k = 1')
  await client.execute('DELETE FROM wrapped USING TIMESTAMP 1700000000000002 WHERE k = 1')
  const cell = (value: unknown) => ({ value, deletion_ts: null, set: true })
  const bezium = await read(topic('bezium'), 3)
  expect(bezium.map(one => one.value)).toMatchObject([
    {
      op: 'i',
      source: {
        ...{ connector: 'cassandra', name: 'bezium', ts_us: 1_700_000_000_000_000 },
        ...{ keyspace: KEYSPACE, table: 'wrapped', db: 'NULL', snapshot: 'false' },
      },
      after: { k: cell(1), v: cell('a'), l: cell([4, 5]), _range_start: null, _range_end: null },
    },
    { op: 'u', after: { k: cell(1), v: cell(null), l: null } },
    { op: 'd', after: { k: cell(1), v: { value: null, deletion_ts: 1_700_000_000_000_002 } } },
  ])
  expect(Object.keys(bezium[0]!.value)).toEqual(['ts_ms', 'op', 'source', 'after'])
  const own = await read(topic('own'), 3)
  expect(own.map(one => one.value)).toMatchObject([
    {
      ...{ op: 'INSERT', ts: 1_700_000_000_000_000, updateFields: ['v', 'l'], static: false },
      row: { v: 'a', l: [4, 5] },
      deltas: { l: { mode: 'overwrite', put: [{ value: 4 }, { value: 5 }], remove: [] } },
      source: { keyspace: KEYSPACE, table: 'wrapped', snapshot: false, late: true },
    },
    { op: 'UPDATE', updateFields: ['v'], row: { v: null }, deltas: { l: null } },
    { op: 'DELETE_PARTITION', row: null },
  ])
}, 60_000)

it('keeps what is collected while transmission is off, for that destination alone', async () => {
  await client.execute('CREATE TABLE twice (k int PRIMARY KEY, v int)')
  for (const name of ['fast', 'slow']) {
    await channel('twice', name)
    // Every event of the one destination goes to two topics.
    const names = name === 'fast' ? `${topic(name)},${topic('faster')}` : topic(name)
    await connector(name, { topic: names, destination: name })
  }
  const write = async (from: number, to: number) => {
    for (let k = from; k < to; k++)
      await client.execute(`INSERT INTO twice (k, v) VALUES (${k}, ${k})`)
  }
  await write(0, 10)
  await read(topic('slow'), 10)
  expect(
    await advrep(
      'channel',
      'pause',
      ...tableArgs('twice'),
      '--destinations',
      'slow',
      '--transmission',
    ),
  ).toContain('transmission to slow was disabled')
  await write(10, 30)
  expect((await read(topic('fast'), 30)).length).toBe(30)
  await until('all of it in the queue', async () => (await count('twice', 'slow')) === 20)
  expect(
    await advrep('channel', 'truncate', ...tableArgs('twice'), '--destinations', 'slow'),
  ).toContain('Truncated channel')
  await advrep('channel', 'pause', ...tableArgs('twice'), '--destinations', 'slow', '--collection')
  await write(30, 40)
  await read(topic('fast'), 40)
  expect(await count('twice', 'slow')).toBe(0)
  await advrep('channel', 'resume', ...tableArgs('twice'), '--destinations', 'slow')
  await write(40, 50)
  const keysOf = (all: Seen[]) => all.map(one => one.key.k)
  const fast = keysOf(await read(topic('fast'), 50))
  expect(keysOf(await read(topic('faster'), 50)).sort()).toEqual(fast.sort())
  const seen = await read(topic('slow'), 20)
  expect(seen.map(one => one.key.k).sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 10 }, (_, i) => i),
    ...Array.from({ length: 10 }, (_, i) => i + 40),
  ])
}, 60_000)

it('loses nothing while tasks come and go and the worker restarts', async () => {
  await client.execute('CREATE TABLE many (k int PRIMARY KEY, v int)')
  await channel('many', 'many')
  await connector('many', { topic: topic('many'), destination: 'many' })
  let next = 0
  let isDone = false
  const writing = (async () => {
    while (!isDone) {
      await client.execute(`INSERT INTO many (k, v) VALUES (${next}, ${next})`)
      next++
    }
  })()
  for (const tasks of ['4', '1']) {
    await read(topic('many'), next + 50)
    await connector('many', { topic: topic('many'), destination: 'many', 'tasks.max': tasks })
  }
  const { folder } = worker
  await worker.stop()
  worker = await startCaptureWorker(servers.description, { folder })
  await connector('many', { topic: topic('many'), destination: 'many', 'tasks.max': '2' })
  isDone = true
  await writing
  await until('an empty queue', async () => (await count('many', 'many')) === 0)
  const seen = await read(topic('many'), next)
  const keys = new Set(seen.map(one => one.key.k))
  expect([...keys].sort((a, b) => a - b)).toEqual(Array.from({ length: next }, (_, i) => i))
}, 90_000)

it('gives schema changes and truncations on a topic of their own', async () => {
  await client.execute('CREATE TABLE changing (k int PRIMARY KEY, v int) WITH cdc = true')
  await channel('changing', 'changing')
  await connector('changing', {
    topic: topic('changing'),
    destination: 'changing',
    'scamander.schema.changes.topic': topic('schema'),
  })
  await client.execute('INSERT INTO changing (k, v) VALUES (1, 1)')
  const dc = servers.description.cassandra!.localDatacenter
  await client.execute('CREATE TYPE address (street text)')
  const replication = `{'class': 'NetworkTopologyStrategy', '${dc}': 1}`
  await client.execute(`ALTER KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute('ALTER TABLE changing ADD w text')
  await client.execute(`INSERT INTO changing (k, v, w) VALUES (2, 2, 'w')`)
  await client.execute('TRUNCATE changing')
  await client.execute('DROP TABLE changing')
  const changes = await read(topic('schema'), 5)
  expect(changes.map(one => [one.value.type, one.value.keyspace, one.value.table])).toEqual([
    ['CREATE_TYPE', KEYSPACE, ''],
    ['ALTER_KEYSPACE', KEYSPACE, ''],
    ['ALTER_TABLE', KEYSPACE, 'changing'],
    ['TRUNCATE', KEYSPACE, 'changing'],
    ['DROP_TABLE', KEYSPACE, 'changing'],
  ])
  expect(changes[0]!.value.after).toContain('"street"')
  expect(changes[1]!.value.before).toContain('SimpleStrategy')
  expect(changes[1]!.value.after).toContain('NetworkTopologyStrategy')
  expect(changes[2]!.value.before).not.toContain('"w"')
  expect(changes[2]!.value.after).toContain('"w"')
  const rows = await read(topic('changing'), 2)
  expect(rows.map(one => one.value)).toEqual([{ v: 1 }, { v: 2, w: 'w' }])
}, 60_000)

it('drains the newest slice of time first, and the urgent channel before others', async () => {
  for (const name of ['newest', 'urgent', 'patient']) {
    await client.execute(`CREATE TABLE ${name} (k int PRIMARY KEY, v int)`)
  }
  await advrep('destination', 'create', '--name', 'ranked')
  const rankOf = { newest: ['--lifo-order'], urgent: ['--priority', '1'], patient: [] }
  for (const [table, rank] of Object.entries(rankOf)) {
    const key = [...tableArgs(table), '--destination', 'ranked']
    await advrep('channel', 'create', ...key, ...rank, '--transmission-enabled', 'false')
  }
  const slice = '--collection-time-slice-width'
  await advrep('conf', 'update', slice, '1', '--permits', '1')
  const write = async (table: string, from: number, to: number) => {
    for (let k = from; k < to; k++) {
      await client.execute(`INSERT INTO ${table} (k, v) VALUES (${k}, ${k})`)
    }
    await until('all of it in the queue', async () => (await count(table, 'ranked')) === to)
  }
  await write('newest', 0, 20)
  // Of another slice.
  await new Promise(resolve => setTimeout(resolve, 3000))
  await write('newest', 20, 40)
  await write('patient', 0, 20)
  await write('urgent', 0, 20)
  const resume = (table: string) =>
    advrep('channel', 'resume', ...tableArgs(table), '--destinations', 'ranked')
  await connector('ranked', { topic: topic('ranked-newest'), destination: 'ranked' })
  await resume('newest')
  const newest = await read(topic('ranked-newest'), 40)
  expect(newest.slice(0, 20).every(one => one.key.k >= 20)).toBe(true)
  expect(new Set(newest.map(one => one.key.k)).size).toBe(40)
  await connector('ranked', { topic: topic('ranked'), destination: 'ranked' })
  await advrep('destination', 'update', '--name', 'ranked', '--transmission-enabled', 'false')
  await resume('patient')
  await resume('urgent')
  await advrep('destination', 'update', '--name', 'ranked', '--transmission-enabled', 'true')
  const tables = (await read(topic('ranked'), 40)).map(one => one.headers['table'])
  expect(tables).toEqual([...Array(20).fill('urgent'), ...Array(20).fill('patient')])
  await advrep('conf', 'remove', slice, '--permits')
}, 120_000)

it('follows a schema that changes under load, and a table that is made anew', async () => {
  const columns = 'k int PRIMARY KEY, v int, at frozen<place>'
  await client.execute('CREATE TYPE place (x int)')
  await client.execute(`CREATE TABLE bending (${columns}) WITH cdc = true`)
  await channel('bending', 'bending')
  await connector('bending', { topic: topic('bending'), destination: 'bending' })
  let next = 0
  const rows = async (more = '', value = '') => {
    for (const end = next + 20; next < end; next++) {
      const values = `${next}, ${next}, {x: ${next}}${value}`
      await client.execute(`INSERT INTO bending (k, v, at${more}) VALUES (${values})`)
    }
  }
  const isStopped = new AbortController()
  // Beside the changes of the schema, so that definitions and rows meet in the log.
  const load = (async () => {
    for (let k = 10_000; !isStopped.signal.aborted; k++) {
      await client.execute(`UPDATE bending SET v = ${k} WHERE k = ${k}`)
    }
  })()
  await rows()
  await client.execute('ALTER TABLE bending ADD extra text')
  await rows(', extra', ", 'e'")
  await client.execute('ALTER TABLE bending DROP extra')
  await rows()
  await client.execute('ALTER TYPE place ADD y text')
  await rows()
  await client.execute('ALTER TABLE bending ADD extra text')
  await rows(', extra', ", 'again'")
  isStopped.abort()
  await load
  await client.execute('DROP TABLE bending')
  await client.execute(`CREATE TABLE bending (${columns}, other boolean) WITH cdc = true`)
  await rows(', other', ', true')
  const all = Array.from({ length: next }, (_, k) => k)
  const mine = await until('every row', async () => {
    const { bootstrapServers } = servers.description.kafka!
    const whole = await readWholeTopic(bootstrapServers, topic('bending'), 60_000)
    const seen = (whole as Seen[]).filter(one => one.key.k < 10_000)
    return new Set(seen.map(one => one.key.k)).size === next && seen
  })
  const at = (k: number) => mine.find(one => one.key.k === k)!.value
  expect(mine.map(one => one.key.k).sort((a, b) => a - b)).toEqual(all)
  expect([at(0), at(20), at(45)]).toEqual([
    { v: 0, at: { x: 0 } },
    { v: 20, at: { x: 20 }, extra: 'e' },
    { v: 45, at: { x: 45 } },
  ])
  expect([at(60), at(80), at(100)]).toEqual([
    { v: 60, at: { x: 60, y: null } },
    { v: 80, at: { x: 80, y: null }, extra: 'again' },
    { v: 100, at: { x: 100, y: null }, other: true },
  ])
  const { json } = await callRest(worker.url, 'GET', '/api/v1/cdc/agents')
  expect(json.agents).toMatchObject([{ state: 'RUNNING', undecodable: 0, corrupt: 0 }])
}, 120_000)
