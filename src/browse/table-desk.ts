/**
 * The tables of the page's Cassandra connections as people look at them: keyspaces, schemas, rows and
 * statements. One per server; connects with the first question to a cluster.
 * Invariants: connections are looked up at each call, so that a change counts at once; every answer is one
 * page; limits of a call never exceed those of this file.
 * Spec: ui 5.7.
 */
import type {
  CqlCheck,
  CqlRequest,
  CqlResult,
  DataRows,
  DataTableInfo,
  KeyspaceInfo,
} from '../api-v1-data.ts'
import type { ReadSession } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type BrowsedCluster, ClusterSessions } from './cluster-sessions.ts'
import { type CqlStatement, readCqlStatement } from './cql-statement.ts'
import { describeTable, listKeyspaces } from './keyspace-list.ts'
import { checkCql, confirmationOf, runCql } from './run-cql.ts'
import { type RowsQuery, readRows } from './table-rows.ts'

export const ROWS_MAX = 500
/** A statement of a person may not hold a connection longer than they wait. */
const REQUEST_MS_MAX = 30_000

export interface ClusterHealth {
  readonly version: string | null
  readonly nodes: number
}

export class TableDesk {
  readonly #clusterOf: (connection: string) => BrowsedCluster
  readonly #sessions: ClusterSessions

  constructor(logger: Logger, clusterOf: (connection: string) => BrowsedCluster) {
    this.#clusterOf = clusterOf
    this.#sessions = new ClusterSessions(logger)
  }

  async keyspaces(connection: string): Promise<KeyspaceInfo[]> {
    return await this.#use(connection, session => listKeyspaces(session.control))
  }

  /** Version of the node that answers, and how many nodes it knows, itself included. */
  async health(connection: string): Promise<ClusterHealth> {
    return await this.#use(connection, async ({ control }) => {
      const [[own], peers] = await Promise.all([
        control.execute('SELECT release_version FROM system.local'),
        control.execute('SELECT peer FROM system.peers'),
      ])
      const version = own?.['release_version']
      return { version: version == null ? null : String(version), nodes: peers.length + 1 }
    })
  }

  async table(connection: string, keyspace: string, table: string): Promise<DataTableInfo> {
    return await this.#use(connection, async (session, { isReadOnly }) => ({
      ...(await describeTable(session.control, keyspace, table)),
      isReadOnly,
    }))
  }

  async rows(connection: string, query: Omit<RowsQuery, 'consistency'>): Promise<DataRows> {
    const rowsMax = Math.min(ROWS_MAX, Math.max(1, query.rowsMax))
    return await this.#use(connection, (session, { consistency }) =>
      readRows(session, { ...query, rowsMax, consistency }),
    )
  }

  /** What a statement would do; throws when it is none. */
  checkCql(cql: string): CqlCheck {
    const statement = readCqlStatement(cql)
    const { kind, verb } = statement
    return { kind, verb, confirm: kind === 'delete' ? confirmationOf(statement) : null }
  }

  /** `onStatement` hears of it before it is sent, and may throw to refuse it. */
  async cql(
    connection: string,
    request: CqlRequest,
    onStatement: (statement: CqlStatement) => void,
  ): Promise<CqlResult> {
    const statement = checkCql(request, this.#clusterOf(connection))
    onStatement(statement)
    return await this.#use(connection, (session, cluster) => runCql(session, statement, cluster))
  }

  async close(): Promise<void> {
    await this.#sessions.close()
  }

  async #use<T>(
    connection: string,
    work: (session: ReadSession, cluster: BrowsedCluster) => Promise<T>,
  ): Promise<T> {
    const found = this.#clusterOf(connection)
    const requestTimeoutMs = Math.min(found.settings.requestTimeoutMs, REQUEST_MS_MAX)
    const cluster = { ...found, settings: { ...found.settings, requestTimeoutMs } }
    return await this.#sessions.use(connection, cluster, session => work(session, cluster))
  }
}
