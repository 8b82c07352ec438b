/**
 * Capture from three nodes of 4.1 with three replicas: every kind of statement once, each key's changes
 * in order, schema changes once; the copy that a channel asks for; nothing lost and nothing twice when a node is killed and comes
 * back, hangs again and again without hints, or the worker is closed; what repair and a node that
 * joins log again is late or recognised.
 * Starts three nodes of its own, then a fourth, with small heaps.
 * Spec: cdc-replication 8.2, 8.3, 10.3, 10.4.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, policies, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { Capture, type Channel, FrameDecoder, parseCapture } from '../../src/source/index.ts'
import { Logger, MetricRegistry } from '../../src/telemetry/index.ts'
import { removeFolder } from '../support/capture-servers.ts'
import { connectClient } from '../support/keyspace.ts'
import { type JoinedNode, joinNode, nodeTool } from '../support/node-tool.ts'
import { until } from '../support/standalone.ts'

const ALL = Array.from({ length: 12 }, (_, i) => i)
const WRITES = 600
const PATIENCE_MS = 120_000
const REPLICAS = 3
/** Of writes that are tried again under the same time; years back, so they count as late. */
const OLD_MICROS = 1_700_000_000_000_000
let sandbox: Sandbox
let client: Client
let capture: Capture
let fourth: JoinedNode | undefined
let next = 0
const folder = mkdtempSync(join(tmpdir(), 'scamander-replicas-'))

beforeAll(async () => {
  const yaml = { hinted_handoff_enabled: true }
  const size = { nodes: REPLICAS, kafka: false, heapMb: 512 } as const
  sandbox = await startSandbox({ ...size, cassandra: '4.1', yaml })
  const cassandra = sandbox.description.cassandra!
  const { localDatacenter, contactPoints, port } = cassandra
  // The third node is killed and frozen: it is no coordinator.
  const [first, second] = contactPoints.map(host => `${host}:${port}`)
  const balancing = new policies.loadBalancing.DCAwareRoundRobinPolicy(localDatacenter)
  const allowed = new policies.loadBalancing.WhiteListPolicy(balancing, [first!, second!])
  client = await connectClient(cassandra, {
    policies: { loadBalancing: allowed },
    queryOptions: { consistency: types.consistencies.quorum },
  })
  const replication = `{'class': 'NetworkTopologyStrategy', '${localDatacenter}': ${REPLICAS}}`
  await client.execute(`CREATE KEYSPACE r WITH replication = ${replication}`)
  await client.execute('USE r')
  await client.execute('CREATE TABLE t (k int PRIMARY KEY, v text) WITH cdc = true')
  await client.execute('CREATE TABLE ordered (k int PRIMARY KEY, v text) WITH cdc = true')
  await client.execute(
    `CREATE TABLE kinds (p int, c int, s text static, v text, m map<text, int>, l list<int>,
      st set<int>, PRIMARY KEY (p, c)) WITH cdc = true`,
  )
  await client.execute('CREATE TABLE beside (p int, c int, v text, PRIMARY KEY (p, c))')
  await client.execute('CREATE TABLE counts (k int PRIMARY KEY, n counter) WITH cdc = true')
  capture = openCapture()
  await capture.createDestination('d', {})
  for (const table of ['t', 'ordered', 'kinds', 'counts']) {
    await capture.createChannel({ keyspace: 'r', table, destination: 'd' })
  }
  await client.execute('CREATE TABLE copies (k int PRIMARY KEY, v text) WITH cdc = true')
  for (const emit of ['primary', 'quorum'] as const) {
    await capture.createDestination(emit, {})
    await capture.createChannel({ keyspace: 'r', table: 'copies', destination: emit, emit })
  }
}, 300_000)

afterAll(async () => {
  await capture?.close()
  await client?.shutdown()
  await fourth?.stop()
  await sandbox?.stop()
  removeFolder(folder)
}, 60_000)

function openCapture(): Capture {
  const { contactPoints, port } = sandbox.description.cassandra!
  const text = `cdc.contact.points=${contactPoints.join(',')}\ncdc.port=${port}\ncdc.check.interval.ms=500\n`
  const settings = parseCapture(readProperties(text), join(folder, 'offsets'))!
  return Capture.open({ settings, logger: Logger.silent(), metrics: new MetricRegistry() })
}

