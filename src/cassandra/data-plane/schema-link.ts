/**
 * One connection that answers questions on the schema: tables with their columns, and whether the
 * server would prepare a statement. For checks of configurations before anything runs.
 * Opened by `SchemaLinks`; costs two connects and neither the driver nor a pool.
 * Invariant: every question ends within a few seconds, answered or not.
 * Spec: cassandra-sink 7 (start errors); ADR 0022.
 */
import type { ConnectionOptions } from 'node:tls'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { PreparedResult } from '../../cql/index.ts'
import { type Row, readTable } from '../control/table-reader.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { quoteIdentifier } from '../identifier.ts'
import { fetchCloudTopology, toProxyTls } from '../secure-bundle.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import { toTlsOptions } from '../tls.ts'
import type { NodeEndpoint, TableSchema } from '../topology.ts'
import { NodeLink } from './node-link.ts'

const CONNECT_MS_MAX = 2_000
const REQUEST_MS_MAX = 3_000
/** More contact points are not tried: one that answers is enough. */
const ENDPOINTS_MAX = 3

interface Target {
  readonly endpoints: readonly NodeEndpoint[]
  readonly tls: ConnectionOptions | undefined
}

export class SchemaLink {
  readonly #link: NodeLink
  /** For statements that name no keyspace. */
  readonly #keyspace: string | undefined
  #isUsed = false

  private constructor(link: NodeLink, keyspace: string | undefined) {
    this.#link = link
    this.#keyspace = keyspace
  }

  /** The first contact point that answers; rejects with what the last one said. */
  static async open(given: CassandraConnectionSettings): Promise<SchemaLink> {
    const { keyspace, ...rest } = given
    const connectTimeoutMs = Math.min(given.connectTimeoutMs, CONNECT_MS_MAX)
    const handshakeTimeoutMs = connectTimeoutMs
    const requestTimeoutMs = Math.min(given.requestTimeoutMs, REQUEST_MS_MAX)
    const settings = { ...rest, connectTimeoutMs, handshakeTimeoutMs, requestTimeoutMs }
    const { endpoints, tls } = await targetOf(settings)
    let last: unknown
    for (const endpoint of endpoints.slice(0, ENDPOINTS_MAX)) {
      try {
        return new SchemaLink(await NodeLink.open(endpoint, settings, tls), keyspace)
      } catch (error) {
        last = error
      }
    }
    throw last ?? new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, 'no contact point is given')
  }

  get isClosed(): boolean {
    return this.#link.isClosed
  }

  get protocolVersion(): number {
    return this.#link.protocolVersion
  }

  /** Names without quotes, case kept. */
  async table(keyspace: string, table: string): Promise<TableSchema> {
    return await readTable((...query) => this.#rows(...query), keyspace, table)
  }

  /** What the server says of the statement; a refusal is an error of kind `config`. */
  async prepare(cql: string): Promise<PreparedResult> {
    if (this.#keyspace !== undefined && !this.#isUsed) {
      this.#isUsed = true
      await this.#link.query(`USE ${quoteIdentifier(this.#keyspace)}`)
    }
    return await this.#link.prepare(cql)
  }

  close(): void {
    this.#link.close()
  }

  async #rows(cql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return await this.#link.rows(cql, { values: params.map(param => Buffer.from(String(param))) })
  }
}

async function targetOf(settings: CassandraConnectionSettings): Promise<Target> {
  const { cloud, contactPoints, connectTimeoutMs } = settings
  if (cloud === undefined) {
    return { endpoints: contactPoints, tls: settings.tls && toTlsOptions(settings.tls) }
  }
  const topology = await fetchCloudTopology(cloud, { timeoutMs: connectTimeoutMs })
  const { proxyHost: host, proxyPort: port } = topology
  const endpoints = topology.hostIds.map(servername => ({ host, port, servername }))
  return { endpoints, tls: toProxyTls(cloud, host) }
}
