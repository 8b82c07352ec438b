// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${name:key} refers to a config provider
/**
 * The command `connect-standalone` as a process: files, exit codes, signals, and what it says about
 * every kind of wrong input. Nothing secret may appear in anything it prints or answers.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TopicAdmin } from '../../src/kafka/index.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  callRest,
  killScamanders,
  type RunningCli,
  type Settings,
  scamander,
  send,
  sinkSettings,
  startScamander,
  temporaryFile,
  toProperties,
  until,
  workerSettings,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { settingsOf } from '../support/topic-reader.ts'

let keyspace: TestKeyspace
let topic: TestTopic

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic()
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
})
afterEach(killScamanders)
afterAll(async () => {
  await topic.drop()
  await keyspace.drop()
})

const unique = () => `cmd-${randomBytes(4).toString('hex')}`
const mappingKey = (table = 'kv', of = keyspace.name) =>
  `topic.${topic.name}.${of}.${table}.mapping`
const sink = (name: string, more: Settings = {}) =>
  sinkSettings(name, topic.name, { [mappingKey()]: 'k=key, v=value', ...more })
const workerFile = (more: Settings = {}) =>
  temporaryFile('worker.properties', toProperties(workerSettings(more)))
const jsonFile = (config: Settings) =>
  temporaryFile('sink.json', JSON.stringify({ name: config['name'], config }, undefined, 1))

async function ready(cli: RunningCli): Promise<string> {
  const found = await until('the worker', () =>
    /REST API at (http:[^\s",]+)/.exec(cli.output.stderr),
  )
  return found[1]!
}

async function membersOf(connector: string): Promise<number> {
  const admin = new TopicAdmin(settingsOf().connection)
  try {
    return (await admin.describeGroup(`connect-${connector}`)).members.length
  } finally {
    await admin.close()
  }
}

describe('connect-standalone', () => {
  it('runs JSON and properties files until a signal, then commits and ends with 0', async () => {
    const [one, two] = [unique(), unique()]
    const properties = temporaryFile('two.properties', toProperties(sink(two)))
    const args = ['connect-standalone', workerFile(), jsonFile(sink(one)), properties]
    const cli = startScamander([...args, '--log-format', 'json'])
    const url = await ready(cli)
    expect((await callRest(url, 'GET', '/connectors')).json).toEqual([one, two].sort())
    await send(topic.name, [{ key: 'a', value: 'A' }])
    await until('the row', async () => {
      const { rows } = await keyspace.client.execute(
        `SELECT v FROM ${keyspace.name}.kv WHERE k = 'a'`,
      )
      return rows[0]?.['v'] === 'A'
    })
    cli.kill('SIGTERM')
    const { code, stdout, stderr } = await cli.ended
    expect([code, stdout]).toEqual([0, ''])
    const admin = new TopicAdmin(settingsOf().connection)
    const offsets = await admin.groupOffsets(`connect-${one}`)
    await admin.close()
    expect(offsets.map(position => position.offset)).toEqual([1])
    expect(await membersOf(one)).toBe(0)
    // A healthy run is silent after its start lines, which are JSON.
    const lines = stderr
      .trim()
      .split('\n')
      .filter(line => line.startsWith('{'))
    expect(lines.map(line => JSON.parse(line).level)).toEqual(['info', 'info', 'info'])
  })

  it('a second signal ends it at once', async () => {
    const cli = startScamander(['connect-standalone', workerFile()])
    await ready(cli)
    cli.kill('SIGINT')
    cli.kill('SIGINT')
    expect([0, 130]).toContain((await cli.ended).code)
  })

  it('stops what was started when a later connector cannot start', async () => {
    const [good, bad] = [unique(), unique()]
    const wrong = sink(bad, { [mappingKey('nothing')]: 'k=key' })
    const { code, stderr } = await scamander([
      'connect-standalone',
      workerFile(),
      jsonFile(sink(good)),
      jsonFile(wrong),
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('nothing')
    expect(await membersOf(good)).toBe(0)
  })

  it('refuses a port in use', async () => {
    const cli = startScamander(['connect-standalone', workerFile()])
    const listeners = await ready(cli)
    const { code, stderr } = await scamander(['connect-standalone', workerFile({ listeners })])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/listeners: cannot listen on .*in use/),
    ])
    cli.kill('SIGTERM')
    expect((await cli.ended).code).toBe(0)
  })
})

describe('wrong input', () => {
  const cases: readonly [string, () => Settings, () => Settings, RegExp][] = [
    [
      'an unknown host',
      () => ({ contactPoints: 'no-such-host.invalid' }),
      () => ({}),
      /contactPoints.*no-such-host\.invalid/s,
    ],
    [
      'a wrong port',
      () => ({ port: '1' }),
      () => ({}),
      /port.*127\.0\.0\.1:1|127\.0\.0\.1:1.*port/s,
    ],
    [
      'a wrong data centre',
      () => ({ 'loadBalancing.localDc': 'dcX' }),
      () => ({}),
      /loadBalancing\.localDc.*datacenter1.*dcX/s,
    ],
    [
      'a missing keyspace',
      () => ({ [mappingKey('kv', 'no_such_ks')]: 'k=key' }),
      () => ({}),
      /no_such_ks/,
    ],
    ['a missing table', () => ({ [mappingKey('kw')]: 'k=key' }), () => ({}), /kw.*kv/s],
    [
      'a missing column',
      () => ({ [mappingKey()]: 'k=key, w=value' }),
      () => ({}),
      /mapping.*\bw\b/s,
    ],
    ['a key column left out', () => ({ [mappingKey()]: 'v=value' }), () => ({}), /mapping.*\bk\b/s],
    [
      'a wrong type',
      () => ({ port: 'nine' }),
      () => ({}),
      /sink\.json:\d+:\d+: .*Invalid value nine for configuration port: Not a number of type INT/,
    ],
    [
      'a key store that is missing',
      () => ({ 'ssl.provider': 'JDK', 'ssl.truststore.path': '/no/such.jks' }),
      () => ({}),
      /ssl\.truststore\.path.*\/no\/such\.jks does not exist/s,
    ],
    [
      'a key store that is none',
      () => ({ 'ssl.provider': 'JDK', 'ssl.truststore.path': temporaryFile('x.jks', 'garbage') }),
      () => ({}),
      /ssl\.truststore\.path/,
    ],
    [
      'a Kafka that does not answer',
      () => ({}),
      () => ({ 'bootstrap.servers': '127.0.0.1:1' }),
      /bootstrap\.servers.*127\.0\.0\.1:1/s,
    ],
    [
      'an unknown Kafka host',
      () => ({}),
      () => ({ 'bootstrap.servers': 'no-such-host.invalid:9092' }),
      /bootstrap\.servers|no-such-host\.invalid/,
    ],
    [
      'an address for everybody without a login',
      () => ({}),
      () => ({ listeners: 'http://0.0.0.0:0' }),
      /listeners: .*no login is configured.*scamander\.rest/s,
    ],
    [
      'a dead-letter topic that Kafka refuses',
      () => ({ 'errors.deadletterqueue.topic.name': 'bad/name', 'errors.tolerance': 'all' }),
      () => ({}),
      /bad\/name/,
    ],
  ]

  it.each(cases)('%s is told clearly, with exit code 2', async (_what, config, worker, message) => {
    const name = unique()
    const { code, stdout, stderr } = await scamander([
      'connect-standalone',
      workerFile(worker()),
      jsonFile(sink(name, config())),
      '--log-level',
      'off',
    ])
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect([code, stdout]).toEqual([2, ''])
    expect(await membersOf(name)).toBe(0)
  })

  it('broken JSON has a line and a column', async () => {
    const file = temporaryFile('broken.json', '{\n  "name": "a"\n  "config": {}\n}')
    const { code, stderr } = await scamander(['connect-standalone', workerFile(), file])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/broken\.json:3:3: .*line 3, column 3/),
    ])
  })

  it('ten mistakes in one report, of worker and connectors', async () => {
    const wrong = sink(unique(), {
      'tasks.max': '0',
      port: 'x',
      maxConcurrentRequests: '-1',
      compression: 'zip',
      ignoreErrors: 'maybe',
      'errors.tolerance': 'some',
      'topic.a.b': 'c',
      [mappingKey()]: 'k',
      'value.converter': 'Nothing',
    })
    const worker = workerFile({ 'offset.flush.interval.ms': 'often' })
    const { code, stderr } = await scamander(['connect-standalone', worker, jsonFile(wrong)])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: Start: 10 problems\n/)
    expect(stderr.split('\n').filter(line => /^ {2}\S+:\d+:\d+: /.test(line)).length).toBe(10)
  })

  it('a stack is shown with --debug only', async () => {
    const args = ['connect-standalone', workerFile(), jsonFile(sink(unique(), { port: '1' }))]
    const { code, stderr } = await scamander([...args, '--debug'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\n\s+at /)])
  })
})

describe('secrets', () => {
  const planted = [
    'plain-5ecret',
    'filed-5ecret',
    'environ-5ecret',
    'store-5ecret',
    'jaas-5ecret',
    'rest-5ecret',
    'token-5ecret',
  ]
  const expectNone = (text: string) => {
    for (const secret of planted) expect(text).not.toContain(secret)
  }

  const secretSettings = () => {
    const file = temporaryFile('secrets.properties', 'password=filed-5ecret\n')
    return {
      'auth.provider': 'PLAIN',
      'auth.username': `\${file:${file}:password}`,
      'auth.password': 'plain-5ecret',
      'ssl.truststore.password': 'store-5ecret',
      'datastax-java-driver.advanced.auth-provider.password': '${env:IT_SECRET}',
      'consumer.override.sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="jaas-5ecret";',
      'producer.override.ssl.keystore.password': '${env:IT_SECRET}',
    }
  }
  const env = { IT_SECRET: 'environ-5ecret' }
  const logins = {
    'scamander.rest.basic.users': 'ann:rest-5ecret',
    'scamander.rest.token': 'token-5ecret',
  }

  it('are in no log line and no answer, and survive an update with what was shown', async () => {
    const name = unique()
    const args = ['connect-standalone', workerFile(logins), jsonFile(sink(name, secretSettings()))]
    const cli = startScamander([...args, '--debug', '--log-level', 'trace'], env)
    const url = await ready(cli)
    const headers = { authorization: 'Bearer token-5ecret' }
    const call = (method: string, path: string, body?: unknown) =>
      callRest(url, method, path, body, headers)
    const config = (await call('GET', `/connectors/${name}/config`)).json
    expect(config['auth.password']).toBe('[hidden]')
    expect(config['auth.username']).toMatch(/^\$\{file:.*:password\}$/)
    expect(config['consumer.override.sasl.jaas.config']).toBe('[hidden]')
    const answers = [
      await call('PUT', `/connectors/${name}/config`, { ...config, 'tasks.max': '2' }),
      await call('PUT', `/connectors/${name}/config`, { ...config, 'tasks.max': 'plenty' }),
      await call('PUT', '/connector-plugins/CassandraSink/config/validate', {
        ...sink(name, { ...secretSettings(), port: '${env:IT_SECRET}' }),
      }),
      await call('POST', '/connectors', {
        name: 'x',
        config: { ...secretSettings(), topics: 't' },
      }),
    ]
    expect(answers.map(one => one.status)).toEqual([200, 400, 200, 400])
    for (const path of ['', '/config', '/status', '/tasks', '/offsets', '/tasks/0/status']) {
      answers.push(await call('GET', `/connectors/${name}${path}`))
    }
    answers.push(await call('GET', '/connectors?expand=info&expand=status'))
    answers.push(await call('GET', '/metrics'), await callRest(url, 'GET', '/connectors'))
    for (const answer of answers) expectNone(answer.text)
    const states = await until('both tasks', async () => {
      const { json } = await call('GET', `/connectors/${name}/status`)
      const found = json.tasks.map((task: { state: string }) => task.state).join()
      return found === 'RUNNING,RUNNING' ? found : undefined
    })
    expect(states).toBe('RUNNING,RUNNING')
    cli.kill('SIGTERM')
    const { code, stderr } = await cli.ended
    expect(code).toBe(0)
    expectNone(stderr)
  })

  it('are in no error of a start that fails, nor in lint', async () => {
    const config = sink(unique(), {
      ...secretSettings(),
      port: '${env:IT_SECRET}',
      'consumer.override.max.poll.records': '${env:IT_SECRET}',
      'ssl.provider': 'JDK',
      'ssl.truststore.path': temporaryFile('x.jks', 'garbage'),
    })
    const file = jsonFile(config)
    const worker = workerFile({ ...logins, 'offset.flush.interval.ms': '${env:IT_SECRET}' })
    const start = await scamander(['connect-standalone', worker, file, '--debug'], env)
    const lint = await scamander(['lint', '--worker', worker, file], env)
    expect([start.code, lint.code]).toEqual([2, 2])
    expectNone(start.stdout + start.stderr + lint.stdout + lint.stderr)
    const { port: _port, 'consumer.override.max.poll.records': _records, ...rest } = config
    const store = jsonFile({ ...rest, port: '9042' })
    const failed = await scamander(['connect-standalone', workerFile(), store, '--debug'], env)
    expect(failed.code).toBe(2)
    expect(failed.stderr).toContain('ssl.truststore')
    expectNone(failed.stdout + failed.stderr)
  })
})
