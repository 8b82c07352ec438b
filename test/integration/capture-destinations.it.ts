/**
 * What leaves capture, on real servers: destinations in Cassandra cell by cell, destinations at
 * different speeds, tables that share a topic, orders, limits and permits, and every state that keeps
 * changes from arriving, with its advice and the bounds of what is missing.
 * Spec: cdc-replication 1.6, 6, 9.3, 10.4.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type CaptureServers,
  type CaptureWorker,
  type CommandRun,
  captureServers,
  command,
  removeFolder,
  startCaptureWorker,
} from '../support/capture-servers.ts'
import { WorkerCluster } from '../support/cluster-workers.ts'
import { connectClient } from '../support/keyspace.ts'
import { callRest, until } from '../support/standalone.ts'
import { readTopic, readWholeTopic } from '../support/topic-records.ts'

const RUN = Date.now()
const KEYSPACE = `leaving_${RUN}`
const TARGET = `arrived_${RUN}`
const PATIENCE_MS = 90_000
let servers: CaptureServers
let client: Client
let worker: CaptureWorker

beforeAll(async () => {
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  for (const keyspace of [KEYSPACE, TARGET]) {
    await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${replication}`)
  }
  await client.execute(`USE ${KEYSPACE}`)
  worker = await startWorker()
}, 180_000)

afterAll(async () => {
  await worker?.stop()
  for (const keyspace of [KEYSPACE, TARGET]) {
    await client?.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  }
  removeFolder(worker?.folder)
  await client?.shutdown()
  await servers?.stop()
}, 60_000)

function startWorker(more: Readonly<Record<string, string>> = {}, folder?: string) {
  return startCaptureWorker(servers.description, {
    properties: { 'cdc.check.interval.ms': '300', ...more },
    ...(folder === undefined ? {} : { folder }),
  })
}

const run = (...args: string[]): Promise<CommandRun> =>
  command('advrep', '--url', worker.url, ...args)

async function advrep(...args: string[]): Promise<string> {
  const done = await run(...args)
  expect([args, done.code, done.err.replace(/^note:.*\n/gm, '')]).toEqual([args, 0, ''])
  return done.out
}

const tableArgs = (table: string) => ['--source-keyspace', KEYSPACE, '--source-table', table]

async function channel(table: string, destination: string, ...more: string[]): Promise<void> {
  await run('destination', 'create', '--name', destination)
  await advrep('channel', 'create', ...tableArgs(table), '--destination', destination, ...more)
}

async function connector(name: string, config: Record<string, string>): Promise<void> {
  const converter = (kind: string) => ({
    [`${kind}.converter`]: 'JsonConverter',
    [`${kind}.converter.schemas.enable`]: 'false',
  })
  const full = { 'connector.class': 'DseSourceConnector', 'tasks.max': '1', ...config }
  const body = { ...full, ...converter('key'), ...converter('value') }
  const { status, json } = await callRest(worker.url, 'PUT', `/connectors/${name}/config`, body)
  expect([status, [200, 201].includes(status) ? '' : json]).toEqual([expect.any(Number), ''])
}

const topicRecords = (topic: string, count: number) =>
  readTopic(servers.description.kafka!.bootstrapServers, topic, count, PATIENCE_MS)

async function shown(table: string, destination: string) {
  const path = `/api/v1/cdc/channels?keyspace=${KEYSPACE}&table=${table}&destination=${destination}`
  return (await callRest(worker.url, 'GET', path)).json[0]
}

const stats = async (table: string, destination: string) => (await shown(table, destination)).stats

async function untilState(table: string, destination: string, state: string) {
  const what = `${table} to be ${state}`
  return await until(
    what,
    async () => {
      const now = await stats(table, destination)
      return now.state === state ? now : undefined
    },
    PATIENCE_MS,
  )
}

/** Each write is one change in the queue. */
async function untilDelivered(table: string, destination: string, count: number): Promise<void> {
  const isThere = async () => (await stats(table, destination)).delivered >= count
  await until(`${count} changes of ${table} delivered`, isThere, PATIENCE_MS)
}

async function untilEmpty(table: string, destination: string): Promise<void> {
  const isEmpty = async () => (await stats(table, destination)).queued === 0
  await until(`an empty queue of ${table}`, isEmpty, PATIENCE_MS)
}

async function insert(table: string, from: number, to: number): Promise<void> {
  for (let k = from; k < to; k++) {
    await client.execute(`INSERT INTO ${table} (k, v) VALUES (${k}, 'v${k}')`)
  }
}

