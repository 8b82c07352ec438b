/**
 * Membership in one group by the classic group protocol: join, sync, heartbeat, leave. What the
 * members exchange is the handler's business, so any protocol type can be run with it.
 * One loop joins, hands the assignment over and waits for the next reason to join again; heartbeats
 * run beside it, also while the handler gives work up.
 * Invariants: the handler's calls never overlap (the handler limits its own time); errors that pass
 * are retried with back-off, all others end the loop through `failed`.
 * Spec: Kafka protocol, JoinGroup v7, SyncGroup v5, Heartbeat v4, LeaveGroup v4.
 */
import { heartbeatV4, joinGroupV7, leaveGroupV4, syncGroupV5 } from '@platformatic/kafka'
import { type Clock, systemClock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { kafkaNameOf, responseOf, toKafkaError } from './classify.ts'
import type { Cluster, KafkaConnection, Purpose } from './cluster.ts'

export interface GroupSettings {
  readonly groupId: string
  readonly groupInstanceId: string | undefined
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
}

export interface JoinedMember {
  readonly memberId: string
  readonly metadata: Buffer
}

export interface GroupHandler {
  /** What this member offers, best first; asked before each join. */
  protocols(): readonly { readonly name: string; readonly metadata: Buffer }[]
  /** This member leads: the assignment of every member. */
  assign(protocol: string, members: readonly JoinedMember[]): Promise<ReadonlyMap<string, Buffer>>
  /** The assignment of this member; true: join again at once. */
  assigned(protocol: string, assignment: Buffer): Promise<boolean>
  /** The group is about to share anew; called before joining again. */
  rebalancing(): Promise<void>
  /** Cast out of the group: whatever was assigned is not ours any more. */
  lost(): Promise<void>
  /** False: the caller does not take what it is given; the member leaves until it does. */
  isAlive(): boolean
  /** The membership ended with an error that does not pass. */
  failed(error: ScamanderError): void
  /**
   * The coordinator knew this member when it answered a request sent at that time (monotonic
   * clock). With it, heartbeats go on while the member waits to join again: a join may take longer
   * than the session, and silence must mean that the member is cut off.
   */
  confirmed?(sentAtMs: number): void
}

/** `outdated`: the member is known, its generation is over. */
type Reason = 'rebalance' | 'lost' | 'outdated' | 'stalled' | 'closed'

const STALL_CHECK_MS = 500
const LEAVE_TIMEOUT_MS = 3_000
const CAST_OUT: ReadonlyMap<string, Reason> = new Map([
  ['UNKNOWN_MEMBER_ID', 'lost'],
  ['ILLEGAL_GENERATION', 'outdated'],
])

export class GroupMember {
  memberId = ''
  /** The last request to join; afterwards `memberId` is known. */
  #joining: Promise<void> = Promise.resolve()
  generation = -1
  isLeader = false
  rebalanceCount = 0
  readonly #cluster: Cluster
  readonly #settings: GroupSettings
  readonly #handler: GroupHandler
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #reason = Promise.withResolvers<Reason>()
  #running: Promise<void> | undefined

  constructor(
    cluster: Cluster,
    settings: GroupSettings,
    parts: { handler: GroupHandler; logger: Logger; clock?: Clock },
  ) {
    this.#cluster = cluster
    this.#settings = settings
    this.#handler = parts.handler
    this.#logger = parts.logger
    this.#clock = parts.clock ?? systemClock
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Joins again: the subscription or the partitions changed. */
  rejoin(): void {
    this.#reason.resolve('rebalance')
  }

  /** The membership is void: a request of this member was refused. */
  noteLost(): void {
    this.#reason.resolve('lost')
  }

  /** Leaves the group, unless the member is static; then its place is kept for the session. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#reason.resolve('closed')
    // A member that was named but never came back holds the whole group up for its session.
    if (this.memberId === '') await this.#within(LEAVE_TIMEOUT_MS, this.#joining)
    await this.#leave()
  }

  /** Resolves when the loop ended; it ends once the cluster is closed. */
  async ended(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    const backoff = this.#cluster.newBackoff()
    while (!this.#closing.signal.aborted) {
      try {
        await this.#joinAndServe(() => backoff.reset())
      } catch (error) {
        if (this.#closing.signal.aborted) return
        const failure = toKafkaError(error, `group ${this.#settings.groupId}`)
        if (failure.kind !== 'retriable' && failure.kind !== 'disconnected') {
          this.#handler.failed(failure)
          return
        }
        this.#logger.debug('group membership interrupted, joining again', {
          error: failure.message,
        })
        await this.#clock.sleep(backoff.next(), this.#closing.signal)
      }
    }
  }

  async #joinAndServe(joined: () => void): Promise<void> {
    this.#reason = Promise.withResolvers<Reason>()
    // Nobody waits for it while the handler works; it is looked at afterwards.
    this.#reason.promise.catch(() => undefined)
    const assignment = await this.#joinConfirmed()
    if (assignment === undefined) return
    joined()
    this.rebalanceCount += 1
    const heartbeats = new AbortController()
    const beating = this.#beat(heartbeats.signal)
    try {
      const again = await this.#handler.assigned(assignment.protocol, assignment.bytes)
      const reason = again ? 'rebalance' : await this.#reason.promise
      if (reason === 'rebalance') await this.#handler.rebalancing()
      if (reason === 'lost' || reason === 'outdated') await this.#forget(reason)
      if (reason === 'stalled') await this.#waitUntilAlive()
    } finally {
      heartbeats.abort()
      await beating
    }
  }

  /** Joins; a member that was one already is confirmed by heartbeats meanwhile. */
  async #joinConfirmed(): Promise<{ protocol: string; bytes: Buffer } | undefined> {
    if (this.#handler.confirmed === undefined) return await this.#join()
    const joined = new AbortController()
    const beating = this.#beatWhileJoining(joined.signal)
    try {
      return await this.#join()
    } finally {
      joined.abort()
      await beating
    }
  }

  /** Answers are only looked at for what they confirm: the join tells everything else. */
  async #beatWhileJoining(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#closing.signal.aborted) {
      await this.#clock.sleep(this.#settings.heartbeatIntervalMs, signal)
      if (signal.aborted || this.generation < 0 || this.memberId === '') continue
      await this.#sendHeartbeat('control').catch(() => undefined)
    }
  }

  /** A group that rebalances says so only to its members. */
  async #sendHeartbeat(purpose: Purpose): Promise<void> {
    const sentAtMs = this.#clock.monotonicMs()
    try {
      await this.#send(
        'heartbeat',
        connection =>
          heartbeatV4.api.async(
            connection,
            this.#settings.groupId,
            this.generation,
            this.memberId,
            this.#settings.groupInstanceId ?? null,
          ),
        purpose,
      )
      this.#handler.confirmed?.(sentAtMs)
    } catch (error) {
      if (kafkaNameOf(error) === 'REBALANCE_IN_PROGRESS') this.#handler.confirmed?.(sentAtMs)
      throw error
    }
  }

  /** One join and sync; undefined: nothing wrong, but again. */
  async #join(): Promise<{ protocol: string; bytes: Buffer } | undefined> {
    try {
      const offered = this.#handler.protocols().map(({ name, metadata }) => ({ name, metadata }))
      const joining = this.#send('join', connection =>
        joinGroupV7.api.async(
          connection,
          this.#settings.groupId,
          this.#settings.sessionTimeoutMs,
          this.#settings.rebalanceTimeoutMs,
          this.memberId,
          this.#settings.groupInstanceId ?? null,
          this.#settings.protocolType,
          offered,
          null,
        ),
      )
      this.#joining = joining.then(
        response => {
          this.memberId = response.memberId
        },
        error => {
          const named = responseOf<{ memberId: string }>(error)?.memberId
          if (kafkaNameOf(error) === 'MEMBER_ID_REQUIRED') this.memberId = named ?? ''
        },
      )
      const response = await joining
      await this.#joining
      this.generation = response.generationId
      this.isLeader = response.leader === response.memberId
      const protocol = response.protocolName ?? ''
      const bytes = await this.#sync(protocol, response.members)
      return { protocol, bytes }
    } catch (error) {
      const name = kafkaNameOf(error) ?? ''
      await this.#joining
      if (name === 'MEMBER_ID_REQUIRED' || name === 'REBALANCE_IN_PROGRESS') return undefined
      const castOut = CAST_OUT.get(name)
      if (castOut !== undefined) await this.#forget(castOut)
      throw error
    }
  }

  async #sync(protocol: string, members: readonly JoinedMember[]): Promise<Buffer> {
    const assignments = this.isLeader ? await this.#handler.assign(protocol, members) : new Map()
    const sentAtMs = this.#clock.monotonicMs()
    const response = await this.#send('sync', connection =>
      syncGroupV5.api.async(
        connection,
        this.#settings.groupId,
        this.generation,
        this.memberId,
        this.#settings.groupInstanceId ?? null,
        this.#settings.protocolType,
        protocol,
        Array.from(assignments, ([memberId, assignment]) => ({ memberId, assignment })),
      ),
    )
    this.#handler.confirmed?.(sentAtMs)
    return response.assignment
  }

  /** Sends heartbeats until told to stop; sets the reason to join again. */
  async #beat(signal: AbortSignal): Promise<void> {
    let delayMs = this.#settings.heartbeatIntervalMs
    while (!signal.aborted && !this.#closing.signal.aborted) {
      await this.#clock.sleep(delayMs, signal)
      if (signal.aborted || this.#closing.signal.aborted) return
      delayMs = this.#settings.heartbeatIntervalMs
      if (!this.#handler.isAlive()) return this.#reason.resolve('stalled')
      try {
        await this.#sendHeartbeat('group')
      } catch (error) {
        const name = kafkaNameOf(error) ?? ''
        const castOut = CAST_OUT.get(name)
        if (castOut !== undefined) return this.#reason.resolve(castOut)
        if (name === 'REBALANCE_IN_PROGRESS') this.#reason.resolve('rebalance')
        else if (toKafkaError(error, 'heartbeat').kind === 'retriable') delayMs = 100
        else if (toKafkaError(error, 'heartbeat').kind !== 'disconnected') {
          return this.#reason.reject(error)
        } else delayMs = this.#cluster.settings.retryBackoffMsMax
      }
    }
  }

  async #send<T>(
    what: string,
    send: (connection: KafkaConnection) => Promise<T>,
    purpose: Purpose = 'group',
  ): Promise<T> {
    const doing = `${what} group ${this.#settings.groupId}`
    return await this.#cluster.callCoordinator(this.#settings.groupId, { doing, purpose }, send)
  }

  async #forget(reason: Reason): Promise<void> {
    if (reason !== 'outdated') this.memberId = ''
    this.generation = -1
    await this.#handler.lost()
  }

  /** The caller stopped reading: leave, so that others go on, and join again when it is back. */
  async #waitUntilAlive(): Promise<void> {
    this.#logger.warn(
      'no read within max.poll.interval.ms: partitions are given up; raise it or write faster',
      { group: this.#settings.groupId },
    )
    await this.#leave()
    await this.#forget('lost')
    while (!this.#handler.isAlive() && !this.#closing.signal.aborted) {
      await this.#clock.sleep(STALL_CHECK_MS, this.#closing.signal)
    }
  }

  async #leave(): Promise<void> {
    const { groupId, groupInstanceId } = this.#settings
    if (this.memberId === '' || groupInstanceId !== undefined) return
    const leaving = this.#cluster
      .callCoordinator(
        groupId,
        { doing: `leave group ${groupId}`, purpose: 'control' },
        connection => leaveGroupV4.api.async(connection, groupId, [{ memberId: this.memberId }]),
      )
      .catch(error => {
        // The session timeout does the same, later.
        this.#logger.debug('group not left cleanly', { error: String(error) })
      })
    await this.#within(LEAVE_TIMEOUT_MS, leaving)
  }

  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const limit = new AbortController()
    await Promise.race([work, this.#clock.sleep(limitMs, limit.signal)])
    limit.abort()
  }
}
