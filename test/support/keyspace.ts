/**
 * Cassandra for a test: a connected driver client, and a keyspace of its own.
 * Used by integration and fault tests; the driver is the independent witness of what is stored.
 * Invariant: keyspace names are unique, so test files never see each other's tables.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Client, type ClientOptions, policies } from 'cassandra-driver'
import { inject } from 'vitest'
import type { CassandraDescription } from '../../src/sandbox/index.ts'

export interface TestKeyspace extends AsyncDisposable {
  readonly name: string
  readonly client: Client
  /** Drops the keyspace and closes the client. */
  drop(): Promise<void>
}

/** The Cassandra of the shared sandbox. */
export function testCassandra(): CassandraDescription {
  const { cassandra } = inject('sandbox')
  if (cassandra === undefined) throw new Error('the shared sandbox has no Cassandra')
  return cassandra
}

/** A connected client; version 4, because the driver's first guess upsets Cassandra 5 over TLS. */
export async function connectClient(
  cassandra: CassandraDescription = testCassandra(),
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const { username, password, tls } = cassandra
  const isSecret = username !== undefined && password !== undefined
  const client = new Client({
    contactPoints: [...cassandra.contactPoints],
    localDataCenter: cassandra.localDatacenter,
    protocolOptions: { port: cassandra.port, maxVersion: 4 },
    // Changes of the schema take long when other programs share the machine.
    socketOptions: { readTimeout: 30_000 },
    ...(isSecret && { credentials: { username, password } }),
    ...(tls && {
      sslOptions: {
        ca: [readFileSync(tls.caPath, 'utf8')],
        cert: readFileSync(tls.certPath, 'utf8'),
        key: readFileSync(tls.keyPath, 'utf8'),
        rejectUnauthorized: true,
      },
    }),
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(500) },
    ...options,
  })
  await client.connect()
  return client
}

/** Makes a keyspace with one replica per node; `await using` or `drop` removes it. */
export async function testKeyspace(
  cassandra: CassandraDescription = testCassandra(),
): Promise<TestKeyspace> {
  const client = await connectClient(cassandra)
  const name = `t_${randomBytes(6).toString('hex')}`
  const replicas = cassandra.nodes.length
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': ${replicas}}`
  await client.execute(`CREATE KEYSPACE ${name} WITH replication = ${replication}`)
  const drop = async () => {
    await client.shutdown()
    const last = await connectClient(cassandra) // the first one may still miss a restarted node
    await last.execute(`DROP KEYSPACE IF EXISTS ${name}`)
    await last.shutdown()
  }
  return { name, client, drop, [Symbol.asyncDispose]: drop }
}
