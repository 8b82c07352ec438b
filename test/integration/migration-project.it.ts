/**
 * A whole migration by the runbook: planned, led through every phase by the command, with a real proxy
 * between two real clusters; and the same project seen through the API.
 * Each phase is tried to be left too early first.
 * Spec: live-migration 5.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MigrationInfo } from '../../src/api-v1-migrations.ts'
import { runCli } from '../../src/cli/index.ts'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type ProxyPair, proxyPair, type TestProxy, testProxy } from '../support/proxy.ts'
import { until } from '../support/standalone.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-project-'))
const state = join(folder, 'migration.sqlite')
let pair: ProxyPair
let proxy: TestProxy

beforeAll(async () => {
  pair = await proxyPair()
  await pair.onSource.execute(
    `CREATE TABLE ${pair.keyspace}.users (id int PRIMARY KEY, name text, tags list<text>)`,
  )
  proxy = await testProxy(pair)
})

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]()
  await pair?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function run(
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const streams = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  return { code: await runCli([...args, '--state', state], streams), out, err }
}

const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
const clusters = () => ['--source', at(pair.source), '--target', at(pair.target)]

async function plan(): Promise<{ code: number; info: MigrationInfo }> {
  const control = `http://127.0.0.1:${proxy.proxy.metricsPort}`
  const what = ['--keyspace', pair.keyspace, '--proxy', control, '--json']
  const { code, out, err } = await run('migration', 'plan', 'shop', ...clusters(), ...what)
  if (out === '') throw new Error(err)
  return { code, info: JSON.parse(out) }
}

/** Refused with these checks, then taken. */
async function advance(open: readonly string[], ...accept: readonly string[]): Promise<string> {
  const refused = await run('migration', 'advance', 'shop')
  expect([refused.code, refused.out]).toEqual([2, ''])
  for (const key of open) expect(refused.err).toContain(key)
  const taken = await run('migration', 'advance', 'shop', '--accept', accept.join(','))
  expect(taken.err).toBe('')
  expect(taken.code).toBe(0)
  return taken.out
}

it('leads through every phase, and lets none be left early', async () => {
  const early = await plan()
  expect(early.code).toBe(1)
  expect(early.info.tables).toEqual([
    { table: 'users', state: 'red', reasons: [expect.stringContaining('--create-schema')] },
  ])
  await pair.onTarget.execute(
    `CREATE TABLE ${pair.keyspace}.users (id int PRIMARY KEY, name text, tags list<text>)`,
  )
  const planned = await plan()
  expect(planned.code).toBe(0)
  expect(planned.info.tables[0]).toMatchObject({ state: 'amber' })
  expect((await run('migration', 'advance', 'shop')).code).toBe(0)

  const client = await proxy.connect()
  const insert = `INSERT INTO ${pair.keyspace}.users (id, name, tags) VALUES (?, ?, ?)`
  for (let id = 0; id < 20; id++) {
    const on = id < 10 ? pair.onSource : client
    await on.execute(insert, [id, `name ${id}`, ['a']], { prepare: true })
  }
  expect(await advance(['all-writers'], 'all-writers')).toContain('phase 2, Copy and validate')

  const unknown = await run('migration', 'advance', 'shop', '--accept', 'everything')
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('no check everything')])
  const tooEarly = await run('migration', 'advance', 'shop')
  expect([tooEarly.code, tooEarly.err]).toEqual([
    2,
    expect.stringContaining('no copy in the state'),
  ])
  const what = [...clusters(), '--keyspace', pair.keyspace]
  expect((await run('validate', ...what, '--recheck-delay', '50')).code).toBe(1)
  expect((await run('migrate', ...what)).code).toBe(0)
  const notValidated = await run('migration', 'advance', 'shop')
  expect(notValidated.err).toContain('users: ')
  expect((await run('validate', ...what, '--compare-timestamps')).code).toBe(0)
  expect((await run('migration', 'advance', 'shop')).out).toContain('phase 3, Rehearse reads')
  expect(await advance(['rehearsed'], 'rehearsed')).toContain('phase 4, Switch reads')
  expect((await run('migration', 'advance', 'shop', '--accept', 'stable')).err).toContain(
    'primary-target',
  )
  await proxy.control('primary', { primary: 'target' })
  expect((await run('migration', 'advance', 'shop')).out).toContain('phase 5, Cut over')
  expect((await run('migration', 'advance', 'shop', '--accept', 'on-target')).err).toContain(
    'no-clients',
  )
  await client.shutdown()
  const done = await until('no client', async () => {
    const answer = await run('migration', 'advance', 'shop')
    return answer.code === 0 && answer.out
  })
  expect(done).toContain('phase 6, Done')
}, 240_000)

it('shows the same through the API', async () => {
  const logger = Logger.silent()
  const server = await startServer({ dataFolder: folder, listen: 'http://127.0.0.1:0', logger })
  try {
    // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals
    const call = async (path: string, body?: object): Promise<[number, any]> => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const url = `${server.url}/api/v1/migrations${path}`
      const answer = await fetch(url, body && { ...init, body: JSON.stringify(body) })
      return [answer.status, await answer.json()]
    }
    expect(await call('')).toEqual([200, { items: [expect.objectContaining({ phase: 6 })] }])
    const [status, shown] = await call('/shop')
    expect(status).toBe(200)
    expect(shown.history.map((one: { text: string }) => one.text)).toEqual([
      ...['planned', 'planned', 'Plan ended'],
      expect.stringContaining('all-writers'),
      ...['Copy and validate ended', expect.stringContaining('rehearsed')],
      expect.stringContaining('stable'),
      expect.stringContaining('stable'),
      expect.stringContaining('on-target'),
      expect.stringContaining('on-target'),
    ])
    expect((await call('/shop/advance', {}))[0]).toBe(409)
    expect((await call('/shop/back', {}))[0]).toBe(409)
    expect((await call('/other'))[0]).toBe(404)
    expect((await call('', { name: 'x' }))[0]).toBe(422)
    const cluster = { contactPoints: ['127.0.0.1:1'] }
    const draft = { name: 'far', source: cluster, target: cluster, keyspace: 'ks' }
    const [created, far] = await call('', draft)
    expect([created, far.checks[0]]).toMatchObject([
      201,
      { key: 'source-reached', state: 'failed' },
    ])
  } finally {
    await server.close()
  }
})
