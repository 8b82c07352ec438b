/**
 * The write path of one cluster: pools of data connections to the local nodes, routing by token,
 * prepared statements, and `write` for whole deliveries of bound rows.
 * Opened by sinks (shared by the tasks of a connector) and by bulk copies.
 * Invariants: requests and bytes in flight stay within the limits over all callers; `write`
 * resolves when every row was confirmed or failed; nothing is retried after its deadline.
 * Spec: cassandra-sink 6, 7; docs/adr/0005-data-plane.md.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { formatCqlType } from '../../cql/index.ts'
import type { Unanswered } from '../../flow/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { ControlSession } from '../control/control-session.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import { Dispatcher } from './dispatcher.ts'
import { KeyspaceRouters } from './keyspace-routers.ts'
import { LocalPools } from './local-pools.ts'
import type { NodePool } from './node-pool.ts'
import { ReplicaRouter } from './replica-router.ts'
import { RequestLimits } from './request-limits.ts'
import { type PlannedRequest, type PlannerOptions, planRequests } from './request-planner.ts'
import type { RowBatch } from './row-batch.ts'
import { type RowFailure, WriteDelivery } from './write-delivery.ts'
import type { WriteObserver } from './write-observer.ts'
import type { BoundVariable, WriteStatement, WriteStatementOptions } from './write-statement.ts'

export interface WriteSessionOptions {
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly requestsMax: number
  readonly planner: PlannerOptions
  /** False when a session that worked before is opened again. @default true */
  readonly isStart?: boolean
  /** Told of every request. */
  readonly observer?: WriteObserver | undefined
}

/** Bytes of requests under way; the count limit is the user's, this one guards memory. */
const BYTES_IN_FLIGHT_MAX = 32 * 1024 * 1024
/** Schema events come in groups. */
const SCHEMA_SETTLE_MS = 100

export class WriteSession {
  readonly control: ControlSession
  readonly limits: RequestLimits
  readonly #options: WriteSessionOptions
  readonly #dispatcher: Dispatcher
  readonly #routers: KeyspaceRouters
  /** Weak: a statement whose plan was replaced is forgotten. */
  readonly #keyspaceOf = new WeakMap<WriteStatement, string>()
  /** All that live, to be checked when the schema changes. */
  readonly #statements = new Set<WeakRef<WriteStatement>>()
  #pools: LocalPools | undefined
  #checkTimer: NodeJS.Timeout | undefined
  #isClosed = false

