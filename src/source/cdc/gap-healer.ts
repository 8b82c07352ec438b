/**
 * Looks after gaps of nodes until it is known what they are: healed by other replicas, or open.
 * Made by Capture, runs beside it. A gap that may heal is suspected; one that has not within some minutes
 * is open, which is an alarm, and may still heal when the others have caught up. One that cannot heal, by
 * what is known when it is found, stays open: replicas that are added later, and readers that were started
 * anew, know nothing of it.
 * Invariant: while replicas or agents are not known nothing is healed.
 * Spec: cdc-replication 6.4.
 */
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { TokenRing } from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import { nameOfChannel } from './channel-requests.ts'
import type { GapBook } from './gap-book.ts'
import { type GapFacts, judgeGap, type Reader } from './gap-verdict.ts'
import type { SourceCluster } from './source-cluster.ts'
import type { Channel, Gap, NodePosition } from './state/records.ts'

export interface GapHealerParts {
  readonly gaps: GapBook
  readonly cluster: Pick<SourceCluster, 'control'>
  readonly logger: Logger
  channels(): readonly Channel[]
  statuses(): readonly AgentStatus[]
  positionOf(hostId: string): NodePosition | undefined
  /** When a node last said that it logs for capture. */
  loggedMs(hostId: string): number | undefined
}

const LOOK_MS = 1000
const RINGS_MS = 10_000
/** Between two looks at gaps that are open: other replicas may catch up late. */
const OPEN_MS = 60_000
/** So long a gap is suspected. */
const SUSPECTED_MS = 300_000

export class GapHealer {
  readonly #parts: GapHealerParts
  readonly #stop = new AbortController()
  readonly #rings = new Map<string, TokenRing>()
  #ringsMs = Number.NEGATIVE_INFINITY
  #lookedMs = Number.NEGATIVE_INFINITY
  #running: Promise<void> = Promise.resolve()

  constructor(parts: GapHealerParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#look()
      } catch (error) {
        const reason = messageOf(error)
        this.#parts.logger.warnLimited('gaps', `whether a gap is healed is not known: ${reason}`)
      }
      await systemClock.sleep(LOOK_MS, signal)
    }
  }

  async #look(): Promise<void> {
    const { gaps } = this.#parts
    const waiting = gaps.list().filter(isUndecided)
    const isDue = performance.now() - this.#lookedMs >= OPEN_MS
    if (!waiting.some(one => one.state === 'suspected') && (waiting.length === 0 || !isDue)) return
    this.#lookedMs = performance.now()
    const concerned = (gap: Gap) =>
      this.#parts.channels().filter(one => gap.channels.includes(nameOfChannel(one)))
    await this.#readRings(new Set(waiting.flatMap(concerned).map(one => one.keyspace)))
    const readers = this.#readers()
    // Gaps may have come, or have grown, meanwhile.
    const all = gaps.list()
    for (const gap of all.filter(isUndecided)) {
      const verdict = judgeGap(gap, {
        ...this.#replicasOf(gap, concerned(gap)),
        readers,
        gaps: all,
      })
      const isLate = Date.now() - Date.parse(gap.seenAt) > SUSPECTED_MS
      if (verdict === 'healed') gaps.heal(gap.id)
      else if (verdict === 'open' || (gap.state === 'suspected' && isLate)) {
        gaps.confirm(gap.id, verdict === 'wait')
      }
    }
  }

  /** They are read only while a gap is undecided. */
  async #readRings(keyspaces: ReadonlySet<string>): Promise<void> {
    const isKnown = [...keyspaces].every(one => this.#rings.has(one))
    if (isKnown && performance.now() - this.#ringsMs < RINGS_MS) return
    const session = await this.#parts.cluster.control(this.#parts.logger)
    try {
      this.#rings.clear()
      for (const one of keyspaces) {
        const ring = await session.tokenRing(one)
        if (ring !== undefined) this.#rings.set(one, ring)
      }
      this.#ringsMs = performance.now()
    } finally {
      await session.close()
    }
  }

  #replicasOf({ node }: Gap, channels: readonly Channel[]): Pick<GapFacts, 'others' | 'isAlone'> {
    const others = new Set<string>()
    let isAlone = false
    if (channels.length === 0) return { others, isAlone }
    for (const { keyspace, dataCenter } of channels) {
      const ring = this.#rings.get(keyspace)
      if (ring === undefined) return { others: undefined, isAlone }
      for (const set of ring.replicaSets) {
        const hosts = set.filter(one => one.dc === dataCenter).map(one => one.hostId)
        if (!hosts.includes(node)) continue
        isAlone ||= hosts.length === 1
        for (const one of hosts) if (one !== node) others.add(one)
      }
    }
    return { others, isAlone }
  }

  #readers(): Reader[] {
    return this.#parts.statuses().map(({ hostId, caughtUpMs, corrupt, undecodable }) => ({
      ...{ hostId, caughtUpMs, isDamaged: corrupt + undecodable > 0 },
      loggedMs: this.#parts.loggedMs(hostId),
      sinceMs: this.#parts.positionOf(hostId)?.sinceMs ?? Number.POSITIVE_INFINITY,
    }))
  }
}

/** Of one node, and over. Those of older releases say nothing of healing. */
function isUndecided({ kind, state, toTime, mayHeal = false }: Gap): boolean {
  const isOpen = state === 'suspected' || (state === 'open' && mayHeal)
  return kind === 'segments' && toTime !== null && isOpen
}
