/**
 * Signing in at the page: cookies instead of headers, users of the configuration and managed ones, and
 * what a session may and may not do.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { UserInfo } from '../../api-v1-access.ts'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import { json, type Method, type Route } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { sessionRoutes } from './session-routes.ts'
import { v1Routes } from './v1-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-session-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const closing: HttpServer[] = []

afterAll(async () => {
  for (const http of closing) await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

const PASSWORD = 'a long enough word'

function serve(users = '', token = '') {
  const findToken = (text: string) => replicator.tokens.find(text)
  const callers = new Callers('ann:viewer', findToken, replicator.users)
  const access = new Access({ users: new Secret(users), token: new Secret(token), callers })
  const events = new EventStreams(replicator)
  const own = v1Routes({ replicator, events, hasLogin: true, hasConnect: true, callers })
  const restart: Route = {
    ...{ method: 'POST', path: '/connectors/:name/restart', summary: '' },
    handle: () => json(202, {}),
  }
  const routes = [...sessionRoutes(access, callers), ...withRights(own, callers), restart]
  const http = new HttpServer({ routes, access, logger })
  closing.push(http)
  const call = async (
    [method, url]: readonly [Method, string],
    headers: Record<string, string> = {},
    body: object = {},
  ) => {
    const type = { 'content-type': 'application/json', host: 'localhost:80', ...headers }
    const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
    const answer = await http.inject({ method, url, headers: type, ...payload })
    const { 'set-cookie': cookie, 'www-authenticate': challenge } = answer.headers
    const told = answer.body.startsWith('{') ? JSON.parse(answer.body) : answer.body
    return { status: answer.status, body: told, cookie: String(cookie), challenge }
  }
  const signIn = (user: string, password: string) =>
    call(['POST', '/api/v1/session'], PAGE, { user, password })
  return { call, signIn }
}

const PAGE = { 'x-scamander-page': '1' }
const SESSION = ['GET', '/api/v1/session'] as const
const cookieOf = (answer: { cookie: string }) => ({ cookie: answer.cookie.split(';')[0] ?? '' })

it('signs in a user of the configuration by a cookie, and out again', async () => {
  const { call, signIn } = serve('ann:a,emil:e')
  const refused = await call(SESSION, PAGE)
  expect([refused.status, refused.challenge]).toEqual([401, undefined])
  expect((await call(SESSION)).challenge).toBe('Basic realm="scamander"')
  const wrong = await signIn('ann', 'b')
  expect([wrong.status, wrong.body.detail]).toEqual([
    403,
    'Name or password is wrong. 4 tries left before a pause.',
  ])
  const signedIn = await signIn('ann', 'a')
  expect(signedIn.status).toBe(200)
  expect(signedIn.cookie).toMatch(
    /^scamander_session_80=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/,
  )
  const ann = { ...cookieOf(signedIn), ...PAGE }
  expect((await call(SESSION, ann)).body).toMatchObject({
    ...{ user: 'ann', role: 'viewer', endsAt: signedIn.body.endsAt },
  })
  expect((await call(['POST', '/api/v1/jobs'], ann)).status).toBe(403)
  expect((await call(['POST', '/connectors/x/restart'], ann)).status).toBe(403)
  expect((await call(['DELETE', '/api/v1/session'], ann)).cookie).toContain('Max-Age=0')
  expect((await call(SESSION, ann)).status).toBe(401)
})

it('takes a change by a session only from the page itself', async () => {
  const { call, signIn } = serve('emil:e')
  const emil = cookieOf(await signIn('emil', 'e'))
  const restart = ['POST', '/connectors/x/restart'] as const
  expect((await call(restart, emil)).status).toBe(403)
  expect((await call(restart, { ...emil, ...PAGE })).status).toBe(202)
  const foreign = { ...emil, ...PAGE, origin: 'https://elsewhere.example' }
  expect((await call(['POST', '/api/v1/notices/read'], foreign)).status).toBe(403)
})

it('ends the session before when somebody signs in again', async () => {
  const { call, signIn } = serve('ann:a')
  const first = cookieOf(await signIn('ann', 'a'))
  const again = { ...PAGE, ...first }
  const next = cookieOf(
    await call(['POST', '/api/v1/session'], again, { user: 'ann', password: 'a' }),
  )
  expect([(await call(SESSION, first)).status, (await call(SESSION, next)).status]).toEqual([
    401, 200,
  ])
})

it('signs in by the token of the server where the user is left empty', async () => {
  const { call, signIn } = serve('', 'tok')
  expect((await signIn('', 'no')).status).toBe(403)
  const cookie = cookieOf(await signIn('', 'tok'))
  expect((await call(SESSION, cookie)).body).toMatchObject({ user: 'token', role: 'admin' })
})

it('lets whoever guesses wait', async () => {
  const { signIn } = serve('ann:a')
  for (let count = 0; count < 5; count++) await signIn('ann', 'wrong')
  const answer = await signIn('ann', 'a')
  expect([answer.status, answer.body.detail]).toEqual([
    403,
    expect.stringMatching(/^Too many wrong tries\. Wait \d+ s/),
  ])
})

it('manages users: the first is an administrator, and everybody signs in from then on', async () => {
  const { call, signIn } = serve()
  const add = (name: string, role: string, headers = {}) =>
    call(['POST', '/api/v1/users'], { ...PAGE, ...headers }, { name, role, password: PASSWORD })
  expect((await call(SESSION)).body).toMatchObject({ user: 'Local admin', managesUsers: true })
  expect((await add('vera', 'viewer')).body.errors[0].field).toBe('role')
  const zoe = (await add('zoe', 'admin')).body as UserInfo
  expect(JSON.stringify(zoe)).not.toContain(PASSWORD)
  expect((await call(SESSION)).status).toBe(401)
  const admin = { ...cookieOf(await signIn('zoe', PASSWORD)), ...PAGE }
  const short = { name: 'yan', role: 'viewer', password: 'short' }
  expect((await call(['POST', '/api/v1/users'], admin, short)).body.errors[0].field).toBe(
    'password',
  )
  const vera = (await add('vera', 'viewer', admin)).body as UserInfo
  const viewer = { ...cookieOf(await signIn('vera', PASSWORD)), ...PAGE }
  expect((await call(SESSION, viewer)).body).toMatchObject({ user: 'vera', role: 'viewer' })
  expect((await call(['GET', '/api/v1/users'], viewer)).status).toBe(403)
  const basic = { authorization: `Basic ${btoa(`vera:${PASSWORD}`)}` }
  expect((await call(SESSION, basic)).status).toBe(200)
  await call(['PATCH', `/api/v1/users/${vera.id}`], admin, { password: `${PASSWORD}!` })
  expect((await call(SESSION, viewer)).status).toBe(401)
  expect((await call(SESSION, basic)).status).toBe(401)
  const last = await call(['PATCH', `/api/v1/users/${zoe.id}`], admin, { role: 'viewer' })
  expect([last.status, last.body.detail]).toEqual([
    409,
    expect.stringContaining('last administrator'),
  ])
  expect((await call(['DELETE', `/api/v1/users/${vera.id}`], admin)).status).toBe(204)
  expect((await signIn('vera', `${PASSWORD}!`)).status).toBe(403)
  const audit = (await call(['GET', '/api/v1/audit'], admin)).body.items
  expect(audit.map((one: { action: string }) => one.action).slice(0, 3)).toEqual([
    ...['user deleted', 'user changed', 'user added'],
  ])
})