  private constructor(control: ControlSession, options: WriteSessionOptions) {
    this.control = control
    this.#options = options
    this.limits = new RequestLimits(options.requestsMax, BYTES_IN_FLIGHT_MAX)
    this.#dispatcher = new Dispatcher({
      limits: this.limits,
      requestTimeoutMs: control.settings.requestTimeoutMs,
      poolOf: node => this.#open.poolOf(node),
      localPools: () => this.#open.all,
      reprepare: (statement, pool) => this.#prepareOn(pool, statement),
      speculative: control.settings.speculative,
      observer: options.observer,
    })
    this.#routers = new KeyspaceRouters(control, options.logger)
    control.onSchemaChange(() => this.#onSchemaChange())
  }

  /** Connects both planes; errors name the configuration key at fault. */
  static async open(
    settings: CassandraConnectionSettings,
    options: WriteSessionOptions,
  ): Promise<WriteSession> {
    const { logger, signal, isStart = true } = options
    const control = await ControlSession.open(settings, { logger, signal, isStart })
    let session: WriteSession | undefined
    try {
      warnOfSnappy(settings, logger)
      session = new WriteSession(control, options)
      const pump = session.#dispatcher.pump
      const owner = { onReady: pump, onWatch: pump }
      session.#pools = await LocalPools.open(control, { logger, owner })
      return session
    } catch (error) {
      await (session === undefined ? control.close() : session.close())
      throw error
    }
  }

  /** Of the data connections. */
  get protocolVersion(): number {
    return this.#open.protocolVersion
  }

  /** Prepares on every usable node; variables and key come from the server's answer. */
  async prepare(
    cql: string,
    keyspace: string,
    options: WriteStatementOptions,
  ): Promise<WriteStatement> {
    const pools = this.#open.all.filter(pool => pool.isUsable)
    if (pools.length === 0) throw this.#open.unreachable()
    const prepared = await this.#open.sendPrepare(pools[0]!, cql, 'prepare')
    const { columns, partitionKeyIndexes } = prepared.variables
    const names = columns.map(column => column.name)
    const statement: WriteStatement = {
      ...options,
      cql,
      variables: columns.map(({ name, type }) => ({ name, type })),
      // Protocol v3 does not tell them.
      partitionKeyIndexes:
        this.protocolVersion > 3 ? partitionKeyIndexes : indexesOf(options.partitionKey, names),
      isStale: false,
      id: prepared.preparedId,
      resultMetadataId: prepared.resultMetadataId,
    }
    this.#keyspaceOf.set(statement, keyspace)
    this.#statements.add(new WeakRef(statement))
    await this.#routers.ensure(keyspace)
    const others = pools.slice(1).map(pool => this.#prepareOn(pool, statement))
    // A node that cannot prepare now says so again when it gets the statement.
    await Promise.allSettled(others)
    return statement
  }

  /**
   * Writes all rows; resolves with those that failed, by ascending record index. The batch must
   * stay untouched until then. `onPlanned` sees the requests before they are sent, for metrics;
   * `planner` replaces the session's way of grouping rows.
   */
  write(
    batch: RowBatch,
    onPlanned?: (requests: readonly PlannedRequest[]) => void,
    planner: PlannerOptions = this.#options.planner,
  ): Promise<readonly RowFailure[]> {
    const waves = planRequests(batch, this.#routerOf, planner)
    if (onPlanned !== undefined) for (const wave of waves) onPlanned(wave)
    const delivery = new WriteDelivery(batch, waves)
    this.#dispatcher.submit(delivery)
    return delivery.finished
  }

  /** The node that owes answers to writes and has been silent the longest; undefined: none. */
  unanswered(): Unanswered | undefined {
    const inFlight = this.limits.requests
    if (inFlight === 0 || this.#isClosed) return undefined
    const nowMs = performance.now()
    let found: Unanswered | undefined
    for (const pool of this.#open.all) {
      const silentMs = pool.silentMs(nowMs)
      if (silentMs <= (found?.silentMs ?? 0)) continue
      found = { server: 'Cassandra', node: pool.node.address, silentMs, inFlight }
    }
    return found
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#checkTimer)
    this.#routers.close()
    const closed = new ScamanderError(CASSANDRA_ERRORS.CANCELLED, 'the session was closed')
    this.#dispatcher.close(closed)
    this.#pools?.close()
    await this.control.close()
  }

  readonly #routerOf = (statement: WriteStatement): ReplicaRouter => {
    const keyspace = this.#keyspaceOf.get(statement)
    return (keyspace === undefined ? undefined : this.#routers.of(keyspace)) ?? NO_RING
  }

  get #open(): LocalPools {
    if (this.#pools === undefined) throw new TypeError('the session is not open yet')
    return this.#pools
  }

  #onSchemaChange(): void {
    this.#checkTimer ??= setTimeout(() => {
      this.#checkTimer = undefined
      void this.#checkStatements()
    }, SCHEMA_SETTLE_MS)
  }

  /** Prepares all statements again, which marks those whose columns have other types now. */
  async #checkStatements(): Promise<void> {
    const checks: Promise<void>[] = []
    for (const ref of this.#statements) {
      const statement = ref.deref()
      const pool = this.#pools?.all.find(one => one.isReady)
      if (statement === undefined || statement.isStale) this.#statements.delete(ref)
      else if (pool !== undefined) checks.push(this.#prepareOn(pool, statement))
    }
    // A table that is gone is told by the rows that are written to it.
    await Promise.allSettled(checks)
  }

  async #prepareOn(pool: NodePool, statement: WriteStatement): Promise<void> {
    const prepared = await this.#open.sendPrepare(pool, statement.cql, 'reprepare')
    if (signatureOf(prepared.variables.columns) !== signatureOf(statement.variables)) {
      statement.isStale = true
      const message = `the columns of a prepared statement changed; statement: ${statement.cql}`
      throw new ScamanderError(CASSANDRA_ERRORS.STATEMENT_LOST, message)
    }
    statement.id = prepared.preparedId
    statement.resultMetadataId = prepared.resultMetadataId
  }
}

const NO_RING = new ReplicaRouter(undefined)

/** Where the key columns are among the variables; empty when not all of them are bound. */
function indexesOf(key: readonly string[] | undefined, names: readonly string[]): number[] {
  const indexes = (key ?? []).map(name => names.indexOf(name))
  return indexes.includes(-1) ? [] : indexes
}

function signatureOf(variables: readonly BoundVariable[]): string {
  return variables.map(({ name, type }) => `${name} ${formatCqlType(type)}`).join('\n')
}

/** Spec: cassandra-sink 7. */
function warnOfSnappy(settings: CassandraConnectionSettings, logger: Logger): void {
  const wanted = settings.protocolVersionMax ?? 5
  if (settings.compression !== 'snappy' || wanted < 5) return
  logger.warn('compression: Snappy needs protocol v4 or lower, so v4 is used; LZ4 works with v5')
}
