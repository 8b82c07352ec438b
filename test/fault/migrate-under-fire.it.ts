/**
 * A migration under fire: an application writes through the proxy during the whole copy. Afterwards both
 * clusters are equal cell by cell, write times and TTLs included; also when the copy, the proxy, the
 * target and the source are killed meanwhile.
 * The proxy and the copy are processes of their own. Tables are compared by a client of the test, and by
 * `scamander validate` beside, when no cell is about to expire: each cluster counts seconds by itself, so
 * that a cell may end on one of them a second before the other.
 * What fails tells the history of its rows and the last lines of both processes.
 * Spec: live-migration 6, Copy (2), Validation (2); issue 7.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Client, policies, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import {
  type CassandraDescription,
  type Sandbox,
  type SandboxDescription,
  startSandbox,
} from '../../src/sandbox/index.ts'
import { type ChildCommand, startCommand } from '../support/child-command.ts'
import { order } from '../support/faults.ts'
import { connectClient } from '../support/keyspace.ts'
import { LiveWorkload, TTL_SHORT_SECONDS, WORKLOAD_TABLE } from '../support/live-workload.ts'
import { clusterArguments, readTable, tableDifferences } from '../support/proxy.ts'
import { until } from '../support/standalone.ts'

const KEYSPACE = 'fire'
const KEYS = { partitions: 400, rowsPerPartition: 8 }
const COPY = ['--splits', '40', '--page-size', '40', '--write-cl', 'ONE', '--read-rate']
const T0 = 1_700_000_000_000_000

let sandbox: Sandbox
let source: CassandraDescription
let target: CassandraDescription
let onSource: Client
let onTarget: Client
const folder = mkdtempSync(join(tmpdir(), 'scamander-under-fire-'))

beforeAll(async () => {
  const shared = { kafka: false, heapMb: 640, commitlogSync: 'batch' as const }
  const answer = fetch(`${inject('faultServersUrl')}/description`)
  sandbox = await startSandbox(shared)
  source = sandbox.description.cassandra!
  target = ((await (await answer).json()) as SandboxDescription).cassandra!
  onSource = await connectClient(source)
  onTarget = await connectClient(target)
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  for (const client of [onSource, onTarget]) {
    await client.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
    await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  }
})

afterAll(async () => {
  await onTarget?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`).catch(() => undefined)
  await Promise.all([onSource?.shutdown(), onTarget?.shutdown()])
  await sandbox?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('writes through the proxy during the copy: both clusters are equal cell by cell', async () => {
  await using scene = await underFire('calm')
  const copy = startCopy('calm', 600)
  await scene.expectComplete(copy)
  await scene.workload.stop()
  expect(scene.workload.acknowledged.size).toBe(10)
  expect(scene.workload.total).toBeGreaterThan(500)
  await scene.expectEqual(copy)
}, 300_000)

it('the same when copy, proxy and target are killed meanwhile', async () => {
  await using scene = await underFire('killed')
  const { workload } = scene
  let copy = startCopy('killed', 250)
  await untilPassed('killed', 2)
  copy.child.kill('SIGKILL')
  expect(await copy.ended).toBe(null)

  copy = startCopy('killed', 250)
  await scene.killProxy()
  await acknowledged(workload, 100)

  await untilPassed('killed', 2)
  expect(copy.child.exitCode, copy.log()).toBe(null)
  await order('cassandra', 'kill')
  await failedWrite(workload)
  await order('cassandra', 'start')
  await acknowledged(workload, 200)
  await scene.expectComplete(copy)
  await workload.stop()
  await scene.expectEqual(copy)
}, 300_000)

it('the same when the source is killed meanwhile', async () => {
  await using scene = await underFire('orphaned')
  const { workload } = scene
  const copy = startCopy('orphaned', 400)
  await untilPassed('orphaned', 2)
  expect(copy.child.exitCode, copy.log()).toBe(null)
  await sandbox.nodes[0]!.kill()
  await failedWrite(workload)
  await sandbox.nodes[0]!.start()
  await acknowledged(workload, 200)
  await scene.expectComplete(copy)
  await workload.stop()
  await scene.expectEqual(copy)
}, 300_000)

/** The table with rows from before, a proxy between both clusters, and the application. */
async function underFire(table: string) {
  for (const client of [onSource, onTarget]) {
    await client.execute(`CREATE TABLE ${KEYSPACE}.${table} ${WORKLOAD_TABLE}`)
  }
  await fill(table)
  let proxy = await startProxy('0')
  const client = await connectClient(
    { ...source, port: proxy.port },
    {
      policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(200) },
      socketOptions: { readTimeout: 5_000 },
    },
  )
  const workload = new LiveWorkload(client, `${KEYSPACE}.${table}`, KEYS)
  await acknowledged(workload, 50)
  const logs = (copy: ChildCommand) => `copy:\n${copy.log()}\nproxy:\n${proxy.log()}`
  return {
    workload,
    killProxy: async () => {
      proxy.child.kill('SIGKILL')
      proxy = await startProxy(String(proxy.port))
    },
    expectComplete: async (copy: ChildCommand) => expect(await copy.ended, logs(copy)).toBe(0),
    expectEqual: (copy: ChildCommand) => expectEqual(table, workload, () => logs(copy)),
    [Symbol.asyncDispose]: async () => {
      await order('cassandra', 'start')
      await workload.stop()
      await client.shutdown()
      proxy.child.kill('SIGTERM')
    },
  }
}

