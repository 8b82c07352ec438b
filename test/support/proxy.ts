/**
 * A dual-write proxy for a test, in this process, between the shared cluster and the second one; a
 * table on both; and the comparison that counts: every cell of both tables, with write time and TTL.
 * Used by integration and fault tests of the proxy.
 * Invariant: tables are compared by clients of their own, never through the proxy.
 */
import type { Client } from 'cassandra-driver'
import { type RunningProxy, readProxySettings, startProxy } from '../../src/proxy/index.ts'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { connectClient, type TestKeyspace, testCassandra, testKeyspace } from './keyspace.ts'
import { secondCassandra } from './second-cluster.ts'

export interface ProxyPair extends AsyncDisposable {
  readonly source: CassandraDescription
  readonly target: CassandraDescription
  /** Keyspaces of the same name on both. */
  readonly keyspace: string
  readonly onSource: Client
  readonly onTarget: Client
  /** Runs a statement on both clusters, not through a proxy. */
  both(query: string): Promise<void>
}

/** The two clusters with a keyspace of the same name. */
export async function proxyPair(): Promise<ProxyPair> {
  const source = testCassandra()
  const target = await secondCassandra()
  const first: TestKeyspace = await testKeyspace(source)
  const onTarget = await connectClient(target)
  const replication = `{'class': 'NetworkTopologyStrategy', '${target.localDatacenter}': 1}`
  await onTarget.execute(`CREATE KEYSPACE ${first.name} WITH replication = ${replication}`)
  const both = async (query: string) => {
    await Promise.all([first.client.execute(query), onTarget.execute(query)])
  }
  return {
    source,
    target,
    keyspace: first.name,
    onSource: first.client,
    onTarget,
    both,
    [Symbol.asyncDispose]: async () => {
      await onTarget.execute(`DROP KEYSPACE IF EXISTS ${first.name}`)
      await onTarget.shutdown()
      await first.drop()
    },
  }
}

export interface TestProxy extends AsyncDisposable {
  readonly proxy: RunningProxy
  readonly port: number
  readonly logs: string[]
  /** A driver client that knows the proxy only. */
  connect(options?: Parameters<typeof connectClient>[1]): Promise<Client>
  /** The value of a metric; 0 when it has no series. */
  metric(series: string): Promise<number>
  control(path: string, body?: object): Promise<unknown>
}

/** The arguments that lead to the two clusters, in plain text. */
export function clusterArguments(pair: Pick<ProxyPair, 'source' | 'target'>): string[] {
  const { source, target } = pair
  const ports = ['--source-port', `${source.port}`, '--target-port', `${target.port}`]
  const plain = ['--disable-source-tls', 'true', '--disable-target-tls', 'true']
  return [source.contactPoints[0]!, target.contactPoints[0]!, ...ports, ...plain]
}

export async function testProxy(
  pair: Pick<ProxyPair, 'source' | 'target'>,
  ...more: readonly string[]
): Promise<TestProxy> {
  const logs: string[] = []
  const logger = Logger.create({
    level: 'debug',
    sink: line => void logs.push(JSON.stringify(line)),
  })
  const free = ['--proxy-port', '0', '--metrics-port', '0']
  const settings = readProxySettings([...clusterArguments(pair), ...free, ...more])
  const proxy = await startProxy(settings, logger)
  const clients: Client[] = []
  const url = (path: string) => `http://127.0.0.1:${proxy.metricsPort}${path}`
  return {
    proxy,
    port: proxy.port,
    logs,
    connect: async options => {
      const client = await connectClient({ ...pair.source, port: proxy.port }, options)
      clients.push(client)
      return client
    },
    metric: async series => {
      const text = await (await fetch(url('/metrics'))).text()
      const line = text.split('\n').find(one => one.startsWith(`${series} `))
      return line === undefined ? 0 : Number(line.slice(series.length + 1))
    },
    control: async (path, body) => {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return await (await fetch(url(`/api/v1/${path}`), init)).json()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map(client => client.shutdown()))
      await proxy.close()
    },
  }
}

/** Every row of a table as text, by key: cells with write times, and TTL in a list of its own. */
export interface TableContent {
  readonly rows: ReadonlyMap<string, string>
  readonly ttls: ReadonlyMap<string, readonly (number | null)[]>
}

export async function readTable(
  client: Client,
  keyspace: string,
  table: string,
): Promise<TableContent> {
  const columns = await client.execute(
    'SELECT column_name, kind, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, table],
    { prepare: true },
  )
  const named = columns.rows.map(row => ({
    name: String(row['column_name']),
    isKey: row['kind'] === 'partition_key' || row['kind'] === 'clustering',
    isPlain: !/^(counter|map|list|set)/.test(String(row['type'])),
  }))
  const keys = named.filter(one => one.isKey).map(one => one.name)
  const timed = named.filter(one => !one.isKey && one.isPlain).map(one => one.name)
  const selected = [
    ...named.map(one => one.name),
    ...timed.map((name, i) => `writetime(${name}) AS w${i}`),
    ...timed.map((name, i) => `ttl(${name}) AS x${i}`),
  ]
  const rows = new Map<string, string>()
  const ttls = new Map<string, (number | null)[]>()
  const result = await client.execute(
    `SELECT ${selected.join(', ')} FROM ${keyspace}.${table}`,
    [],
    {
      prepare: true,
      fetchSize: 5000,
    },
  )
  for await (const row of result) {
    const key = keys.map(name => String(row[name])).join('/')
    const cells = [...named.map(one => one.name), ...timed.map((_, i) => `w${i}`)]
    rows.set(key, JSON.stringify(cells.map(name => [name, shown(row[name])])))
    ttls.set(
      key,
      timed.map((_, i) => row[`x${i}`] as number | null),
    )
  }
  return { rows, ttls }
}

const TTL_TOLERANCE_SECONDS = 3

/** What differs between the clusters, in words; nothing when they are equal. */
export async function tableDifferences(
  pair: ProxyPair,
  table: string,
  isCompared: (key: string) => boolean = () => true,
): Promise<string[]> {
  const [a, b] = await Promise.all([
    readTable(pair.onSource, pair.keyspace, table),
    readTable(pair.onTarget, pair.keyspace, table),
  ])
  const differences: string[] = []
  for (const key of new Set([...a.rows.keys(), ...b.rows.keys()])) {
    if (!isCompared(key)) continue
    if (a.rows.get(key) !== b.rows.get(key)) {
      differences.push(`${key}: ${a.rows.get(key)} and ${b.rows.get(key)}`)
    }
    const theirs = b.ttls.get(key) ?? []
    a.ttls.get(key)?.forEach((ttl, i) => {
      const other = theirs[i] ?? null
      const isSame =
        ttl === null || other === null
          ? ttl === other
          : Math.abs(ttl - other) <= TTL_TOLERANCE_SECONDS
      if (!isSame) differences.push(`${key}: ttl ${ttl} and ${other}`)
    })
  }
  return differences.slice(0, 10)
}

function shown(value: unknown): unknown {
  if (value === null || value === undefined) return null
  return typeof value === 'object' && !Array.isArray(value) ? String(value) : value
}
