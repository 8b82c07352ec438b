/**
 * The data connections of one cluster: a pool per node of the local data centre, kept in step with
 * the control plane. Owned by a write session or a read session.
 * Invariants: a node that comes gets a pool, one that goes loses it; every pool is watched several
 * times a second; after `close` nothing stays open.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { PreparedResult } from '../../cql/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { RequestPhase } from '../classify.ts'
import type { ControlSession } from '../control/control-session.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { NodeRef } from '../topology.ts'
import { type Agreed, agreeOnProtocol } from './handshake.ts'
import { NodePool } from './node-pool.ts'
import { PrepareRequest } from './prepare-request.ts'

export interface LocalPoolsOwner {
  /** There may be room for more requests, somewhere. */
  onReady(): void
  /** Several times a second, after the pools were looked after. */
  onWatch(): void
}

const WATCH_INTERVAL_MS = 200

export class LocalPools {
  readonly #control: ControlSession
  readonly #agreed: Agreed
  readonly #logger: Logger
  readonly #owner: LocalPoolsOwner
  readonly #pools = new Map<string, NodePool>()
  readonly #watch: NodeJS.Timeout
  #all: NodePool[] = []
  #isClosed = false

  private constructor(
    control: ControlSession,
    agreed: Agreed,
    parts: { readonly logger: Logger; readonly owner: LocalPoolsOwner },
  ) {
    this.#control = control
    this.#agreed = agreed
    this.#logger = parts.logger
    this.#owner = parts.owner
    this.#watch = setInterval(() => this.#onWatch(), WATCH_INTERVAL_MS)
    control.onNodeChange(() => this.#onNodeChange())
  }

  /** Resolves when one connection at least is open. */
  static async open(
    control: ControlSession,
    parts: { readonly logger: Logger; readonly owner: LocalPoolsOwner },
  ): Promise<LocalPools> {
    const pools = new LocalPools(control, await agreeWithAny(control), parts)
    try {
      await pools.#open()
      return pools
    } catch (error) {
      pools.close()
      throw error
    }
  }

  get protocolVersion(): number {
    return this.#agreed.version
  }

  /** A new array whenever nodes come or go. */
  get all(): readonly NodePool[] {
    return this.#all
  }

  readonly poolOf = (node: NodeRef): NodePool | undefined => this.#pools.get(node.hostId)

  /** PREPARE on one node. */
  sendPrepare(pool: NodePool, cql: string, phase: RequestPhase): Promise<PreparedResult> {
    const connection = pool.pick()
    if (connection === undefined) return Promise.reject(this.unreachable())
    const deadlineMs = performance.now() + this.#control.settings.requestTimeoutMs
    const request = new PrepareRequest(cql, phase, deadlineMs)
    connection.send(request)
    return request.finished
  }

  unreachable(): ScamanderError {
    const reasons = this.#all.map(pool => pool.lastError?.message).filter(Boolean)
    const message = `no node of the local data centre can be reached: ${reasons.join('; ')}`
    return new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, message)
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#watch)
    for (const pool of this.#pools.values()) pool.close()
  }

  async #open(): Promise<void> {
    const pools = this.#control.localNodes.map(node => this.#add(node))
    const opened = await Promise.allSettled(pools.map(pool => pool.open()))
    opened.forEach((result, index) => {
      if (result.status === 'rejected') pools[index]!.openLater()
    })
    if (!pools.some(pool => pool.isUsable)) throw this.unreachable()
  }

  #add(node: NodeRef): NodePool {
    const pool = new NodePool({
      node,
      settings: this.#control.settings,
      agreed: this.#agreed,
      owner: {
        onReady: () => this.#owner.onReady(),
        isIsolated: () => !this.#all.some(one => one.isUsable),
      },
      tls: this.#control.tlsOptions,
      logger: this.#logger,
    })
    this.#pools.set(node.hostId, pool)
    this.#all = [...this.#pools.values()]
    return pool
  }

  #onNodeChange(): void {
    if (this.#isClosed) return
    const local = this.#control.localNodes
    for (const node of local) if (!this.#pools.has(node.hostId)) this.#add(node).openLater()
    for (const [hostId, pool] of this.#pools) {
      if (local.some(node => node.hostId === hostId)) continue
      this.#pools.delete(hostId)
      pool.close()
    }
    this.#all = [...this.#pools.values()]
  }

  #onWatch(): void {
    const nowMs = performance.now()
    for (const pool of this.#all) pool.watch(nowMs)
    this.#owner.onWatch()
  }
}

async function agreeWithAny(control: ControlSession): Promise<Agreed> {
  let last: unknown
  for (const node of control.localNodes) {
    try {
      return await agreeOnProtocol(node, control.settings, control.tlsOptions)
    } catch (error) {
      last = error
    }
  }
  throw last
}
