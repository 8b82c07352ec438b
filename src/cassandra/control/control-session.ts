/**
 * The control plane of one cluster: nodes, token rings, tables, events, occasional statements.
 * Opened by sinks and sources before their data plane; one per connector task set. Survives node
 * restarts by itself. Spec: design, decision 6.
 * Invariant: `topologyVersion` grows with every change of nodes, tokens or replication; a ring
 * with a smaller version is stale. After `close` no listener is called.
 */
import type { ConnectionOptions } from 'node:tls'
import type { Client } from 'cassandra-driver'
import { systemClock } from '../../base/clock.ts'
import type { ConsistencyCode } from '../../cql/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { classify } from '../classify.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { parseReplication } from '../replication.ts'
import type { CassandraConnectionSettings, Credentials } from '../settings.ts'
import { buildTokenRing, type TokenRing } from '../token-ring.ts'
import type { NodeRef, SchemaChange, TableSchema } from '../topology.ts'
import { connectError, localDc } from './connect-error.ts'
import { type DriverConnection, type OpenOptions, openDriver } from './driver-client.ts'
import { NodeRegistry } from './node-registry.ts'
import { toSchemaChange } from './schema-event.ts'
import { missingKeyspace, type Row, readTable } from './table-reader.ts'

/** Longest wait for the driver to end its connections. */
const SHUTDOWN_MS_MAX = 2_000

type Listener<T> = (event: T) => void

export class ControlSession {
  readonly localDc: string
  // Private: printing a session must show no secret.
  readonly #settings: CassandraConnectionSettings
  readonly #tls: ConnectionOptions | undefined
  #clusterName = ''
  #partitioner = ''
  readonly #client: Client
  readonly #registry: NodeRegistry
  readonly #logger: Logger
  readonly #rings = new Map<string, TokenRing | undefined>()
  readonly #schemaListeners = new Set<Listener<SchemaChange>>()
  readonly #nodeListeners = new Set<Listener<readonly NodeRef[]>>()
  #replicationVersion = 0
  #ringsVersion = -1
  #isClosed = false

  private constructor(
    settings: CassandraConnectionSettings,
    connection: DriverConnection,
    logger: Logger,
  ) {
    this.#settings = settings
    this.localDc = connection.cloud?.localDc ?? (settings.localDc || connection.contactDc)
    this.#client = connection.client
    this.#tls = connection.tls
    this.#logger = logger
    this.#registry = new NodeRegistry(this.localDc, connection.cloud)
    for (const event of ['hostUp', 'hostDown', 'hostAdd', 'hostRemove']) {
      this.#client.on(event, () => this.#refreshNodes(false))
    }
  }