it('writes into another table with the times and the TTL of the changes', async () => {
  const columns = `p int, c int, d text, s text static, v text, n int, m map<text, int>, l list<int>,
    t set<int>, f frozen<list<int>>, PRIMARY KEY (p, c, d)`
  const order = 'CLUSTERING ORDER BY (c DESC, d ASC)'
  await client.execute(`CREATE TABLE mixed (${columns}) WITH ${order} AND cdc = true`)
  await client.execute(`CREATE TABLE ${TARGET}.copied (${columns}) WITH ${order}`)
  const { contactPoints, port } = servers.description.cassandra!
  await advrep(
    ...['destination', 'create', '--name', 'far', '--addresses', `${contactPoints[0]}:${port}`],
    ...['--driver-consistency-level', 'ONE', '--driver-compression', 'lz4'],
  )
  await channel('mixed', 'far', '--destination-keyspace', TARGET, '--destination-table', 'copied')
  const statements = [
    `INSERT INTO mixed (p, c, d, v, n, m, l, t, f) VALUES (1, 1, 'a', 'x', 1, {'a': 1, 'b': 2}, [1, 2, 3], {1, 2}, [7])`,
    `INSERT INTO mixed (p, c, d, v) VALUES (1, 2, 'a', 'ttl') USING TTL 5000`,
    `INSERT INTO mixed (p, c, d) VALUES (1, 3, 'a')`,
    `UPDATE mixed USING TTL 900 SET n = 5 WHERE p = 1 AND c = 3 AND d = 'a'`,
    `UPDATE mixed SET v = 'only cells', s = 'static' WHERE p = 2 AND c = 1 AND d = 'a'`,
    `UPDATE mixed SET m['c'] = 3, t = t + {9} WHERE p = 1 AND c = 1 AND d = 'a'`,
    `DELETE m['a'] FROM mixed WHERE p = 1 AND c = 1 AND d = 'a'`,
    `UPDATE mixed SET t = t - {1}, l = l + [4] WHERE p = 1 AND c = 1 AND d = 'a'`,
    `DELETE v FROM mixed WHERE p = 1 AND c = 1 AND d = 'a'`,
    ...[1, 2, 3, 4, 5].flatMap(c =>
      ['a', 'b', 'c'].map(d => `INSERT INTO mixed (p, c, d, v) VALUES (3, ${c}, '${d}', 'r')`),
    ),
    `DELETE FROM mixed WHERE p = 3 AND c > 3`,
    `DELETE FROM mixed WHERE p = 3 AND c = 2 AND d >= 'b'`,
    `DELETE FROM mixed WHERE p = 3 AND c = 1 AND d = 'a'`,
    `INSERT INTO mixed (p, c, d, v) VALUES (4, 1, 'a', 'gone')`,
    `DELETE FROM mixed WHERE p = 4`,
    `UPDATE mixed USING TIMESTAMP 1000 SET n = 3 WHERE p = 5 AND c = 1 AND d = 'a'`,
  ]
  for (const statement of statements) await client.execute(statement)
  await untilDelivered('mixed', 'far', statements.length)
  const select = (table: string) =>
    client.execute(
      `SELECT JSON p, c, d, s, v, n, m, l, t, f, writetime(s) AS ws, writetime(v) AS wv, writetime(n) AS wn FROM ${table}`,
    )
  const left = (await select('mixed')).rows.map(row => row['[json]'])
  const right = (await select(`${TARGET}.copied`)).rows.map(row => row['[json]'])
  expect(left.length).toBe(11)
  expect(right).toEqual(left)
  const ttl = async (table: string) => {
    const query = `SELECT ttl(v) AS v, ttl(n) AS n FROM ${table} WHERE p = 1 AND c IN (2, 3)`
    return (await client.execute(query)).rows.map(row => Number(row['v'] ?? row['n']))
  }
  const [n, v] = await ttl(`${TARGET}.copied`)
  expect(n! > 700 && n! <= 900 && v! > 4800 && v! <= 5000).toBe(true)
  expect(await stats('mixed', 'far')).toMatchObject({ state: 'TETHERED', error: null, gaps: 0 })
  const status = await advrep('channel', 'status', '--destination', 'far')
  expect(status).toContain('|dest ks')
  expect(status).toContain('|copied')
}, 120_000)

