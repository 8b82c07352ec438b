/**
 * The worker's side of its membership: starts the thread, keeps the lease under watch, and tells the
 * worker what it was given and what it must let go.
 * Owned by the distributed worker.
 * Invariants: with an expired lease everything is let go before anything else is done; an
 * assignment made before that is never followed.
 * Spec: connect-rest 18.3 (7, 8).
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { Lease } from './lease.ts'
import type {
  AssignedMessage,
  FromThread,
  MembershipStart,
  ToThread,
} from './membership-messages.ts'
import type { WorkShare } from './work-share.ts'

export interface MembershipEvents {
  assigned(message: AssignedMessage): void
  /** Everything must stop now; the worker calls `releasedAll` when it has. */
  lost(why: string): void
  catchUp(configOffset: number): void
  rebalancing(): void
  /** The membership cannot go on. */
  failed(error: ScamanderError): void
}

export type MembershipSettings = Omit<MembershipStart, 'lease' | 'pulse'>

const WATCH_MS = 100
const CLOSE_TIMEOUT_MS = 6_000

/** The thread makes little garbage; a larger young generation would only be resident. */
const YOUNG_GENERATION_MB = 2

export class Membership {
  readonly #settings: MembershipSettings
  readonly #events: MembershipEvents
  readonly #logger: Logger
  readonly #lease = new Lease()
  readonly #pulse = new SharedArrayBuffer(4)
  readonly #closed = Promise.withResolvers<void>()
  #thread: Worker | undefined
  #watch: NodeJS.Timeout | undefined
  #releases = 0
  /** Something may run by the last assignment. */
  #hasWork = false
  #isLettingGo = false
  #isClosing = false

  constructor(settings: MembershipSettings, events: MembershipEvents, logger: Logger) {
    this.#settings = settings
    this.#events = events
    this.#logger = logger
  }

  /** The member joins with the first `tellWork`. */
  start(): void {
    const entry = new URL(`./membership-thread${extname(import.meta.url)}`, import.meta.url)
    const workerData: MembershipStart = {
      ...this.#settings,
      lease: this.#lease.memory,
      pulse: this.#pulse,
    }
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB }
    const thread = new Worker(entry, { workerData, name: 'membership', resourceLimits })
    thread.on('message', (message: FromThread) => this.#onMessage(message))
    thread.on('error', error => this.#onEnd(`ended with an error: ${error.message}`))
    thread.on('exit', () => this.#onEnd('ended'))
    this.#thread = thread
    const pulse = new Int32Array(this.#pulse)
    this.#watch = setInterval(() => {
      Atomics.add(pulse, 0, 1)
      this.#checkLease()
    }, WATCH_MS)
  }

  /** Whether what was given may run. */
  get isValid(): boolean {
    return this.#lease.isValid()
  }

  /** For threads in which work runs; see `Lease`. */
  get leaseMemory(): SharedArrayBuffer {
    return this.#lease.memory
  }

  tellWork(work: WorkShare, configOffset: number): void {
    this.#post({ type: 'work', work, configOffset })
  }

  /** These run no more; the assignment that was followed last is of that generation. */
  released(share: WorkShare, generation: number): void {
    this.#post({ type: 'released', share, generation })
  }

  /** Nothing runs any more. */
  releasedAll(): void {
    this.#isLettingGo = false
    this.#hasWork = false
    this.#releases += 1
    this.#post({ type: 'released-all' })
  }

  rejoin(): void {
    this.#post({ type: 'rejoin' })
  }

  /** After `releasedAll`: others take over meanwhile. */
  leave(forMs: number): void {
    this.#post({ type: 'leave', forMs })
  }

  /** Leaves the group; call it when nothing runs any more. */
  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    clearInterval(this.#watch)
    if (this.#thread === undefined) return
    this.#post({ type: 'close' })
    const limit = setTimeout(() => this.#closed.resolve(), CLOSE_TIMEOUT_MS)
    await this.#closed.promise
    clearTimeout(limit)
    await this.#thread.terminate()
  }

  #post(message: ToThread): void {
    this.#thread?.postMessage(message)
  }

  #onMessage(message: FromThread): void {
    switch (message.type) {
      case 'assigned':
        this.#onAssigned(message)
        break
      case 'lost':
        this.#letGo(message.why)
        break
      case 'catch-up':
        this.#events.catchUp(message.configOffset)
        break
      case 'rebalancing':
        this.#events.rebalancing()
        break
      case 'failed':
        this.#fail(toError(this.#settings.groupId, message))
        break
      case 'log':
        this.#logger[message.level](message.text)
        break
      case 'closed':
        this.#closed.resolve()
        break
    }
  }

  #onAssigned(message: AssignedMessage): void {
    if (message.releases !== this.#releases || this.#isLettingGo || this.#isClosing) return
    this.#hasWork = true
    this.#checkLease()
    if (!this.#isLettingGo) this.#events.assigned(message)
  }

  /** The first thing a process does that slept through its session. */
  #checkLease(): void {
    if (!this.#hasWork || this.#isLettingGo || this.#lease.isValid()) return
    this.#letGo('the coordinator of the group did not answer in time')
  }

  #letGo(why: string): void {
    if (this.#isClosing || this.#isLettingGo) return
    this.#isLettingGo = true
    this.#events.lost(why)
  }

  #onEnd(how: string): void {
    this.#closed.resolve()
    if (this.#isClosing) return
    this.#lease.revoke()
    const message = `the thread of the group membership ${how}`
    this.#fail(new ScamanderError(CONNECT_ERRORS.UNEXPECTED, message))
  }

  #fail(error: ScamanderError): void {
    this.#letGo(error.message)
    this.#events.failed(error)
  }
}

function toError(groupId: string, failure: { kafkaError: string; message: string }) {
  if (failure.kafkaError === 'INCONSISTENT_GROUP_PROTOCOL') {
    const message = `group.id: the group ${groupId} has members of another kind, such as workers of Kafka Connect`
    return new ScamanderError(CLUSTER_ERRORS.FOREIGN_GROUP, message)
  }
  return new ScamanderError(CLUSTER_ERRORS.MEMBERSHIP, failure.message)
}
