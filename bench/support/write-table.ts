/**
 * A connection to the servers of a benchmark, and a session that fills tables by the product's own
 * write path. Used by the scenarios that need a table before the runs that count.
 */
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  WriteSession,
} from '../../src/cassandra/index.ts'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

export function connectionTo(cassandra: CassandraDescription): CassandraConnectionSettings {
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints: cassandra.contactPoints.map(host => ({ host, port: cassandra.port })),
    localDc: cassandra.localDatacenter,
  }
}

/** Makes an empty table, and hands the session to `fill`. */
export async function writeTable(
  cassandra: CassandraDescription,
  table: { readonly keyspace: string; readonly name: string; readonly columns: string },
  fill: (session: WriteSession) => Promise<void>,
): Promise<void> {
  const session = await WriteSession.open(connectionTo(cassandra), {
    logger: Logger.silent(),
    signal: new AbortController().signal,
    requestsMax: 256,
    planner: { batchBy: 'replica-set', rowsMax: 32, partitionsMax: 10, bytesMax: 5120 },
  })
  const { keyspace, name, columns } = table
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': 1}`
  try {
    for (const cql of [
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${replication}`,
      `CREATE TABLE IF NOT EXISTS ${keyspace}.${name} ${columns}`,
      `TRUNCATE ${keyspace}.${name}`,
    ]) {
      await session.control.execute(cql)
    }
    await fill(session)
  } finally {
    await session.close()
  }
}
