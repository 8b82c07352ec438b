/**
 * Bulk copy under faults of a cluster: it stands still, it is killed and comes back. The copy waits,
 * goes on, and ends with every row where it belongs.
 * Both keyspaces lie on the one cluster that may be killed, so every fault hits reads and writes.
 * Spec: live-migration 3.7; issue 7.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { SandboxDescription } from '../../src/sandbox/index.ts'
import { order } from '../support/faults.ts'
import { MigrationScene } from '../support/migration.ts'

let scene: MigrationScene
const ROWS = 8_000
const T0 = 1_700_000_000_000_000
const SELECT = { keys: 2, selectors: ['id', 'c', 'v', 'l', 'writetime(v)'] }

beforeAll(async () => {
  const answer = await fetch(`${inject('faultServersUrl')}/description`)
  const { cassandra } = (await answer.json()) as SandboxDescription
  scene = await MigrationScene.open(cassandra!, cassandra!)
  await scene.both(
    'CREATE TABLE ks.ledger (id int, c int, v text, l list<int>, PRIMARY KEY (id, c))',
  )
  const { client, name } = scene.source
  const cql = `INSERT INTO ${name}.ledger (id, c, v, l) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`
  for (let first = 0; first < ROWS; first += 400) {
    const rows = Array.from({ length: 400 }, (_, i) => first + i)
    await Promise.all(
      rows.map(i => client.execute(cql, [i % 700, i, `v${i}`, [i, 1], T0 + i], { prepare: true })),
    )
  }
})
afterAll(async () => {
  await scene?.close()
})

/** Starts a slow copy and resolves when it is under way. */
async function startCopy() {
  await scene.on('target', 'TRUNCATE ks.ledger')
  const args = ['--splits', '30', '--page-size', '100', '--read-rate', '1500', '--restart']
  const more = ['--read-cl', 'ONE', '--write-cl', 'ONE', '--request-timeout-ms', '2000']
  const child = scene.spawn('migrate', '--table', 'ledger', ...args, ...more)
  let out = ''
  child.stdout!.on('data', text => {
    out += text
  })
  const ended = new Promise<{ code: number | null; out: string }>(resolve =>
    child.once('close', code => resolve({ code, out })),
  )
  const { client, name } = scene.target
  const count = async () => {
    const rows = await client.execute(`SELECT id FROM ${name}.ledger LIMIT 200`)
    return rows.rowLength
  }
  while ((await count()) < 200) await sleep(50)
  return { ended, isRunning: () => child.exitCode === null }
}

async function expectAll(): Promise<void> {
  await scene.reconnect()
  const source = await scene.rows('source', 'ledger', SELECT)
  const target = await scene.rows('target', 'ledger', SELECT)
  expect([source.size, target.size]).toEqual([ROWS, ROWS])
  for (const [key, cells] of source) expect([key, target.get(key)]).toEqual([key, cells])
}

describe('a copy', () => {
  it('waits for a cluster that stands still', async () => {
    const copy = await startCopy()
    await order('cassandra', 'pause')
    await sleep(5_000)
    expect(copy.isRunning()).toBe(true)
    await order('cassandra', 'resume')
    const { code, out } = await copy.ended
    expect([code, out]).toEqual([0, expect.stringContaining(`Written: ${ROWS}\n`)])
    await expectAll()
  })

  it('goes on when a killed node is back', async () => {
    const copy = await startCopy()
    await order('cassandra', 'kill')
    expect(copy.isRunning()).toBe(true)
    await order('cassandra', 'start')
    const { code, out } = await copy.ended
    expect([code, out]).toEqual([0, expect.stringContaining('Rejected: 0\n')])
    await expectAll()
  })
})
