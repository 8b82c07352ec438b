/**
 * Who may look into tables and topics, and what a server without Kafka answers.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Secret, sourceOf } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import type { Method } from '../route.ts'
import { openData } from './data-routes.ts'
import { withRights } from './rights.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-data-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const callers = new Callers(
  'ann:viewer,ben:job_operator,cleo:job_creator,dora:standard',
  () => undefined,
)
const users = new Secret('ann:a,ben:a,cleo:a,dora:a')
const access = new Access({ users, token: new Secret(''), callers })
const data = openData(replicator, undefined, logger)
const http = new HttpServer({ routes: withRights(data.routes, callers), access, logger })
let connection = ''

beforeAll(async () => {
  const properties = { server: '127.0.0.1', port: 1, database: 'ks', authScheme: 'None' }
  const draft = { name: 'c', connector: 'cassandra', properties: { ...properties, readOnly: true } }
  const saved = await replicator.saveConnection(draft as never, AbortSignal.timeout(1_000))
  connection = saved.connection?.id ?? ''
})
afterAll(async () => {
  await http.close()
  await data.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call(user: string, [method, path]: readonly [Method, string], body = {}) {
  const authorization = `Basic ${Buffer.from(`${user}:a`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/json' }
  const payload = method === 'POST' ? { payload: JSON.stringify(body) } : {}
  const url = `/api/v1/data${path.replace('C', connection)}`
  const answer = await http.inject({ method, url, headers, ...payload })
  return { status: answer.status, body: answer.body === '' ? {} : JSON.parse(answer.body) }
}

it.each([
  ['GET', '/kafka', 'ann'],
  ['GET', '/kafka/topics', 'ann'],
  ['GET', '/kafka/topics/t/records', 'cleo'],
  ['GET', '/kafka/topics/t/records/0/1', 'cleo'],
  ['POST', '/kafka/topics/t/records', 'dora'],
  ['POST', '/kafka/topics', 'dora'],
  ['DELETE', '/kafka/topics/t', 'dora'],
  ['POST', '/cassandra/C/cql/check', 'cleo'],
  ['GET', '/cassandra/none/ks/t/rows', 'cleo'],
] as const)('%s %s needs the rights of %s', async (method, path, least) => {
  const names = ['ann', 'ben', 'cleo', 'dora']
  for (const name of names) {
    const { status } = await call(name, [method, path], { cql: 'SELECT' })
    expect([name, status !== 403]).toEqual([name, names.indexOf(name) >= names.indexOf(least)])
  }
})

it('is told to be without Kafka', async () => {
  const info = await call('ann', ['GET', '/kafka'])
  expect(info.body).toEqual({ isSetUp: false, bootstrapServers: '', hasRegistry: false })
  const topics = await call('ann', ['GET', '/kafka/topics'])
  expect([topics.status, topics.body.code]).toEqual([409, 'SCM_BROWSE_NOT_SET_UP'])
})

it('refuses statements that change something by role, by connection, and without leave', async () => {
  const cql = (user: string, body: object) => call(user, ['POST', '/cassandra/C/cql'], body)
  const del = { cql: 'DELETE FROM ks.t WHERE k = 1', write: true }
  expect((await cql('cleo', del)).status).toBe(403)
  expect((await cql('dora', del)).body.detail).toContain('read-only')
  replicator.patchConnection(connection, { properties: { readOnly: false } })
  expect((await cql('dora', { ...del, write: false })).body.detail).toContain('Allow writes is off')
  const unconfirmed = await cql('dora', del)
  expect([unconfirmed.status, unconfirmed.body.code]).toEqual([409, 'SCM_BROWSE_CONFIRM'])
  expect(replicator.auditTrail()).toEqual([])
})

it('tells what a statement would do', async () => {
  const check = await call('dora', ['POST', '/cassandra/C/cql/check'], { cql: 'TRUNCATE ks.t' })
  expect(check.body).toEqual({ kind: 'delete', verb: 'TRUNCATE', confirm: 'ks.t' })
  const wrong = await call('dora', ['POST', '/cassandra/C/cql/check'], {
    cql: 'SELECT 1; SELECT 2',
  })
  expect([wrong.status, wrong.body.errors[0].field]).toEqual([422, 'cql'])
})

it("takes the worker's references for what they stand for", async () => {
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  replicator.secrets.add({ name: 'jaas', value: `${login} username="u" password="p";` }, 'emil')
  const worker = sourceOf({
    ...{ 'bootstrap.servers': '127.0.0.1:1', 'security.protocol': 'SASL_PLAINTEXT' },
    ...{ 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': `\${secret:jaas}` },
  })
  const own = openData(replicator, worker, logger)
  expect(own.topics.info()).toMatchObject({ isSetUp: true, bootstrapServers: '127.0.0.1:1' })
  await own.close()
})
