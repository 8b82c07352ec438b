/**
 * A process of its own that runs one replication job and prints its figures as JSON. The first start
 * in a data folder makes the job; later ones run it again. Started by main.ts.
 * Argument: folder, server, keyspace, tables and, for Backlog, the space, as JSON.
 */
import { Replicator } from '../../../src/replicate/index.ts'
import type { CassandraDescription } from '../../../src/sandbox/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'

interface Order {
  readonly folder: string
  readonly cassandra: CassandraDescription
  readonly keyspace: string
  readonly tables: readonly string[]
  readonly space?: { readonly url: string; readonly apiKey: string }
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order
const replicator = new Replicator(order.folder, Logger.silent())
const [known] = replicator.jobs()
const job = known ?? (await makeJob(order))
const startMs = performance.now()
const cpu = process.cpuUsage()
const run = await replicator.waitFor(replicator.startRun(job.id, {}, 'api').id)
const seconds = (performance.now() - startMs) / 1000
const used = process.cpuUsage(cpu)
await replicator.close()
const { inserted, updated, deleted, read } = run.rows
process.stdout.write(
  JSON.stringify({
    ...{ state: run.state, error: run.error, rows: read, written: inserted + updated + deleted },
    ...{ requests: run.requests.sent, seconds, cpuSeconds: (used.user + used.system) / 1e6 },
    waitedSeconds: run.requests.waitedMs / 1000,
    rssPeakMb: process.resourceUsage().maxRSS / 1024,
  }),
)

async function makeJob({ cassandra, keyspace, tables, space }: Order) {
  const signal = AbortSignal.timeout(60_000)
  const properties = {
    ...{ server: cassandra.contactPoints.join(','), port: cassandra.port, database: keyspace },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  }
  const draft = { name: 'cassandra', connector: 'cassandra', properties } as const
  const table = (await replicator.saveConnection(draft, signal)).connection!
  const backlog = { name: 'space', connector: 'backlog', properties: { ...space } } as const
  const source =
    space === undefined ? table : (await replicator.saveConnection(backlog, signal)).connection!
  const settings = { deletion: 'hard', systemColumns: false } as const
  const made = await replicator.addJob({
    ...{ name: 'bench', source: source.id, destination: table.id, settings },
  })
  const drafts = tables.map(name => ({ table: name, destination: `${name.toLowerCase()}_copy` }))
  return await replicator.addTasks(made.id, drafts)
}
