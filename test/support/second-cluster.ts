/**
 * The second Cassandra of a test run, for tests that move data from one cluster to another.
 * The first call starts it (second-servers.ts), which takes some twenty seconds: ask in `beforeAll`.
 * Invariant: it is another cluster than `testCassandra()`, and no test restarts or stops it.
 */
import { inject } from 'vitest'
import type { CassandraDescription, SandboxDescription } from '../../src/sandbox/index.ts'

/** Give it to `testKeyspace` or `connectClient` of keyspace.ts. */
export async function secondCassandra(): Promise<CassandraDescription> {
  const response = await fetch(inject('secondServersUrl'))
  const text = await response.text()
  if (!response.ok) throw new Error(`the second cluster does not start: ${text}`)
  const { cassandra } = JSON.parse(text) as SandboxDescription
  if (cassandra === undefined) throw new Error('the second sandbox has no Cassandra')
  return cassandra
}
