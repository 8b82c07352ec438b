/**
 * Decoder and capture against an independent oracle, on real servers of every release and in both
 * storage forms of 5.0: random statements on tables of every shape and of random ones. The log is
 * followed while it is written, with schema from the log alone, and captured by an agent process
 * that is killed under way. What is replayed from either equals what SELECT gives, cell by cell, by
 * raw bytes, write time and expiry; everything captured is on the topic once; `cdc dump` prints what
 * SELECT JSON does.
 * Then segments are damaged. CAPTURE_STATEMENTS and CAPTURE_DAMAGES set the amounts per release,
 * CAPTURE_SEED the sequence, CAPTURE_FORMS the releases (a part of their titles).
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { type Mutation, parseSegmentName, type TableSchema } from '../../src/commitlog/index.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { CaptureScene, type Place, placeOf, type TopicRecord } from '../support/capture-scene.ts'
import { CommitLogFollower, loadSchema } from '../support/commit-log-follower.ts'
import { Workload } from '../support/commit-log-workload.ts'
import { connectClient } from '../support/keyspace.ts'
import { Random } from '../support/random-cql.ts'
import { ReplayedTable } from '../support/replayed-table.ts'
import { fuzzSegment } from '../support/segment-fuzz.ts'
import { differences, selectRows } from '../support/select-rows.ts'
import { compareDump } from '../support/shown-values.ts'
import { killScamanders } from '../support/standalone.ts'
import { closeAll, newTopic } from '../support/topic-reader.ts'

const STATEMENTS = Number(process.env['CAPTURE_STATEMENTS'] ?? '6000')
const SEED = Number(process.env['CAPTURE_SEED'] ?? 20_261)
const KEYSPACE = 'logged'
const IN_FLIGHT = 16
const PATIENCE_MS = 120_000
const LOOK_MS = 20
const FUZZ_BYTES = 256 * 1024
const FUZZ_RUNS = Number(process.env['CAPTURE_DAMAGES'] ?? '300')
const SYSTEM = ['system', 'system_schema', 'system_auth', 'system_distributed', 'system_traces']

interface Form {
  readonly title: string
  readonly version: number
  readonly options: SandboxOptions
}

const compressed = (name: string): SandboxOptions => ({
  commitlogSync: 'batch',
  yaml: { commitlog_compression: [{ class_name: name }] },
})

const FORMS: readonly Form[] = [
  { title: '5.0 plain', version: 8, options: { cassandra: '5.0' } },
  {
    title: '5.0 in mode CASSANDRA_4, LZ4',
    version: 7,
    options: {
      ...compressed('LZ4Compressor'),
      ...{ cassandra: '5.0', storageCompatibilityMode: 'CASSANDRA_4' },
    },
  },
  {
    title: '4.1, Zstd',
    version: 7,
    options: { ...compressed('ZstdCompressor'), cassandra: '4.1' },
  },
  { title: '4.0 plain', version: 7, options: { cassandra: '4.0' } },
]
const CHOSEN = FORMS.filter(form => form.title.includes(process.env['CAPTURE_FORMS'] ?? ''))

describe.each(CHOSEN)('Cassandra $title', ({ title, version, options }) => {
  let sandbox: Sandbox | undefined
  let client: Client | undefined
  let link: CqlLink | undefined
  let follower: CommitLogFollower | undefined
  let scene: CaptureScene | undefined
  const states = new Map<string, ReplayedTable>()
  let writeMs = 0

  function stateOf(id: string): ReplayedTable {
    let state = states.get(id)
    if (state === undefined) {
      state = new ReplayedTable()
      states.set(id, state)
    }
    return state
  }

  function visit(mutation: Mutation): void {
    for (const update of mutation.updates) {
      const { schema } = update.table
      if (schema.keyspace === KEYSPACE) stateOf(schema.id).apply(mutation, update)
    }
  }

  beforeAll(async () => {
    sandbox = await startSandbox({ kafka: false, heapMb: 768, ...options })
    const cassandra = sandbox.description.cassandra!
    client = await connectClient(cassandra)
    link = await CqlLink.open({
      host: cassandra.contactPoints[0]!,
      port: cassandra.port,
      version: 5,
    })
    follower = new CommitLogFollower(cassandra.nodes[0]!.cdcRawDir, visit)
    await loadSchema(follower.catalog, client, SYSTEM)
    const { kafka } = inject('sandbox')
    scene = await CaptureScene.open({ ...sandbox.description, kafka: kafka! }, KEYSPACE)
  })

  afterAll(async () => {
    await scene?.stop()
    killScamanders()
    await follower?.close()
    link?.close()
    await client?.shutdown()
    await closeAll()
    await sandbox?.stop()
  })

  async function run(statement: string): Promise<void> {
    await client!.execute(statement).catch((error: unknown) => {
      // A contended transaction may time out; whatever came of it is in the log and in the table.
      if (statement.includes('IF NOT EXISTS')) return
      throw new Error(`${String(error)}\n${statement}`)
    })
  }

  /** Runs random statements while the log is followed. */
  async function write(workload: Workload, count: number): Promise<void> {
    const startMs = performance.now()
    let left = count
    const lane = async () => {
      while (left-- > 0) await run(workload.statement())
    }
    let isDone = false
    const follow = async () => {
      while (!isDone) {
        await follower!.look()
        await new Promise(resolve => setTimeout(resolve, LOOK_MS))
      }
    }
    const lanes = Promise.all(Array.from({ length: IN_FLIGHT }, lane)).finally(() => {
      isDone = true
    })
    await Promise.all([lanes, follow()])
    writeMs += performance.now() - startMs
  }

  function tableNamed(name: string): TableSchema {
    const all = follower!.catalog.tables()
    return all.find(table => table.keyspace === KEYSPACE && table.name === name)!
  }

  /** Waits until a row that is written now has come through the log and into the queue. */
  async function catchUp(key: number): Promise<void> {
    await run(`INSERT INTO ${KEYSPACE}.sentinel (k) VALUES (${key})`)
    await expect
      .poll(
        async () => {
          await follower!.look()
          const table = tableNamed('sentinel')
          return table === undefined ? 0 : stateOf(table.id).visible(table, []).size
        },
        { timeout: PATIENCE_MS, interval: 50 },
      )
      .toBe(key)
    await scene!.waitFor('sentinel', key)
  }

  async function prepare(workload: Workload): Promise<string[]> {
    const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
    await run(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
    await run(`USE ${KEYSPACE}`)
    for (const statement of workload.ddl()) await run(statement)
    await run('CREATE TABLE sentinel (k int PRIMARY KEY) WITH cdc = true')
    const captured = workload.tables.map(one => one.name).filter(name => name !== 'twin')
    await scene!.collect([...captured, 'sentinel'])
    return captured
  }

  /** Both replays of every table against SELECT; the places of all captured changes. */
  async function compare(workload: Workload, captured: readonly string[]): Promise<Place[]> {
    const hasElementTimes = options.cassandra === '5.0'
    const places: Place[] = []
    let cells = 0
    for (const { name, descending } of workload.tables) {
      const table = tableNamed(name)
      expect(table.isCdc).toBe(name !== 'twin')
      expect(table.isCounter).toBe(name === 'counts')
      const selected = await selectRows(link!, table, { keyspace: KEYSPACE, hasElementTimes })
      const followed = stateOf(table.id).visible(table, descending)
      expect([name, ...differences(followed, selected)]).toEqual([name])
      if (name === 'emptied') continue
      expect([name, selected.size > 0]).toEqual([name, true])
      for (const row of selected.values()) cells += row.size
      if (!captured.includes(name)) continue
      const replay = scene!.replay(name)
      const replayed = replay.state.visible(table, descending)
      expect([name, ...differences(replayed, selected)]).toEqual([name])
      if (name !== 'counts') places.push(...replay.places)
    }
    const { mutations } = follower!
    process.stdout.write(
      `oracle, Cassandra ${title}: ${STATEMENTS} statements, ${mutations} mutations followed, ` +
        `${places.length} captured, ${cells} cells equal, ${Math.round(writeMs / 1000)} s of writing, ` +
        `seed ${SEED}\n`,
    )
    return places
  }

  it(
    `replays to what SELECT gives, seed ${SEED}`,
    async () => {
      const workload = new Workload(SEED, options.cassandra === '5.0')
      const captured = await prepare(workload)
      await run('INSERT INTO gone (k, v) VALUES (1, 2)')
      for (let k = 0; k < 10; k++) await run(`INSERT INTO emptied (k, v) VALUES (${k}, 1)`)
      await write(workload, STATEMENTS / 4)
      await scene!.killAgent()
      await write(workload, STATEMENTS / 4)
      await scene!.startAgent()
      await catchUp(1)
      const gone = tableNamed('gone')
      const emptied = tableNamed('emptied')
      expect(stateOf(gone.id).visible(gone, []).size).toBe(1)
      expect(stateOf(emptied.id).visible(emptied, []).size).toBe(10)

      await run('TRUNCATE emptied')
      await run('DROP TABLE gone')
      await run('ALTER TABLE altered ADD c frozen<list<int>>')
      await run('UPDATE altered SET c = [1] WHERE k = 1')
      await run('ALTER TABLE altered DROP c')
      await run('ALTER TYPE address ADD zip text')
      await run("UPDATE every SET u = {zip: 'z'} WHERE p = 'p0' AND q = 0 AND c1 = 0 AND c2 = '0'")
      await write(workload, STATEMENTS / 2)
      await run("DELETE n FROM counts WHERE k = 0 AND c = '0'")
      await run("DELETE FROM counts WHERE k = 1 AND c = '1'")
      await run('DELETE FROM counts WHERE k = 2')
      await catchUp(2)

      expect(follower!.problems).toEqual([])
      expect([...follower!.versions]).toEqual([version])
      expect(follower!.truncations.map(one => one.tableId)).toContain(emptied.id)
      expect(follower!.catalog.failures.size).toBe(0)
      expect(tableNamed('gone')).toBeUndefined()
      expect(follower!.catalog.tableById(gone.id)).toEqual(gone)
      expect(tableNamed('altered').droppedColumns).toMatchObject([{ name: 'c', isStatic: false }])
      stateOf(emptied.id).clear()
      expect(scene!.capture.agents).toMatchObject([{ corrupt: 0, undecodable: 0 }])

      const places = await compare(workload, captured)
      expect(follower!.mutations).toBeGreaterThan(STATEMENTS * 0.9)
      expect(follower!.joint).toBeGreaterThan(STATEMENTS / 200)
      await checkTopic(places)
      await compareDump(client!, sandbox!.description.cassandra!, KEYSPACE)
      await damageSegments()
    },
    PATIENCE_MS + STATEMENTS * 20 + FUZZ_RUNS * 200,
  )

  /** What the server wrote, damaged in every way, gives nothing that was not written. */
  async function damageSegments(): Promise<void> {
    const names = (await readdir(cdcRaw())).filter(name => parseSegmentName(name) !== undefined)
    let count = 0
    for (const name of names) {
      const bytes = (await readFile(join(cdcRaw(), name))).subarray(0, FUZZ_BYTES)
      const random = new Random(SEED)
      const found = fuzzSegment(bytes, follower!.catalog, { runs: FUZZ_RUNS, random })
      if (found.records === 0) continue
      count += found.runs
      process.stdout.write(
        `fuzz, Cassandra ${title}: ${found.runs} damages of ${found.records} records, ` +
          `${found.given} given, ${found.problems} problems told\n`,
      )
    }
    expect(count).toBeGreaterThan(0)
  }

  const cdcRaw = () => sandbox!.description.cassandra!.nodes[0]!.cdcRawDir

  /** Each change is on the topic, none twice; the plain table is the same by the topic alone. */
  async function checkTopic(places: readonly Place[]): Promise<void> {
    // Write times lie years back: time-based retention would take the records away.
    const topic = await newTopic(1, { 'retention.ms': '-1' }, 'oracle')
    const others = ['sentinel', 'emptied'].flatMap(name => scene!.replay(name).places)
    const known = new Set([...places, ...others])
    await scene!.deliver(topic)
    const records = await scene!.readTopic(topic, places)
    const positions = records.map(one => one.headers['scamander.position']!)
    expect(new Set(positions).size).toBe(positions.length)
    expect(positions.filter(one => !known.has(placeOf(one)))).toEqual([])
    const rows = records.filter(one => one.headers['table'] === 'simple')
    const found = await client!.execute(
      `SELECT k, v, writetime(v) AS t FROM ${KEYSPACE}.simple`,
      [],
      { fetchSize: 5000 },
    )
    const expected = found.rows.map(row => [row['k'], row['v'], row['t']?.toString()].join('|'))
    expect(plainRows(rows).sort()).toEqual(expected.sort())
  }
})

