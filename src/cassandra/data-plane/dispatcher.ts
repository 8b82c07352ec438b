/**
 * Sends planned requests to replicas within the limits and decides what a failed one does next:
 * prepare again, another node, wait, split, or give its rows back as failed.
 * One per write session. No promise per request: answers call back, `pump` goes on.
 * Invariants: every request ends in exactly one of `finish` paths; the queue holds only requests of
 * deliveries that were accepted, so it is bounded by the engine's deliveries in flight.
 * Spec: cassandra-sink 6.3, 7; docs/adr/0005-data-plane.md.
 */
import { assert } from '../../base/assert.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { classify, isRequestSafeToRetry, isUnprepared, type ServerError } from '../classify.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { SpeculativeSettings } from '../settings.ts'
import type { NodeRef } from '../topology.ts'
import { InFlightWrite, type WriteOwner } from './in-flight-write.ts'
import type { NodePool } from './node-pool.ts'
import type { RequestLimits } from './request-limits.ts'
import type { PlannedRequest } from './request-planner.ts'
import { Speculation } from './speculation.ts'
import type { WriteDelivery } from './write-delivery.ts'
import type { WriteObserver } from './write-observer.ts'
import type { WriteStatement } from './write-statement.ts'

export interface DispatcherParts {
  readonly limits: RequestLimits
  readonly requestTimeoutMs: number
  readonly poolOf: (node: NodeRef) => NodePool | undefined
  readonly localPools: () => readonly NodePool[]
  /** Prepares on the node of that pool; resolves when the statement's ids are current. */
  readonly reprepare: (statement: WriteStatement, pool: NodePool) => Promise<void>
  readonly speculative?: SpeculativeSettings | undefined
  readonly observer?: WriteObserver | undefined
}

const ATTEMPTS_MAX = 4
const REPREPARATIONS_MAX = 3
const RETRY_DELAY_MS = 50

export class Dispatcher implements WriteOwner {
  readonly #parts: DispatcherParts
  readonly #queue: InFlightWrite[] = []
  #head = 0
  #isPumping = false
  #nextPool = 0
  #closed: ScamanderError | undefined
  readonly #speculation: Speculation | undefined
  /** PREPAREs under way, so that a thousand rows that a node forgot ask for one. */
  readonly #repreparing = new Map<NodePool, Map<WriteStatement, Promise<void>>>()

  constructor(parts: DispatcherParts) {
    this.#parts = parts
    if (parts.speculative !== undefined) {
      this.#speculation = new Speculation(parts.speculative, write => this.#sendElsewhere(write))
    }
  }

  /** Requests that wait for room or for a node. */
  get waiting(): number {
    return this.#queue.length - this.#head
  }

  submit(delivery: WriteDelivery): void {
    this.#enqueue(delivery, delivery.takeWave())
    this.pump()
  }

  /** Sends what can be sent now. Called whenever there may be room. */
  readonly pump = (): void => {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (this.#head < this.#queue.length && this.#sendNext()) this.#head += 1
    } finally {
      this.#isPumping = false
    }
    this.#compact()
  }

  /** Fails everything that waits; what is under way fails with its connections. */
  close(error: ScamanderError): void {
    this.#closed = error
    this.#speculation?.close()
    this.pump()
  }

  onWritten(write: InFlightWrite): void {
    this.#parts.limits.release(write.bytes)
    if (write.isFinished) return
    this.#observe(write)
    this.#finish(write)
  }

  onServerError(write: InFlightWrite, server: ServerError): void {
    this.#parts.limits.release(write.bytes)
    // A late answer of a speculative execution: the batch may hold other rows by now.
    if (write.isFinished) return
    const node = write.pool?.node.address
    const statement = write.delivery.batch.statements[write.rows[0]!]!.cql
    const failure = { phase: 'write' as const, statement, ...(node === undefined ? {} : { node }) }
    this.#judge(write, classify(server, failure))
  }

