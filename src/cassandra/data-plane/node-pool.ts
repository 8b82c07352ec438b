/**
 * The data connections of one node: opened at once, reopened with back-off, watched by a timer.
 * Owned by the write session, one per node of the local data centre.
 * Picks the connection that is already being filled, so that frames leave in few socket writes.
 * Invariant: `pick` returns only a connection that takes one more request now.
 * Spec: cassandra-sink 3.1 (connectionPoolLocalSize), 3.7 (heartbeat, reconnection).
 */
import type { ConnectionOptions } from 'node:tls'
import { Backoff } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import type { NodeRef } from '../topology.ts'
import type { DataConnection } from './connection.ts'
import { type Agreed, openConnection } from './handshake.ts'
import { heartbeat } from './heartbeat.ts'

export interface PoolOwner {
  /** A connection has room, opened or closed: work may go on, here or elsewhere. */
  onReady(): void
  /** No node at all can be reached. */
  isIsolated(): boolean
}

/** Requests on one connection before the next one is used. */
const FILL_FIRST = 96
/** Longest pause between attempts while no node can be reached: then everything waits for it. */
const ISOLATED_PAUSE_MS = 2_000

export class NodePool {
  readonly node: NodeRef
  readonly #settings: CassandraConnectionSettings
  readonly #agreed: Agreed
  readonly #owner: PoolOwner
  readonly #tls: ConnectionOptions | undefined
  readonly #logger: Logger
  readonly #connections: DataConnection[] = []
  readonly #stop = new AbortController()
  #lastError: ScamanderError | undefined
  #filling = 0

  constructor(parts: {
    node: NodeRef
    settings: CassandraConnectionSettings
    agreed: Agreed
    owner: PoolOwner
    tls: ConnectionOptions | undefined
    logger: Logger
  }) {
    this.node = parts.node
    this.#settings = parts.settings
    this.#agreed = parts.agreed
    this.#owner = parts.owner
    this.#tls = parts.tls
    this.#logger = parts.logger
  }

  get isUsable(): boolean {
    return this.#connections.length > 0
  }

  /** Takes a request now. */
  get isReady(): boolean {
    for (const connection of this.#connections) if (connection.isReady) return true
    return false
  }

  get inFlight(): number {
    let sum = 0
    for (const connection of this.#connections) sum += connection.inFlight
    return sum
  }

  /** How long a connection that owes answers has heard nothing; 0: none owes any. */
  silentMs(nowMs: number): number {
    let longest = 0
    for (const connection of this.#connections) {
      if (connection.inFlight > 0) longest = Math.max(longest, connection.idleMs(nowMs))
    }
    return longest
  }

  get lastError(): ScamanderError | undefined {
    return this.#lastError
  }

  /** Opens the first connection and starts the others; throws when the first cannot be opened. */
  async open(): Promise<void> {
    await this.#connect()
    for (let i = 1; i < this.#settings.poolLocalSize; i++) void this.#keepOpen()
  }

  /** Opens all connections in the background, for a node that is down at the moment. */
  openLater(): void {
    for (let i = 0; i < this.#settings.poolLocalSize; i++) void this.#keepOpen()
  }

  pick(): DataConnection | undefined {
    const connections = this.#connections
    const count = connections.length
    if (count === 0) return undefined
    const filling = connections[this.#filling % count]!
    if (filling.isReady && filling.inFlight < FILL_FIRST) return filling
    let best: DataConnection | undefined
    for (let i = 0; i < count; i++) {
      const one = connections[i]!
      if (!one.isReady || (best !== undefined && one.inFlight >= best.inFlight)) continue
      best = one
      this.#filling = i
    }
    return best
  }

  /** Called several times a second: time-outs and heartbeats. */
  watch(nowMs: number): void {
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = this.#settings
    for (const connection of [...this.#connections]) {
      connection.expire(nowMs)
      connection.closeIfSilent(nowMs, heartbeatIntervalMs + 2 * heartbeatTimeoutMs)
      const isIdle = connection.idleMs(nowMs) > heartbeatIntervalMs
      if (isIdle && !connection.isProbed && connection.isReady) {
        heartbeat(connection, nowMs + heartbeatTimeoutMs)
      }
    }
  }

  close(): void {
    this.#stop.abort()
    for (const connection of [...this.#connections]) connection.close()
  }

  async #connect(): Promise<void> {
    const connection = await openConnection(this.node, this.#settings, {
      ...this.#agreed,
      tls: this.#tls,
    })
    if (this.#stop.signal.aborted) {
      connection.close()
      return
    }
    if (connection.isClosed) throw new Error('closed at once')
    this.#connections.push(connection)
    this.#lastError = undefined
    connection.setOwner({
      onReady: () => this.#owner.onReady(),
      onClosed: (closed, error) => this.#onClosed(closed, error),
    })
    this.#owner.onReady()
  }

  #onClosed(closed: DataConnection, error: ScamanderError): void {
    const at = this.#connections.indexOf(closed)
    if (at >= 0) this.#connections.splice(at, 1)
    this.#lastError = error
    if (this.#stop.signal.aborted) return
    this.#logger.warnLimited(`closed/${this.node.address}`, `${error.message}; reconnecting`)
    void this.#keepOpen()
    this.#owner.onReady()
  }

  /** Tries until it is open or the pool closes. */
  async #keepOpen(): Promise<void> {
    const { reconnectBaseMs, reconnectMaxMs } = this.#settings
    const backoff = new Backoff({ baseMs: reconnectBaseMs, maxMs: reconnectMaxMs })
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        return await this.#connect()
      } catch (error) {
        this.#lastError = asLost(error, this.node)
        await this.#pause(backoff.next(), signal)
      }
    }
  }

  /** As the policy says, but shorter while no node is left to write to. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs -= ISOLATED_PAUSE_MS) {
      await systemClock.sleep(Math.min(leftMs, ISOLATED_PAUSE_MS), signal)
      if (this.#owner.isIsolated()) return
    }
  }
}

function asLost(error: unknown, node: NodeRef): ScamanderError {
  if (error instanceof ScamanderError) return error
  const message = `connection to ${node.address}: ${messageOf(error)}`
  return new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, message, { cause: error })
}
