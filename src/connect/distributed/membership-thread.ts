/**
 * The thread that is a member of the workers' group: joins, sends heartbeats, and, when it leads,
 * shares the work out. Apart from the main thread, so that a busy event loop loses no membership.
 * Started by membership.ts. What it believes this worker has only shrinks when the main thread says
 * that it stopped.
 * Invariants: the lease moves on only with an answer of the coordinator; while the main thread does
 * not move for the time of a rebalance, the membership is given up.
 * Spec: connect-rest 18.3 (2-10).
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import { systemClock } from '../../base/clock.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import { collectStartGarbage } from '../../base/start-garbage.ts'
import {
  Cluster,
  type GroupHandler,
  GroupMember,
  type JoinedMember,
  kafkaNameOf,
  toClientSettings,
} from '../../kafka/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { type AssignorMemory, assignWork, NO_MEMORY } from './assignor.ts'
import {
  type Assignment,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
  type MemberMetadata,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
} from './group-codec.ts'
import { Lease } from './lease.ts'
import { MemberWork } from './member-work.ts'
import type { FromThread, KnownMember, MembershipStart, ToThread } from './membership-messages.ts'
import { NO_WORK, sameShare, sizeOf, type WorkShare } from './work-share.ts'

/** Of the session: then work must stop, so that it has stopped when the session ends. */
const LEASE_FRACTION = 2 / 3
const MISMATCH_RETRY_MS = 300

class MembershipThread implements GroupHandler {
  readonly #start: MembershipStart
  readonly #post: (message: FromThread) => void
  readonly #cluster: Cluster
  readonly #lease: Lease
  readonly #pulse: Int32Array
  readonly #logger: Logger
  #member: GroupMember
  #work: WorkShare = NO_WORK
  #configOffset = -1
  readonly #own = new MemberWork()
  /** What the last assignment knew, and since when more or less is configured. */
  #assignedOffset = -1
  #changedOffset = -1
  #releases = 0
  #released = Promise.withResolvers<void>()
  #workArrived = Promise.withResolvers<void>()
  #memory: AssignorMemory = NO_MEMORY
  /** Also of a round that shared nothing: what is held stays so over it. */
  #ledGeneration = -1
  #members: readonly KnownMember[] = []
  #nextAtMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #lastPulse = { value: -1, atMs: 0 }
  #isClosing = false

