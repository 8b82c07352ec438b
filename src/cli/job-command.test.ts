/** What jobs of files ask of a server, without a socket. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { runCli } from './run.ts'

const COLUMN = { on: true, source: 'Id', expression: null, name: 'id', type: 'bigint', key: 'none' }
const FILE = { name: 'nightly', source: 'acme', destination: 'here' }
const CONNECTIONS = { items: ['acme', 'here'].map(name => ({ id: `of ${name}`, name })) }
const task = (id: string, more: object) => ({
  ...{ id, table: id, query: null, destination: id, mode: 'incremental', columns: [] },
  ...more,
})

let folder: string
let asked: [call: string, body: unknown][]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-job-command-'))
  asked = []
})
afterEach(() => {
  vi.unstubAllGlobals()
  rmSync(folder, { recursive: true, force: true })
})

/** A server that has these jobs, and refuses tasks where it is told to. */
function serve(jobs: readonly object[], refuses = ''): void {
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    const { pathname } = new URL(url)
    const call = `${method} ${pathname.replace('/api/v1/', '')}`
    if (method !== 'GET') asked.push([call, body === undefined ? null : JSON.parse(String(body))])
    if (call === refuses) return new Response('{"detail":"refused here"}', { status: 422 })
    const answers = { jobs: { items: jobs }, connections: CONNECTIONS }
    const answer = method === 'GET' ? answers[pathname.slice(8) as 'jobs'] : { id: 'new' }
    return new Response(JSON.stringify(answer))
  })
}

async function job(command: string, file: object) {
  const path = join(folder, 'job.yaml')
  writeFileSync(path, stringify(file))
  let text = ''
  const out = (more: string) => {
    text += more
  }
  return { code: await runCli(['job', command, path], { out, err: out }), text }
}

const changes = () => asked.map(([call]) => call).filter(call => call.includes('/tasks'))

it('apply leaves the tables of a job of all tables to the job', async () => {
  const tasks = [task('Issues', {}), task('Users', {})]
  serve([{ ...FILE, id: 'j', type: 'sync_all', tasks }])
  expect((await job('apply', { ...FILE, type: 'sync_all' })).code).toBe(0)
  expect(
    (await job('apply', { ...FILE, type: 'sync_all', tasks: [{ table: 'Users' }] })).code,
  ).toBe(0)
  expect(changes()).toEqual([])
})

it('apply takes tasks away that a file does not have, and columns too', async () => {
  const tasks = [task('Issues', { columns: [COLUMN] }), task('Users', {}), task('Teams', {})]
  serve([{ ...FILE, id: 'j', type: 'standard', tasks }])
  const file = { ...FILE, tasks: [{ table: 'Issues' }, { table: 'Users' }] }
  expect((await job('apply', file)).code).toBe(0)
  expect(changes()).toEqual(['PATCH jobs/j/tasks/Issues', 'DELETE jobs/j/tasks/Teams'])
  expect(asked[1]?.[1]).toEqual({ columns: [] })
})

it('import leaves nothing when a task is refused', async () => {
  serve([], 'POST jobs/new/tasks')
  const { code, text } = await job('import', { ...FILE, tasks: [{ table: 'Nothing' }] })
  expect([code, text]).toEqual([2, expect.stringContaining('refused here')])
  expect(asked.map(([call]) => call)).toEqual([
    ...['POST jobs', 'POST jobs/new/tasks', 'DELETE jobs/new'],
  ])
})
