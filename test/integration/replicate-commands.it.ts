/**
 * `scamander job` and `scamander connection test` against a server, a stand-in of Backlog and a real
 * Cassandra: import, apply twice, list, run in its three modes, status, export, with a token of a role.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'

const ISSUES = 60
const folder = mkdtempSync(join(tmpdir(), 'scamander-commands-'))
const yaml = join(folder, 'job.yaml')
const logger = Logger.silent()
let keyspace: TestKeyspace
let standIn: BacklogStandIn
let server: Start

beforeAll(async () => {
  keyspace = await testKeyspace()
  standIn = await startBacklogStandIn({
    ...{ issues: ISSUES, limits: { read: 1_000_000, search: 1_000_000 } },
  })
  const dataFolder = join(folder, 'data')
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger })
  const { contactPoints, port } = testCassandra()
  const { url, apiKey } = standIn
  const signal = AbortSignal.timeout(60_000)
  const properties = {
    ...{ server: contactPoints[0]!, port, database: keyspace.name },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  }
  const { replicator } = server
  await replicator.saveConnection({ name: 'here', connector: 'cassandra', properties }, signal)
  const space = { name: 'acme', connector: 'backlog', properties: { url, apiKey } } as const
  await replicator.saveConnection(space, signal)
})

afterAll(async () => {
  await server?.close()
  await standIn?.close()
  await keyspace?.drop()
  rmSync(folder, { recursive: true, force: true })
})

async function scamander(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const out = (text: string) => {
    stdout += text
  }
  const err = (text: string) => {
    stderr += text
  }
  const [command = '', ...rest] = args
  const code = await runCli([command, '--url', server.url, ...rest], { out, err })
  return { code, stdout, stderr }
}

function job(tasks: string): string {
  writeFileSync(
    yaml,
    `name: nightly\nsource: acme\ndestination: here\nsettings: { deletion: hard }\ntasks:\n${tasks}`,
  )
  return yaml
}

const QUERY = (limit: number) =>
  `  - query: REPLICATE urgent (PRIMARY KEY ((id))) SELECT Id AS id FROM Issues WHERE Id < ${limit}\n`

it('runs a job of a file from end to end', async () => {
  const tested = await scamander('connection', 'test', 'acme')
  expect([tested.code, tested.stderr]).toEqual([0, ''])
  expect((await scamander('job', 'import', job(`  - table: Issues\n${QUERY(880_011)}`))).code).toBe(
    0,
  )
  expect((await scamander('job', 'list')).stdout).toMatch(/nightly +acme -> here +2 /)
  const dry = await scamander('job', 'run', 'nightly', '--dry-run')
  expect([dry.code, dry.stderr]).toEqual([0, ''])
  expect(await count('issues')).toBe(0)
  const first = await scamander('job', 'run', 'nightly')
  expect(first.stdout).toContain(`SUCCESS in`)
  expect([first.code, await count('issues'), await count('urgent')]).toEqual([0, ISSUES, 10])
  // The same query with another filter is the same task: what it no longer selects is gone.
  expect((await scamander('job', 'apply', job(QUERY(880_006)))).code).toBe(0)
  expect(server.replicator.jobs()[0]?.tasks.map(one => one.destination)).toEqual(['urgent'])
  expect((await scamander('job', 'run', 'nightly')).code).toBe(0)
  expect(await count('urgent')).toBe(5)
  expect((await scamander('job', 'status', 'nightly')).stdout.match(/SUCCESS/g)?.length).toBe(3)
  const exported = (await scamander('job', 'export', 'nightly')).stdout
  expect(exported).toMatch(/^name: nightly\nsource: acme\ndestination: here\n/)
  expect(exported).not.toContain(standIn.apiKey)
  writeFileSync(yaml, exported.replace('nightly', 'second'))
  expect((await scamander('job', 'import', yaml)).code).toBe(0)
})

it('lists the rejected rows of a run, and tries them again', async () => {
  const cast = "CASE WHEN Id = 880001 THEN 'x' ELSE '1' END"
  const columns = `[{on: true, source: Id, expression: null, name: id, type: bigint, key: partition}, {on: true, source: null, expression: "${cast}", name: n, type: int, key: none, onError: fail_row}]`
  const file = job(`  - { table: Issues, destination: few, columns: ${columns} }\n`)
  writeFileSync(yaml, readFileSync(file, 'utf8').replace('nightly', 'refusing'))
  expect((await scamander('job', 'import', yaml)).code).toBe(0)
  const none = await scamander('job', 'retry', 'refusing')
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no rejected rows')])
  expect((await scamander('job', 'run', 'refusing')).code).toBe(1)
  const rows = await scamander('job', 'rejected', 'refusing')
  expect(rows.stdout).toMatch(/\["880001"\] +n +.*cannot become int/)
  const retry = await scamander('job', 'retry', 'refusing')
  expect([retry.code, retry.stdout]).toEqual([3, expect.stringMatching(/Issues +WARNING +1 /)])
})

it('tells what is wrong by exit code and message', async () => {
  const unknown = await scamander('job', 'run', 'nothing')
  expect([unknown.code, unknown.stderr.includes('there is no job nothing')]).toEqual([2, true])
  const missing = await scamander('job', 'import', join(folder, 'none.yaml'))
  expect([missing.code, missing.stderr.includes('none.yaml')]).toEqual([2, true])
  standIn.faults.push({
    ...{ path: /./, action: 'status', status: 401, backlogCode: 11, times: 1_000 },
  })
  const refused = await scamander('connection', 'test', 'acme')
  expect([refused.code, refused.stdout.includes('failed')]).toEqual([1, true])
  expect((await scamander('job', 'run', 'nightly')).code).toBe(1)
  standIn.faults.length = 0
})

it('acts with the rights of its token', async () => {
  const owner = { name: 'Local admin', role: 'admin' } as const
  const { token } = server.replicator.tokens.make({ name: 'watch', role: 'viewer' }, owner)
  process.env['SCAMANDER_TOKEN'] = token
  try {
    expect((await scamander('job', 'list')).code).toBe(0)
    const refused = await scamander('job', 'run', 'nightly')
    expect([refused.code, refused.stderr.includes('job_operator')]).toEqual([2, true])
  } finally {
    delete process.env['SCAMANDER_TOKEN']
  }
})

async function count(table: string): Promise<number> {
  const { rows } = await keyspace.client
    .execute(`SELECT count(*) AS n FROM ${keyspace.name}.${table}`)
    .catch(() => ({ rows: [{ n: 0 }] }))
  return Number(rows[0]?.['n'])
}
