/**
 * When changes of a channel are given: the first copy at once, the copy of the primary replica, or when
 * a quorum of replicas has given it; and what happens to those that wait in vain.
 * Made by Capture; asked with every batch of an agent. Reads the ring of the cluster now and then.
 * Invariant: rings, agents and clocks decide when a change is given, never whether.
 * Spec: cdc-replication 4.1, 4.2.
 */
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { ControlSession, TokenRing } from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import { FRAME_FLAG } from './frame.ts'
import type { SourceCluster } from './source-cluster.ts'
import type { CaptureStore } from './state/capture-store.ts'
import { type EmitRule, RELEASE_MAX } from './state/held-frames.ts'
import type { Channel } from './state/records.ts'

export interface EmitRulesParts {
  readonly cluster: SourceCluster
  readonly store: CaptureStore
  readonly logger: Logger
  channels(): readonly Channel[]
  statuses(): readonly AgentStatus[]
  /** Something was queued. */
  wake(): void
}

/** So long a change waits at most, and how it is marked then. */
const GIVEN_UP = {
  primary: { afterMs: 10_000, flag: FRAME_FLAG.overdue },
  quorum: { afterMs: 30_000, flag: FRAME_FLAG.unconfirmed },
} as const
/** Of a channel that was switched to the first copy. */
const NOT_WAITING = { afterMs: -1, flag: 0 } as const
const RELEASE_MS = 500
/** Between two pages of those that have waited long enough. */
const PAUSE_MS = 10
const RING_MS = 10_000
const LOW_BITS = 0xffffffffn

export class EmitRules {
  readonly #parts: EmitRulesParts
  readonly #stop = new AbortController()
  readonly #rings = new Map<string, TokenRing | undefined>()
  #session: ControlSession | undefined
  #running: Promise<void> = Promise.resolve()
  #looking: Promise<void> | undefined
  #ringsMs = Number.NEGATIVE_INFINITY

  constructor(parts: EmitRulesParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#session?.close()
  }

  /** Undefined: the first copy is given at once. */
  of(channel: Channel): EmitRule | undefined {
    const { emit, keyspace, dataCenter } = channel
    if (emit === 'first') return undefined
    const ring = this.#rings.get(keyspace)
    const replicas = (token: bigint) =>
      (ring?.replicas(Number(token >> 32n), Number(token & LOW_BITS)) ?? []).filter(
        node => node.dc === dataCenter,
      )
    if (emit === 'quorum') {
      // Before the ring is known nothing is a quorum.
      const copies = ring === undefined ? Number.MAX_SAFE_INTEGER : quorumOf(replicas(0n).length)
      return { kind: 'quorum', copies }
    }
    const running = new Set(
      this.#parts.statuses().flatMap(one => (one.state === 'RUNNING' ? [one.hostId] : [])),
    )
    const isPrimary = (hostId: string, token: bigint) => {
      const nodes = replicas(token)
      const primary = nodes.find(node => running.has(node.hostId)) ?? nodes[0]
      return primary?.hostId === hostId
    }
    return { kind: 'primary', isPrimary }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { channels } = this.#parts
    while (!signal.aborted) {
      const waiting = channels().filter(one => one.emit !== 'first')
      // Not waited for: a cluster that does not answer holds nothing back.
      if (waiting.length > 0) this.#startLook(waiting)
      const isMore = this.#release()
      await systemClock.sleep(isMore ? PAUSE_MS : RELEASE_MS, signal)
    }
    await this.#looking
  }

  #startLook(channels: readonly Channel[]): void {
    this.#looking ??= this.#look(channels)
      .catch(error => {
        const reason = messageOf(error)
        this.#parts.logger.warnLimited('rings', `the replicas of tables are not known: ${reason}`)
      })
      .finally(() => {
        this.#looking = undefined
      })
  }

  async #look(channels: readonly Channel[]): Promise<void> {
    const keyspaces = new Set(channels.map(one => one.keyspace))
    const isKnown = [...keyspaces].every(one => this.#rings.has(one))
    if (isKnown && performance.now() - this.#ringsMs < RING_MS) return
    this.#session ??= await this.#parts.cluster.control(this.#parts.logger)
    for (const one of keyspaces) this.#rings.set(one, await this.#session.tokenRing(one))
    this.#ringsMs = performance.now()
  }

  /**
   * What waited in vain goes on, marked; what waits for nothing any more goes on as it is. True: there
   * was so much that there may be more.
   */
  #release(): boolean {
    const { store, logger, wake, channels } = this.#parts
    let isMore = false
    for (const { id, emit } of channels()) {
      const { afterMs, flag } = emit === 'first' ? NOT_WAITING : GIVEN_UP[emit]
      try {
        const count = store.releaseHeld(id, Date.now() - afterMs, flag)
        if (count > 0) wake()
        isMore ||= count >= RELEASE_MAX
      } catch (error) {
        logger.warnLimited('held', `changes that waited were not queued: ${messageOf(error)}`)
      }
    }
    return isMore
  }
}

function quorumOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1
}
