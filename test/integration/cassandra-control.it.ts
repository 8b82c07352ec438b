/**
 * The control plane on a real cluster with login and client TLS: schema, ring, events, and what is
 * told when a setting is wrong. Starts a server of its own, because the shared one has neither.
 */
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isScamanderError, type ScamanderError } from '../../src/base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  ControlSession,
  loadTls,
  requireColumn,
  type SchemaChange,
  type TlsSettings,
} from '../../src/cassandra/index.ts'
import { formatCqlType } from '../../src/cql/index.ts'
import { type CassandraDescription, type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

let sandbox: Sandbox
let cassandra: CassandraDescription

beforeAll(async () => {
  sandbox = await startSandbox({ kafka: false, auth: true, tlsClientAuth: true, tls: true })
  cassandra = sandbox.description.cassandra!
})

afterAll(async () => {
  await sandbox?.stop()
})

function tlsOf(more: Partial<TlsSettings> = {}): TlsSettings {
  const tls = cassandra.tls!
  return {
    provider: 'OpenSSL',
    hostnameValidation: true,
    cipherSuites: [],
    truststore: { path: tls.caPath },
    keyCertChain: tls.certPath,
    privateKey: tls.keyPath,
    ...more,
  }
}

function settingsOf(more: Partial<CassandraConnectionSettings> = {}): CassandraConnectionSettings {
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints: [{ host: '127.0.0.1', port: cassandra.port }],
    localDc: cassandra.localDatacenter,
    credentials: { username: cassandra.username!, password: cassandra.password! },
    tls: loadTls(tlsOf())!,
    reconnectBaseMs: 100,
    ...more,
  }
}

