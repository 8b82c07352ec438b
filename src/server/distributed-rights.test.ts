/**
 * Who may call what on a worker of a group: capture, flows and the page's session there.
 */
import { afterAll, expect, it } from 'vitest'
import { Secret } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { Callers } from './callers.ts'
import { groupRoutes } from './distributed.ts'
import { HttpServer } from './http-server.ts'
import { json, type Method, type Route } from './route.ts'
import { restRoutes } from './serving.ts'
import { serve } from './test-rest.ts'
import { workerSessionRoute } from './v1/session-routes.ts'
import { sharedRoutes } from './v1/shared-routes.ts'

const callers = new Callers('ann:viewer,ben:job_operator', () => undefined)
const access = new Access({
  ...{ users: new Secret('ann:a,ben:b,emil:e'), token: new Secret(''), callers },
  ...{ inCluster: true, tokensElsewhere: true },
})
const route = (method: Method, path: string): Route => ({
  ...{ method, path: `/api/v1/cdc${path}`, summary: '' },
  handle: () => json(200, {}),
})
const { worker, registry } = serve()
const logger = Logger.silent()
const session = workerSessionRoute(access, callers)
const http = new HttpServer({
  routes: restRoutes({
    ...{ herder: worker, registry, logger, callers },
    moreRoutes: groupRoutes(callers, {
      capture: [
        route('GET', '/tail'),
        route('POST', '/channels'),
        route('POST', '/channels/pause'),
      ],
      live: [],
      replication: sharedRoutes({
        ...{ held: () => undefined, holder: () => undefined, session, watch: () => undefined },
      }),
    }),
  }),
  ...{ access, logger },
})

afterAll(() => http.close())

const statusOf = async (method: Method, url: string, authorization: string) =>
  (await http.inject({ method, url, headers: { authorization } })).status
const login = (user: string) => `Basic ${btoa(user)}`

it.each([
  ['GET', '/api/v1/cdc/tail', [403, 403, 200]],
  ['POST', '/api/v1/cdc/channels', [403, 403, 200]],
  ['POST', '/api/v1/cdc/channels/pause', [403, 200, 200]],
  ['GET', '/api/v1/flows', [200, 200, 200]],
] as const)('%s %s asks for the role on each worker', async (method, url, statuses) => {
  const users = ['ann:a', 'ben:b', 'emil:e']
  expect(await Promise.all(users.map(one => statusOf(method, url, login(one))))).toEqual(statuses)
})

it.each(['/api/v1/flows', '/api/v1/cdc/tail'])(
  'answers nothing at %s to a token that nobody here knows',
  async url => expect(await statusOf('GET', url, 'Bearer sc_made_up')).toBe(403),
)

it('tells the page of its own session, whoever has the jobs', async () => {
  const { id } = callers.sessions.begin('ben', login('ben:b'))
  const headers = { cookie: `scamander_session=${id}` }
  const { status, body } = await http.inject({ method: 'GET', url: '/api/v1/session', headers })
  expect([status, JSON.parse(body)]).toMatchObject([200, { user: 'ben', role: 'job_operator' }])
  expect(Date.parse(JSON.parse(body).endsAt)).toBeGreaterThan(Date.now())
})
