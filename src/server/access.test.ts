/**
 * Who is let in: guesses in headers, owners that are gone, and calls that go on when rights end.
 */
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { Role } from '../api-v1.ts'
import { Secret } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { Callers, type FindToken, type People } from './callers.ts'
import { HttpServer } from './http-server.ts'
import { json, type Route } from './route.ts'
import { SignInGuard } from './sign-in-guard.ts'
import { withRights } from './v1/rights.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const http of open.splice(0)) await http.close()
})

interface Given {
  readonly users?: string
  readonly token?: string
  readonly roles?: string
  readonly findToken?: FindToken
  readonly people?: People
}

function serve({ users = '', token = '', roles = '', findToken, people }: Given) {
  const callers = new Callers(roles, findToken ?? (() => undefined), people)
  const access = new Access({ users: new Secret(users), token: new Secret(token), callers })
  const streams: PassThrough[] = []
  const route = (path: string, handle: Route['handle']): Route => ({
    ...{ method: 'GET', path: `/api/v1${path}`, summary: '', produces: 'any', handle },
  })
  const routes = withRights(
    [
      route('/jobs', () => json(200, {})),
      ...['/events', '/audit'].map(path =>
        route(path, () => {
          const body = new PassThrough()
          streams.push(body)
          return { status: 200, stream: { body, type: 'text/event-stream' } }
        }),
      ),
    ],
    callers,
  )
  const http = new HttpServer({ routes, access, logger: Logger.silent() })
  open.push(http)
  const get = async (authorization?: string, path = '/jobs') => {
    const headers = authorization === undefined ? {} : { authorization }
    return (await http.inject({ method: 'GET', url: `/api/v1${path}`, headers })).status
  }
  return { callers, access, get, streams }
}

const basic = (name: string, password: string) => `Basic ${btoa(`${name}:${password}`)}`

/** Vera and zoe, whose passwords are not looked at. */
function peopleOf(roles: Record<string, Role>): People {
  return {
    get isEmpty() {
      return Object.keys(roles).length === 0
    },
    knows: name => name in roles,
    find: name => (name in roles ? { role: roles[name]! } : undefined),
    verify: async name => name in roles,
    allowedAddresses: [],
    hasFactor: () => false,
    takeCode: () => false,
    seen: () => undefined,
  }
}

describe('a path that the router reads otherwise', () => {
  const access = new Access({
    ...{ users: new Secret('ann:a,ben:b'), token: new Secret(''), inCluster: true },
    callers: new Callers('ann:job_operator,ben:standard', () => undefined),
  })
  const judge = (method: string, path: string, authorization?: string) =>
    access.judge({ authorization, host: undefined, method, path })

  it.each(['/connectors/#a/tasks', '/connectors#/a/tasks', 'http://host/connectors/a/tasks', '*'])(
    '%s is refused',
    async path => {
      expect(await judge('POST', path)).toBe('wrong-path')
    },
  )

  it('is taken as the router reads it', async () => {
    expect(await judge('POST', '/connectors/a/tasks')).toBe('allowed')
    expect(await judge('POST', '/connectors', basic('ann', 'a'))).toBe('forbidden')
    for (const path of ['/admin/loggers/root', '/%61dmin/loggers/root'])
      expect([path, await judge('PUT', path, basic('ben', 'b'))]).toEqual([path, 'forbidden'])
  })
})

it('forgets those with few wrong tries first', () => {
  const guard = new SignInGuard(20)
  for (let at = 0; at < 4; at++) guard.wrong('ann')
  for (let at = 0; at < 30; at++) guard.wrong(`name ${at}`)
  expect([guard.left('ann'), guard.left('name 0')]).toEqual([1, 5])
})

it('begins no pause by a try that was none', () => {
  const guard = new SignInGuard()
  for (let at = 0; at < 5; at++) guard.wrong('ann', { nowMs: 0 })
  guard.wrong('ann', { nowMs: 31_000 })
  guard.undo('ann')
  expect([guard.waitMs('ann', 31_000), guard.left('ann')]).toEqual([0, 0])
  guard.wrong('ann', { nowMs: 31_000 })
  expect(guard.waitMs('ann', 31_000)).toBe(60_000)
})