async function withSession<T>(
  settings: CassandraConnectionSettings,
  work: (session: ControlSession) => Promise<T>,
): Promise<T> {
  const session = await ControlSession.open(settings, { logger: Logger.silent() })
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

async function failureOf(
  settings: CassandraConnectionSettings,
  isStart = true,
): Promise<ScamanderError> {
  const opened = ControlSession.open(settings, { logger: Logger.silent(), isStart })
  const result = await opened.catch((error: unknown) => error)
  if (isScamanderError(result)) return result
  if (result instanceof ControlSession) await result.close()
  throw new Error(`expected an error, found ${String(result)}`)
}

const EVERY_TYPE = `CREATE TABLE IF NOT EXISTS control.every_type (
  p1 text, "P2" int, c1 timeuuid, c2 bigint, s text static,
  a ascii, b blob, bo boolean, d date, de decimal, dou double, du duration, f float, i inet,
  si smallint, ti time, ts timestamp, ty tinyint, u uuid, v varint,
  l list<int>, fl frozen<list<text>>, se set<uuid>, m map<text, frozen<map<int, blob>>>,
  tu tuple<int, text, frozen<set<int>>>, ad address, fad frozen<address>, lad list<frozen<address>>,
  ve vector<float, 3>, PRIMARY KEY ((p1, "P2"), c1, c2))`

async function createSchema(session: ControlSession): Promise<void> {
  await session.execute(
    "CREATE KEYSPACE IF NOT EXISTS control WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
  )
  await session.execute('CREATE TYPE IF NOT EXISTS control.street (name text, number int)')
  await session.execute(
    'CREATE TYPE IF NOT EXISTS control.address (street frozen<street>, tags frozen<set<text>>)',
  )
  await session.execute(EVERY_TYPE)
  await session.execute(
    'CREATE TABLE IF NOT EXISTS control.hits (page text PRIMARY KEY, count counter)',
  )
}

describe('session', () => {
  it('knows the cluster, its nodes and the token ring', () =>
    withSession(settingsOf(), async session => {
      await createSchema(session)
      expect(session.clusterName).not.toBe('')
      expect(session.protocolVersion).toBe(4)
      expect(session.releaseVersions).toEqual([cassandra.version])
      expect(session.localNodes).toMatchObject([
        {
          address: '127.0.0.1',
          endpoint: { host: '127.0.0.1', port: cassandra.port },
          dc: 'datacenter1',
          isLocal: true,
          isUp: true,
        },
      ])
      const rows = await session.execute('SELECT host_id, tokens FROM system.local')
      const { host_id: hostId, tokens } = rows[0] as { host_id: object; tokens: string[] }
      expect(session.localNodes[0]!.hostId).toBe(hostId.toString())
      const ring = (await session.tokenRing('control'))!
      const ends = Array.from(ring.high, (h, i) => (BigInt(h) << 32n) + BigInt(ring.low[i]!))
      expect(ends.map(String).toSorted()).toEqual(tokens.toSorted())
      expect(ring.replicaSets).toEqual([[session.localNodes[0]]])
      expect(await session.tokenRing('control')).toBe(ring)
      expect(await session.tokenRing('system')).toBeUndefined()
    }))

  it('reads every type of a table', () =>
    withSession(settingsOf(), async session => {
      await createSchema(session)
      const table = await session.table('control', 'every_type')
      expect(table.partitionKey.map(one => one.name)).toEqual(['p1', 'P2'])
      expect(table.clusteringKey.map(one => one.name)).toEqual(['c1', 'c2'])
      expect(table.isCounter).toBe(false)
      const types = Object.fromEntries(
        table.columns.map(one => [one.name, formatCqlType(one.type)]),
      )
      const rows = await session.execute(
        "SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = 'control' AND table_name = 'every_type'",
      )
      expect(types).toEqual(Object.fromEntries(rows.map(row => [row['column_name'], row['type']])))
      expect(requireColumn(table, 'fad').type).toEqual({
        kind: 'udt',
        keyspace: 'control',
        name: 'address',
        frozen: true,
        fields: [
          {
            name: 'street',
            type: {
              kind: 'udt',
              keyspace: 'control',
              name: 'street',
              frozen: true,
              fields: [
                { name: 'name', type: { kind: 'text' } },
                { name: 'number', type: { kind: 'int' } },
              ],
            },
          },
          expect.objectContaining({ name: 'tags' }),
        ],
      })
      expect((await session.table('control', 'hits')).isCounter).toBe(true)
      expect(() => requireColumn(table, 'p2')).toThrow('did you mean "P2"?')
    }))

  it('names what does not exist and what comes nearest', () =>
    withSession(settingsOf(), async session => {
      await createSchema(session)
      await expect(session.table('Control', 'hits')).rejects.toThrow('did you mean "control"?')
      await expect(session.table('control', 'Hits')).rejects.toThrow('did you mean "hits"?')
      await expect(session.tokenRing('contrl')).rejects.toMatchObject({
        code: 'SCM_CASSANDRA_KEYSPACE_UNKNOWN',
        kind: 'config',
      })
      await expect(session.execute('SELECT nothing')).rejects.toMatchObject({ kind: 'config' })
    }))

  it('tells schema changes, and that replication changed', () =>
    withSession(settingsOf(), async session => {
      await createSchema(session)
      const seen: SchemaChange[] = []
      const stop = session.onSchemaChange(change => seen.push(change))
      const before = (await session.tokenRing('control'))!.version
      await session.execute('CREATE TABLE control.changing (k int PRIMARY KEY)')
      await session.execute('ALTER TABLE control.changing ADD v text')
      await session.execute('DROP TABLE control.changing')
      await session.execute('ALTER KEYSPACE control WITH durable_writes = false')
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4)
      const table = { keyspace: 'control', table: 'changing' }
      expect(seen).toContainEqual({ change: 'created', ...table })
      expect(seen).toContainEqual({ change: 'updated', ...table })
      expect(seen).toContainEqual({ change: 'dropped', ...table })
      expect(seen).toContainEqual({ change: 'updated', keyspace: 'control' })
      expect((await session.tokenRing('control'))!.version).toBeGreaterThan(before)
      stop()
    }))
})

describe('TLS', () => {
  it.each(['pkcs12', 'jks'] as const)('key and trust stores in %s', type => {
    const tls = cassandra.tls!
    const [keystore, truststore] =
      type === 'jks'
        ? [tls.keystoreJksPath, tls.truststoreJksPath]
        : [tls.keystorePkcs12Path, tls.truststorePkcs12Path]
    const material = loadTls({
      provider: 'JDK',
      hostnameValidation: true,
      cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
      keystore: { path: keystore, password: tls.storePassword },
      truststore: { path: truststore, password: tls.storePassword },
    })!
    return withSession(settingsOf({ tls: material }), async session => {
      expect(session.localNodes.length).toBe(1)
    })
  })

  it('tells a server that is not trusted, a missing client certificate, and missing TLS', async () => {
    const { truststore: _trust, ...untrusting } = tlsOf()
    const foreign = await failureOf(settingsOf({ tls: loadTls(untrusting)! }))
    expect(foreign).toMatchObject({ code: 'SCM_CASSANDRA_TLS_REFUSED', kind: 'config' })
    expect(foreign.message).toContain(
      'ssl.truststore.path: expected to trust the certificate of 127.0.0.1',
    )
    const anonymous = loadTls(tlsOf({ keyCertChain: '', privateKey: '' }))!
    const noKey = await failureOf(settingsOf({ tls: anonymous }))
    expect(noKey).toMatchObject({ code: 'SCM_CASSANDRA_TLS_REFUSED', kind: 'config' })
    expect(noKey.message).toContain('ssl.keystore.path')
    const { tls: _tls, ...plain } = settingsOf()
    const refused = await failureOf(plain)
    expect(refused).toMatchObject({ code: 'SCM_CASSANDRA_TLS_REFUSED', kind: 'config' })
    expect(refused.message).toContain('ssl.provider')
  })

  it('tells a port without TLS', async () => {
    const server = createServer(socket => socket.on('data', () => socket.end('no TLS here\r\n')))
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    const error = await failureOf(settingsOf({ contactPoints: [{ host: '127.0.0.1', port }] }))
    server.close()
    expect(error.code).toBe('SCM_CASSANDRA_TLS_REFUSED')
    expect(error.message).toContain(`ssl.provider: expected a TLS server at 127.0.0.1:${port}`)
  })
})

