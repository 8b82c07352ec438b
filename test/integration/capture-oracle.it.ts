/**
 * Capture against an independent oracle: random statements on tables of every shape, captured through
 * agent, queue and frames while the worker is closed and opened again under way; what is replayed
 * from the queue equals what SELECT gives, cell by cell, by raw bytes, write time and expiry.
 * CAPTURE_STATEMENTS sets the amount, CAPTURE_SEED the sequence.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { Mutation, MutationDecoder, SchemaCatalog } from '../../src/commitlog/index.ts'
import { readProperties } from '../../src/config/index.ts'
import { Capture, type Channel, parseCapture } from '../../src/source/index.ts'
import { Logger, MetricRegistry } from '../../src/telemetry/index.ts'
import { type CaptureServers, captureServers, removeFolder } from '../support/capture-servers.ts'
import { loadSchema } from '../support/commit-log-follower.ts'
import { TABLES, Workload } from '../support/commit-log-workload.ts'
import { connectClient } from '../support/keyspace.ts'
import { ReplayedTable } from '../support/replayed-table.ts'
import { differences, selectRows } from '../support/select-rows.ts'
import { until } from '../support/standalone.ts'

const STATEMENTS = Number(process.env['CAPTURE_STATEMENTS'] ?? '3000')
const SEED = Number(process.env['CAPTURE_SEED'] ?? 4711)
const KEYSPACE = `oracle_${Date.now()}`
const ALL = Array.from({ length: 12 }, (_, i) => i)
const IN_FLIGHT = 16
/** Without `cdc = true` there is nothing to capture. */
const CAPTURED = TABLES.filter(table => table.name !== 'twin')

let servers: CaptureServers
let client: Client
let link: CqlLink
const folder = mkdtempSync(join(tmpdir(), 'scamander-oracle-'))

beforeAll(async () => {
  servers = await captureServers()
  const cassandra = servers.description.cassandra!
  client = await connectClient(cassandra)
  link = await CqlLink.open({
    host: cassandra.contactPoints[0]!,
    port: cassandra.port,
    version: 5,
  })
}, 180_000)

afterAll(async () => {
  await client?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  link?.close()
  await client?.shutdown()
  await servers?.stop()
  removeFolder(folder)
}, 60_000)

function openCapture(): Capture {
  const { contactPoints, port } = servers.description.cassandra!
  const text = `cdc.contact.points=${contactPoints[0]}\ncdc.port=${port}\n`
  const settings = parseCapture(readProperties(text), join(folder, 'offsets'))!
  return Capture.open({ settings, logger: Logger.silent(), metrics: new MetricRegistry() })
}

async function run(statement: string): Promise<void> {
  await client.execute(statement).catch((error: unknown) => {
    // A contended transaction may time out; whatever came of it is in the log and in the table.
    if (statement.includes('IF NOT EXISTS')) return
    throw new Error(`${String(error)}\n${statement}`)
  })
}

async function write(workload: Workload, count: number): Promise<void> {
  let left = count
  const lane = async () => {
    while (left-- > 0) await run(workload.statement())
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

function rowFrames(capture: Capture, channel: Channel): number {
  const page = capture.read(channel, { after: 0, partitions: ALL, limit: 1000 })
  return page.filter(one => !one.frame.isControl).length
}

/** Waits until a row written now has come through. */
async function catchUp(capture: Capture, key: number): Promise<void> {
  await run(`INSERT INTO sentinel (k) VALUES (${key})`)
  const sentinel = capture.channels({ table: 'sentinel' })[0]!
  await until('the last write in the queue', () => rowFrames(capture, sentinel) === key)
}

/** The state that the frames of a queue lead to. */
function replay(capture: Capture, channel: Channel): { state: ReplayedTable; frames: number } {
  const state = new ReplayedTable()
  const mutation = new Mutation()
  let frames = 0
  let after = 0
  for (;;) {
    const page = capture.read(channel, { after, partitions: ALL, limit: 1000 })
    if (page.length === 0) return { state, frames }
    for (const { seq, frame } of page) {
      after = seq
      if (frame.isControl) continue
      frames++
      const { table } = capture.definitionOf(frame)
      mutation.bytes = Buffer.concat([Buffer.from([1]), frame.update])
      mutation.start = 0
      mutation.end = mutation.bytes.length
      mutation.version = frame.version
      const schema = { version: 0, tableById: () => table }
      new MutationDecoder({ schema }).decode(mutation)
      state.apply(mutation, mutation.updates[0]!)
    }
  }
}

it(
  `replays to what SELECT gives, seed ${SEED}`,
  async () => {
    const workload = new Workload(SEED, true)
    const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
    await run(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
    await run(`USE ${KEYSPACE}`)
    for (const statement of workload.ddl()) await run(statement)
    await run('CREATE TABLE sentinel (k int PRIMARY KEY)')

    let capture = openCapture()
    await capture.createDestination('d', {})
    for (const { name } of [...CAPTURED, { name: 'sentinel' }]) {
      const made = await capture.createChannel({
        keyspace: KEYSPACE,
        table: name,
        destination: 'd',
      })
      expect(made.notes.length).toBe(name === 'sentinel' ? 1 : 0)
    }
    await write(workload, STATEMENTS / 3)
    await catchUp(capture, 1)
    await capture.close()
    // What is written while nobody captures waits in the log.
    await write(workload, STATEMENTS / 3)
    capture = openCapture()
    await until('the agent', () => capture.agents[0]?.state === 'RUNNING')
    await run('ALTER TABLE altered ADD c frozen<list<int>>')
    await run('UPDATE altered SET c = [1] WHERE k = 1')
    await run('ALTER TYPE address ADD zip text')
    await run("UPDATE every SET u = {zip: 'z'} WHERE p = 'p0' AND q = 0 AND c1 = 0 AND c2 = '0'")
    await write(workload, STATEMENTS / 3)
    await catchUp(capture, 2)

    const catalog = new SchemaCatalog()
    await loadSchema(catalog, client, [KEYSPACE])
    let total = 0
    for (const { name, descending } of CAPTURED) {
      const table = catalog.tables().find(one => one.name === name)!
      const channel = capture.channels({ keyspace: KEYSPACE, table: name })[0]!
      const { state, frames } = replay(capture, channel)
      total += frames
      const replayed = state.visible(table, descending)
      const selected = await selectRows(link, table, { keyspace: KEYSPACE, hasElementTimes: true })
      expect([name, ...differences(replayed, selected)]).toEqual([name])
      if (name !== 'emptied') expect([name, selected.size > 0]).toEqual([name, true])
    }
    expect(total).toBeGreaterThan(STATEMENTS * 0.9)
    expect(capture.agents).toMatchObject([{ state: 'RUNNING', corrupt: 0, undecodable: 0 }])
    await capture.close()
  },
  60_000 + STATEMENTS * 20,
)