it('keeps a destination that is down from delaying another, and delivers when it is back', async () => {
  await client.execute('CREATE TABLE shared (k int PRIMARY KEY, v text)')
  await client.execute('CREATE TABLE second (k int PRIMARY KEY, v text)')
  await client.execute(`CREATE TABLE ${TARGET}.shared (k int PRIMARY KEY, v text, origin text)`)
  await advrep('destination', 'create', '--name', 'down', '--addresses', '127.0.0.1:1')
  await channel(
    ...(['shared', 'down', '--destination-keyspace', TARGET] as const),
    ...['--source-id', 'east', '--source-id-column', 'origin'],
  )
  await channel('shared', 'one')
  await channel('shared', 'two')
  await channel('second', 'two')
  const [one, both] = [`one-${RUN}`, `both-${RUN}`]
  await connector('one', { topic: one, destination: 'one' })
  await connector('two', { topic: both, destination: 'two', 'tasks.max': '4' })
  await insert('shared', 0, 100)
  await insert('second', 100, 150)
  // One table to two topics, two tables to one, while a third destination is down.
  const keys = (seen: Awaited<ReturnType<typeof topicRecords>>) =>
    seen.map(record => (record.key as { k: number }).k).sort((a, b) => a - b)
  expect(keys(await topicRecords(one, 100))).toEqual(Array.from({ length: 100 }, (_, k) => k))
  expect(keys(await topicRecords(both, 150))).toEqual(Array.from({ length: 150 }, (_, k) => k))
  const held = await untilState('shared', 'down', 'ISOLATED')
  expect(held).toMatchObject({ queued: 100, delivered: 0 })
  expect(held.error).toContain('destination down is not reached')
  await untilDelivered('shared', 'one', 100)
  expect(await stats('shared', 'one')).toMatchObject({ state: 'TETHERED', delivered: 100 })
  const { contactPoints, port } = servers.description.cassandra!
  const address = `${contactPoints[0]}:${port}`
  await advrep('destination', 'update', '--name', 'down', '--addresses', address)
  await untilEmpty('shared', 'down')
  const { rows } = await client.execute(`SELECT k, v, origin FROM ${TARGET}.shared`)
  expect(rows.length).toBe(100)
  expect(rows.every(row => row['v'] === `v${row['k']}` && row['origin'] === 'east')).toBe(true)
}, 180_000)

it('drops or waits at the limit of a queue, and says what is missing', async () => {
  await client.execute('CREATE TABLE limited (k int PRIMARY KEY, v text)')
  const limit = ['--queue-max-bytes', '2000', '--queue-full']
  await channel('limited', 'dropping', ...limit, 'drop-oldest', '--lifo-order')
  await insert('limited', 0, 200)
  const dropped = await until('changes dropped', async () => {
    const now = await stats('limited', 'dropping')
    return now.dropped > 0 && now.queued + now.dropped === 200 ? now : undefined
  })
  expect(dropped).toMatchObject({ gaps: 1, state: 'WAITING' })
  const listed = await run('gap', 'list')
  expect(listed.code).toBe(3)
  expect(listed.out).toContain(`the queue was full (limit 2000 bytes): ${dropped.dropped} changes`)
  expect(listed.out).toMatch(/\|queue\|20\d\d-[^|]+Z\|20\d\d-[^|]+Z\|dc=/)
  const [gap] = (await callRest(worker.url, 'GET', '/api/v1/cdc/gaps')).json
  expect(await advrep('gap', 'ack', '--id', String(gap.id))).toBe(`Gap ${gap.id} is closed\n`)
  await advrep('channel', 'truncate', ...tableArgs('limited'))
  await advrep(
    'channel',
    'update',
    ...tableArgs('limited'),
    '--destination',
    'dropping',
    ...limit,
    'block',
  )
  await insert('limited', 200, 400)
  const blocked = await untilState('limited', 'dropping', 'BLOCKED')
  expect(blocked.error).toContain('its limit is 2000; its agents wait')
  // A deliverer makes room, and nothing of it is lost.
  await connector('dropping', { topic: `limited-${RUN}`, destination: 'dropping' })
  const seen = await topicRecords(`limited-${RUN}`, 200)
  expect(new Set(seen.map(one => (one.key as { k: number }).k)).size).toBe(200)
  await untilState('limited', 'dropping', 'TETHERED')
}, 180_000)

