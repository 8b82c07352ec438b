/**
 * A snapshot handed over to the stream, on real servers: a table with rows is written to while its
 * rows are read, changes from before wait in the queue, and the worker restarts in between. Who keeps
 * the last value per key and knows no write times has the table in the end, and never an older value.
 * Then: by command, cancelled, alone, static rows and collections; and a converter of texts.
 * Spec: cdc-replication 5, 10.4.
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

const RUN = Date.now()
const KEYSPACE = `snapshot_${RUN}`
const ROWS_PER_PARTITION = 10
/** CAPTURE_SNAPSHOT_ROWS: how many rows there are before the snapshot. */
const PARTITIONS = Number(process.env['CAPTURE_SNAPSHOT_ROWS'] ?? '3000') / ROWS_PER_PARTITION
const PATIENCE_MS = 120_000 + PARTITIONS * 20
const PAGE_SIZE = PARTITIONS > 1000 ? '5000' : '100'
const CONVERTER = {
  'key.converter': 'JsonConverter',
  'value.converter': 'JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter.schemas.enable': 'false',
}
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
  await advrep('destination', 'create', '--name', destination)
  await advrep('channel', 'create', ...tableArgs(table), '--destination', destination)
}

async function connector(name: string, config: Record<string, string>): Promise<void> {
  const full = { 'connector.class': 'DseSourceConnector', 'tasks.max': '1', ...config }
  const { status, text } = await callRest(worker.url, 'PUT', `/connectors/${name}/config`, full)
  expect([status, text]).toEqual([expect.toBeOneOf([200, 201]), text])
}

const hasLogged = (...texts: string[]) =>
  worker.logs.some(line => texts.every(text => line.includes(text)))
const snapshotDone = (table: string) =>
  until(
    `the snapshot of ${table}`,
    () => hasLogged('the snapshot of', `table=${table} `, 'is done'),
    PATIENCE_MS,
  )

interface Seen {
  readonly key: Buffer
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** Reads a topic from its beginning until `isEnough`. */
async function read(name: string, isEnough: (seen: readonly Seen[]) => boolean): Promise<Seen[]> {
  const consumer = new Consumer({
    clientId: 'scamander-test',
    groupId: `g-${name}-${performance.now()}`,
    bootstrapBrokers: servers.description.kafka!.bootstrapServers.split(','),
  })
  const seen: Seen[] = []
  try {
    const stream = await until(`the topic ${name}`, () =>
      consumer
        .consume({ topics: [name], mode: 'earliest', maxWaitTime: 50 })
        .catch((error: unknown) => {
          if (String(error).includes('Unknown topic')) return undefined
          throw error
        }),
    )
    stream.on('data', ({ key, value, headers }) => {
      seen.push({
        key,
        value: value == null || value.length === 0 ? null : value,
        headers: Object.fromEntries([...headers].map(pair => pair.map(String))),
      })
    })
    await until(`what is expected on ${name}`, () => isEnough(seen), PATIENCE_MS)
    return seen
  } catch (error) {
    const { text } = await callRest(worker.url, 'GET', '/connectors?expand=status')
    const failed = /"trace":"([^"]{0,2000})/.exec(text)?.[1] ?? 'no task failed'
    throw new Error(`${String(error)}: ${seen.length} records; ${failed}`)
  } finally {
    await consumer.close(true)
  }
}

const isSnapshot = ({ headers }: Seen) => headers['scamander.snapshot'] === 'true'

