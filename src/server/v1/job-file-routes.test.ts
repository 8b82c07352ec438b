/**
 * Jobs that are exported, imported and duplicated stay what they are, or nothing is saved.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
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

const folder = mkdtempSync(join(tmpdir(), 'scamander-job-files-'))
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

afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call([method, url]: readonly [Method, string], body: unknown = {}) {
  const headers = { 'content-type': 'application/json', host: 'localhost' }
  const payload = method === 'GET' ? {} : { payload: JSON.stringify(body) }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers, ...payload })
  return { status: answer.status, body: JSON.parse(answer.body) }
}

async function makeJob(): Promise<JobInfo> {
  const cassandra = {
    ...{ server: '127.0.0.1', port: 9042, database: 'ops', authScheme: 'None' },
    consistencyLevel: 'ONE',
  }
  const space = { url: 'https://acme.backlog.com', apiKey: 'a-key-that-nobody-sees' }
  await call(['POST', '/connections'], {
    ...{ name: 'here', connector: 'cassandra', properties: cassandra },
  })
  await call(['POST', '/connections'], {
    ...{ name: 'acme', connector: 'backlog', properties: space },
  })
  const document = {
    ...{ name: 'nightly', source: 'acme', destination: 'here', labels: ['ops'] },
    settings: { deletion: 'hard' },
    schedule: { on: true, interval: 'daily', time: '02:00', timeZone: 'Asia/Tokyo' },
    tasks: [
      { table: 'Issues', mode: 'full' },
      { query: 'REPLICATE n (PRIMARY KEY ((id))) SELECT Id AS id FROM Projects' },
    ],
  }
  return (await call(['POST', '/jobs/import'], document)).body
}

it('exports, imports and duplicates a job', async () => {
  const job = await makeJob()
  const { body: document } = await call(['GET', `/jobs/${job.id}/export`])
  expect(document).toMatchObject({
    ...{ name: 'nightly', source: 'acme', destination: 'here', labels: ['ops'] },
    tasks: [{ table: 'Issues', destination: 'issues', mode: 'full' }, { mode: 'incremental' }],
  })
  expect(JSON.stringify(document)).not.toContain('a-key-that-nobody-sees')
  const { body: second } = await call(['POST', '/jobs/import'], { ...document, name: 'second' })
  const { body: again } = await call(['GET', `/jobs/${second.id}/export`])
  expect(again).toEqual({ ...document, name: 'second' })
  const { body: copy } = await call(['POST', `/jobs/${job.id}/duplicate`])
  expect(copy).toMatchObject({ name: 'nightly copy', enabled: false })
  expect(copy.tasks.length).toBe(2)
  const schedule = { on: true, interval: 'after_job', afterJob: 'nightly', timeZone: 'UTC' }
  const { body: third } = await call(['POST', '/jobs/import'], {
    ...{ ...document, name: 'third', schedule },
  })
  expect(third.schedule.afterJob).toBe(job.id)
  const { body: follower } = await call(['GET', `/jobs/${third.id}/export`])
  expect(follower.schedule).toEqual(schedule)
  const before = replicator.jobs().length
  const wrong = [
    [{ ...document, name: 'x', source: 'nobody' }, 'source'],
    [{ ...document, name: 'x', tasks: [{ table: 'Nothing' }] }, 'table'],
  ]
  for (const [body, field] of wrong) {
    const refused = await call(['POST', '/jobs/import'], body)
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, field])
  }
  expect(replicator.jobs().length).toBe(before)
})
