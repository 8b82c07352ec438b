/**
 * Named secrets over the API: sealed, used by connections and connectors, kept while they are used, and in
 * no answer, log, audit entry or file as they are.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import type { Method } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { v1Routes } from './v1-routes.ts'

const PLANTED = 'planted-value-5f2c'
const folder = mkdtempSync(join(tmpdir(), 'scamander-secrets-'))
const lines: string[] = []
const logger = Logger.create({ sink: line => void lines.push(JSON.stringify(line)) })
for (const name of logger.levels.known) logger.levels.set(name, 'trace')
const replicator = new Replicator(folder, logger)
const events = new EventStreams(replicator)
const callers = new Callers('ann:viewer,stan:standard', () => undefined, replicator.users)
const configs = new Map<string, string>()
const routes = v1Routes({
  ...{ replicator, events, hasLogin: true, hasConnect: true, callers },
  connectorsHolding: text =>
    [...configs].filter(one => one[1].includes(text)).map(([name]) => name),
})
const users = new Secret('emil:x,ann:x,stan:x')
const http = new HttpServer({
  routes: withRights(routes, callers),
  access: new Access({ users, token: new Secret(''), callers }),
  logger,
})
const answers: string[] = []

afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call([method, url]: readonly [Method, string], body: unknown = {}, as = 'emil') {
  const authorization = `Basic ${btoa(`${as}:x`)}`
  const headers = { 'content-type': 'application/json', host: 'localhost', authorization }
  const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers, ...payload })
  answers.push(answer.body)
  return { status: answer.status, body: answer.body === '' ? {} : JSON.parse(answer.body) }
}

const add = (name: string, value: unknown, as?: string) =>
  call(['POST', '/secrets'], { name, value }, as)
const connection = (password: string, more: object = {}) => ({
  ...{ name: 'here', connector: 'cassandra' },
  properties: {
    ...{ server: '127.0.0.1', port: 9042, database: 'ops', authScheme: 'Basic' },
    ...{ user: 'ops', password, consistencyLevel: 'ONE', ...more },
  },
})

it('is added by administrators, listed for those who may write references', async () => {
  expect((await add('db', PLANTED, 'stan')).status).toBe(403)
  const added = await add('db', PLANTED)
  expect(added).toMatchObject({ status: 201, body: { name: 'db', setBy: 'emil', usedBy: [] } })
  expect((await call(['GET', '/secrets'], {}, 'ann')).status).toBe(403)
  const listed = await call(['GET', '/secrets'], {}, 'stan')
  expect(listed.body.items.map((one: { name: string }) => one.name)).toEqual(['db'])
  const wrong = [await add('db', 'x'), await add('a b', 'x'), await add('c', ''), await add('c', 7)]
  expect(wrong.map(one => [one.status, one.body.errors[0].field])).toEqual([
    ...[
      [422, 'name'],
      [422, 'name'],
      [422, 'value'],
      [422, 'value'],
    ],
  ])
})

it('stands in a connection by its reference, and opens there only', async () => {
  const saved = await call(['POST', '/connections'], connection(`\${secret:db}`))
  expect(saved.status).toBe(201)
  const { id, secrets } = saved.body.connection
  expect(secrets.password).toEqual({ set: true, hint: `\${secret:db}` })
  const before = replicator.cassandraAccess(id)
  expect(before.settings.credentials?.password).toBe(PLANTED)
  await call(['PUT', '/secrets/db'], { value: `${PLANTED}-2` })
  const after = replicator.cassandraAccess(id)
  expect(after.settings.credentials?.password).toBe(`${PLANTED}-2`)
  expect(after.version).not.toBe(before.version)
  const patched = await call(['PATCH', `/connections/${id}`], { labels: ['prod'] })
  expect(patched.body.secrets.password.hint).toBe(`\${secret:db}`)
})

it('is no other text of a connection, and must be there', async () => {
  const lost = connection(`\${secret:gone}`)
  const gone = await call(['POST', '/connections'], { ...lost, name: 'two' })
  expect([gone.status, gone.body.errors[0].field]).toEqual([422, 'password'])
  expect(gone.body.detail).toContain('there is no secret gone')
  const place = connection('x', { user: `\${secret:db}` })
  const shown = await call(['POST', '/connections'], { ...place, name: 'two' })
  expect([shown.status, shown.body.errors[0].field]).toEqual([422, 'user'])
})

it('stays while connections and connectors refer to it', async () => {
  configs.set('stocks-sink', `password="\${secret:db}"`)
  const [one] = (await call(['GET', '/secrets'])).body.items
  expect(one.usedBy).toMatchObject([
    { kind: 'connection', name: 'here' },
    { kind: 'connector', name: 'stocks-sink' },
  ])
  const refused = await call(['DELETE', '/secrets/db'])
  expect([refused.status, refused.body.detail]).toEqual([
    ...[409, 'secret db is used by the connection here, the connector stocks-sink'],
  ])
  configs.clear()
  await call(['DELETE', `/connections/${one.usedBy[0].id}`])
  expect((await call(['DELETE', '/secrets/db'])).status).toBe(204)
  expect((await call(['PUT', '/secrets/db'], { value: 'x' })).status).toBe(404)
})

it('is in no answer, no log, no audit entry and no file', async () => {
  await add('kept', PLANTED)
  const trail = (await call(['GET', '/audit'])).body.items
  expect(trail.map((one: { action: string }) => one.action)).toContain('secret replaced')
  const files = readdirSync(folder).map(file => readFileSync(join(folder, file), 'latin1'))
  expect(lines).not.toEqual([])
  const told = [...answers, ...lines, ...files, JSON.stringify(trail)]
  expect(told.filter(text => text.includes(PLANTED))).toEqual([])
})
