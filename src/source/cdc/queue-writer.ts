/**
 * Where agents put what they read: checks limits, queues for every channel that collects, counts.
 * Made by Capture. Invariants: frames and position are on disk together when `settle` resolves; a
 * queue that is full and must not drop stops its agents, it never loses.
 * Spec: cdc-replication 1.5, 6.5.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import type { AgentLedger, LedgerBatch, LedgerGap } from './agent/agent-ledger.ts'
import type { AuditLog } from './audit-log.ts'
import type { ChannelCounters } from './channel-counters.ts'
import { labelOfChannel, nameOfChannel } from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { Frame } from './frame.ts'
import type { GapBook } from './gap-book.ts'
import { CDC_METRICS } from './metrics.ts'
import type { CaptureStore } from './state/capture-store.ts'
import type { EmitRule } from './state/held-frames.ts'
import type { Channel, NodePosition, NodeRecord } from './state/records.ts'
import type { ChangeTail } from './tail/change-tail.ts'

export interface QueueWriterParts {
  readonly store: CaptureStore
  readonly gaps: GapBook
  readonly counters: ChannelCounters
  readonly audit: AuditLog
  readonly tail: ChangeTail
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** Channels that collect a table, told by a definition of it. */
  collecting(tableId: string, hash: bigint, dataCenter: string): readonly Channel[]
  /** The same write may be given more than once, by several nodes or to several workers. */
  mayRepeat(): boolean
  /** When its changes are given; undefined: at once. */
  ruleOf(channel: Channel): EmitRule | undefined
  wake(): void
}

type Node = Pick<NodeRecord, 'hostId' | 'dataCenter'>

export class QueueWriter {
  readonly #parts: QueueWriterParts
  /** Of each node, as it is stored. */
  readonly #positions = new Map<string, NodePosition>()
  /** Of queues that drop, by channel. */
  readonly #dropping = new Map<number, { readonly gap: number; messages: number }>()

  constructor(parts: QueueWriterParts) {
    this.#parts = parts
  }

  /** `isRemote`: its agent lives on when this machine crashes, and does not give anything again. */
  ledgerOf(node: Node, isRemote = false): AgentLedger {
    const { hostId } = node
    const { store } = this.#parts
    return {
      load: async () => store.position(hostId),
      savePosition: async position => {
        const timed = { ...position, atMs: Date.now() }
        store.putPosition(hostId, timed)
        this.#positions.set(hostId, timed)
      },
      reportGap: async gap => this.#addGap(node, gap),
      settle: async batch => this.#settle(node, batch, isRemote),
    }
  }

  #settle({ hostId, dataCenter }: Node, batch: LedgerBatch, isDurable: boolean): number {
    const { store, counters, audit } = this.#parts
    const { definitions, frames } = batch
    const position = { ...batch.position, atMs: Date.now() }
    const stored = this.#positions.get(hostId) ?? store.position(hostId)
    // An agent that got no answer gives a batch again.
    if (stored !== undefined && !isAfter(position, stored) && frames.length > 0) return 0
    for (const definition of definitions) store.putDefinition(definition)
    const concerned = new Map<Channel, number>()
    let before: Frame | undefined
    let channels: readonly Channel[] = []
    let ids: readonly number[] = []
    const addressed = frames.map(frame => {
      if (before === undefined || !frame.isLike(before)) {
        channels = this.#parts.collecting(frame.tableId, frame.schemaHash, dataCenter)
        ids = channels.map(one => one.id)
      }
      before = frame
      for (const one of channels) concerned.set(one, (concerned.get(one) ?? 0) + 1)
      return { frame, channels: ids, owners: channels }
    })
    for (const channel of concerned.keys()) this.#checkRoom(channel)
    const copiesOf = new Map<number, number>()
    const onCopy = (id: number) => copiesOf.set(id, (copiesOf.get(id) ?? 0) + 1)
    const isDeduplicated = this.#parts.mayRepeat()
    let copies: number
    try {
      const rules = rulesOf([...concerned.keys()], this.#parts)
      copies = store.settle({
        ...{ hostId, position, frames: addressed, isDeduplicated, isDurable, rules, onCopy },
      })
    } catch (error) {
      for (const [{ id }, count] of concerned) {
        counters.of(id).addErrors += count
        audit.add('insertError', id, count)
      }
      throw error
    }
    this.#positions.set(hostId, position)
    for (const [channel, count] of concerned) {
      const repeated = copiesOf.get(channel.id) ?? 0
      counters.of(channel.id).received += count - repeated
      counters.of(channel.id).duplicates += repeated
      this.#measure(hostId, channel, { queued: count - repeated, repeated })
      audit.add('insert', channel.id, count - repeated)
      this.#shrink(channel)
    }
    this.#parts.tail.offer(addressed)
    if (frames.length > 0) this.#parts.wake()
    return copies
  }

