/**
 * Who may call what: users with roles, API tokens, and callers without either.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { TokenInfo, TokenMade } from '../../api-v1-access.ts'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import { json, type Method, type Route } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { leastRoleOf, withRights } from './rights.ts'
import { sessionRoutes } from './session-routes.ts'
import { v1Routes } from './v1-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-rights-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const callers = new Callers(
  'ann:viewer, ben:job_operator,cleo:job_creator,dora:standard',
  token => replicator.tokens.find(token),
  replicator.users,
)
const users = new Secret('ann:a,ben:b,cleo:c,dora:d,emil:e')
const access = new Access({ users, token: new Secret('secret'), callers })
const events = new EventStreams(replicator)
const own = v1Routes({ replicator, events, hasLogin: true, hasConnect: false, callers })
const connectors: Route = {
  ...{ method: 'POST', path: '/connectors', summary: '' },
  handle: () => json(201, {}),
}
const at = (path: string): Route => ({ ...connectors, path: `/api/v1/cdc/channels${path}` })
const capture = withRights([at(''), at('/pause')], callers)
const http = new HttpServer({
  routes: [...sessionRoutes(access, callers), ...withRights(own, callers), connectors, ...capture],
  ...{ access, logger },
})

afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

const PASSWORDS = { ann: 'a', ben: 'b', cleo: 'c', dora: 'd', emil: 'e' } as const
const login = (name: keyof typeof PASSWORDS) =>
  `Basic ${Buffer.from(`${name}:${PASSWORDS[name]}`).toString('base64')}`

async function call(authorization: string, [method, url]: readonly [Method, string], body = {}) {
  const headers = { authorization, 'content-type': 'application/json', 'x-scamander-role': 'admin' }
  const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers, ...payload })
  const text = answer.body
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

const FORBIDDEN = 403

it.each([
  ['GET', '/jobs', 'ann'],
  ['GET', '/session', 'ann'],
  ['GET', '/runs/x/log', 'ben'],
  ['POST', '/jobs/x/runs', 'ben'],
  ['POST', '/runs/x/cancel', 'ben'],
  ['POST', '/runs/x/retry-rejected', 'ben'],
  ['POST', '/jobs', 'cleo'],
  ['DELETE', '/jobs/x', 'cleo'],
  ['POST', '/jobs/x/preview', 'cleo'],
  ['GET', '/history/retention', 'ann'],
  ['GET', '/jobs/x/schema-changes', 'ann'],
  ['POST', '/jobs/x/schema-changes/y/approve', 'cleo'],
  ['PUT', '/schedule/pause', 'cleo'],
  ['PUT', '/jobs/x/hooks', 'dora'],
  ['GET', '/secrets', 'dora'],
  ['POST', '/secrets', 'emil'],
  ['PUT', '/history/retention', 'emil'],
  ['DELETE', '/connections/x', 'dora'],
  ['GET', '/audit', 'emil'],
  ['GET', '/users', 'emil'],
  ['DELETE', '/users/x', 'emil'],
] as const)('%s %s needs the rights of %s', async (method, url, least) => {
  const names = ['ann', 'ben', 'cleo', 'dora', 'emil'] as const
  for (const name of names) {
    const { status } = await call(login(name), [method, url])
    const isAllowed = names.indexOf(name) >= names.indexOf(least)
    expect([name, status !== FORBIDDEN]).toEqual([name, isAllowed])
  }
})

it('has a rule or the strict default for every route', () => {
  const open = own.filter(one => one.method !== 'GET' && leastRoleOf(one) === 'viewer')
  expect(open.map(one => `${one.method} ${one.path}`).sort()).toEqual([
    'DELETE /api/v1/tokens/:id',
    'POST /api/v1/account/factor',
    'POST /api/v1/account/factor/confirm',
    'POST /api/v1/account/factor/off',
    'POST /api/v1/notices/read',
    'POST /api/v1/schedule/preview',
    'POST /api/v1/tokens',
  ])
})

it('makes a token once, of at most the own role, that acts by its role until it is deleted', async () => {
  const draft = { name: 'nightly', role: 'job_operator' }
  const refused = await call(login('ann'), ['POST', '/tokens'], draft)
  expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'role'])
  const made = (await call(login('cleo'), ['POST', '/tokens'], draft)).body as TokenMade
  expect(made.token).toMatch(/^sc_[\w-]{43}$/)
  expect(made.info).toMatchObject({ owner: 'cleo', role: 'job_operator', lastUsedAt: null })
  const bearer = `Bearer ${made.token}`
  expect((await call(bearer, ['GET', '/session'])).body).toMatchObject({ role: 'job_operator' })
  expect((await call(bearer, ['POST', '/jobs'])).status).toBe(FORBIDDEN)
  const listed = (await call(login('emil'), ['GET', '/tokens'])).body.items as TokenInfo[]
  expect(listed.map(one => [one.name, one.lastUsedAt !== null])).toEqual([['nightly', true]])
  expect(JSON.stringify(listed)).not.toContain(made.token)
  expect((await call(login('ann'), ['GET', '/tokens'])).body.items).toEqual([])
  expect((await call(login('ben'), ['DELETE', `/tokens/${made.info.id}`])).status).toBe(404)
  expect((await call(login('cleo'), ['DELETE', `/tokens/${made.info.id}`])).status).toBe(204)
  const after = await http.inject({
    ...{ method: 'GET', url: '/api/v1/jobs', headers: { authorization: bearer } },
  })
  expect(after.status).toBe(401)
  const audit = (await call(login('emil'), ['GET', '/audit'])).body.items
  const ofTokens = audit
    .filter((one: { action: string }) => one.action.startsWith('token'))
    .map((one: { user: string; action: string }) => [one.user, one.action])
  expect(ofTokens).toEqual([
    ['cleo', 'token deleted'],
    ['cleo', 'token created'],
  ])
})

it('lets a token act as its owner, whatever its name is, and make no other', async () => {
  const { token, info } = replicator.tokens.make(
    { name: 'emil', role: 'viewer' },
    { name: 'ann', role: 'viewer' },
  )
  const draft = { name: 'of emil', role: 'viewer' } as const
  const other = replicator.tokens.make(draft, { name: 'emil', role: 'admin' }).info
  const bearer = `Bearer ${token}`
  expect((await call(bearer, ['GET', '/session'])).body).toMatchObject({ user: 'ann' })
  const listed = (await call(bearer, ['GET', '/tokens'])).body.items as TokenInfo[]
  expect(listed.map(one => one.id)).toEqual([info.id])
  expect((await call(bearer, ['DELETE', `/tokens/${other.id}`])).status).toBe(404)
  expect((await call(bearer, ['POST', '/tokens'], { name: 'more' })).status).toBe(FORBIDDEN)
  expect((await call(bearer, ['DELETE', `/tokens/${info.id}`])).status).toBe(204)
  const [newest] = (await call(login('emil'), ['GET', '/audit'])).body.items
  expect(newest).toMatchObject({
    ...{ user: 'ann', action: 'token deleted', detail: 'by the token emil' },
  })
})

it('lowers a token with the role of its owner', () => {
  const made = replicator.tokens.make({ name: 'nightly' }, { name: 'fay', role: 'admin' })
  const bearer = `Bearer ${made.token}`
  const roleOf = (roles: string) => {
    const callers = new Callers(roles, token => replicator.tokens.find(token))
    callers.configured = ['fay']
    return callers.callerOf(bearer)?.role
  }
  expect([roleOf(''), roleOf('fay:standard'), roleOf('fay:viewer')]).toEqual([
    ...['admin', 'standard', 'viewer'],
  ])
})

it('writes down who started a sign-in, and to where', async () => {
  const properties = {
    ...{ url: 'https://acme.backlog.example', oauthClientId: 'c', oauthClientSecret: 'shh' },
  }
  const body = { properties, redirectUri: 'http://127.0.0.1:1/oauth/backlog/callback' }
  expect((await call(login('dora'), ['POST', '/connections/oauth'], body)).status).toBe(201)
  const [newest] = (await call(login('emil'), ['GET', '/audit'])).body.items
  expect(newest).toMatchObject({
    ...{ user: 'dora', action: 'sign-in started', detail: 'https://acme.backlog.example' },
  })
})

it('refuses a token that is over, and one that was made up', async () => {
  const soon = new Date(Date.now() + 60_000).toISOString()
  const draft = { name: 'short', role: 'viewer', expiresAt: soon } as const
  const { token, info } = replicator.tokens.make(draft, { name: 'emil', role: 'admin' })
  expect(replicator.tokens.find(token)).toMatchObject({ id: info.id })
  expect(() =>
    replicator.tokens.make({ ...draft, expiresAt: '2020-01-01' }, { name: 'x', role: 'admin' }),
  ).toThrow('still to come')
  const answer = await http.inject({
    ...{ method: 'GET', url: '/api/v1/jobs', headers: { authorization: 'Bearer sc_made_up' } },
  })
  expect(answer.status).toBe(401)
})

it('lets only standard users and administrators change anything beside /api/v1', async () => {
  for (const url of ['/connectors', '/api/v1/cdc/channels', '/api/v1/%63dc/channels']) {
    const post = async (authorization: string) => {
      const headers = { authorization }
      return (await http.inject({ method: 'POST', url, headers, payload: '{}' })).status
    }
    const callers = [login('cleo'), login('dora'), 'Bearer secret']
    expect([url, ...(await Promise.all(callers.map(post)))]).toEqual([url, FORBIDDEN, 201, 201])
  }
})

it.each(['ann', 'ann:king', ':viewer'])('refuses the roles %s', text => {
  expect(() => new Callers(text, () => undefined)).toThrow('SCAMANDER_ROLES')
})
