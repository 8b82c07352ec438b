/**
 * Two people change one job: who has seen an older one is refused, is told who was first, and nothing of the
 * change is saved.
 * Spec: ui 4.4; backlog-replication 2.16.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobInfo } from '../../api-v1.ts'
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

const folder = mkdtempSync(join(tmpdir(), 'scamander-job-versions-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const events = new EventStreams(replicator)
const routes = v1Routes({ replicator, events, hasLogin: false, hasConnect: false })
const none = new Secret('')
const http = new HttpServer({
  routes: withRights(routes, new Callers('', () => undefined)),
  access: new Access({ users: none, token: none }),
  logger,
})
let id: string

beforeAll(async () => {
  const properties = {
    ...{ server: '127.0.0.1', port: 9042, database: 'ops', authScheme: 'None' },
    consistencyLevel: 'ONE',
  }
  await send(['POST', '/connections'], { name: 'here', connector: 'cassandra', properties })
  const space = { url: 'https://acme.backlog.com', apiKey: 'a-key-that-nobody-sees' }
  await send(['POST', '/connections'], { name: 'acme', connector: 'backlog', properties: space })
  const document = { name: 'nightly', source: 'acme', destination: 'here' }
  const tasks = [{ table: 'Issues' }]
  id = (await send(['POST', '/jobs/import'], { ...document, tasks })).body.id
})
afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

async function send([method, url]: readonly [Method, string], body: unknown, match?: string) {
  const seen = match === undefined ? {} : { 'if-match': match }
  const headers = { 'content-type': 'application/json', host: 'localhost', ...seen }
  const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers, ...payload })
  return { status: answer.status, body: JSON.parse(answer.body) }
}

const job = async () => (await send(['GET', `/jobs/${id}`], undefined)).body as JobInfo
const schedule = { on: true, interval: 'daily', time: '02:00', timeZone: 'UTC' }

it.each<[what: string, method: Method, path: () => Promise<string>, body: object]>([
  ['the job', 'PATCH', async () => `/jobs/${id}`, { labels: ['mine'] }],
  ['its schedule', 'PUT', async () => `/jobs/${id}/schedule`, schedule],
  [
    'a task',
    'PATCH',
    async () => `/jobs/${id}/tasks/${(await job()).tasks[0]?.id}`,
    { destination: 'mine' },
  ],
])('refuses a change of %s by who has seen an older job', async (_what, method, path, body) => {
  const at = [method, await path()] as const
  const { version } = await job()
  const first = await send(['PATCH', `/jobs/${id}`], { settings: { rejectedMax: version } })
  expect([first.status, first.body.version]).toEqual([200, version + 1])
  const before = await job()
  const refused = await send(at, body, `"${version}"`)
  expect(refused).toMatchObject({
    status: 412,
    body: {
      code: 'SCM_REPLICATE_CHANGED',
      detail: expect.stringContaining(`found ${version + 1}`),
    },
  })
  expect(await job()).toEqual(before)
  expect(before.updatedBy).toBe('Local admin')
  const taken = await send(at, body, `"${version + 1}"`)
  expect([taken.status, taken.body.version]).toEqual([200, version + 2])
})

it('takes the forms of a version, and a change without one', async () => {
  for (const form of [(v: number) => `W/"${v}"`, String, () => '*', () => undefined]) {
    const { version } = await job()
    const { status } = await send(['PATCH', `/jobs/${id}`], { labels: ['a'] }, form(version))
    expect(status).toBe(200)
  }
  expect((await send(['PATCH', `/jobs/${id}`], { labels: [] }, '"many"')).status).toBe(412)
})

it('names nobody when no form of a person was saved last', async () => {
  await send(['PATCH', `/jobs/${id}`], { labels: ['a'] })
  expect((await job()).updatedBy).toBe('Local admin')
  await send(['POST', `/jobs/${id}/tasks`], { table: 'Projects' })
  expect((await job()).updatedBy).toBeUndefined()
})