  /** Connects, checks the data centre, reads cluster name and nodes. */
  static async open(
    settings: CassandraConnectionSettings,
    options: OpenOptions,
  ): Promise<ControlSession> {
    const logger = options.logger.child({ room: 'cassandra' })
    let session: ControlSession | undefined
    const connection = await openDriver(settings, { ...options, logger }, (level, message, info) =>
      session === undefined
        ? logger.trace(message, { driver: level })
        : session.#onDriverLog(level, message, info),
    )
    session = new ControlSession(settings, connection, logger)
    try {
      await session.#start()
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  get settings(): CassandraConnectionSettings {
    return this.#settings
  }

  /** For connections to nodes: spread it, then add the node's endpoint. Undefined: no TLS. */
  get tlsOptions(): ConnectionOptions | undefined {
    return this.#tls
  }

  /** The login to send: of the settings, else of the bundle. */
  get credentials(): Credentials | undefined {
    return this.#settings.credentials ?? this.#settings.cloud?.credentials
  }

  get clusterName(): string {
    return this.#clusterName
  }

  /** Every node known, of every data centre. */
  get nodes(): readonly NodeRef[] {
    return this.#registry.nodes
  }

  get localNodes(): readonly NodeRef[] {
    return this.#registry.nodes.filter(node => node.isLocal)
  }

  /** Distinct, ascending as text. */
  get releaseVersions(): string[] {
    return [...new Set(this.nodes.map(node => node.releaseVersion))].sort()
  }

  /** Of the control connection; the data plane negotiates its own. */
  get protocolVersion(): number {
    const { controlConnection } = this.#client as unknown as {
      controlConnection: { protocolVersion: number }
    }
    return controlConnection.protocolVersion
  }

  /** Tokens are Murmur3: statements can be sent to replicas. */
  get isTokenAware(): boolean {
    return this.#partitioner.endsWith('Murmur3Partitioner')
  }

  get topologyVersion(): number {
    return this.#registry.version + this.#replicationVersion
  }

  /** Undefined when there is no placement to go by: route round robin then. */
  async tokenRing(keyspace: string): Promise<TokenRing | undefined> {
    if (!this.isTokenAware) return undefined
    const version = this.topologyVersion
    if (this.#ringsVersion !== version) {
      this.#rings.clear()
      this.#ringsVersion = version
    }
    if (this.#rings.has(keyspace)) return this.#rings.get(keyspace)
    const rows = await this.execute(
      'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?',
      [keyspace],
    )
    if (rows[0] === undefined)
      throw await missingKeyspace((...query) => this.execute(...query), keyspace)
    const replication = parseReplication(rows[0]['replication'] as Record<string, string>)
    const ring = buildTokenRing({ keyspace, version }, this.#registry.ringNodes, replication)
    if (this.#ringsVersion === this.topologyVersion) this.#rings.set(keyspace, ring)
    return ring
  }

  /** Fresh from the server; names without quotes, case kept. */
  async table(keyspace: string, table: string): Promise<TableSchema> {
    return await readTable((...query) => this.execute(...query), keyspace, table)
  }

  /**
   * For occasional statements: DDL, checks, small queries. Every page is read.
   * `consistency`: the driver's own, LOCAL_ONE, unless it is given.
   */
  async execute(
    cql: string,
    params: readonly unknown[] = [],
    consistency?: ConsistencyCode,
  ): Promise<Row[]> {
    try {
      const result = await this.#client.execute(cql, [...params], {
        prepare: params.length > 0,
        ...(consistency === undefined ? {} : { consistency }),
      })
      const rows: Row[] = []
      for await (const row of result) rows.push(row as unknown as Row)
      return rows
    } catch (error) {
      throw classify(error, { phase: 'prepare', statement: cql })
    }
  }

  /** `change: 'unknown'` after a reconnect: events may have been missed. Returns the unsubscriber. */
  onSchemaChange(listener: Listener<SchemaChange>): () => void {
    this.#schemaListeners.add(listener)
    return () => this.#schemaListeners.delete(listener)
  }

  /** Nodes came, went, or changed between up and down, or their tokens moved. */
  onNodeChange(listener: Listener<readonly NodeRef[]>): () => void {
    this.#nodeListeners.add(listener)
    return () => this.#nodeListeners.delete(listener)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#schemaListeners.clear()
    this.#nodeListeners.clear()
    // The driver's promise stays open when it is reconnecting; nothing depends on its end.
    const late = new AbortController()
    const shutDown = this.#client.shutdown().finally(() => late.abort())
    await Promise.race([shutDown, systemClock.sleep(SHUTDOWN_MS_MAX, late.signal)])
  }

  async #start(): Promise<void> {
    this.#refreshNodes(true)
    const [local] = await this.execute('SELECT cluster_name, partitioner FROM system.local')
    this.#clusterName = String(local?.['cluster_name'] ?? '')
    this.#partitioner = String(local?.['partitioner'] ?? '')
    if (this.localNodes.length === 0) {
      const dcs = this.nodes.map(node => node.dc)
      const { text } = localDc(dcs, this.#settings)
      throw connectError(CASSANDRA_ERRORS.LOCAL_DC, text, { settings: this.#settings })
    }
    if (this.isTokenAware) return
    const name = this.#partitioner.replace(/^.*\./, '')
    this.#logger.warn(
      `the cluster uses ${name}: writes go round robin, not to replicas; Murmur3Partitioner is faster`,
    )
  }

  #refreshNodes(isComplete: boolean): void {
    if (this.#isClosed) return
    if (!this.#registry.update(this.#client.hosts.values(), isComplete)) return
    for (const listener of this.#nodeListeners) listener(this.nodes)
  }

  /** The driver tells schema events and finished refreshes through its log alone. */
  #onDriverLog(level: string, message: string, info: unknown): void {
    if (this.#isClosed) return
    if (message === 'Schema change') this.#emitSchemaChange(toSchemaChange(info))
    else if (message === 'Peers info retrieved') this.#refreshNodes(true)
    else if (/^ControlConnection connected to .* and up to date$/.test(message)) {
      this.#emitSchemaChange({ change: 'unknown' })
    } else this.#logger.trace(message, { driver: level })
  }

  #emitSchemaChange(change: SchemaChange): void {
    if (change.table === undefined && change.udt === undefined) this.#replicationVersion += 1
    for (const listener of this.#schemaListeners) listener(change)
  }
}