describe('wrong settings', () => {
  it('unknown host', async () => {
    const contactPoints = [{ host: 'no-such-host.invalid', port: 9042 }]
    const error = await failureOf(settingsOf({ contactPoints }))
    expect(error).toMatchObject({ code: 'SCM_CASSANDRA_CONTACT_UNKNOWN', kind: 'config' })
    expect(error.message).toContain('contactPoints')
    expect(error.message).toContain('no-such-host.invalid')
    expect((await failureOf(settingsOf({ contactPoints }), false)).kind).toBe('disconnected')
  })

  it('refused port', async () => {
    const contactPoints = [{ host: '127.0.0.1', port: 1 }]
    const error = await failureOf(settingsOf({ contactPoints }))
    expect(error).toMatchObject({ code: 'SCM_CASSANDRA_CONTACT_REFUSED', kind: 'config' })
    expect(error.message).toContain('contactPoints, port: expected a Cassandra node at 127.0.0.1:1')
    expect(error.message).toContain('refused')
    expect((await failureOf(settingsOf({ contactPoints }), false)).kind).toBe('disconnected')
  })

  it('unknown data centre', async () => {
    const error = await failureOf(settingsOf({ localDc: 'Datacenter1' }))
    expect(error).toMatchObject({ code: 'SCM_CASSANDRA_LOCAL_DC', kind: 'config' })
    expect(error.message).toBe(
      'loadBalancing.localDc: expected one of the data centres of the cluster (datacenter1), found "Datacenter1"',
    )
  })

  it('wrong and missing login', async () => {
    const credentials = { username: 'cassandra', password: 'planted-secret' }
    const wrong = await failureOf(settingsOf({ credentials }))
    expect(wrong).toMatchObject({ code: 'SCM_CASSANDRA_CREDENTIALS', kind: 'config' })
    expect(wrong.message).toContain('the login of user "cassandra" refused')
    expect(JSON.stringify(wrong) + wrong.message).not.toContain('planted-secret')
    const { credentials: _none, ...anonymous } = settingsOf()
    const missing = await failureOf(anonymous)
    expect(missing).toMatchObject({ code: 'SCM_CASSANDRA_CREDENTIALS', kind: 'config' })
    expect(missing.message).toContain('found no login')
  })

  it('stops when told to', async () => {
    const controller = new AbortController()
    const opened = ControlSession.open(settingsOf(), {
      logger: Logger.silent(),
      signal: controller.signal,
    })
    controller.abort()
    await expect(opened).rejects.toMatchObject({ kind: 'cancelled' })
  })
})

describe('restart of the node', () => {
  it('is seen, survived, and followed by a sign to read the schema again', () =>
    withSession(settingsOf(), async session => {
      await createSchema(session)
      const seen: SchemaChange[] = []
      session.onSchemaChange(change => seen.push(change))
      const [node] = session.localNodes
      await sandbox.nodes[0]!.kill()
      await expect.poll(() => node!.isUp, { timeout: 30_000 }).toBe(false)
      const lost = await session.execute('SELECT release_version FROM system.local').catch(e => e)
      expect(lost).toMatchObject({ kind: 'disconnected' })
      await sandbox.nodes[0]!.start()
      await expect.poll(() => node!.isUp, { timeout: 60_000 }).toBe(true)
      expect(session.localNodes[0]).toBe(node)
      await expect.poll(() => seen, { timeout: 30_000 }).toContainEqual({ change: 'unknown' })
      expect((await session.table('control', 'hits')).name).toBe('hits')
    }))
})
