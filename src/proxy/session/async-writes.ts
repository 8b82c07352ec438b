/**
 * Writes that the client does not wait for: held until the source answered, then sent to the target
 * as fast as it takes them. One queue per session, bounded in writes, and in bytes per thread.
 * Invariants: a held write is sent, or counted as missed (and journalled); the order of release is
 * kept, and USE, TRUNCATE and changes of the schema wait for all of them; when the queue is full the policy decides, by default the
 * client is not read.
 * Spec: live-migration 2.10.
 */
import { TARGET } from '../cluster.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'
import { deliver } from './send.ts'

const AFTER_MAX = 16

export class AsyncWrites {
  readonly #session: ClientSession
  /** Released writes that wait for room on the link; from `#head` on. */
  #queue: DualRequest[] = []
  #head = 0
  /** On their way, with the time they were sent, oldest first. */
  readonly #sent = new Map<DualRequest, number>()
  /** Held, queued or on their way: not settled by the target. */
  #count = 0
  #afterAll: (() => void)[] = []
  #isPumping = false

  constructor(session: ClientSession) {
    this.#session = session
  }

  /** No more is read from the client: with the policy `block`, and while a USE or the like waits. */
  get isBlocking(): boolean {
    if (this.#afterAll.length > 0) return true
    return this.#isFull && this.#session.context.settings.async.overflow === 'block'
  }

  /** Takes a write; false when the queue is full and the policy is not to wait. */
  hold(request: DualRequest): boolean {
    const { async } = this.#session.context.settings
    if (this.#isFull && async.overflow !== 'block') return false
    this.#count += 1
    this.#account(request.end - request.start)
    return true
  }

  /** The target may have it now. */
  release(request: DualRequest): void {
    const isIdle = this.#head === this.#queue.length
    const link = this.#session.links.links[TARGET]
    if (isIdle && link?.isReady === true && !link.isFull && !link.isCongested) {
      this.#send(request)
    } else this.#queue.push(request)
    if (link?.isReady !== true) this.onTargetLost()
  }

  /** The source took it and the client is about to hear so: with --write-ahead it is kept first. */
  keepAhead(request: DualRequest): void {
    if (request.status[TARGET] > STATUS.WAITING) return
    this.#session.context.journal?.keepAhead(request, this.#session.keyspace)
  }

  /** The source did not take it, so the target does not get it. */
  forget(request: DualRequest): void {
    this.#session.context.journal?.doneAhead(request)
    this.#sent.delete(request)
    this.#count -= 1
    this.#account(request.start - request.end)
    this.#session.resumeClient()
    if (this.#count > 0 || this.#afterAll.length === 0) return
    const waiting = this.#afterAll
    this.#afterAll = []
    for (const run of waiting) if (!this.#session.isGone) run()
    this.#session.resumeClient()
  }

  /** The target settled a write. */
  settled(request: DualRequest): void {
    this.forget(request)
    this.pump()
  }

  /**
   * Runs it when no write is left: a USE must not overtake writes that mean the keyspace before it, nor a
   * TRUNCATE those that it takes away. The client is not read meanwhile, or its next writes would be waited for as well. False when too many
   * wait already.
   */
  afterAll(run: () => void): boolean {
    if (this.#afterAll.length >= AFTER_MAX) return false
    if (this.#count === 0) run()
    else this.#afterAll.push(run)
    return true
  }

  /** Sends what the link takes. What settles at once calls it again: one loop is enough. */
  pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      this.#sendQueued()
    } finally {
      this.#isPumping = false
    }
  }

  #sendQueued(): void {
    const link = this.#session.links.links[TARGET]
    while (this.#head < this.#queue.length) {
      if (link?.isReady !== true || link.isFull || link.isCongested) break
      const request = this.#queue[this.#head]!
      this.#head += 1
      this.#send(request)
    }
    if (this.#head === this.#queue.length || this.#head > 1_000) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  /** What waited cannot be delivered: it is missed, said so, and in the journal. */
  onTargetLost(): void {
    const missed = this.#queue.slice(this.#head)
    this.#queue = []
    this.#head = 0
    for (const request of missed) {
      request.skipReason = 'target_down'
      request.settle(TARGET, STATUS.SKIPPED)
    }
  }

  /** The target owes an answer for too long: missed, as far as anybody knows. */
  expire(nowMs: number): void {
    const { requestTimeoutMs } = this.#session.context.settings
    for (const [request, sentMs] of this.#sent) {
      if (nowMs - sentMs < requestTimeoutMs) return
      this.#sent.delete(request)
      if (request.status[TARGET] !== STATUS.WAITING) continue
      request.reasons[TARGET] = 'no answer in time'
      request.settle(TARGET, STATUS.TIMED_OUT)
    }
  }

  /** Seconds that the oldest write has waited, on its way or in the queue: how far the target is behind. */
  oldestSeconds(nowMs: number): number {
    const [sent] = this.#sent.keys()
    const oldest = sent ?? this.#queue[this.#head]
    return oldest === undefined ? 0 : (nowMs - oldest.startedMs) / 1000
  }

  /**
   * The session ends: queued writes are missed. Those on a link are settled when it closes next.
   */
  close(): void {
    this.onTargetLost()
  }

  #send(request: DualRequest): void {
    this.#sent.set(request, performance.now())
    deliver(this.#session, request, TARGET)
  }

  get #isFull(): boolean {
    const { async } = this.#session.context.settings
    const { waiting } = this.#session.context
    return this.#count >= async.writesMax || waiting.bytes >= async.bytesMax
  }

  #account(bytes: number): void {
    const { waiting } = this.#session.context
    waiting.bytes += bytes
    waiting.writes += Math.sign(bytes)
  }
}
