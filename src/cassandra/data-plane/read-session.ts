/**
 * The read path of one cluster: pools of data connections to the local nodes, prepared SELECTs, and
 * pages of undecoded rows. Opened by bulk copies and validations.
 * Retries nothing but a forgotten statement: the caller knows what a page is worth. Callers bound
 * how many pages they ask for at once; each is one request on one connection.
 * Invariant: a page goes to a replica of its token when one is up, else to any local node.
 * Spec: live-migration 3.1; docs/adr/0005-data-plane.md.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { ConsistencyCode, RowsResult } from '../../cql/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { isUnprepared } from '../classify.ts'
import { ControlSession } from '../control/control-session.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import type { DataConnection } from './connection.ts'
import { KeyspaceRouters } from './keyspace-routers.ts'
import { LocalPools } from './local-pools.ts'
import type { NodePool } from './node-pool.ts'
import { PageRead } from './page-read.ts'
import type { PageRequest, ReadStatement } from './read-statement.ts'
import { ANY_NODE } from './replica-router.ts'

export interface ReadSessionOptions {
  readonly logger: Logger
  readonly signal: AbortSignal
  /** False: the cluster was reached before, so that what cannot be reached now may come back. */
  readonly isStart?: boolean
}

export class ReadSession {
  readonly control: ControlSession
  readonly #routers: KeyspaceRouters
  #waiting: (() => void)[] = []
  #pools: LocalPools | undefined
  #next = 0
  #isClosed = false

  private constructor(control: ControlSession, logger: Logger) {
    this.control = control
    this.#routers = new KeyspaceRouters(control, logger)
  }

  static async open(
    settings: CassandraConnectionSettings,
    { logger, signal, isStart = true }: ReadSessionOptions,
  ): Promise<ReadSession> {
    const control = await ControlSession.open(settings, { logger, signal, isStart })
    const session = new ReadSession(control, logger)
    try {
      const wake = () => session.#wake()
      session.#pools = await LocalPools.open(control, {
        logger,
        owner: { onReady: wake, onWatch: wake },
      })
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  /** Of the data connections. */
  get protocolVersion(): number {
    return this.#open.protocolVersion
  }

  /** `keyspace` decides the replicas; `cql` names its table with the keyspace. */
  async prepare(
    cql: string,
    keyspace: string,
    consistency: ConsistencyCode,
  ): Promise<ReadStatement> {
    const pool = this.#open.all.find(one => one.isReady)
    if (pool === undefined) throw this.#open.unreachable()
    const prepared = await this.#open.sendPrepare(pool, cql, 'prepare')
    await this.#routers.ensure(keyspace)
    return {
      ...{ cql, keyspace, consistency },
      variables: prepared.variables.columns.map(({ name, type }) => ({ name, type })),
      columns: (prepared.resultMetadata.columns ?? []).map(({ name, type }) => ({ name, type })),
      id: prepared.preparedId,
      resultMetadataId: prepared.resultMetadataId,
    }
  }

  /** One page. Errors are classified; the caller decides whether to ask again. */
  async readPage(statement: ReadStatement, page: PageRequest): Promise<RowsResult> {
    for (let attempt = 0; ; attempt++) {
      const { pool, connection } = await this.#pick(statement, page)
      const deadlineMs = performance.now() + this.control.settings.requestTimeoutMs
      const read = new PageRead(statement, page, { node: pool.node.address, deadlineMs })
      connection.send(read)
      try {
        return await read.finished
      } catch (error) {
        if (attempt > 0 || !(error instanceof ScamanderError) || !isUnprepared(error)) throw error
        await this.#prepareAgain(pool, statement)
      }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#routers.close()
    this.#pools?.close()
    this.#wake()
    await this.control.close()
  }

  get #open(): LocalPools {
    if (this.#pools === undefined) throw new TypeError('the session is not open yet')
    return this.#pools
  }

  /** Waits while every connection is full; throws when no node is connected. */
  async #pick(
    statement: ReadStatement,
    page: PageRequest,
  ): Promise<{ pool: NodePool; connection: DataConnection }> {
    for (;;) {
      if (this.#isClosed) {
        throw new ScamanderError(CASSANDRA_ERRORS.CANCELLED, 'the session was closed')
      }
      const pool =
        this.#leastBusy(this.#replicasOf(statement, page)) ?? this.#leastBusy(this.#open.all)
      const connection = pool?.pick()
      if (pool !== undefined && connection !== undefined) return { pool, connection }
      if (!this.#open.all.some(one => one.isUsable)) throw this.#open.unreachable()
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  #replicasOf({ keyspace }: ReadStatement, { token }: PageRequest): (NodePool | undefined)[] {
    const router = this.#routers.of(keyspace)
    if (token === undefined || router === undefined) return []
    const set = router.replicaSetOf(token.high, token.low)
    return set === ANY_NODE ? [] : router.sets[set]!.map(this.#open.poolOf)
  }

  #leastBusy(pools: readonly (NodePool | undefined)[]): NodePool | undefined {
    let best: NodePool | undefined
    const first = this.#next++
    for (let i = 0; i < pools.length; i++) {
      const pool = pools[(first + i) % pools.length]
      if (pool === undefined || !pool.isReady) continue
      if (best === undefined || pool.inFlight < best.inFlight) best = pool
    }
    return best
  }

  async #prepareAgain(pool: NodePool, statement: ReadStatement): Promise<void> {
    const prepared = await this.#open.sendPrepare(pool, statement.cql, 'reprepare')
    const count = prepared.resultMetadata.columns?.length ?? 0
    if (count !== statement.columns.length) {
      const message = `the columns of a prepared statement changed; statement: ${statement.cql}`
      throw new ScamanderError(CASSANDRA_ERRORS.STATEMENT_LOST, message)
    }
    // The id of the columns stays: should they have changed, the next page tells the new ones.
    statement.id = prepared.preparedId
  }

  #wake(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
