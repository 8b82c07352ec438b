/**
 * Rights and bodies of the calls on migrations: phases 4 and 5 belong to administrators, also the step
 * that leads there; a body that is wrong is refused before anything is asked.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Role } from '../../api-v1.ts'
import { MigrationDesk, type Project, ProjectStore } from '../../migrate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import type { Answer, Call } from '../route.ts'
import { migrationRoutes } from './migration-routes.ts'

const NOWHERE = {
  ...{ contactPoints: ['127.0.0.1:1'], localDc: 'dc1', username: '', tls: false },
  ...{ ca: '', cert: '', key: '' },
}
let folder: string
let desk: MigrationDesk

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-migration-routes-'))
  const state = join(folder, 'state.sqlite')
  const store = new ProjectStore(state)
  for (const phase of [2, 3, 4, 5]) store.save(projectIn(phase))
  store.save({ ...projectIn(2), name: 'ro', target: { ...NOWHERE, connection: 'c' } })
  store.close()
  const env = { SCAMANDER_PROXY_TOKEN: 'secret' }
  desk = new MigrationDesk({ state, logger: Logger.silent(), env, isReadOnly: () => true })
})
afterEach(async () => {
  await desk.close()
  rmSync(folder, { recursive: true })
})

function projectIn(phase: number): Project {
  return {
    ...{ name: `p${phase}`, source: NOWHERE, target: NOWHERE, keyspace: 'k', targetKeyspace: 'k' },
    ...{ tables: ['t'], proxies: ['http://127.0.0.1:1'], phase, since: '', dualSince: null },
    ...{ accepted: [], history: [] },
  }
}

async function call(at: string, role: Role, body: object = {}): Promise<[number, string]> {
  const [method = '', path = ''] = at.split(' ')
  const [, , , , name = '', ...rest] = path.split('/')
  const pattern = ['/api/v1/migrations/:name', ...rest].join('/')
  const route = migrationRoutes(desk).find(one => one.method === method && one.path === pattern)
  if (route === undefined) throw new Error(`there is no ${method} ${pattern}`)
  const headers = { 'x-scamander-role': role, 'x-scamander-caller': 'ann' }
  const given: Call = {
    ...{ params: { name }, query: new URLSearchParams(), body: JSON.stringify(body) },
    ...{ method, url: path, headers },
  }
  const answer: Answer = await route.handle(given)
  return [answer.status, answer.text?.body ?? JSON.stringify(answer.json)]
}

const BASE = '/api/v1/migrations'

it.each([
  ['p3/advance', {}],
  ['p4/back', {}],
  ['p4/advance', {}],
  ['p5/advance', {}],
  ['p4/proxies', { url: 'http://127.0.0.1:1', primary: 'target' }],
  ['p4/acts', { kind: 'repair' }],
])('only administrators may: %s', async (path, body) => {
  const [refused, text] = await call(`POST ${BASE}/${path}`, 'standard', body)
  expect([refused, text]).toEqual([403, expect.stringContaining('need the role admin')])
  const [tried] = await call(`POST ${BASE}/${path}`, 'admin', body)
  expect(tried).not.toBe(403)
})

it('goes back by itself, notes who did it, and does what belongs to the phase only', async () => {
  const [status, text] = await call(`POST ${BASE}/p3/back`, 'standard')
  expect(status).toBe(200)
  expect(JSON.parse(text)).toMatchObject({
    phase: { number: 2 },
    history: [{ by: 'ann', text: 'back from Rehearse reads' }],
  })
  const acts = `POST ${BASE}/p5/acts`
  expect((await call(acts, 'admin', { kind: 'copy' }))[1]).toContain('belongs to phase 2;')
  expect((await call(acts, 'admin', { kind: 'repair' }))[0]).toBe(409)
  const repair = await call(`POST ${BASE}/p2/acts`, 'standard', { kind: 'repair' })
  expect(repair).toEqual([409, expect.stringContaining('validate first')])
})

it.each([
  ['acts', { kind: 'everything' }, 'kind'],
  ['acts', { kind: 'copy', writeRate: 0 }, 'writeRate'],
  ['acts', { kind: 'repair', differences: ['1'] }, 'differences'],
  ['acts', { kind: 'repair', time: 'later' }, 'time'],
  ['proxies', { url: 'http://127.0.0.1:1', primary: 'both' }, 'primary'],
])('refuses %s %o', async (path, body, field) => {
  const answer = await call(`POST ${BASE}/p2/${path}`, 'standard', body)
  expect(answer).toEqual([422, expect.stringContaining(field)])
})

it.each([
  ['POST', { source: { contactPoints: ['h'], username: 'u' }, target: { connection: 'c' } }],
  ['POST /scan', { source: { connection: 'c' }, target: { contactPoints: ['h'], username: 'u' } }],
  ['POST /keyspaces', { contactPoints: ['h'], username: 'u' }],
] as const)('%s gives a password of the server to administrators only', async (at, body) => {
  const [method, path = ''] = at.split(' ')
  const route = migrationRoutes(desk).find(
    one => one.method === method && one.path === `${BASE}${path}`,
  )
  const headers = { 'x-scamander-role': 'standard', 'x-scamander-caller': 'ann' }
  const answer = await route?.handle({
    ...{ params: {}, query: new URLSearchParams(), body: JSON.stringify(body) },
    ...{ method: 'POST', url: BASE, headers },
  })
  expect(answer?.status).toBe(403)
})

it('sends the token of proxies to new addresses for administrators only', async () => {
  const [status, text] = await call(`PATCH ${BASE}/p2`, 'standard', { proxies: ['http://other:1'] })
  expect([status, text]).toEqual([403, expect.stringContaining('token')])
  expect(desk.project('p2').proxies).toEqual(['http://127.0.0.1:1'])
})

it('keeps its state for its owner only', () => {
  expect(statSync(join(folder, 'state.sqlite')).mode & 0o777).toBe(0o600)
})

it('writes nothing through a connection that is read-only', async () => {
  const [status, text] = await call(`POST ${BASE}/ro/acts`, 'admin', { kind: 'copy' })
  expect([status, text]).toEqual([409, expect.stringContaining('read-only')])
  expect((await call(`POST ${BASE}/p2/acts`, 'admin', { kind: 'copy' }))[0]).toBe(202)
})