  #measure(
    hostId: string,
    channel: Channel,
    { queued, repeated }: { readonly queued: number; readonly repeated: number },
  ): void {
    const { metrics } = this.#parts
    const label = labelOfChannel(channel)
    if (queued > 0) metrics.series(CDC_METRICS.frames, hostId, label).add(queued)
    if (repeated > 0) metrics.series(CDC_METRICS.duplicates, label, 'update').add(repeated)
  }

  /** A full queue that blocks keeps the whole batch in the agent. */
  #checkRoom(channel: Channel): void {
    const { queueMaxBytes, queueFull } = channel
    if (queueMaxBytes === 0) return
    const { bytes } = this.#parts.store.count(channel.id)
    if (bytes < queueMaxBytes) return
    const message = `the queue of channel ${nameOfChannel(channel)} holds ${bytes} bytes, its limit is ${queueMaxBytes}`
    if (queueFull === 'block') {
      throw new ScamanderError(CDC_ERRORS.QUEUE_FULL, `${message}; its agents wait`)
    }
    if (queueFull === 'alarm') {
      const advice = 'let its connector run, or truncate it'
      this.#parts.logger.warnLimited(`full ${channel.id}`, `${message}; ${advice}`)
    }
  }

  #shrink(channel: Channel): void {
    const { id, queueMaxBytes, queueFull } = channel
    if (queueMaxBytes === 0 || queueFull !== 'drop-oldest') return
    const dropped = this.#parts.store.shrink(id, queueMaxBytes)
    if (dropped === undefined) return
    this.#parts.counters.of(id).dropped += dropped.messages
    const open = this.#dropping.get(id)
    const messages = dropped.messages + (open?.messages ?? 0)
    const reason = `the queue was full (limit ${queueMaxBytes} bytes): ${messages} changes were dropped`
    const isOpen = this.#parts.gaps.list().some(one => one.id === open?.gap && one.state === 'open')
    if (open !== undefined && isOpen) {
      this.#parts.gaps.extend(open.gap, dropped.toMs, reason)
      open.messages = messages
      return
    }
    const { fromMs, toMs } = dropped
    const channels = [nameOfChannel(channel)]
    const gap = this.#parts.gaps.open({ kind: 'queue', fromMs, toMs, channels, reason })
    this.#dropping.set(id, { gap: gap.id, messages: dropped.messages })
  }

  #addGap({ hostId }: Node, { from, to, reason, channels }: LedgerGap): void {
    const before = this.#positions.get(hostId) ?? this.#parts.store.position(hostId)
    this.#parts.gaps.open({
      ...{ kind: 'segments', node: hostId, fromSegment: from, toSegment: to, reason },
      ...{ fromMs: settledMs(before), toMs: Date.now(), channels: channels ?? [] },
    })
  }
}

/**
 * A reader that is behind has not settled what was logged before its position was stored. One that was
 * never at the end has settled nothing since its beginning; undefined: that is not known.
 */
function settledMs(position: NodePosition | undefined): number | undefined {
  const { atMs, caughtUpMs, sinceMs = 0 } = position ?? {}
  const settled = caughtUpMs ?? sinceMs
  return atMs === undefined || settled === 0 ? undefined : Math.min(atMs, settled)
}

function rulesOf(channels: readonly Channel[], { ruleOf }: QueueWriterParts) {
  const rules = new Map<number, EmitRule>()
  for (const channel of channels) {
    const rule = ruleOf(channel)
    if (rule !== undefined) rules.set(channel.id, rule)
  }
  return rules
}

/** Later in the log of one node. */
function isAfter(a: NodePosition, b: NodePosition): boolean {
  const segments = BigInt(a.segmentId) - BigInt(b.segmentId)
  return segments > 0n || (segments === 0n && a.position > b.position)
}
