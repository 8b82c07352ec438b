/**
 * The second factor over the API: on, asked for at sign-in, off, and reset by an administrator.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { codeOf } from '../../../test/support/authenticator.ts'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import type { Method } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { sessionRoutes } from './session-routes.ts'
import { v1Routes } from './v1-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-account-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const callers = new Callers('', token => replicator.tokens.find(token), replicator.users)
const access = new Access({ users: new Secret('conf:c'), token: new Secret(''), callers })
const events = new EventStreams(replicator)
const own = v1Routes({ replicator, events, hasLogin: true, hasConnect: false, callers })
const http = new HttpServer({
  routes: [...sessionRoutes(access, callers), ...withRights(own, callers)],
  ...{ access, logger },
})
afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

const PASSWORD = 'a long enough word'
const PAGE = { 'x-scamander-page': '1', 'content-type': 'application/json' }

async function call(
  [method, url]: readonly [Method, string],
  headers: Record<string, string> = {},
  body: object = {},
) {
  const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
  const all = { ...PAGE, ...headers }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers: all, ...payload })
  const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  return { status: answer.status, cookie, body: answer.body === '' ? {} : parsed(answer.body) }
}
const parsed = (text: string) => (text.startsWith('{') ? JSON.parse(text) : {})
const signIn = (user: string, code?: string) =>
  call(
    ['POST', '/session'],
    {},
    { user, password: PASSWORD, ...(code === undefined ? {} : { code }) },
  )
const basic = (name: string, password = PASSWORD) => ({
  authorization: `Basic ${btoa(`${name}:${password}`)}`,
})
const conf = basic('conf', 'c')

const appOf = (secret: string) => (later?: number) => codeOf(secret, later)

/** A user whose second factor is on. */
async function enrolled(name: string) {
  const { id } = (
    await call(['POST', '/users'], conf, { name, role: 'viewer', password: PASSWORD })
  ).body as { id: string }
  const { cookie } = await signIn(name)
  const begun = await call(['POST', '/account/factor'], { cookie }, { password: PASSWORD })
  const app = appOf(begun.body.secret)
  const confirmed = await call(['POST', '/account/factor/confirm'], { cookie }, { code: app() })
  return { id, cookie, app, codes: confirmed.body.codes as string[] }
}

it('is switched on by the password and a first code, which ends what was begun without it', async () => {
  await call(['POST', '/users'], conf, { name: 'ann', role: 'viewer', password: PASSWORD })
  const other = await signIn('ann')
  const { cookie } = await signIn('ann')
  expect((await call(['GET', '/jobs'], basic('ann'))).status).toBe(200)
  const wrong = await call(['POST', '/account/factor'], { cookie }, { password: 'no' })
  expect([wrong.status, wrong.body.errors[0].field]).toEqual([403, 'password'])
  const begun = await call(['POST', '/account/factor'], { cookie }, { password: PASSWORD })
  expect((await call(['GET', '/account'], { cookie })).body.factor.on).toBe(false)
  const app = appOf(begun.body.secret)
  const early = await call(['POST', '/account/factor/confirm'], { cookie }, { code: '12' })
  expect([early.status, early.body.errors[0].field]).toEqual([422, 'code'])
  const code = app()
  expect((await call(['POST', '/account/factor/confirm'], { cookie }, { code })).status).toBe(200)
  expect((await call(['GET', '/account'], { cookie })).body).toMatchObject({
    ...{ name: 'ann', factor: { on: true, recoveryLeft: 10 } },
  })
  expect((await call(['GET', '/account'], { cookie: other.cookie })).status).toBe(401)
  expect((await call(['GET', '/jobs'], basic('ann'))).status).toBe(401)
})

