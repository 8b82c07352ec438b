/**
 * The data plane without a control plane: pools, limits and dispatcher over scripted servers.
 * Used by tests of the data plane; one statement, rows of two ints.
 * Invariant: rows are bound exactly as the table sink binds them: `[n][length, bytes]*n`.
 */

import type { ScriptedCqlServer } from '../../../test/support/scripted-cql-server.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { murmur3Token } from '../../cql/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { type CassandraConnectionSettings, CONNECTION_DEFAULTS } from '../settings.ts'
import type { NodeRef } from '../topology.ts'
import { Dispatcher } from './dispatcher.ts'
import { type Agreed, agreeOnProtocol } from './handshake.ts'
import { NodePool } from './node-pool.ts'
import { PrepareRequest } from './prepare-request.ts'
import { ReplicaRouter } from './replica-router.ts'
import { RequestLimits } from './request-limits.ts'
import { type PlannerOptions, planRequests } from './request-planner.ts'
import { RowBatch } from './row-batch.ts'
import { type RowFailure, WriteDelivery } from './write-delivery.ts'
import type { WriteObserver } from './write-observer.ts'
import type { WriteStatement } from './write-statement.ts'

export const INSERT = 'INSERT INTO ks.t (k, v) VALUES (:k, :v)'

export function statementOf(rest: Partial<WriteStatement> = {}): WriteStatement {
  return {
    cql: INSERT,
    variables: [
      { name: 'k', type: { kind: 'int' } },
      { name: 'v', type: { kind: 'int' } },
    ],
    partitionKeyIndexes: [0],
    id: Buffer.from(INSERT),
    resultMetadataId: Buffer.from('r'),
    isStale: false,
    consistency: 10,
    isIdempotent: true,
    isCounter: false,
    batchGroup: 0,
    ...rest,
  }
}

export interface TestRow {
  readonly key: number
  readonly value: number
  readonly flags?: number
  readonly statement?: WriteStatement
  /** More bytes of the value, to make rows large. */
  readonly padding?: number
}

export function batchOf(rows: readonly TestRow[], statement = statementOf()): RowBatch {
  const batch = new RowBatch()
  const token = { high: 0, low: 0 }
  rows.forEach(({ key, value, flags = 0, statement: own = statement, padding = 0 }, index) => {
    const { arena } = batch
    const start = arena.position
    arena.writeInt16(2)
    arena.writeInt32(4)
    arena.writeInt32(key)
    murmur3Token(arena.bytes, { start: arena.position - 4, end: arena.position }, token)
    arena.writeInt32(4 + padding)
    arena.writeInt32(value)
    if (padding > 0) arena.writeBytes(Buffer.alloc(padding))
    const row = batch.add(own, index, start, flags)
    batch.setToken(row, token.high, token.low)
  })
  return batch
}

export const PLANNER: PlannerOptions = {
  batchBy: 'replica-set',
  rowsMax: 32,
  partitionsMax: 10,
  bytesMax: 4800,
}

export interface PlaneOptions {
  readonly settings?: Partial<CassandraConnectionSettings>
  readonly requestsMax?: number
  readonly bytesMax?: number
  readonly planner?: Partial<PlannerOptions>
  readonly observer?: WriteObserver
}

export class TestDataPlane implements Disposable {
  readonly limits: RequestLimits
  readonly pools: NodePool[]
  readonly dispatcher: Dispatcher
  readonly agreed: Agreed
  reprepared = 0
  readonly #planner: PlannerOptions
  readonly #watch: NodeJS.Timeout

  private constructor(
    nodes: readonly NodeRef[],
    agreed: Agreed,
    options: PlaneOptions & { full: CassandraConnectionSettings },
  ) {
    const { full: settings, requestsMax = 500, bytesMax = 32 << 20 } = options
    this.agreed = agreed
    this.#planner = { ...PLANNER, ...options.planner }
    this.limits = new RequestLimits(requestsMax, bytesMax)
    const owner = {
      onReady: () => this.dispatcher.pump(),
      isIsolated: () => !this.pools.some(pool => pool.isUsable),
    }
    const shared = { settings, agreed, owner, tls: undefined, logger: Logger.silent() }
    this.pools = nodes.map(node => new NodePool({ node, ...shared }))
    this.dispatcher = new Dispatcher({
      limits: this.limits,
      requestTimeoutMs: settings.requestTimeoutMs,
      poolOf: node => this.pools.find(pool => pool.node === node),
      localPools: () => this.pools,
      reprepare: (statement, pool) => this.#prepare(statement, pool),
      speculative: settings.speculative,
      observer: options.observer,
    })
    this.#watch = setInterval(() => {
      for (const pool of this.pools) pool.watch(performance.now())
      this.dispatcher.pump()
    }, 20)
  }

  static async open(
    servers: readonly ScriptedCqlServer[],
    options: PlaneOptions = {},
  ): Promise<TestDataPlane> {
    const full = {
      ...CONNECTION_DEFAULTS,
      poolLocalSize: 1,
      reconnectBaseMs: 20,
      ...options.settings,
    }
    const nodes = servers.map(nodeOf)
    const agreed = await agreeOnProtocol(nodes[0]!, full, undefined)
    const plane = new TestDataPlane(nodes, agreed, { ...options, full })
    await Promise.all(plane.pools.map(pool => pool.open()))
    return plane
  }

  write(batch: RowBatch): Promise<readonly RowFailure[]> {
    const router = new ReplicaRouter(undefined)
    const delivery = new WriteDelivery(
      batch,
      planRequests(batch, () => router, this.#planner),
    )
    this.dispatcher.submit(delivery)
    return delivery.finished
  }

  close(): void {
    clearInterval(this.#watch)
    this.dispatcher.close(new ScamanderError(CASSANDRA_ERRORS.CANCELLED, 'closed'))
    for (const pool of this.pools) pool.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async #prepare(statement: WriteStatement, pool: NodePool): Promise<void> {
    this.reprepared += 1
    const request = new PrepareRequest(statement.cql, 'reprepare', performance.now() + 2000)
    pool.pick()!.send(request)
    statement.id = (await request.finished).preparedId
  }
}

export function nodeOf(server: { port: number }): NodeRef {
  return {
    hostId: `host-${server.port}`,
    address: '127.0.0.1',
    endpoint: { host: '127.0.0.1', port: server.port },
    dc: 'dc',
    rack: 'r',
    releaseVersion: '5.0',
    isLocal: true,
    isUp: true,
  }
}