/** Writes before, while and after the rows of a table are read; all records, and the table then. */
async function handOver(table: string, during: () => Promise<void>) {
  await client.execute(
    `CREATE TABLE ${table} (p int, c int, v bigint, w bigint, PRIMARY KEY (p, c))`,
  )
  // Everyone writes numbers that only grow, so that going back is seen without write times.
  let counter = 0
  const put = (p: number, c: number) =>
    client.execute(
      `INSERT INTO ${table} (p, c, v, w) VALUES (${p}, ${c}, ${++counter}, ${++counter})`,
    )
  const remove = (where: string) => client.execute(`DELETE FROM ${table} WHERE ${where}`)
  const cells = Array.from({ length: ROWS_PER_PARTITION }, (_, c) => c)
  let nextPartition = 0
  const fill = async () => {
    while (nextPartition < PARTITIONS) {
      const p = nextPartition++
      const rows = cells.map(c => {
        const values = `${p}, ${c}, ${++counter}, ${++counter}`
        return `INSERT INTO ${table} (p, c, v, w) VALUES (${values})`
      })
      await client.execute(`BEGIN UNLOGGED BATCH ${rows.join('; ')} APPLY BATCH`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, fill))
  await channel(table, table)
  // These wait in the queue while the rows are read: what they say is older than what is read.
  for (let i = 0; i < 300; i++) {
    const [p, c] = [i % PARTITIONS, i % ROWS_PER_PARTITION]
    await put(p, c)
    if (i % 10 === 0) await remove(`p = ${p} AND c = ${c}`)
    if (i % 25 === 0) await remove(`p = ${p}`)
    if (i % 3 === 0) await put(p, c)
  }
  await connector(table, snapshotConfig(table))
  let isWriting = true
  const write = async () => {
    for (let i = 0; isWriting; i++) {
      const [p, c] = [(i * 7) % PARTITIONS, (i * 3) % ROWS_PER_PARTITION]
      await put(p, c)
      if (i % 11 === 0) {
        const where = `p = ${p} AND c = ${c}`
        await client.execute(`UPDATE ${table} SET v = ${++counter} WHERE ${where}`)
      }
      if (i % 17 === 0) await remove(`p = ${p} AND c = ${c}`)
      if (i % 29 === 0) await remove(`p = ${p} AND c > 3`)
      if (i % 53 === 0) await remove(`p = ${p}`)
    }
  }
  const writing = write()
  try {
    await during()
    await snapshotDone(table)
  } finally {
    isWriting = false
    await writing
  }
  // Other queue partitions may be behind the one of the last row: it counts when they are empty.
  const mark = (n: number) =>
    client.execute(`INSERT INTO ${table} (p, c, v, w) VALUES (${n}, ${n}, 0, 0)`)
  const readTo = (n: number) => {
    const last = `{"p":${n},"c":${n}}`
    let [looked, isThere] = [0, false]
    return read(topic(table), all => {
      while (looked < all.length) isThere = all[looked++]!.key.toString() === last || isThere
      return isThere
    })
  }
  await mark(-1)
  await readTo(-1)
  const counted = () => advrep('replog', 'count', ...tableArgs(table), '--destination', table)
  await until('an empty queue', async () => (await counted()) === '0\n', PATIENCE_MS)
  await mark(-2)
  const seen = await readTo(-2)
  return { seen, rows: await linesIn(table), ...followed(seen) }
}

async function linesIn(table: string): Promise<string[]> {
  const lines: string[] = []
  let pageState: string | undefined
  do {
    const page = await client.execute(`SELECT p, c, v, w FROM ${table}`, [], {
      fetchSize: 10_000,
      ...(pageState === undefined ? {} : { pageState }),
    })
    for (const row of page.rows)
      lines.push([row['p'], row['c'], Number(row['v']), Number(row['w'])].join(' '))
    pageState = page.pageState ?? undefined
  } while (pageState !== undefined)
  return lines
}

/** The lines of one side alone, a few of each: a million lines beside each other take hours to print. */
function differing(given: readonly string[], wanted: readonly string[]) {
  const alone = (lines: readonly string[], others: ReadonlySet<string>) => {
    const found = lines.filter(line => !others.has(line))
    return { count: found.length, first: found.slice(0, 10) }
  }
  return { given: alone(given, new Set(wanted)), wanted: alone(wanted, new Set(given)) }
}

const NONE = { count: 0, first: [] }
const EQUAL = { given: NONE, wanted: NONE }

function snapshotConfig(table: string) {
  return {
    ...CONVERTER,
    ...{ topic: topic(table), destination: table, 'tasks.max': '2' },
    ...{ 'snapshot.mode': 'initial', 'snapshot.page.size': PAGE_SIZE },
  }
}

it(
  'hands over to the stream without a gap and without going back',
  async () => {
    const { seen, rows, state, backward } = await handOver('moving', async () => undefined)
    expect(seen.filter(isSnapshot).length).toBeGreaterThan(PARTITIONS)
    expect(backward).toEqual([])
    expect(rows.length).toBeGreaterThan(PARTITIONS)
    expect(differing(linesOf(state), rows)).toEqual(EQUAL)
  },
  240_000 + PARTITIONS * 50,
)

it(
  'goes on after a restart of the worker',
  async () => {
    const { rows, state } = await handOver('restarted', async () => {
      await until('the first rows', () => hasLogged('table=restarted ', 'begins'), PATIENCE_MS)
      const { folder } = worker
      await worker.stop()
      worker = await startCaptureWorker(servers.description, { folder })
      await connector('restarted', snapshotConfig('restarted'))
    })
    expect(rows.length).toBeGreaterThan(PARTITIONS)
    expect(differing(linesOf(state), rows)).toEqual(EQUAL)
  },
  240_000 + PARTITIONS * 50,
)

function linesOf(state: ReadonlyMap<string, Row>): string[] {
  return [...state].map(([key, row]) => `${key} ${row.v} ${row.w}`)
}

interface Row {
  readonly v: number
  readonly w: number
}

/** The rows after all records, as one who knows no write times has them. */
function followed(seen: readonly Seen[]): { state: Map<string, Row>; backward: string[] } {
  const state = new Map<string, Row>()
  /** Of every row that there was, by partition. */
  const namesOf = new Map<number, Set<string>>()
  const newest = new Map<string, Row>()
  const backward: string[] = []
  for (const { key, value, headers } of seen) {
    const { p, c } = JSON.parse(key.toString()) as { p: number; c: number | null }
    const name = `${p} ${c}`
    if (value === null) {
      const range = headers['scamander.range']
      const isRow = headers['scamander.scope'] === 'row'
      for (const row of isRow ? [name] : (namesOf.get(p) ?? [])) {
        if (isRow || range === undefined || Number(row.split(' ')[1]) > 3) state.delete(row)
      }
      continue
    }
    const given = JSON.parse(value.toString()) as { v: number | null; w: number | null }
    const names = namesOf.get(p) ?? new Set()
    namesOf.set(p, names.add(name))
    const before = newest.get(name) ?? { v: 0, w: 0 }
    const isBack = (given.v ?? before.v) < before.v || (given.w ?? before.w) < before.w
    if (isBack) backward.push(`${name}: ${JSON.stringify(given)} after ${JSON.stringify(before)}`)
    newest.set(name, { v: given.v ?? before.v, w: given.w ?? before.w })
    const fields = headers['scamander.fields']!.split(',')
    const old = state.get(name) ?? { v: 0, w: 0 }
    state.set(name, {
      v: fields.includes('v') ? (given.v ?? 0) : old.v,
      w: fields.includes('w') ? (given.w ?? 0) : old.w,
    })
  }
  return { state, backward }
}

it('gives the rows again by command, and no more once it is called off', async () => {
  await client.execute(`CREATE TABLE kinds (p int, c text, s text static, v frozen<list<int>>,
    m map<text, int>, PRIMARY KEY (p, c))`)
  await client.execute(`INSERT INTO kinds (p, c, v, m) VALUES (1, 'a', [1], {'x': 1})`)
  await client.execute(`UPDATE kinds SET s = 'static' WHERE p = 2`)
  await client.execute(`INSERT INTO kinds (p, c) VALUES (3, 'b')`)
  await channel('kinds', 'kinds')
  const config = { ...CONVERTER, topic: topic('kinds'), destination: 'kinds' }
  await connector('kinds', { ...config, 'scamander.format': 'scamander' })
  const args = [...tableArgs('kinds'), '--destinations', 'kinds']
  expect(await advrep('channel', 'snapshot', ...args)).toBe(
    `Snapshot of channel dc=datacenter1 keyspace=${KEYSPACE} table=kinds to kinds was ordered\n`,
  )
  // What was written just before may have been captured as well.
  const given = await read(topic('kinds'), all => all.filter(isSnapshot).length >= 3)
  const rows = given
    .filter(isSnapshot)
    .map(one => [JSON.parse(one.key.toString()), JSON.parse(one.value!.toString())])
  expect(rows.map(([, { op }]) => op)).toEqual(['READ', 'READ', 'READ'])
  const byKey = new Map(rows.map(([key, value]) => [JSON.stringify(key), value]))
  expect(byKey.get('{"p":1,"c":"a"}')).toMatchObject({
    ...{ static: false, row: { v: [1], m: { x: 1 } } },
    source: { snapshot: true, late: false },
  })
  expect(byKey.get('{"p":2,"c":null}')).toMatchObject({ static: true, row: { s: 'static' } })
  expect(byKey.get('{"p":3,"c":"b"}')).toMatchObject({ row: { v: null, m: null } })
  await snapshotDone('kinds')
  await advrep('channel', 'snapshot', ...args, '--mode', 'cancel')
  await client.execute(`INSERT INTO kinds (p, c, v) VALUES (4, 'd', [4])`)
  const isNew = ({ key }: Seen) => key.toString() === '{"p":4,"c":"d"}'
  const more = await read(topic('kinds'), all => all.some(isNew))
  expect(more.filter(isSnapshot).length).toBe(3)
  expect(JSON.parse(more.find(isNew)!.value!.toString()).op).toBe('INSERT')
}, 180_000)

it('gives rows alone when it is asked for them alone', async () => {
  await client.execute('CREATE TABLE alone (k int PRIMARY KEY, v int)')
  for (let k = 0; k < 50; k++) await client.execute(`INSERT INTO alone (k, v) VALUES (${k}, ${k})`)
  await channel('alone', 'alone')
  await client.execute('INSERT INTO alone (k, v) VALUES (0, 100)')
  const config = { ...CONVERTER, topic: topic('alone'), destination: 'alone' }
  await connector('alone', { ...config, 'snapshot.mode': 'only', 'scamander.format': 'debezium' })
  await snapshotDone('alone')
  const seen = await read(topic('alone'), all => all.length >= 50)
  const values = seen.map(one => JSON.parse(one.value!.toString()))
  expect(values.length).toBe(50)
  expect(values.every(one => one.op === 'i' && one.source.snapshot === 'true')).toBe(true)
  expect(values.find(one => one.after.k.value === 0).after.v.value).toBe(100)
  const queued = await advrep('replog', 'count', ...tableArgs('alone'), '--destination', 'alone')
  expect(queued).toBe('1\n')
}, 180_000)

it('gives texts to a converter that takes only those', async () => {
  await client.execute('CREATE TABLE texts (k int PRIMARY KEY, v text)')
  await channel('texts', 'texts')
  await connector('texts', {
    ...{ 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
    ...{ topic: topic('texts'), destination: 'texts' },
  })
  await client.execute(`INSERT INTO texts (k, v) VALUES (1, 'one')`)
  const [one] = await read(topic('texts'), all => all.length >= 1)
  expect([one!.key.toString(), one!.value!.toString()]).toEqual(['{"k":1}', '{"v":"one"}'])
}, 120_000)