interface PlainState {
  deletedAt: bigint
  livenessAt: bigint
  cell: { readonly at: bigint; readonly value: string | null; readonly expiresAt: number }
}

const NEVER = -(2n ** 63n)

/** Rows of `k text PRIMARY KEY, v text` as the records alone tell them: key, value, write time. */
function plainRows(records: readonly TopicRecord[]): string[] {
  const rows = new Map<string, PlainState>()
  for (const { key, value, headers } of records) {
    const k = String(key['k'])
    const at = BigInt(headers['scamander.ts']!)
    let row = rows.get(k)
    if (row === undefined) {
      row = {
        ...{ deletedAt: NEVER, livenessAt: NEVER },
        cell: { at: NEVER, value: null, expiresAt: 0 },
      }
      rows.set(k, row)
    }
    if (headers['operation'] === 'DELETE') {
      if (at > row.deletedAt) row.deletedAt = at
      continue
    }
    if (headers['operation'] === 'INSERT' && at > row.livenessAt) row.livenessAt = at
    if (headers['scamander.fields'] !== 'v') continue
    const text = value?.['v'] ?? null
    const expiresAt = Number(headers['scamander.expires.at'] ?? 0)
    const cell = { at, value: text === null ? null : String(text), expiresAt }
    if (cellWins(cell, row.cell)) row.cell = cell
  }
  const out: string[] = []
  for (const [k, { deletedAt, livenessAt, cell }] of rows) {
    const isVisible = cell.value !== null && cell.at > deletedAt
    if (isVisible) out.push([k, cell.value, cell.at.toString()].join('|'))
    else if (livenessAt > deletedAt) out.push([k, null, undefined].join('|'))
  }
  return out
}

/** The rules of reconciliation: time, then deleted, expiring, later expiry, larger value. */
function cellWins(a: PlainState['cell'], b: PlainState['cell']): boolean {
  if (a.at !== b.at) return a.at > b.at
  if ((a.value === null) !== (b.value === null)) return a.value === null
  if (a.expiresAt !== b.expiresAt) return a.expiresAt > b.expiresAt
  return Buffer.compare(Buffer.from(a.value ?? ''), Buffer.from(b.value ?? '')) > 0
}