it('asks for a code after a right password only, and takes each once', async () => {
  const { app, codes } = await enrolled('ben')
  const wrong = await call(['POST', '/session'], {}, { user: 'ben', password: 'no' })
  expect(wrong.body.errors).toBeUndefined()
  const asked = await signIn('ben')
  expect([asked.status, asked.cookie, asked.body.errors[0].field]).toEqual([403, '', 'code'])
  const next = app(1)
  expect((await signIn('ben', next)).status).toBe(200)
  const again = await signIn('ben', next)
  expect([again.status, again.body.detail]).toEqual([
    ...[403, 'The code is wrong. 4 tries left before a pause.'],
  ])
  expect((await signIn('ben', codes[0])).status).toBe(200)
  expect((await signIn('ben', codes[0])).status).toBe(403)
})

it('makes whoever guesses codes wait, also with sign-ins without a code in between', async () => {
  const { app } = await enrolled('cleo')
  for (let at = 0; at < 5; at++) {
    await signIn('cleo', 'abcdef')
    await signIn('cleo')
  }
  expect((await signIn('cleo', app(1))).body.detail).toMatch(/^Too many wrong tries/)
})

it('forgets no wrong code because of a right password', async () => {
  const { cookie } = await enrolled('dan')
  for (let at = 0; at < 4; at++) {
    await call(['POST', '/account/factor/off'], { cookie }, { code: 'abcdef' })
    const begun = await call(['POST', '/account/factor'], { cookie }, { password: PASSWORD })
    expect(begun.status).toBe(409)
  }
  expect(callers.guard.left('dan')).toBe(1)
})

it('is switched off by a code', async () => {
  const { cookie, codes } = await enrolled('dora')
  const off = ['POST', '/account/factor/off'] as const
  expect((await call(off, { cookie }, { code: '1' })).status).toBe(403)
  expect((await call(off, { cookie }, { code: codes[3] })).status).toBe(204)
  expect((await signIn('dora')).status).toBe(200)
})

it('is reset by an administrator, and by nobody else', async () => {
  const { id, cookie } = await enrolled('eve')
  const reset = ['DELETE', `/users/${id}/factor`] as const
  expect((await call(reset, { cookie })).status).toBe(403)
  const listed = (await call(['GET', '/users'], conf)).body.items as { name: string }[]
  expect(listed.find(one => one.name === 'eve')).toMatchObject({ secondFactor: true })
  expect((await call(reset, conf)).status).toBe(204)
  expect((await call(['GET', '/account'], { cookie })).status).toBe(401)
  expect((await signIn('eve')).status).toBe(200)
  const audit = (await call(['GET', '/audit'], conf)).body.items
  expect(audit.slice(0, 2)).toMatchObject([
    { user: 'conf', action: 'second factor reset', object: 'eve' },
    { user: 'eve', action: 'second factor switched on', object: 'eve' },
  ])
  expect(JSON.stringify(audit)).not.toContain(PASSWORD)
})

it('belongs to users of the page alone, and no token changes it', async () => {
  expect((await call(['GET', '/account'], conf)).body).toEqual({ name: 'conf', factor: null })
  expect((await call(['POST', '/account/factor'], conf, { password: 'c' })).status).toBe(403)
  await call(['POST', '/users'], conf, { name: 'fay', role: 'admin', password: PASSWORD })
  const { cookie } = await signIn('fay')
  const made = await call(['POST', '/tokens'], { cookie }, { name: 'x' })
  const headers = { authorization: `Bearer ${made.body.token}` }
  const begun = await call(['POST', '/account/factor'], headers, { password: PASSWORD })
  expect(begun.status).toBe(403)
})

it('leaves a new user no token of somebody else who had the name in the configuration', async () => {
  const { token } = replicator.tokens.make({ name: 'old' }, { name: 'hal', role: 'admin' })
  const headers = { authorization: `Bearer ${token}` }
  expect((await call(['GET', '/jobs'], headers)).status).toBe(401)
  await call(['POST', '/users'], conf, { name: 'hal', role: 'admin', password: PASSWORD })
  expect((await call(['GET', '/jobs'], headers)).status).toBe(401)
})

it('goes with its user', async () => {
  const { id } = await enrolled('gus')
  await call(['DELETE', `/users/${id}`], conf)
  await call(['POST', '/users'], conf, { name: 'gus', role: 'viewer', password: PASSWORD })
  expect((await signIn('gus')).status).toBe(200)
})