it('takes no part of a password as a part of the name', async () => {
  const { access } = serve({ users: 'ann:a:b' })
  expect(await access.signIn({ user: 'ann', password: 'a:b', code: '' })).toBeTypeOf('object')
  expect(await access.signIn({ user: 'ann:a', password: 'b', code: '' })).toBe('wrong')
})

it('makes whoever guesses the password of a configured user wait', async () => {
  const { get } = serve({ users: 'ann:a,ben:b' })
  for (let at = 0; at < 5; at++) expect(await get(basic('ann', `guess ${at}`))).toBe(401)
  expect([await get(basic('ann', 'a')), await get(basic('ben', 'b'))]).toEqual([401, 200])
})

it('makes whoever guesses the token of the server wait', async () => {
  const { get } = serve({ token: 'tok' })
  for (let at = 0; at < 5; at++) expect(await get(`Bearer guess${at}`)).toBe(401)
  expect(await get('Bearer tok')).toBe(401)
})

it('lets a login go on that was right before others guessed', async () => {
  const { get } = serve({ users: 'ann:a' })
  expect(await get(basic('ann', 'a'))).toBe(200)
  for (let at = 0; at < 9; at++) await get(basic('ann', `guess ${at}`))
  expect(await get(basic('ann', 'a'))).toBe(200)
})

it('takes the same wrong password again for one guess', async () => {
  const { get, callers } = serve({ users: 'ann:a' })
  for (let at = 0; at < 20; at++) expect(await get(basic('ann', 'old'))).toBe(401)
  expect([callers.guard.left('ann'), await get(basic('ann', 'a'))]).toEqual([4, 200])
})

it('remembers nothing of names that nobody has', async () => {
  const { get, callers } = serve({ users: 'ann:a' })
  for (let at = 0; at < 9; at++) await get(basic('nobody', `guess ${at}`))
  expect(callers.guard.waitMs('nobody')).toBe(0)
})

it.each<[string, string, Given, number]>([
  ['a user of the configuration', 'ann', { users: 'ann:a' }, 200],
  ['a user who was taken out of it', 'ann', { users: 'ben:b' }, 401],
  ['a managed user', 'vera', { people: peopleOf({ vera: 'admin' }) }, 200],
  ['a managed user who was deleted', 'vera', { people: peopleOf({ zoe: 'admin' }) }, 401],
  ['whoever had the token of the server', 'token', { token: 'tok' }, 200],
  ['the same when there is none any more', 'token', { users: 'ann:a' }, 401],
  ['the person at this machine', 'Local admin', {}, 200],
  ['the same when everybody signs in', 'Local admin', { users: 'ann:a' }, 401],
])('a token of %s', async (_what, owner, given, status) => {
  const findToken: FindToken = () => ({ name: 'nightly', owner, role: 'admin' })
  const { get } = serve({ ...given, findToken })
  expect(await get('Bearer sc_x')).toBe(status)
})

it('ends a stream when its session ends', async () => {
  const { callers, access, streams } = serve({ users: 'ann:a' })
  const session = callers.sessions.begin('ann', basic('ann', 'a'))
  const http = open.at(-1)!
  const cookie = `scamander_session=${session.id}`
  expect(access.sessionOf({ authorization: undefined, cookie })).toBe(session)
  const answer = http.inject({ method: 'GET', url: '/api/v1/events', headers: { cookie } })
  await expect.poll(() => streams.length).toBe(1)
  expect(streams[0]!.writableEnded).toBe(false)
  callers.sessions.end(session)
  expect((await answer).status).toBe(200)
})

it('ends a stream when its user loses the role, is changed, or has to sign in', async () => {
  const roles: Record<string, Role> = {}
  const { callers, get, streams } = serve({ people: peopleOf(roles) })
  const local = get(undefined, '/audit')
  await expect.poll(() => streams.length).toBe(1)
  roles['vera'] = 'admin'
  callers.changed()
  expect(await local).toBe(200)
  const audit = get(basic('vera', 'x'), '/audit')
  const events = get(basic('vera', 'x'), '/events')
  await expect.poll(() => streams.length).toBe(3)
  roles['vera'] = 'viewer'
  callers.changed()
  expect(await audit).toBe(200)
  expect(streams[2]!.writableEnded).toBe(false)
  callers.forget('vera')
  expect(await events).toBe(200)
})
