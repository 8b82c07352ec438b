/**
 * A migration under fire: an application writes through the proxy during the whole copy. Afterwards both
 * clusters are equal cell by cell, write times and TTLs included; also when the copy, the proxy and the
 * target are killed meanwhile.
 * The proxy and the copy are processes of their own. Tables are compared by a client of the test, and by
 * `scamander validate` beside.
 * Spec: live-migration 6, Copy (2), Validation (2); issue 7.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type Client, policies, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import {
  type CassandraDescription,
  type Sandbox,
  type SandboxDescription,
  startSandbox,
} from '../../src/sandbox/index.ts'
import { order } from '../support/faults.ts'
import { connectClient } from '../support/keyspace.ts'
import { LiveWorkload, WORKLOAD_TABLE } from '../support/live-workload.ts'
import { clusterArguments, tableDifferences } from '../support/proxy.ts'
import { until } from '../support/standalone.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
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
  expect(await copy.ended).toBe(0)
  await scene.workload.stop()
  expect(scene.workload.acknowledged.size).toBe(10)
  expect(scene.workload.total).toBeGreaterThan(500)
  await expectEqual('calm')
})

it('the same when copy, proxy and target are killed meanwhile', async () => {
  await using scene = await underFire('killed')
  const { workload } = scene
  let copy = startCopy('killed', 250)
  await until('some of the copy', () => passedRanges() > 2, 60_000)
  copy.child.kill('SIGKILL')
  expect(await copy.ended).toBe(null)

  copy = startCopy('killed', 250)
  await scene.killProxy()
  await acknowledged(workload, 100)

  expect(copy.child.exitCode).toBe(null)
  await order('cassandra', 'kill')
  await until('a failed write', () => Promise.resolve(workload.repeated > 0), 60_000)
  await order('cassandra', 'start')
  await acknowledged(workload, 200)
  expect(await copy.ended).toBe(0)
  await workload.stop()
  await expectEqual('killed')
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
  return {
    workload,
    killProxy: async () => {
      proxy.child.kill('SIGKILL')
      proxy = await startProxy(String(proxy.port))
    },
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

function startCopy(
  table: string,
  rowsPerSecond: number,
): { child: ChildProcess; ended: Promise<number | null> } {
  const args = ['migrate', ...commandArguments(table), ...COPY, String(rowsPerSecond)]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' })
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { child, ended }
}

function commandArguments(table: string): string[] {
  const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
  return [
    ...['--source', at(source), '--target', at(target), '--keyspace', KEYSPACE, '--table', table],
    ...['--state', join(folder, 'state.sqlite'), '--log-level', 'error'],
    ...['--request-timeout-ms', '3000'],
  ]
}

/** A write that failed on one cluster is told to the application, which repeats it. */
async function startProxy(port: string): Promise<{ child: ChildProcess; port: number }> {
  const own = ['--target-failure', 'fail', '--metrics', 'false', '--proxy-port', port]
  const args = ['proxy', ...clusterArguments({ source, target }), ...own]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = /ready for clients at port (\d+)/.exec(line)?.[1]
    if (found === undefined) continue
    child.stderr!.resume()
    return { child, port: Number(found) }
  }
  throw new Error('the proxy ended before it was ready')
}

async function acknowledged(workload: LiveWorkload, more: number): Promise<void> {
  const wanted = workload.total + more
  await until('acknowledged writes', () => Promise.resolve(workload.total >= wanted), 120_000)
}

/** Of the last run. */
function passedRanges(): number {
  const sql =
    "SELECT count(*) AS n FROM range WHERE status = 'PASS' AND run_id = (SELECT max(run_id) FROM run)"
  const db = new DatabaseSync(join(folder, 'state.sqlite'), { readOnly: true })
  try {
    return (db.prepare(sql).get() as { n: number }).n
  } catch {
    return 0 // made a moment later
  } finally {
    db.close()
  }
}

async function expectEqual(table: string): Promise<void> {
  const both = () => Promise.reject(new Error('not used'))
  const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() }
  const pair = { source, target, keyspace: KEYSPACE, onSource, onTarget, both, ...dispose }
  expect(await tableDifferences(pair, table)).toEqual([])
  let out = ''
  const streams = {
    out: (text: string) => {
      out += text
    },
    err: () => undefined,
  }
  const code = await runCli(
    ['validate', ...commandArguments(table), '--compare-timestamps'],
    streams,
  )
  expect([code, out]).toEqual([0, expect.stringMatching(/^Valid: [1-9]\d{2,}$/m)])
}
