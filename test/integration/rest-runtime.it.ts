/**
 * What a worker does by itself: restarts failed tasks, tells a failed start once, warns of topics
 * that are not there, and keeps secrets to itself wherever they could come out.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  callRest,
  type Settings,
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker | undefined
let name: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  name = `own-${randomBytes(3).toString('hex')}`
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await topic.drop()
  await keyspace.drop()
})

const configOf = (more: Settings = {}) =>
  sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    ...more,
  })
const path = (rest = '') => `/connectors/${name}${rest}`
const taskStatus = async () => (await worker!.call('GET', path('/tasks/0/status'))).json

describe('a failed task', () => {
  // The dead-letter topic cannot be made with so many replicas: as a broker that is missing.
  const failing = () =>
    configOf({
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': `${topic.name}-dlq`,
      'errors.deadletterqueue.topic.replication.factor': '3',
    })

  it('restarts by itself, tells so in its status, and gives up', async () => {
    worker = await startWorker([], {
      'scamander.task.restart.pause.ms': '300',
      'scamander.task.restart.attempts.max': '2',
    })
    expect((await worker.call('PUT', path('/config'), failing())).status).toBe(201)
    const first = await until('the first failure', async () => {
      const status = await taskStatus()
      return status.state === 'FAILED' ? status : undefined
    })
    expect(first.trace).toMatch(/\nRestarts by itself at \d{4}-.*Z \(1 of 2\)\.$/)
    const last = await until('the last failure', async () => {
      const status = await taskStatus()
      return /in vain/.test(status.trace ?? '') ? status : undefined
    })
    expect(last).toMatchObject({ state: 'FAILED' })
    expect(worker.logs.filter(line => line.includes('restarts by itself, attempt'))).toHaveLength(2)
  })

  it('stays FAILED when the option is off', async () => {
    worker = await startWorker([], {
      'scamander.task.restart.enable': 'false',
      'scamander.task.restart.pause.ms': '1',
    })
    await worker.call('PUT', path('/config'), failing())
    await until('the failure', async () => (await taskStatus()).state === 'FAILED')
    expect((await taskStatus()).trace).not.toContain('by itself')
    expect(worker.logs.join()).not.toContain('restarts by itself')
  })

  it('of the start ends the start, told once', async () => {
    const logs: string[] = []
    const write = process.stderr.write
    process.stderr.write = ((text: string) => logs.push(text) > 0) as typeof write
    try {
      const config = configOf({ port: '1', 'tasks.max': '3' })
      await expect(startWorker([config])).rejects.toThrow(/expected a Cassandra node at .*:1/)
    } finally {
      process.stderr.write = write
    }
    expect(logs.join()).not.toContain('expected a Cassandra node')
  })
})

describe('a topic that does not exist', () => {
  it('is warned of, also when the brokers create it at once', async () => {
    const missing = `${topic.name}-missing`
    const key = `topic.${missing}.${keyspace.name}.kv.mapping`
    worker = await startWorker([configOf({ topics: `${topic.name},${missing}`, [key]: 'k=key' })])
    const warned = worker.logs.filter(line => line.includes(`topic ${missing} does not exist yet`))
    expect(warned).toHaveLength(1)
    expect(warned[0]).toContain('"level":"warn"')
  })
})

describe('errors that are tolerated', () => {
  it.each([
    ['true', /, where consumed record is \{topic='t-.*', partition=0, offset=1, timestamp=1500, /],
    ['false', /with class 'org\.apache\.kafka\.connect\.json\.JsonConverter'\.$/],
  ])('are logged in the words of Kafka Connect, messages %s', async (messages, expected) => {
    const config = configOf({
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'errors.log.include.messages': messages,
      [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value.v',
    })
    worker = await startWorker([config])
    await send(topic.name, [
      { key: 'a', value: '{"v":"1"}' },
      { key: 'KEY-OF-RECORD', value: '{"v":VALUE-OF-RECORD', timestampMs: 1500 },
    ])
    const line = await until('the log line', () =>
      worker!.logs.find(one => one.includes('Error encountered in task')),
    )
    const { msg, level } = JSON.parse(line)
    expect(msg).toMatch(
      new RegExp(`^Error encountered in task ${name}-0\\. Executing stage 'VALUE_CONVERTER'`),
    )
    expect([level, msg]).toEqual(['error', expect.stringMatching(expected)])
    expect(worker.logs.join()).not.toMatch(/(KEY|VALUE)-OF-RECORD/)
    expect((await taskStatus()).state).toBe('RUNNING')
  })
})

describe('secrets', () => {
  it('from files, folders and the environment never leave the worker', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scamander-secrets-'))
    mkdirSync(join(folder, 'd'))
    writeFileSync(join(folder, 'f.properties'), 'user=FILE-SECRET-1\nport=x\n')
    writeFileSync(join(folder, 'd', 'password'), 'FOLDER-SECRET-2')
    process.env['IT_SECRET'] = 'ENV-SECRET-3'
    const reference = (text: string) => `$\{${text}}`
    const config = configOf({
      'auth.provider': 'PLAIN',
      'auth.username': reference(`vault:${folder}/f.properties:user`),
      'auth.password': reference(`box:${folder}/d:password`),
      'consumer.override.client.rack': reference('env:IT_SECRET'),
      'ssl.keystore.password': 'LITERAL-SECRET-4',
    })
    worker = await startWorker([], {
      'config.providers': 'vault,box',
      'config.providers.vault.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.vault.param.allowed.paths': folder,
      'config.providers.box.class':
        'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
      'scamander.metrics.listeners': 'http://127.0.0.1:0',
    })
    await worker.call('PUT', '/admin/loggers/root', { level: 'TRACE' })
    const put = await worker.call('PUT', path('/config'), config)
    expect(put.status).toBe(201)
    await send(topic.name, [{ key: 'a', value: '1' }])
    const plugin = '/connector-plugins/CassandraSinkConnector/config/validate'
    const wrong = { ...config, port: reference(`vault:${folder}/f.properties:port`) }
    const answers = [
      put,
      await worker.call('GET', path()),
      await worker.call('GET', path('/config')),
      await worker.call('GET', path('/tasks')),
      await worker.call('GET', path('/status')),
      await worker.call('GET', '/connectors?expand=info&expand=status'),
      await worker.call('PUT', plugin, wrong),
      await worker.call('PUT', plugin, config),
      await worker.call('PUT', path('/config'), wrong),
      await worker.call('POST', path('/restart?includeTasks=true')),
      await callRest(worker.metricsUrl!, 'GET', '/metrics'),
      await worker.call('GET', '/jmx'),
    ]
    const texts = [...answers.map(one => one.text), ...worker.logs].join('\n')
    expect(texts).not.toMatch(/(FILE|FOLDER|ENV|LITERAL)-SECRET/)
    const { json } = await worker.call('GET', path('/config'))
    expect(json['auth.password']).toBe(config['auth.password'])
    expect(json['auth.username']).toBe(config['auth.username'])
    expect(json['ssl.keystore.password']).toBe('[hidden]')
  })

  it('outside the allowed paths are not read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scamander-secrets-'))
    writeFileSync(join(folder, 'f.properties'), 'dc=x\n')
    worker = await startWorker([], {
      'config.providers': 'file',
      'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
      'config.providers.file.param.allowed.paths': join(folder, 'inner'),
    })
    const config = configOf({ 'loadBalancing.localDc': `$\{file:${folder}/f.properties:dc}` })
    const put = await worker.call('PUT', path('/config'), config)
    expect([put.status, put.json.message]).toEqual([
      400,
      expect.stringContaining('the path is not among the allowed paths'),
    ])
  })
})
