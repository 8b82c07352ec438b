/**
 * A whole sink against a cluster with login, client TLS and client certificates: every form of key
 * material, every compression, from Kafka record to row; and what is told when a part of it is wrong.
 * Starts a Cassandra of its own, because the shared one has neither login nor TLS.
 * Spec: cassandra-sink 13, item 12.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONNECTION_DEFAULTS, ControlSession, loadTls } from '../../src/cassandra/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { type CassandraDescription, type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type Settings, send, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { testTopic } from '../support/topic.ts'

let sandbox: Sandbox
let cassandra: CassandraDescription
let control: ControlSession
let worker: TestWorker

beforeAll(async () => {
  sandbox = await startSandbox({ kafka: false, auth: true, tls: true, tlsClientAuth: true })
  cassandra = sandbox.description.cassandra!
  const { caPath, certPath, keyPath } = cassandra.tls!
  const tls = loadTls({
    provider: 'OpenSSL',
    hostnameValidation: true,
    cipherSuites: [],
    truststore: { path: caPath },
    keyCertChain: certPath,
    privateKey: keyPath,
  })!
  control = await ControlSession.open(
    {
      ...CONNECTION_DEFAULTS,
      contactPoints: [{ host: '127.0.0.1', port: cassandra.port }],
      localDc: cassandra.localDatacenter,
      credentials: { username: cassandra.username!, password: cassandra.password! },
      tls,
    },
    { logger: Logger.silent(), signal: new AbortController().signal },
  )
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': 1}`
  await control.execute(`CREATE KEYSPACE secured WITH replication = ${replication}`)
  await control.execute('CREATE TABLE secured.users (id bigint PRIMARY KEY, name text)')
  worker = await startWorker([])
})

afterAll(async () => {
  await worker?.stop()
  await control?.close()
  await sandbox?.stop()
})

type Material = 'JKS' | 'PKCS12' | 'PEM'

function material(kind: Material): Settings {
  const tls = cassandra.tls!
  if (kind === 'PEM') {
    return {
      'ssl.provider': 'OpenSSL',
      'ssl.truststore.path': tls.caPath,
      'ssl.openssl.keyCertChain': tls.certPath,
      'ssl.openssl.privateKey': tls.keyPath,
    }
  }
  const [keystore, truststore] =
    kind === 'JKS'
      ? [tls.keystoreJksPath, tls.truststoreJksPath]
      : [tls.keystorePkcs12Path, tls.truststorePkcs12Path]
  return {
    'ssl.provider': 'JDK',
    'ssl.keystore.path': keystore,
    'ssl.keystore.password': tls.storePassword,
    'ssl.truststore.path': truststore,
    'ssl.truststore.password': tls.storePassword,
  }
}

function settings(topic: string, more: Settings): Settings {
  return {
    'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
    topics: topic,
    contactPoints: '127.0.0.1',
    port: String(cassandra.port),
    'loadBalancing.localDc': cassandra.localDatacenter,
    'auth.provider': 'PLAIN',
    'auth.username': cassandra.username!,
    'auth.password': cassandra.password!,
    [`topic.${topic}.secured.users.mapping`]: 'id=key, name=value',
    ...more,
  }
}

async function createSink(name: string, topic: string, more: Settings): Promise<void> {
  const answer = await worker.call('PUT', `/connectors/${name}/config`, settings(topic, more))
  expect(answer.status).toBe(201)
}

const failureOf = async (name: string) => {
  const { json } = await worker.call('GET', `/connectors/${name}/status`)
  const states = [json.connector, ...json.tasks]
  return states.find(one => one.state === 'FAILED')?.trace as string | undefined
}

const CASES = (['JKS', 'PKCS12', 'PEM'] as const).flatMap((kind, at) =>
  (['None', 'LZ4', 'Snappy'] as const).map((compression, j) => ({
    kind,
    compression,
    id: at * 3 + j,
  })),
)

describe('a sink to a secured cluster', () => {
  it.each(CASES)('writes with $kind and compression $compression', async one => {
    const { kind, compression, id } = one
    await using topic = await testTopic()
    const name = `secured-${kind}-${compression}`.toLowerCase()
    // Long enough to be worth compressing.
    const text = `${name} `.repeat(200)
    await createSink(name, topic.name, { ...material(kind), compression })
    await send(topic.name, [{ key: String(id), value: text }])
    const row = await until(`row ${id}`, async () => {
      const failure = await failureOf(name)
      if (failure !== undefined) throw new Error(failure)
      const [found] = await control.execute(`SELECT name FROM secured.users WHERE id = ${id}`)
      return found
    })
    expect(row['name']).toBe(text)
    expect((await worker.call('DELETE', `/connectors/${name}`)).status).toBe(204)
  })

  it('writes by the keys of the KCQL sinks, JKS and PKCS12 (checklist 12)', async () => {
    const tls = cassandra.tls!
    const P = 'connect.cassandra.'
    const common = (topic: string) => ({
      topics: topic,
      [`${P}contact.points`]: '127.0.0.1',
      [`${P}port`]: String(cassandra.port),
      [`${P}ssl.enabled`]: 'true',
    })
    const json = {
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
    }
    const classic = (topic: string) => ({
      'connector.class': 'io.lenses.streamreactor.connect.cassandra.sink.CassandraSinkConnector',
      ...common(topic),
      ...json,
      [`${P}kcql`]: `INSERT INTO users SELECT * FROM ${topic}`,
      [`${P}key.space`]: 'secured',
      [`${P}username`]: cassandra.username!,
      [`${P}password`]: cassandra.password!,
      [`${P}key.store.path`]: tls.keystoreJksPath,
      [`${P}key.store.password`]: tls.storePassword,
      [`${P}trust.store.path`]: tls.truststoreJksPath,
      [`${P}trust.store.password`]: tls.storePassword,
    })
    const current = (topic: string) => ({
      'connector.class': 'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector',
      ...common(topic),
      ...json,
      [`${P}kcql`]: `INSERT INTO secured.users SELECT id, name FROM ${topic}`,
      [`${P}compression`]: 'lz4',
      [`${P}auth.username`]: cassandra.username!,
      [`${P}auth.password`]: cassandra.password!,
      [`${P}ssl.keystore.path`]: tls.keystorePkcs12Path,
      [`${P}ssl.keystore.password`]: tls.storePassword,
      [`${P}ssl.truststore.path`]: tls.truststorePkcs12Path,
      [`${P}ssl.truststore.password`]: tls.storePassword,
    })
    for (const [id, of] of [classic, current].entries()) {
      await using topic = await testTopic()
      const name = `secured-kcql-${id}`
      const answer = await worker.call('PUT', `/connectors/${name}/config`, of(topic.name))
      expect(answer.status).toBe(201)
      await send(topic.name, [{ value: JSON.stringify({ id: 100 + id, name }) }])
      const row = await until(`row ${id}`, async () => {
        const failure = await failureOf(name)
        if (failure !== undefined) throw new Error(failure)
        const cql = `SELECT name FROM secured.users WHERE id = ${100 + id}`
        return (await control.execute(cql))[0]
      })
      expect(row['name']).toBe(name)
      expect((await worker.call('DELETE', `/connectors/${name}`)).status).toBe(204)
    }
  })

  it.each([
    ['a wrong password', { 'auth.password': 'wrong' }, /auth\.password/],
    ['no login', { 'auth.provider': 'None', 'auth.username': '', 'auth.password': '' }, /auth\./],
    ['no TLS', { 'ssl.provider': 'None' }, /TLS|ssl\./],
  ])('tells what is wrong with %s', async (_what, more, message) => {
    await using topic = await testTopic()
    const name = `refused-${topic.name}`
    const without = 'ssl.provider' in more ? {} : material('PEM')
    await createSink(name, topic.name, { ...without, ...more })
    const trace = await until('the failure', () => failureOf(name))
    expect(trace).toMatch(message)
    expect(trace).not.toContain('wrong')
    expect((await worker.call('DELETE', `/connectors/${name}`)).status).toBe(204)
  })
})

describe('migrate and validate', () => {
  const side = (name: string, more: readonly string[] = []) => {
    const { caPath, certPath, keyPath } = cassandra.tls!
    const login = [`--${name}-username`, cassandra.username!, `--${name}-password`]
    const files = [`--${name}-ca`, caPath, `--${name}-cert`, certPath, `--${name}-key`, keyPath]
    const at = [`--${name}`, `127.0.0.1:${cassandra.port}`, `--${name}-verify-hostname`]
    return [...at, ...login, cassandra.password!, ...files, ...more]
  }
  const run = async (command: string, ...args: readonly string[]) => {
    const text: string[] = []
    const streams = { out: (one: string) => text.push(one), err: (one: string) => text.push(one) }
    const state = ['--state', join(folder, 'state.sqlite'), '--restart', '--log-level', 'error']
    const what = ['--keyspace', 'secured', '--table', 'orders', '--target-table', 'copied']
    const code = await runCli([command, ...args, ...what, ...state], streams)
    return { code, text: text.join('') }
  }
  const folder = mkdtempSync(join(tmpdir(), 'scamander-secured-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('reach both sides by TLS with certificates and logins', async () => {
    for (const name of ['orders', 'copied']) {
      await control.execute(`CREATE TABLE secured.${name} (id int PRIMARY KEY, v text)`)
    }
    for (let id = 0; id < 50; id++) {
      await control.execute(`INSERT INTO secured.orders (id, v) VALUES (${id}, 'v${id}')`)
    }
    const both = [...side('source'), ...side('target')]
    const copied = await run('migrate', ...both)
    expect([copied.code, copied.text]).toEqual([0, expect.stringContaining('Written: 50\n')])
    const compared = await run('validate', ...both, '--compare-timestamps')
    expect([compared.code, compared.text]).toEqual([0, expect.stringContaining('Valid: 50\n')])
  })

  it.each(['source', 'target'])('tell which side refuses: %s', async wrong => {
    const other = wrong === 'source' ? 'target' : 'source'
    const password = await run(
      'migrate',
      ...side(other),
      ...side(wrong, [`--${wrong}-password`, 'no']),
    )
    expect([password.code, password.text]).toEqual([3, expect.stringContaining(`--${wrong}`)])
    const plain = [`--${wrong}`, `127.0.0.1:${cassandra.port}`]
    const noTls = await run('validate', ...side(other), ...plain)
    expect([noTls.code, noTls.text]).toEqual([3, expect.stringContaining(`--${wrong}`)])
  })
})