it('has settings, numbers and an audit log', async () => {
  await client.execute('CREATE TABLE audited (k int PRIMARY KEY, v text)')
  await advrep('conf', 'update', '--permits', '7', '--audit-log-enabled', 'true')
  const conf = await advrep('conf', 'list')
  expect(conf).toMatch(/\|permits +\|7 /)
  const refused = await run('conf', 'update', '--permits', 'many')
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('permits: expected')])
  await channel('audited', 'audited')
  await connector('audited', { topic: `audited-${RUN}`, destination: 'audited' })
  await insert('audited', 0, 40)
  await topicRecords(`audited-${RUN}`, 40)
  await untilEmpty('audited', 'audited')
  const file = join(worker.folder, 'cdc', 'advrep', 'auditlog', 'audit.log')
  const lines = [
    `${KEYSPACE}, audited : inserts = 40, insertErrors = 0`,
    `${KEYSPACE}, audited : reads = 40, sent = 40, deletes = 40, readingErrors = 0, deletingErrors = 0`,
  ]
  const analysis = async () => {
    const done = await run('replog', 'analyze-audit-log', '--file', file)
    return lines.every(line => done.out.includes(line))
  }
  await until('the audit log', analysis)
  const delivered = await advrep('--json', 'metrics', 'list', '--metric-type', 'MessagesDelivered')
  expect(JSON.parse(delivered)[0].count).toBeGreaterThanOrEqual(40)
  expect(await advrep('conf', 'remove', '--permits', '--audit-log-enabled')).toBe(
    'Removed permits, audit-log-enabled\n',
  )
  expect(await advrep('conf', 'list')).toMatch(/\|permits +\|1024 /)
}, 120_000)

it('tells what keeps changes from being captured, with advice and bounds', async () => {
  await client.execute('CREATE TABLE switched (k int PRIMARY KEY, v text)')
  await run('destination', 'create', '--name', 'bad')
  const key = [...tableArgs('switched'), '--destination', 'bad']
  const unaltered = await run('channel', 'create', ...key, '--no-alter')
  const advice = `run: ALTER TABLE ${KEYSPACE}.switched WITH cdc = true`
  expect([unaltered.code, unaltered.err]).toEqual([2, expect.stringContaining(advice)])
  const unknown = await run('channel', 'create', ...tableArgs('switched'), '--destination', 'none')
  expect(unknown.err).toContain('scamander advrep destination create --name none')
  await channel('switched', 'bad')
  await client.execute('ALTER TABLE switched WITH cdc = false')
  const failed = await untilState('switched', 'bad', 'FAILED')
  expect([failed.error, failed.advice, failed.gaps]).toEqual([
    `${KEYSPACE}.switched has cdc = false: its changes are not captured`,
    `run ALTER TABLE ${KEYSPACE}.switched WITH cdc = true`,
    1,
  ])
  const gaps = async () => (await callRest(worker.url, 'GET', '/api/v1/cdc/gaps')).json
  const open = (await gaps()).at(-1)
  expect(open).toMatchObject({ kind: 'table', toTime: null, state: 'open' })
  await client.execute('ALTER TABLE switched WITH cdc = true')
  await untilState('switched', 'bad', 'WAITING')
  const closed = (await gaps()).at(-1)
  expect(Date.parse(closed.toTime)).toBeGreaterThan(Date.parse(open.fromTime))
  await insert('switched', 0, 5)
  await until('5 queued', async () => (await stats('switched', 'bad')).queued >= 5)
  await client.execute('DROP TABLE switched')
  const gone = await untilState('switched', 'bad', 'FAILED')
  expect(gone.error).toContain(`${KEYSPACE}.switched does not exist any more`)
  expect(gone.advice).toContain('scamander advrep channel delete')
  // What is queued is still delivered.
  await connector('bad', { topic: `bad-${RUN}`, destination: 'bad' })
  expect((await topicRecords(`bad-${RUN}`, 5)).length).toBe(5)
  const config = { 'connector.class': 'DseSourceConnector', topic: 'x', destination: 'bad' }
  const second = { name: 'bad-2', config }
  const busy = await callRest(worker.url, 'POST', '/connectors', second)
  expect([busy.status, busy.json.message]).toEqual([
    400,
    expect.stringContaining('the connector bad serves it'),
  ])
}, 180_000)

it('stops reading before the disk of its queues is full, and loses nothing', async () => {
  await client.execute('CREATE TABLE filling (k int PRIMARY KEY, v text)')
  await channel('filling', 'filling')
  const { folder } = worker
  await worker.stop()
  const full = { 'cdc.disk.free.bytes': String(2 ** 50), 'cdc.disk.free.percent': '100' }
  worker = await startWorker(full, folder)
  await insert('filling', 0, 30)
  const blocked = await untilState('filling', 'filling', 'BLOCKED')
  expect(blocked.queued).toBe(0)
  expect(blocked.error).toMatch(/the disk of the queues .* has \d+ MiB .* free, expected at least/)
  expect(await advrep('agent', 'list')).toContain('BLOCKED')
  await worker.stop()
  worker = await startWorker({}, folder)
  await until(
    '30 queued',
    async () => (await stats('filling', 'filling')).queued === 30,
    PATIENCE_MS,
  )
}, 180_000)