/** Rows with write times of their own, some cells written later, some with a TTL. */
async function fill(table: string): Promise<void> {
  const name = `${KEYSPACE}.${table}`
  const insert = `INSERT INTO ${name} (id, c, a, b, m, tags) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
  const update = `UPDATE ${name} USING TIMESTAMP ? AND TTL 50000 SET b = ? WHERE id = ? AND c = ?`
  const options = { prepare: true, consistency: types.consistencies.one }
  for (let id = 0; id < KEYS.partitions; id++) {
    const rows = Array.from({ length: KEYS.rowsPerPartition }, async (_, c) => {
      const us = T0 + id * 100 + c
      await onSource.execute(insert, [id, c, `a${us}`, c, { k: c }, ['t'], us], options)
      if (c % 3 === 0) await onSource.execute(update, [us + 50, c + 1, id, c], options)
    })
    await Promise.all(rows)
  }
}

function startCopy(table: string, rowsPerSecond: number): ChildCommand {
  return startCommand(['migrate', ...commandArguments(table), ...COPY, String(rowsPerSecond)])
}

function commandArguments(table: string): string[] {
  const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
  return [
    ...['--source', at(source), '--target', at(target), '--keyspace', KEYSPACE, '--table', table],
    ...['--state', join(folder, 'state.sqlite'), '--log-level', 'warn'],
    ...['--request-timeout-ms', '3000'],
  ]
}

/** A write that failed on one cluster is told to the application, which repeats it. */
async function startProxy(port: string): Promise<ChildCommand & { readonly port: number }> {
  const own = ['--target-failure', 'fail', '--metrics', 'false', '--proxy-port', port]
  const proxy = startCommand(['proxy', ...clusterArguments({ source, target }), ...own])
  const [, found] = await proxy.printed(/ready for clients at port (\d+)/)
  return { ...proxy, port: Number(found) }
}

async function acknowledged(workload: LiveWorkload, more: number): Promise<void> {
  const wanted = workload.total + more
  await until('acknowledged writes', () => Promise.resolve(workload.total >= wanted), 120_000)
}

async function failedWrite(workload: LiveWorkload): Promise<void> {
  const before = workload.repeated
  await until('a failed write', () => workload.repeated > before, 60_000)
}

/** The copy under way has done so many ranges more. */
async function untilPassed(table: string, more: number): Promise<void> {
  const before = passedRanges(table)
  await until('some of the copy', () => passedRanges(table) >= before + more, 120_000)
}

/** Of the last copy of that table. */
function passedRanges(table: string): number {
  const last = "SELECT max(run_id) FROM run WHERE run_type = 'MIGRATE' AND job LIKE ?"
  const sql = `SELECT count(*) AS n FROM range WHERE status = 'PASS' AND run_id = (${last})`
  try {
    using db = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: true })
    return (db.prepare(sql).get(`%"${table}"%`) as { n: number }).n
  } catch {
    return 0 // made a moment later
  }
}

async function expectEqual(
  table: string,
  workload: LiveWorkload,
  logs: () => string,
): Promise<void> {
  await untilExpired(table)
  const both = () => Promise.reject(new Error('not used'))
  const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() }
  const pair = { source, target, keyspace: KEYSPACE, onSource, onTarget, both, ...dispose }
  const differences = await tableDifferences(pair, table)
  // The key is `c/id`.
  const ids = new Set(differences.map(text => Number(/^\d+\/(\d+)/.exec(text)?.[1])))
  const histories = [...ids].map(id => workload.history(id))
  expect(differences, [...histories, logs()].join('\n')).toEqual([])
  let out = ''
  const streams = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      out += text
    },
  }
  const code = await runCli(
    ['validate', ...commandArguments(table), '--compare-timestamps'],
    streams,
  )
  expect([code, out]).toEqual([0, expect.stringMatching(/^Valid: [1-9]\d{2,}$/m)])
}

/** Both tables hold no cell that ends within this test. */
async function untilExpired(table: string): Promise<void> {
  const isShort = (ttl: number | null) => ttl !== null && ttl <= 10 * TTL_SHORT_SECONDS
  const isQuiet = async (client: Client) => {
    const { ttls } = await readTable(client, KEYSPACE, table)
    return ![...ttls.values()].some(cells => cells.some(isShort))
  }
  const areQuiet = async () => (await isQuiet(onSource)) && (await isQuiet(onTarget))
  await until('the end of all short TTLs', areQuiet, 60_000)
}
