/**
 * Clients that nobody here wrote, unchanged: one of Maven Central and one of PyPI live a connector
 * through a worker that is alone and wants a login, and through the second worker of a cluster. They
 * run as programs of their own (test/peer/connect-clients) and are installed into a temporary folder;
 * where they cannot be had the test is skipped and says why.
 * What other clients rely on is asked of the cluster in their words.
 * Spec: connect-rest 20.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { untilState, WorkerCluster } from '../support/cluster-workers.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { sinkSettings, startWorker, type TestWorker } from '../support/standalone.ts'
import { type TestTopic, testKafka, testTopic } from '../support/topic.ts'

const PEER = fileURLToPath(new URL('../peer/connect-clients/', import.meta.url))
const INSTALL_TIMEOUT_MS = 90_000
const runFile = promisify(execFile)

let keyspace: TestKeyspace
let topic: TestTopic
let alone: TestWorker
let cluster: WorkerCluster
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-connect-clients-'))
  keyspace = await testKeyspace()
  topic = await testTopic(2)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
  alone = await startWorker([], { 'scamander.rest.basic.users': 'anna:secret-1' })
  cluster = new WorkerCluster(testKafka().bootstrapServers)
  await cluster.start()
  await cluster.start()
})
afterAll(async () => {
  await cluster?.close()
  await alone?.stop()
  await topic?.drop()
  await keyspace?.drop()
  rmSync(folder, { recursive: true, force: true })
})

interface Client {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A step that cannot be done here is a reason to skip. */
async function install(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    await runFile(program, args, { timeout: INSTALL_TIMEOUT_MS })
    return undefined
  } catch (error) {
    return `needs ${program} and its registry: ${String(error).slice(0, 300)}`
  }
}