it('delivers through a cluster while its tasks go from 1 to 4 to 1 and a worker is killed', async () => {
  const { cassandra, kafka } = servers.description
  await client.execute('CREATE TABLE spread (k int PRIMARY KEY, v text)')
  await channel('spread', 'spread')
  const cluster = new WorkerCluster(kafka!.bootstrapServers, {
    'cdc.worker.url': worker.url,
    'cdc.contact.points': cassandra!.contactPoints[0]!,
    'cdc.port': String(cassandra!.port),
  })
  const ended = new AbortController()
  let written = 0
  const writing = async () => {
    while (!ended.signal.aborted) await insert('spread', written, ++written)
  }
  try {
    const [first, second] = await cluster.startAll(2)
    const path = '/connectors/spread/config'
    const config = (tasks: number, more: Record<string, string> = {}) => ({
      ...{ 'connector.class': 'DseSourceConnector', topic: `spread-${RUN}`, destination: 'spread' },
      ...{ 'tasks.max': String(tasks), 'key.converter': 'JsonConverter' },
      ...{ 'value.converter': 'JsonConverter', 'key.converter.schemas.enable': 'false' },
      ...{ 'value.converter.schemas.enable': 'false', ...more },
    })
    const running = async (tasks: number) => {
      await until(
        `${tasks} running tasks`,
        async () => {
          const { json } = await first!.call('GET', '/connectors/spread/status')
          const states = (json?.tasks ?? []).map((one: { state: string }) => one.state)
          return states.length === tasks && states.every((state: string) => state === 'RUNNING')
        },
        PATIENCE_MS,
      )
    }
    const put = (tasks: number) =>
      until(
        'the change',
        async () => (await first!.call('PUT', path, config(tasks))).status < 300,
        PATIENCE_MS,
      )
    await put(1)
    const writes = writing()
    await running(1)
    await put(4)
    await running(4)
    await second!.kill('SIGKILL')
    await running(4)
    await put(1)
    await running(1)
    ended.abort()
    await writes
    await untilDelivered('spread', 'spread', written)
    const seen = new Map<number, number>()
    const topic = `spread-${RUN}`
    for (const { key } of await readWholeTopic(kafka!.bootstrapServers, topic, PATIENCE_MS)) {
      const { k } = key as { k: number }
      seen.set(k, (seen.get(k) ?? 0) + 1)
    }
    const missing = Array.from({ length: written }, (_, k) => k).filter(k => !seen.has(k))
    const repeated = [...seen.values()].reduce((sum, times) => sum + times - 1, 0)
    console.log(`cluster: ${written} changes, ${missing.length} missing, ${repeated} repeated`)
    expect(missing).toEqual([])
    // What was under way when the worker was killed, and no more.
    expect(repeated).toBeLessThanOrEqual(written / 2)
    const other = { ...config(1), destination: 'nowhere' }
    await first!.call('PUT', '/connectors/lost/config', other)
    const trace = await until('a failed connector', async () => {
      const { json } = await first!.call('GET', '/connectors/lost/status')
      return json?.connector?.trace as string | undefined
    })
    expect(trace).toContain('scamander advrep destination create --name nowhere')
  } finally {
    ended.abort()
    await cluster.close()
  }
}, 240_000)

it('lets one agent alone read the log of a node', async () => {
  const other = await startWorker()
  try {
    const at = (...args: string[]) => command('advrep', '--url', other.url, ...args)
    await at('destination', 'create', '--name', 'd')
    const refused = await at('channel', 'create', ...tableArgs('filling'), '--destination', 'd')
    expect(refused.err).toContain('another agent on this machine reads the log of')
    expect(refused.code).toBe(2)
  } finally {
    await other.stop()
    removeFolder(other.folder)
  }
}, 60_000)

it('says so when it may not read cdc_raw', async ctx => {
  if (process.getuid?.() !== 0) ctx.skip('needs root, to become somebody else')
  const { contactPoints, port } = servers.description.cassandra!
  const entry = new URL('../../src/main.ts', import.meta.url).pathname
  const args = ['cdc-agent', '--contact-point', `${contactPoints[0]}:${port}`]
  const nobody = { uid: 65_534, gid: 65_534, cwd: '/' }
  const probe = spawnSync(process.execPath, [entry, '--version'], nobody)
  if (probe.status !== 0) ctx.skip('needs a clone that other users than root may read')
  const child = spawn(process.execPath, [entry, ...args, '--url', worker.url], nobody)
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  expect(err).toContain('expected to read and delete in')
  expect(err).toContain('as a user who may read and delete in that folder')
  expect(code).toBe(2)
}, 60_000)