  constructor(start: MembershipStart, post: (message: FromThread) => void) {
    this.#start = start
    this.#post = post
    this.#lease = new Lease(start.lease)
    this.#pulse = new Int32Array(start.pulse)
    this.#logger = Logger.create({
      level: 'debug',
      sink: ({ msg, error }, level) => {
        const text = error === undefined ? String(msg) : `${msg}: ${error}`
        post({ type: 'log', level: level === 'debug' ? 'debug' : 'warn', text })
      },
    })
    const { connection } = toClientSettings(start.properties, Logger.silent())
    this.#cluster = new Cluster(connection, { groupTimeoutMs: start.rebalanceTimeoutMs })
    this.#member = this.#newMember()
  }

  handle(message: ToThread): void {
    switch (message.type) {
      case 'work':
        this.#onWork(message.work, message.configOffset)
        break
      case 'released':
        if (this.#own.release(message.share, message.generation)) this.#member.rejoin()
        break
      case 'released-all':
        this.#releases += 1
        this.#own.releaseAll()
        this.#released.resolve()
        this.#member.rejoin()
        break
      case 'rejoin':
        this.#member.rejoin()
        break
      case 'leave':
        void this.#leaveFor(message.forMs)
        break
      case 'close':
        void this.#close()
    }
  }

  protocols(): { name: string; metadata: Buffer }[] {
    const metadata = encodeMetadata({
      workerUrl: this.#start.workerUrl,
      configOffset: this.#configOffset,
      owned: this.#own.owned,
      version: PRODUCT_VERSION,
    })
    return [{ name: PROTOCOL_NAME, metadata }]
  }

  async assign(_protocol: string, members: readonly JoinedMember[]) {
    const known = members.map(({ memberId, metadata }) => ({
      memberId,
      ...decodeMetadata(metadata),
    }))
    const newest = Math.max(...known.map(one => one.configOffset))
    const isSuccessor = this.#ledGeneration === this.#member.generation - 1
    if (!isSuccessor) this.#memory = NO_MEMORY
    this.#ledGeneration = this.#member.generation
    if (this.#configOffset < newest && !(await this.#catchUp(newest))) {
      const keep = known.map(one => ({ one, assigned: one.owned, revoked: NO_WORK }))
      return this.#encode(keep, { error: 'mismatch', delayMs: 0 })
    }
    const nowMs = systemClock.monotonicMs()
    const { shares, memory, nextAtMs } = assignWork({
      members: known,
      work: this.#work,
      memory: this.#memory,
      nowMs,
      delayMsMax: this.#start.delayMsMax,
    })
    this.#memory = memory
    this.#nextAtMs = nextAtMs
    const delayMs = nextAtMs === undefined ? 0 : Math.ceil(nextAtMs - nowMs)
    const all = known.map(one => ({ one, ...shares.get(one.memberId)! }))
    this.#members = all.map(({ one, assigned }) => ({ workerUrl: one.workerUrl, assigned }))
    return this.#encode(all, { error: 'none', delayMs })
  }

  async assigned(_protocol: string, bytes: Buffer): Promise<boolean> {
    const assignment = decodeAssignment(bytes)
    const { generation, leaderUrl, assigned, revoked, error } = assignment
    const [given, taken] = [sizeOf(assigned), sizeOf(revoked)]
    this.#logger.debug(
      `generation ${generation} led by ${leaderUrl}: ${given} units given, ${taken} taken, ${error}`,
    )
    clearTimeout(this.#timer)
    if (error === 'mismatch') {
      if (this.#member.isLeader) await systemClock.sleep(MISMATCH_RETRY_MS)
      return this.#member.isLeader
    }
    const isReleased = this.#own.give(assignment)
    this.#assignedOffset = assignment.configOffset
    const { isLeader } = this.#member
    const members = isLeader ? this.#members : []
    const [releases, { stopping }] = [this.#releases, this.#own]
    this.#post({ type: 'assigned', assignment, stopping, releases, isLeader, members })
    if (isLeader && this.#nextAtMs !== undefined) this.#rejoinAt(this.#nextAtMs)
    // What became known, or stopped, while the round went on is for the next one.
    return isReleased || this.#isOutdated()
  }

  async rebalancing(): Promise<void> {
    this.#post({ type: 'rebalancing' })
  }

  async lost(): Promise<void> {
    this.#lease.revoke()
    this.#released = Promise.withResolvers<void>()
    this.#post({ type: 'lost', why: 'the group does not know this worker any more' })
    await this.#released.promise
  }

  /** Whether the main thread moves. */
  isAlive(): boolean {
    const value = Atomics.load(this.#pulse, 0)
    const nowMs = systemClock.monotonicMs()
    if (value !== this.#lastPulse.value) this.#lastPulse = { value, atMs: nowMs }
    return nowMs - this.#lastPulse.atMs < this.#start.rebalanceTimeoutMs
  }

  confirmed(sentAtMs: number): void {
    const ageNs = BigInt(Math.round((systemClock.monotonicMs() - sentAtMs) * 1e6))
    const leaseMs = this.#start.sessionTimeoutMs * LEASE_FRACTION
    this.#lease.extend(process.hrtime.bigint() - ageNs, leaseMs)
  }

  failed(error: ScamanderError): void {
    this.#lease.revoke()
    const kafkaError = kafkaNameOf(error) ?? ''
    this.#post({ type: 'failed', kafkaError, message: error.message })
  }

  #newMember(): GroupMember {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = this.#start
    const settings = {
      groupId,
      groupInstanceId: undefined,
      protocolType: PROTOCOL_TYPE,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs,
    }
    return new GroupMember(this.#cluster, settings, { handler: this, logger: this.#logger })
  }

  #onWork(work: WorkShare, configOffset: number): void {
    const isFirst = this.#configOffset < 0
    if (!sameShare(this.#work, work)) this.#changedOffset = configOffset
    this.#work = work
    this.#configOffset = configOffset
    this.#workArrived.resolve()
    this.#workArrived = Promise.withResolvers<void>()
    if (isFirst) this.#member.start()
    else if (this.#isOutdated()) this.#member.rejoin()
  }

  /** The group was told nothing yet of what is configured now. */
  #isOutdated(): boolean {
    return this.#assignedOffset >= 0 && this.#changedOffset > this.#assignedOffset
  }

  async #catchUp(configOffset: number): Promise<boolean> {
    this.#post({ type: 'catch-up', configOffset })
    const untilMs = systemClock.monotonicMs() + this.#start.syncTimeoutMs
    while (this.#configOffset < configOffset) {
      const leftMs = untilMs - systemClock.monotonicMs()
      if (leftMs <= 0) return false
      const limit = new AbortController()
      await Promise.race([this.#workArrived.promise, systemClock.sleep(leftMs, limit.signal)])
      limit.abort()
    }
    return true
  }

  #encode(
    all: readonly {
      readonly one: MemberMetadata & { readonly memberId: string }
      readonly assigned: WorkShare
      readonly revoked: WorkShare
    }[],
    common: Pick<Assignment, 'error' | 'delayMs'>,
  ): Map<string, Buffer> {
    const shared = {
      ...common,
      leader: this.#member.memberId,
      leaderUrl: this.#start.workerUrl,
      configOffset: this.#configOffset,
      generation: this.#member.generation,
    }
    return new Map(
      all.map(({ one, assigned, revoked }) => [
        one.memberId,
        encodeAssignment({ ...shared, assigned, revoked }),
      ]),
    )
  }

  #rejoinAt(atMs: number): void {
    const waitMs = Math.max(0, atMs - systemClock.monotonicMs()) + 1
    this.#timer = setTimeout(() => this.#member.rejoin(), waitMs)
  }

  async #leaveFor(ms: number): Promise<void> {
    const old = this.#member
    await old.close()
    this.#lease.revoke()
    await systemClock.sleep(ms)
    if (this.#isClosing) return
    this.#assignedOffset = -1
    this.#member = this.#newMember()
    this.#member.start()
  }

  async #close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#timer)
    await this.#member.close()
    this.#lease.revoke()
    await this.#cluster.close()
    this.#post({ type: 'closed' })
    parentPort?.close()
  }
}

assert(parentPort !== null, 'started as a worker thread')
const port = parentPort
const thread = new MembershipThread(workerData as MembershipStart, message =>
  port.postMessage(message),
)
port.on('message', (message: ToThread) => thread.handle(message))
collectStartGarbage()