/** Tries until it is confirmed. */
async function execute(statement: string): Promise<void> {
  const isDone = () =>
    client.execute(statement).then(
      () => true,
      () => false,
    )
  await until(statement, isDone, PATIENCE_MS)
}

/** Writes the next keys of table t; the time is the statement's own: tried again it is the same write. */
async function write(count: number): Promise<void> {
  const end = next + count
  const lane = async () => {
    while (next < end) {
      const key = next++
      const at = OLD_MICROS + key
      await execute(`INSERT INTO r.t (k, v) VALUES (${key}, 'v${key}') USING TIMESTAMP ${at}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

const channelOf = (table: string) => capture.channels({ keyspace: 'r', table })[0]!
const countersOf = (table: string) => capture.counters.of(channelOf(table).id)

interface Seen {
  readonly key: number
  readonly value: string
  readonly isLate: boolean
}

/** Events of column v in the order of the queue. */
function eventsOf(channel: Channel): Seen[] {
  const seen: Seen[] = []
  const decoder = new FrameDecoder()
  for (const frame of framesOf(channel)) {
    if (frame.isControl) continue
    for (const event of decoder.decode(frame, capture.definitionOf(frame), channel)) {
      const value = String(event.columns.get('v'))
      seen.push({ key: Number(event.key[0]!.value), value, isLate: event.isLate })
    }
  }
  return seen
}

function* framesOf(channel: Channel) {
  let after = 0
  for (;;) {
    const page = capture.read(channel, { after, partitions: ALL, limit: 1000 })
    if (page.length === 0) return
    after = page.at(-1)!.seq
    for (const { frame } of page) yield frame
  }
}

/** Every key that was written is in the queue, and those that are there more than once. */
async function repeatedKeys(): Promise<number[]> {
  const keys = () => eventsOf(channelOf('t')).map(one => one.key)
  const isWhole = () => new Set(keys()).size >= next
  await until('every key in the queue', isWhole, PATIENCE_MS).catch(() => undefined)
  await untilQuiet()
  const seen = keys()
  const missing = Array.from({ length: next }, (_, i) => i).filter(key => !seen.includes(key))
  expect(missing).toEqual([])
  return [...new Set(seen.filter((key, i) => seen.indexOf(key) !== i))]
}

/** Every agent has read what was logged until now: copies of the other replicas came through. */
async function untilQuiet(): Promise<void> {
  const nowMs = Date.now()
  const isPast = () =>
    capture.agents.every(
      ({ state, caughtUpMs }) => state === 'RUNNING' && (caughtUpMs ?? 0) > nowMs,
    )
  await until('every agent at the end of its log', isPast, PATIENCE_MS)
}

it('gives every kind of statement once: three logs hold the same bytes', async () => {
  const areRunning = () => capture.agents.filter(one => one.state === 'RUNNING').length === REPLICAS
  await until('an agent for every node', areRunning, PATIENCE_MS)
  const statements = [
    `INSERT INTO kinds (p, c, v, m, l, st) VALUES (1, 1, 'a', {'x': 1}, [1, 2], {1, 2})`,
    `INSERT INTO kinds JSON '{"p": 1, "c": 2, "v": "json"}'`,
    `INSERT INTO kinds (p, c, v) VALUES (1, 3, 'ttl') USING TTL 1000 AND TIMESTAMP ${OLD_MICROS}`,
    `UPDATE kinds SET v = null, s = 'static' WHERE p = 1 AND c = 1`,
    `UPDATE kinds SET m['y'] = 2, st = st - {1} WHERE p = 1 AND c = 1`,
    `UPDATE kinds SET l = l + [3] WHERE p = 1 AND c = 1`,
    `DELETE m['x'] FROM kinds WHERE p = 1 AND c = 1`,
    `DELETE FROM kinds WHERE p = 1 AND c = 2`,
    `DELETE FROM kinds WHERE p = 1 AND c > 5 AND c <= 9`,
    `DELETE FROM kinds WHERE p = 2`,
    `INSERT INTO kinds (p, c, v) VALUES (3, 1, 'first') IF NOT EXISTS`,
    `UPDATE kinds SET v = 'second' WHERE p = 3 AND c = 1 IF v = 'first'`,
    // One update of the captured table each, whatever else is in the batch.
    `BEGIN BATCH INSERT INTO kinds (p, c, v) VALUES (4, 1, 'x'); INSERT INTO kinds (p, c, v) VALUES (4, 2, 'y');
      INSERT INTO beside (p, c, v) VALUES (4, 1, 'z') APPLY BATCH`,
    `BEGIN UNLOGGED BATCH INSERT INTO beside (p, c, v) VALUES (5, 1, 'z');
      UPDATE kinds SET v = 'w' WHERE p = 5 AND c = 1 APPLY BATCH`,
  ]
  for (const statement of statements) await client.execute(statement)
  const increments = 5
  for (let i = 0; i < increments; i++)
    await client.execute('UPDATE counts SET n = n + 2 WHERE k = 1')
  const expected = { kinds: statements.length, counts: increments }
  for (const [table, count] of Object.entries(expected)) {
    const isRead = () => {
      const { received, duplicates } = countersOf(table)
      return received >= count && received + duplicates >= count * REPLICAS
    }
    await until(`all copies of ${table}`, isRead, PATIENCE_MS)
    // A commit of a light-weight transaction may come to a replica again.
    const { received, duplicates } = countersOf(table)
    expect([table, received, duplicates >= count * (REPLICAS - 1)]).toEqual([table, count, true])
  }
}, 120_000)

it('keeps the order of every key', async () => {
  const [keys, rounds] = [200, 5]
  const lane = async (from: number) => {
    for (let round = 0; round < rounds; round++) {
      for (let key = from; key < keys; key += 8) {
        const update = `UPDATE ordered SET v = '${round}' WHERE k = ${key}`
        // On every replica before the next of the same key begins.
        await client.execute(update, [], { consistency: types.consistencies.all })
      }
    }
  }
  await Promise.all(ALL.slice(0, 8).map(lane))
  const isThere = () => countersOf('ordered').received >= keys * rounds
  await until('every change', isThere, PATIENCE_MS)
  await untilQuiet()
  const seen = eventsOf(channelOf('ordered'))
  for (let key = 0; key < keys; key++) {
    const values = seen.filter(one => one.key === key).map(one => one.value)
    expect([key, values]).toEqual([key, ['0', '1', '2', '3', '4']])
  }
}, 120_000)

const copiesTo = (destination: string) =>
  capture.channels({ keyspace: 'r', table: 'copies', destinations: [destination] })[0]!

async function writeCopies(from: number, to: number): Promise<void> {
  for (let k = from; k < to; k++) {
    await execute(
      `INSERT INTO r.copies (k, v) VALUES (${k}, 'v') USING TIMESTAMP ${OLD_MICROS + k}`,
    )
  }
}

/** Each write is there once. */
async function untilCopies(count: number): Promise<void> {
  for (const emit of ['primary', 'quorum']) {
    const isThere = () => capture.count(copiesTo(emit)).messages >= count
    await until(`${count} changes by ${emit}`, isThere, PATIENCE_MS)
    expect([emit, capture.count(copiesTo(emit)).messages]).toEqual([emit, count])
  }
}

it('gives the copy that a channel asks for: of the primary replica, or when a quorum has it', async () => {
  const [keys, rounds] = [90, 2]
  for (let round = 0; round < rounds; round++) await writeCopies(round * 1000, round * 1000 + keys)
  await untilCopies(keys * rounds)
  await untilQuiet()
  expect(capture.count(copiesTo('quorum')).messages).toBe(keys * rounds)
  const confirmed = [...framesOf(copiesTo('quorum'))].filter(frame => !frame.isUnconfirmed)
  expect(confirmed.length).toBe(keys * rounds)
  // The ring deals keys out to all three; the copy that is read first would be of any node.
  const hosts = new Map<bigint, Set<string>>()
  for (const frame of framesOf(copiesTo('primary'))) {
    hosts.set(frame.token, (hosts.get(frame.token) ?? new Set()).add(frame.hostId))
  }
  expect(new Set([...hosts.values()].flatMap(one => [...one])).size).toBe(REPLICAS)
  const owners = await primaries([...hosts.keys()])
  for (const [token, found] of hosts) expect([...found]).toEqual([owners.get(token)])
}, 120_000)

/** The first replica in the ring of each token, as the nodes tell the ring themselves. */
async function primaries(tokens: readonly bigint[]): Promise<Map<bigint, string>> {
  const local = 'SELECT host_id, tokens FROM system.local'
  const peers = 'SELECT host_id, tokens FROM system.peers'
  const ring: { readonly token: bigint; readonly host: string }[] = []
  // Both are of the node that answers, so they must be asked of the same one, which the client talks to.
  const { contactPoints, port } = sandbox.description.cassandra!
  const host = client.hosts.values().find(one => one.address === `${contactPoints[0]}:${port}`)!
  for (const query of [local, peers]) {
    const { rows } = await client.execute(query, [], { host })
    for (const row of rows) {
      for (const token of row['tokens'])
        ring.push({ token: BigInt(token), host: String(row['host_id']) })
    }
  }
  ring.sort((a, b) => (a.token < b.token ? -1 : 1))
  const ownerOf = (token: bigint) => (ring.find(one => one.token >= token) ?? ring[0])!.host
  return new Map(tokens.map(token => [token, ownerOf(token)]))
}

it('tells a schema change and a truncation once', async () => {
  await execute('ALTER TABLE r.kinds ADD extra text')
  // The times of the nodes are of one minute: that is what makes their truncations one.
  await until('the middle of a minute', () => Date.now() % 60_000 < 45_000)
  await execute('TRUNCATE r.kinds')
  await untilQuiet()
  const told = [...framesOf(channelOf('kinds'))]
    .filter(frame => frame.isControl)
    .map(frame => JSON.parse(frame.controlText).type)
  expect(told).toEqual(['ALTER_TABLE', 'TRUNCATE'])
}, 120_000)

it('loses nothing and repeats nothing when a node is killed and comes back', async () => {
  const [, , third] = sandbox.nodes
  await write(WRITES)
  const writing = write(WRITES)
  await third!.kill()
  await writeCopies(2000, 2030)
  await writing
  // The copies of the node that is down do not come: two are a quorum, the others are waited for.
  await untilCopies(210)
  await third!.start()
  await write(100)
  expect(await repeatedKeys()).toEqual([])
}, 240_000)

it('goes on where it stood when the worker is closed under load', async () => {
  const writing = write(WRITES)
  await capture.close()
  await writing
  capture = openCapture()
  await untilRunning(REPLICAS)
  expect(await repeatedKeys()).toEqual([])
}, 120_000)

it('gives once what a node missed, and what repair brings it is late or recognised', async () => {
  const cassandra = sandbox.description.cassandra!
  for (const node of cassandra.nodes) await nodeTool(cassandra, node, 'disablehandoff')
  const [, , third] = sandbox.nodes
  const before = { next, duplicates: countersOf('t').duplicates }
  const stop = new AbortController()
  const writing = (async () => {
    while (!stop.signal.aborted) await write(8)
  })()
  for (let round = 0; round < 4; round++) {
    third!.pause()
    await sleep(2500)
    third!.resume()
    await sleep(500)
  }
  stop.abort()
  await writing
  expect(await repeatedKeys()).toEqual([])
  const copies = () => countersOf('t').duplicates - before.duplicates
  const missed = (next - before.next) * (REPLICAS - 1) - copies()
  expect(missed).toBeGreaterThan(0)
  // Repair brings rows, in other shapes where several writes made one.
  await nodeTool(cassandra, cassandra.nodes[2]!, 'repair', '-full', 'r', 't')
  const repeated = new Set(await repeatedKeys())
  const again = eventsOf(channelOf('t')).filter(one => repeated.has(one.key))
  expect(again.filter(one => !one.isLate)).toEqual([])
  const found = await client.execute('SELECT count(*) AS n FROM r.t')
  expect(Number(found.first()!['n'])).toBe(next)
  process.stdout.write(
    `repair: ${next - before.next} writes, ${missed} missed by a node, ${repeated.size} repeated late\n`,
  )
}, 240_000)

it('captures from a node that joins, without giving the table again', async () => {
  fourth = await joinNode(sandbox.description.cassandra!)
  await untilRunning(REPLICAS + 1)
  const before = eventsOf(channelOf('t')).length
  const written = next
  await write(WRITES)
  await repeatedKeys()
  const again = eventsOf(channelOf('t')).length - before - (next - written)
  process.stdout.write(`join: ${again} of ${next} rows given again\n`)
  expect(again).toBeLessThan(next / 100)
  const [joined] = capture.agents.filter(one => one.address === fourth!.address)
  expect(joined?.position).toBeDefined()
}, 300_000)

async function untilRunning(count: number): Promise<void> {
  const isRunning = () => capture.agents.filter(one => one.state === 'RUNNING').length === count
  await until(`${count} agents`, isRunning, 240_000)
}
