/**
 * A server that others reach and that has no user yet: nothing is open but the way to the first one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import type { Method } from '../route.ts'
import { beginSetup } from '../setup-code.ts'
import { uiRoutes } from '../ui-routes.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { sessionRoutes } from './session-routes.ts'
import { setupRoutes } from './setup-routes.ts'
import { v1Routes } from './v1-routes.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function serve(host: string, users = '') {
  const folder = mkdtempSync(join(tmpdir(), 'scamander-setup-'))
  const lines: string[] = []
  const logger = Logger.create({ sink: line => lines.push(JSON.stringify(line)) })
  const replicator = new Replicator(folder, logger)
  const callers = new Callers('', token => replicator.tokens.find(token), replicator.users)
  const access = new Access({ users: new Secret(users), token: new Secret(''), callers })
  beginSetup([{ scheme: 'http', host, port: 0 }], { access, callers }, logger)
  const events = new EventStreams(replicator)
  const own = v1Routes({ replicator, events, hasLogin: false, hasConnect: false, callers })
  const routes = [
    ...[...sessionRoutes(access, callers), ...setupRoutes(replicator, callers)],
    ...[...withRights(own, callers), ...uiRoutes(['v1'])],
  ]
  const http = new HttpServer({ routes, access, logger: Logger.silent() })
  closing.push(async () => {
    await http.close()
    await replicator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const call = async (method: Method, url: string, body?: object, headers = {}) => {
    const page = { 'content-type': 'application/json', 'x-scamander-page': '1' }
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
    const all = { ...page, host: '127.0.0.1', ...headers }
    const answer = await http.inject({ method, url, headers: all, ...payload })
    const text = answer.body
    const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
    return { status: answer.status, cookie, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const code = /setup code ([a-z2-9-]{19}) /.exec(lines.join('\n'))?.[1]
  return { call, code, replicator, callers }
}

const PASSWORD = 'a long enough word'
const SETUP = '/api/v1/setup'

it('lets nobody in before there is a first user', async () => {
  const { call, replicator, callers } = serve('10.0.0.5')
  const { token } = replicator.tokens.make({ name: 'x' }, { name: 'Local admin', role: 'admin' })
  expect((await call('GET', SETUP)).body).toEqual({ needed: true })
  const headers = [{}, { authorization: `Bearer ${token}` }, { authorization: 'Basic em9lOg==' }]
  for (const one of headers)
    for (const path of ['/api/v1/jobs', '/api/v1/session', '/api/v1/users', '/connectors', '/'])
      expect([path, (await call('GET', path, undefined, one)).status]).toEqual([path, 401])
  const draft = { name: 'zoe', role: 'admin', password: PASSWORD }
  expect((await call('POST', '/api/v1/users', draft)).status).toBe(401)
  expect(callers.callerOf(undefined)).toBeUndefined()
})

it('makes the first administrator by the code of the log, once', async () => {
  const { call, code = '' } = serve('10.0.0.5')
  const draft = { name: 'zoe', password: PASSWORD }
  const wrong = await call('POST', SETUP, { ...draft, code: 'aaaa-aaaa-aaaa-aaaa' })
  expect([wrong.status, wrong.body.errors[0].field]).toEqual([403, 'code'])
  const short = await call('POST', SETUP, { code, name: 'zoe', password: 'short' })
  expect([short.status, short.body.errors[0].field]).toEqual([422, 'password'])
  const reserved = await call('POST', SETUP, { ...draft, code, name: 'Local admin' })
  expect([reserved.status, reserved.body.errors[0].field]).toEqual([422, 'name'])
  const both = await Promise.all(
    ['zoe', 'eve'].map(name => call('POST', SETUP, { ...draft, name, code: code.toUpperCase() })),
  )
  expect(both.map(one => one.status).sort()).toEqual([200, 409])
  const { cookie } = both.find(one => one.status === 200)!
  expect((await call('GET', '/api/v1/session', undefined, { cookie })).body).toMatchObject({
    ...{ role: 'admin', login: true },
  })
  expect((await call('GET', SETUP)).body).toEqual({ needed: false })
  expect((await call('POST', SETUP, { ...draft, name: 'yan', code })).status).toBe(409)
  expect((await call('GET', '/api/v1/jobs')).status).toBe(401)
  const audit = (await call('GET', '/api/v1/audit', undefined, { cookie })).body.items
  expect(audit).toMatchObject([{ action: 'user added', detail: 'admin, by the setup code' }])
})

it.each([
  ['only this machine reaches it', '127.0.0.1', ''],
  ['the configuration has users', '10.0.0.5', 'ann:a'],
])('asks for no code where %s', async (_why, host, users) => {
  const { call, code } = serve(host, users)
  expect([code, (await call('GET', SETUP)).body]).toEqual([undefined, { needed: false }])
  const draft = { code: 'aaaa-aaaa-aaaa-aaaa', name: 'zoe', password: PASSWORD }
  expect((await call('POST', SETUP, draft)).status).toBe(409)
})
