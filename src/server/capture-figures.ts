/**
 * Figures of capture over the last minute: rates, latencies, and what waited in the queues for a
 * quarter of an hour. Read by the overview of the page.
 * Made with the routes of capture; takes a reading every few seconds, and one whenever it is asked.
 * Invariants: bounded in readings; what two readings cannot tell is null, never 0.
 * Spec: ui 5.5; cdc-replication 9.2.
 */
import type { CaptureFigures, CaptureLatencyBucket, CaptureQueueDepth } from '../api-v1-capture.ts'
import { type Capture, CDC_METRICS, labelOfChannel as nameOf } from '../source/index.ts'
import type { MetricRegistry } from '../telemetry/index.ts'
import { difference, quantile, sumOf } from './bucket-counts.ts'

const EVERY_MS = 10_000
const SPAN_MS = 60_000
const HISTORY_MAX = 90
const APART_MS_MIN = 900
const BOUNDS = CDC_METRICS.latency.buckets ?? []
const NO_COUNTS: readonly number[] = []

interface Reading {
  readonly atMs: number
  /** By the channel's name in metrics: changes that reached their destination. */
  readonly events: ReadonlyMap<string, number>
  /** By the channel's name in metrics: counts of buckets. */
  readonly latency: ReadonlyMap<string, readonly number[]>
  /** By host id. */
  readonly records: ReadonlyMap<string, number>
  readonly copies: number
}

export class CaptureWindow {
  readonly #capture: Capture
  readonly #registry: MetricRegistry
  readonly #readings: Reading[] = []
  readonly #history: CaptureQueueDepth[] = []
  readonly #timer: NodeJS.Timeout
  #isClosed = false

  constructor(capture: Capture, registry: MetricRegistry) {
    this.#capture = capture
    this.#registry = registry
    this.#timer = setInterval(() => void this.#remember(), EVERY_MS).unref()
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  async figures(): Promise<CaptureFigures> {
    await this.#read()
    const now = this.#readings.at(-1)!
    const before = this.#readings.find(one => one.atMs >= now.atMs - SPAN_MS)!
    const seconds = (now.atMs - before.atMs) / 1000
    const rate = (count: number) => (seconds <= 0 ? null : Math.max(0, count) / seconds)
    const latencyOf = (name: string) =>
      difference(now.latency.get(name) ?? NO_COUNTS, before.latency.get(name) ?? NO_COUNTS)
    const eventsOf = (name: string) => (now.events.get(name) ?? 0) - (before.events.get(name) ?? 0)
    const channels = this.#capture.channels()
    const all = sumOf(channels.map(one => latencyOf(nameOf(one))))
    return {
      seconds,
      channels: channels.map(channel => ({
        dataCenterId: channel.dataCenter,
        sourceKeyspace: channel.keyspace,
        sourceTable: channel.table,
        destination: channel.destination,
        eventsPerSecond: rate(eventsOf(nameOf(channel))),
        p50Seconds: quantile(BOUNDS, latencyOf(nameOf(channel)), 0.5),
        p99Seconds: quantile(BOUNDS, latencyOf(nameOf(channel)), 0.99),
      })),
      latency: bucketsOf(all),
      p50Seconds: quantile(BOUNDS, all, 0.5),
      p99Seconds: quantile(BOUNDS, all, 0.99),
      eventsPerSecond: rate(channels.reduce((sum, one) => sum + eventsOf(nameOf(one)), 0)),
      copiesPerSecond: rate(now.copies - before.copies),
      nodes: this.#capture.agents.map(({ hostId }) => ({
        hostId,
        recordsPerSecond: rate((now.records.get(hostId) ?? 0) - (before.records.get(hostId) ?? 0)),
      })),
      history: this.#history,
    }
  }

  /** Also of the queues, for the chart. */
  async #remember(): Promise<void> {
    await this.#read()
    // The queues may be closed by now.
    if (this.#isClosed) return
    const queued: Record<string, number> = {}
    for (const channel of this.#capture.channels()) {
      const { messages } = this.#capture.count(channel)
      queued[channel.destination] = (queued[channel.destination] ?? 0) + messages
    }
    this.#history.push({ time: new Date().toISOString(), queued })
    if (this.#history.length > HISTORY_MAX) this.#history.shift()
  }

  async #read(): Promise<void> {
    const last = this.#readings.at(-1)
    if (last !== undefined && performance.now() - last.atMs < APART_MS_MIN) return
    await this.#registry.refresh()
    const events = new Map<string, number>()
    const latency = new Map<string, readonly number[]>()
    const records = new Map<string, number>()
    const add = (to: Map<string, number>, name: string, count: number) =>
      to.set(name, (to.get(name) ?? 0) + count)
    for (const { descriptor, labels, value } of await this.#registry.read()) {
      const [name = '', what = ''] = labels
      if (typeof value !== 'number') {
        const isLatency = descriptor.name === CDC_METRICS.latency.name && what === 'deliver'
        if (isLatency) latency.set(name, value.counts)
      } else if (descriptor.name === CDC_METRICS.delivered.name && OPERATIONS.has(what)) {
        add(events, name, value)
      } else if (descriptor.name === CDC_METRICS.records.name) add(records, name, value)
    }
    this.#addUnmeasured(events)
    const copies = this.#capture.counters.sum(one => one.duplicates)
    const atMs = performance.now()
    this.#readings.push({ atMs, events, latency, records, copies })
    while (this.#readings.length > 2 && this.#readings[1]!.atMs < atMs - SPAN_MS) {
      this.#readings.shift()
    }
  }

  /** Where events are not counted one by one, as for a destination in Cassandra: what left the queue. */
  #addUnmeasured(events: Map<string, number>): void {
    for (const channel of this.#capture.channels()) {
      const name = nameOf(channel)
      if (!events.has(name)) events.set(name, this.#capture.counters.of(channel.id).delivered)
    }
  }
}

const OPERATIONS: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE'])

function bucketsOf(counts: readonly number[]): CaptureLatencyBucket[] {
  return counts.map((count, i) => ({ upToSeconds: BOUNDS[i] ?? null, count }))
}
