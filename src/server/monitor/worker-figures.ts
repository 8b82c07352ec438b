/**
 * The figures of a worker over time: records and errors of its connectors, lag, latency of writes, and the
 * process itself, read from the metrics once a second.
 * One per server. Invariants: bounded memory; rates come from counters and never are below 0, and one that
 * began again gives none; at most a twentieth of the time is spent on reading.
 * Spec: ui 5.7 (Monitoring), 6.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { WorkerFigures, WorkerPoint } from '../../api-v1-monitor.ts'
import type { MetricRegistry, SeriesReading } from '../../telemetry/index.ts'
import { difference, quantile, sumOf } from '../bucket-counts.ts'
import { countersOf } from '../flow-routes.ts'
import type { LiveTopic } from '../live/live-topic.ts'
import { FigureRing } from './figure-ring.ts'

const STEP_MS = 1_000
const SHARE = 20
const WRITES = 'scamander_pipeline_write_seconds'
const NANOSECONDS = 1e6
const MEGABYTE = 1e6
/** The oldest point that a new browser gets over the live connection. */
const KEPT = 5
const RATES = ['read', 'written', 'failed', 'deadLetters'] as const

type Rates = Record<(typeof RATES)[number], number>

interface Reading {
  readonly atMs: number
  readonly counters: ReturnType<typeof countersOf>
  readonly writes: readonly number[]
  readonly cpuMs: number
}

export type ReadingListener = (readings: readonly SeriesReading[], atMs: number) => void

export class WorkerHistory {
  readonly #registry: MetricRegistry
  readonly #ring = new FigureRing()
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })
  readonly #listeners = new Set<(point: WorkerPoint) => void>()
  readonly #readers: ReadingListener[] = []
  #timer: NodeJS.Timeout | undefined
  #before: Reading | undefined
  #isOpen = true

  constructor(registry: MetricRegistry) {
    this.#registry = registry
    this.#delay.enable()
    void this.#again()
  }

  /** Other histories go by the same readings: each costs a call to every thread of tasks. */
  onReading(listener: ReadingListener): void {
    this.#readers.push(listener)
  }

  view(minutes: number): WorkerFigures {
    const now = Math.floor(Date.now() / 1000)
    return this.#ring.since(now - minutes * 60, now)
  }

  get topic(): LiveTopic {
    return {
      keep: KEPT,
      open: (_key, sink) => {
        const listener = (point: WorkerPoint) => sink.items([point])
        this.#listeners.add(listener)
        return { close: () => void this.#listeners.delete(listener) }
      },
    }
  }

  close(): void {
    this.#isOpen = false
    clearTimeout(this.#timer)
    this.#delay.disable()
  }

  async #again(): Promise<void> {
    const startedMs = performance.now()
    try {
      await this.#registry.refresh()
      const readings = await this.#registry.read()
      if (this.#isOpen) this.#take(readings)
    } catch {
      // A worker that ends answers no more; the step is a gap.
    }
    const tookMs = performance.now() - startedMs
    const waitMs = Math.max(STEP_MS - tookMs, tookMs * SHARE)
    if (this.#isOpen) this.#timer = setTimeout(() => void this.#again(), waitMs).unref()
  }

  #take(readings: readonly SeriesReading[]): void {
    const { user, system } = process.cpuUsage()
    const now: Reading = {
      atMs: Date.now(),
      counters: countersOf(readings),
      writes: writesOf(readings),
      cpuMs: (user + system) / 1000,
    }
    const point = this.#pointOf(now, boundsOf(readings))
    this.#before = now
    this.#delay.reset()
    this.#ring.add(point)
    for (const listener of this.#listeners) listener(point)
    for (const reader of this.#readers) reader(readings, now.atMs)
  }

  #pointOf(now: Reading, bounds: readonly number[]): WorkerPoint {
    const before = this.#before
    const lags = now.counters.flatMap(({ lag }) => lag ?? [])
    const passedMs = before === undefined ? 0 : now.atMs - before.atMs
    const rates = before === undefined || passedMs <= 0 ? undefined : ratesOf(before, now)
    const writes = before === undefined ? [] : difference(now.writes, before.writes)
    const latency = (part: number) => {
      const found = quantile(bounds, writes, part)
      return found === null ? null : found * 1000
    }
    const cpu = passedMs <= 0 ? null : ((now.cpuMs - (before?.cpuMs ?? 0)) / passedMs) * 100
    return {
      at: Math.floor(now.atMs / 1000),
      values: {
        ...{ read: null, written: null, failed: null, deadLetters: null, ...rates },
        lag: lags.length === 0 ? null : lags.reduce((sum, one) => sum + one, 0),
        ...{ writeMsP50: latency(0.5), writeMsP99: latency(0.99), cpu },
        memory: process.memoryUsage.rss() / MEGABYTE,
        loopMsP99: this.#delay.percentile(99) / NANOSECONDS,
      },
    }
  }
}

/** Per second, of all connectors; those that are new or began again count from the next time on. */
function ratesOf(before: Reading, now: Reading): Rates {
  const known = new Map(before.counters.map(one => [one.name, one]))
  const seconds = (now.atMs - before.atMs) / 1000
  const rates: Rates = { read: 0, written: 0, failed: 0, deadLetters: 0 }
  for (const one of now.counters) {
    const old = known.get(one.name)
    if (old === undefined) continue
    for (const figure of RATES) rates[figure] += Math.max(0, one[figure] - old[figure]) / seconds
  }
  return rates
}

function writesOf(readings: readonly SeriesReading[]): number[] {
  const all = readings.filter(one => one.descriptor.name === WRITES)
  return sumOf(all.map(one => (one.value as Exclude<SeriesReading['value'], number>).counts))
}

function boundsOf(readings: readonly SeriesReading[]): readonly number[] {
  return readings.find(one => one.descriptor.name === WRITES)?.descriptor.buckets ?? []
}
