/**
 * A replication to be disturbed: a stand-in of Backlog, a product database in a temporary folder, a
 * keyspace, and jobs between them. Used by the tests of faults.
 * Invariant: `close` ends everything and removes the folder.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { JobInfo, JobSettings, RunInfo, RunRequest, TaskDraft } from '../../src/api-v1.ts'
import {
  type BacklogStandIn,
  type StandInOptions,
  startBacklogStandIn,
} from '../../src/demo/index.ts'
import { Replicator } from '../../src/replicate/index.ts'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from './keyspace.ts'

const NO_LIMIT = 1_000_000

export interface JobOrder {
  readonly tasks: readonly TaskDraft[]
  readonly settings?: Partial<JobSettings>
  /** Of the connection to Backlog, beside URL and key. */
  readonly backlog?: Readonly<Record<string, string | number | boolean>>
  /** Of the connection to Cassandra. */
  readonly cassandra?: Readonly<Record<string, string | number | boolean>>
}

export class Replication {
  readonly folder = mkdtempSync(join(tmpdir(), 'scamander-replication-'))
  readonly standIn: BacklogStandIn
  readonly keyspace: TestKeyspace
  readonly #servers: CassandraDescription
  replicator: Replicator

  private constructor(of: {
    standIn: BacklogStandIn
    keyspace: TestKeyspace
    servers: CassandraDescription
  }) {
    this.standIn = of.standIn
    this.keyspace = of.keyspace
    this.#servers = of.servers
    this.replicator = new Replicator(this.folder, Logger.silent())
  }

  static async open(
    options: StandInOptions = {},
    servers: CassandraDescription = testCassandra(),
  ): Promise<Replication> {
    const limits = { read: NO_LIMIT, search: NO_LIMIT }
    const standIn = await startBacklogStandIn({ issues: 250, limits, ...options })
    return new Replication({ standIn, servers, keyspace: await testKeyspace(servers) })
  }

  async close(): Promise<void> {
    await this.replicator.close()
    await this.standIn.close()
    await this.keyspace.drop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** As after a start of the server. */
  async restart(): Promise<void> {
    await this.replicator.close()
    this.replicator = new Replicator(this.folder, Logger.silent())
  }

  async job(order: JobOrder): Promise<JobInfo> {
    const { contactPoints, port } = this.#servers
    const cassandra = await this.#connection('cassandra', {
      ...{ server: contactPoints[0]!, port, database: this.keyspace.name },
      ...{ authScheme: 'None', consistencyLevel: 'ONE', ...order.cassandra },
    })
    const { url, apiKey } = this.standIn
    const backlog = await this.#connection('backlog', { url, apiKey, ...order.backlog })
    const job = await this.replicator.addJob({
      ...{ name: 'nightly', source: backlog, destination: cassandra },
      settings: { deletion: 'hard', ...order.settings },
    })
    return await this.replicator.addTasks(job.id, order.tasks)
  }

  async #connection(
    connector: 'cassandra' | 'backlog',
    properties: Readonly<Record<string, string | number | boolean>>,
  ): Promise<string> {
    const draft = { name: connector, connector, properties }
    const saved = await this.replicator.saveConnection(draft, AbortSignal.timeout(60_000))
    return saved.connection!.id
  }

  async run(job: JobInfo, request: RunRequest = {}): Promise<RunInfo> {
    return await this.replicator.waitFor(this.replicator.startRun(job.id, request, 'api').id)
  }

  /** Rows as text, sorted; the table is named without its keyspace. */
  async rows(cql: string): Promise<string[]> {
    const at = cql.replace(/FROM (\w+)/, `FROM ${this.keyspace.name}.$1`)
    const { rows } = await this.keyspace.client.execute(at, [], { fetchSize: 5_000 })
    return rows.map(row => row.values().map(String).join(' ')).sort()
  }

  /** Every issue and, where that table is there, every comment of the space; nothing else. */
  async expectSpace(withComments = false): Promise<void> {
    const { space } = this.standIn
    const issues = [...space.issues.values()]
    const found = await this.rows('SELECT id, status_id, summary FROM issues')
    expect(found).toEqual(issues.map(one => `${one.id} ${one.statusId} ${one.summary}`).sort())
    if (!withComments) return
    const comments = issues.flatMap(issue =>
      space.commentsOf(issue).map(one => `${issue.id} ${one['id']} ${one['content']}`),
    )
    const rows = await this.rows('SELECT issue_id, id, content FROM issue_comments')
    expect(rows).toEqual(comments.sort())
  }
}