  onLost(write: InFlightWrite, error: ScamanderError): void {
    this.#parts.limits.release(write.bytes)
    this.#judge(write, error)
  }

  #judge(write: InFlightWrite, error: ScamanderError): void {
    // While another execution is under way, its answer decides.
    if (write.isFinished || write.pending > 0) return
    const isTimeout = error.code === CASSANDRA_ERRORS.REQUEST_TIMEOUT.code
    if (isTimeout) this.#parts.observer?.onTimeout()
    if (this.#closed !== undefined) this.#fail(write, this.#closed)
    else if (isUnprepared(error)) this.#prepareAgain(write, error)
    else if (isStale(write)) this.#fail(write, error)
    else if (error.kind === 'data' && write.rows.length > 1) this.#splitUp(write)
    else if (!isTimeout && this.#mayRetry(write, error)) this.#retry(write, error)
    else this.#fail(write, error)
  }

  /** The time runs from the first send, like the deadline. */
  #observe(write: InFlightWrite): void {
    const { observer, requestTimeoutMs } = this.#parts
    if (observer === undefined) return
    const nowMs = performance.now()
    observer.onWritten(nowMs - write.deadlineMs + requestTimeoutMs, nowMs)
  }

  #mayRetry(write: InFlightWrite, error: ScamanderError): boolean {
    if (write.attempts >= ATTEMPTS_MAX || performance.now() >= write.deadlineMs) return false
    const { statements } = write.delivery.batch
    const isIdempotent = write.rows.every(row => statements[row]!.isIdempotent)
    return isRequestSafeToRetry(error, isIdempotent)
  }

  /** Elsewhere at once after a lost connection, else after a pause that grows. */
  #retry(write: InFlightWrite, error: ScamanderError): void {
    if (error.kind === 'disconnected') {
      this.#requeue(write)
      return
    }
    const delayMs = RETRY_DELAY_MS * 2 ** write.attempts
    if (performance.now() + delayMs >= write.deadlineMs) this.#fail(write, error)
    else setTimeout(() => this.#requeue(write), delayMs)
  }

  #requeue(write: InFlightWrite): void {
    this.#queue.push(write)
    this.pump()
  }

  #splitUp(write: InFlightWrite): void {
    write.isFinished = true
    const halves = write.split()
    write.delivery.addRequests(halves.length - 1)
    this.#enqueue(write.delivery, halves)
    this.pump()
  }

  #prepareAgain(write: InFlightWrite, error: ScamanderError): void {
    const { pool } = write
    write.repreparations += 1
    if (pool === undefined || write.repreparations > REPREPARATIONS_MAX) {
      this.#fail(write, error)
      return
    }
    const { statements } = write.delivery.batch
    const distinct = [...new Set(write.rows.map(row => statements[row]!))]
    Promise.all(distinct.map(statement => this.#reprepare(statement, pool))).then(
      () => {
        write.attempts -= 1
        this.#requeue(write)
      },
      failed => {
        this.#judge(write, classify(failed, { phase: 'reprepare' }))
        this.pump()
      },
    )
  }

  #reprepare(statement: WriteStatement, pool: NodePool): Promise<void> {
    let ofPool = this.#repreparing.get(pool)
    if (ofPool === undefined) {
      ofPool = new Map()
      this.#repreparing.set(pool, ofPool)
    }
    const known = ofPool.get(statement)
    if (known !== undefined) return known
    const done = () => {
      ofPool.delete(statement)
      if (ofPool.size === 0) this.#repreparing.delete(pool)
    }
    const promise = this.#parts.reprepare(statement, pool).finally(done)
    ofPool.set(statement, promise)
    return promise
  }

  /** False: there is no room now, try again when something changes. */
  #sendNext(): boolean {
    const write = this.#queue[this.#head]!
    if (this.#closed !== undefined) return this.#failFromQueue(write, this.#closed)
    if (isStale(write)) return this.#failFromQueue(write, staleStatement())
    const { limits, requestTimeoutMs } = this.#parts
    if (!limits.hasRoom(write.bytes)) return false
    const pool = this.#choosePool(write)
    if (pool === undefined) {
      // Some node is there but takes nothing more now: wait for room.
      const isBusy = this.#parts.localPools().some(one => one.isUsable)
      return isBusy ? false : this.#failFromQueue(write, this.#noNode())
    }
    if (write.attempts === 0) write.deadlineMs = performance.now() + requestTimeoutMs
    write.attempts += 1
    this.#sendTo(pool, write)
    this.#speculation?.add(write)
    return true
  }

  #sendTo(pool: NodePool, write: InFlightWrite): void {
    const connection = pool.pick()
    assert(connection !== undefined, 'a pool that is ready has a connection')
    write.pool = pool
    write.pending += 1
    this.#parts.limits.take(write.bytes)
    connection.send(write)
  }

  /** One more execution on another node; false when none takes it now. */
  #sendElsewhere(write: InFlightWrite): boolean {
    const { limits } = this.#parts
    if (!limits.hasRoom(write.bytes)) return false
    const pool = this.#choosePool(write)
    if (pool === undefined || pool === write.pool) return false
    this.#sendTo(pool, write)
    return true
  }

  #failFromQueue(write: InFlightWrite, error: ScamanderError): boolean {
    this.#fail(write, error)
    return true
  }

  /** The least busy replica that takes a request, not the one that just failed; any local node without one. */
  #choosePool(write: InFlightWrite): NodePool | undefined {
    const { poolOf, localPools } = this.#parts
    const avoid = write.attempts > 0 ? write.pool : undefined
    if (write.replicas !== undefined) {
      const replicas = write.replicas.map(poolOf)
      const best = leastBusy(replicas, avoid, this.#nextPool++)
      if (best !== undefined) return best
    }
    const pools = localPools()
    return (
      leastBusy(pools, avoid, this.#nextPool++) ?? (avoid?.isReady === true ? avoid : undefined)
    )
  }

  #noNode(): ScamanderError {
    const last = this.#parts
      .localPools()
      .map(pool => pool.lastError?.message)
      .find(message => message !== undefined)
    const detail = last === undefined ? '' : ` (${last})`
    const message = `no node of the local data centre can be reached${detail}`
    return new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, message)
  }

  #fail(write: InFlightWrite, error: ScamanderError): void {
    write.delivery.fail(write.rows, error)
    this.#finish(write)
  }

  #finish(write: InFlightWrite): void {
    write.isFinished = true
    const { delivery } = write
    if (delivery.finishOne()) this.#enqueue(delivery, delivery.takeWave())
  }

  #enqueue(delivery: WriteDelivery, planned: readonly PlannedRequest[]): void {
    for (const one of planned) this.#queue.push(new InFlightWrite(delivery, one, this))
  }

  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#queue.length) return
    this.#queue.splice(0, this.#head)
    this.#head = 0
  }
}

/**
 * Values bound for another type must never leave: the server would take their bytes, because the
 * id of a statement depends on its text alone.
 */
function isStale(write: InFlightWrite): boolean {
  const { statements } = write.delivery.batch
  for (const row of write.rows) if (statements[row]!.isStale) return true
  return false
}

function staleStatement(): ScamanderError {
  const message = 'the columns of the table changed; its rows are bound anew'
  return new ScamanderError(CASSANDRA_ERRORS.STATEMENT_LOST, message)
}

function leastBusy(
  pools: readonly (NodePool | undefined)[],
  avoid: NodePool | undefined,
  first: number,
): NodePool | undefined {
  let best: NodePool | undefined
  let bestInFlight = Number.POSITIVE_INFINITY
  for (let i = 0; i < pools.length; i++) {
    const pool = pools[(first + i) % pools.length]
    if (pool === undefined || !pool.isReady || pool === avoid) continue
    const { inFlight } = pool
    if (inFlight >= bestInFlight) continue
    best = pool
    bestInFlight = inFlight
  }
  return best
}