async function javaClient(): Promise<Client | string> {
  const [pom, lib, out] = ['pom.xml', 'lib', 'classes'].map(name => join(folder, name))
  cpSync(join(PEER, 'pom.xml'), pom!)
  const goal = ['-q', '-B', '-f', pom!, 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`]
  const missing = await install('mvn', goal)
  if (missing !== undefined) return missing
  await runFile('javac', ['-cp', `${lib}/*`, '-d', out!, join(PEER, 'ConnectClient.java')])
  return { program: 'java', args: ['-cp', `${out}:${lib}/*`, 'ConnectClient'], env: {} }
}

async function pythonClient(): Promise<Client | string> {
  const target = join(folder, 'python')
  const program = process.env['SCAMANDER_PYTHON'] ?? 'python3'
  const what = 'kafka-connect-py==1.0.0'
  const missing = await install(program, ['-m', 'pip', 'install', '-q', '--target', target, what])
  if (missing !== undefined) return missing
  return { program, args: [join(PEER, 'connect_client.py')], env: { PYTHONPATH: target } }
}

const newName = () => `client-${randomBytes(3).toString('hex')}`
const configOf = (name: string) =>
  sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    'tasks.max': '1',
  })

/** What a client prints, line by line. */
async function live(client: Client, url: string): Promise<Record<string, string>> {
  const name = newName()
  const config = configOf(name)
  const settings = Object.entries(config).map(([key, value]) => `${key}=${value}`)
  const args = [...client.args, url, 'anna', 'secret-1', name, ...settings]
  const env = { ...process.env, ...client.env }
  const { stdout } = await runFile(client.program, args, { env })
  const lines = stdout.trim().split('\n')
  const pairs = lines.map(line => line.split(': ', 2) as [string, string])
  return Object.fromEntries(pairs.map(([what, told]) => [what, told.replace(name, 'NAME')]))
}

it('org.sourcelab:kafka-connect-client of Maven Central', async ctx => {
  const client = await javaClient()
  if (typeof client === 'string') return ctx.skip(`cannot be had: ${client}`)
  const told = {
    version: expect.stringMatching(/^4\.1\./),
    plugin: 'true',
    errors: '0',
    created: 'NAME sink',
    taken: 'true',
    listed: 'true',
    'same settings': 'true',
    expanded: 'RUNNING false',
    'expanded status': 'true',
    'expanded info': 'true',
    topics: 'NAME true',
    tasks: '1',
    task: 'RUNNING',
    paused: 'true',
    resumed: 'true',
    restarted: 'true',
    'restarted with tasks': 'true',
    'restarted task': 'true',
    changed: '2',
    invalid: 'true',
    unknown: 'true',
    deleted: 'true',
  }
  expect(await live(client, alone.url)).toEqual({ ...told, 'wrong password': 'true' })
  const { url } = cluster.workers[1]!
  expect(await live(client, url)).toEqual({ ...told, 'wrong password': 'false' })
})

it('kafka-connect-py of PyPI', async ctx => {
  const client = await pythonClient()
  if (typeof client === 'string') return ctx.skip(`cannot be had: ${client}`)
  const told = {
    version: expect.stringMatching(/^4\.1\./),
    plugin: 'True',
    errors: '0',
    created: 'sink',
    taken: '409',
    listed: 'True',
    'by state': 'True',
    expanded: 'True',
    'same settings': 'True',
    tasks: '1',
    task: 'RUNNING',
    topics: 'True',
    changed: '2',
    invalid: '400',
    unknown: '404',
    deleted: 'True',
  }
  expect(await live(client, alone.url)).toEqual({ ...told, 'wrong password': '401' })
  const { url } = cluster.workers[1]!
  expect(await live(client, url)).toEqual({ ...told, 'wrong password': 'None' })
})

it('what kcctl, an operator of Kubernetes, web pages and Terraform rely on', async () => {
  const [, worker] = cluster.workers
  const name = newName()
  const config = configOf(name)
  const at = `/connectors/${name}`
  const statuses: Record<string, number> = {}
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await worker!.call(method, path, body)
    statuses[`${method} ${path.replace(name, 'NAME')}`] = answer.status
    return answer.json
  }
  expect(await ask('GET', '/')).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\./) })
  expect(await ask('POST', '/connectors', { name, config, initial_state: 'STOPPED' })).toEqual({
    name,
    config,
    tasks: [],
    type: 'sink',
  })
  // Read back as it was sent, key by key.
  expect(await ask('GET', `${at}/config`)).toEqual(config)
  const place = { partition: { kafka_topic: topic.name, kafka_partition: 0 } }
  const offsets = [{ ...place, offset: { kafka_offset: 0 } }]
  await untilState(worker!, name, { state: 'STOPPED', tasks: 0 })
  expect(await ask('PATCH', `${at}/offsets`, { offsets })).toHaveProperty('message')
  expect(await ask('GET', `${at}/offsets`)).toEqual({ offsets })
  expect(await ask('DELETE', `${at}/offsets`)).toHaveProperty('message')
  await ask('PUT', `${at}/resume`)
  await untilState(worker!, name, { state: 'RUNNING', tasks: 1 })
  expect(await ask('PUT', `${at}/config`, config)).toMatchObject({ name, config })
  await untilState(worker!, name, { state: 'RUNNING', tasks: 1 })
  const expanded = await ask('GET', '/connectors/?expand=info&expand=status')
  expect(Object.keys(expanded[name])).toEqual(expect.arrayContaining(['info', 'status']))
  expect(await ask('GET', `${at}/topics`)).toHaveProperty([name, 'topics'])
  await ask('POST', `${at}/tasks/0/restart`)
  await ask('POST', `${at}/restart?includeTasks=true&onlyFailed=false`)
  await untilState(worker!, name, { state: 'RUNNING', tasks: 1 })
  await ask('PUT', `${at}/pause`)
  await ask('PUT', `${at}/stop`)
  const plugins = await ask('GET', '/connector-plugins/')
  for (const one of plugins) expect(Object.keys(one)).toEqual(['class', 'type', 'version'])
  expect(await ask('GET', '/admin/loggers/')).toHaveProperty(['root', 'level'])
  await ask('PUT', '/admin/loggers/root?scope=cluster', { level: 'INFO' })
  expect(await ask('PUT', '/admin/loggers/root', { level: 'INFO' })).toEqual(expect.any(Array))
  await ask('DELETE', at)
  expect(statuses).toEqual({
    'GET /': 200,
    'POST /connectors': 201,
    'GET /connectors/NAME/config': 200,
    'PATCH /connectors/NAME/offsets': 200,
    'GET /connectors/NAME/offsets': 200,
    'DELETE /connectors/NAME/offsets': 200,
    'PUT /connectors/NAME/resume': 202,
    'PUT /connectors/NAME/config': 200,
    'GET /connectors/?expand=info&expand=status': 200,
    'GET /connectors/NAME/topics': 200,
    'POST /connectors/NAME/tasks/0/restart': 204,
    'POST /connectors/NAME/restart?includeTasks=true&onlyFailed=false': 202,
    'PUT /connectors/NAME/pause': 202,
    'PUT /connectors/NAME/stop': 204,
    'GET /connector-plugins/': 200,
    'GET /admin/loggers/': 200,
    'PUT /admin/loggers/root?scope=cluster': 204,
    'PUT /admin/loggers/root': 200,
    'DELETE /connectors/NAME': 204,
  })
})
