/**
 * Rates of counters and shares of time in a state, over the last minute: one sample of every task
 * each five seconds, on a timer that keeps no process alive.
 * Used by metrics.ts for the `_rate` and `_ratio` metrics of Kafka Connect.
 * Invariant: a task that is gone leaves nothing behind.
 */
import type { ConnectorState } from '../api.ts'

export interface SampledTask {
  readonly state: ConnectorState
  /** Counters by name; a task that starts anew begins at zero. */
  readonly counts: Readonly<Record<string, number>>
}

interface Sample extends SampledTask {
  readonly atMs: number
}

const INTERVAL_MS = 5_000
const WINDOW_MS = 60_000

export class TaskSamples {
  readonly #samples = new Map<string, Sample[]>()
  readonly #read: () => ReadonlyMap<string, SampledTask>
  readonly #timer: NodeJS.Timeout

  constructor(read: () => ReadonlyMap<string, SampledTask>) {
    this.#read = read
    this.#timer = setInterval(() => this.take(performance.now()), INTERVAL_MS)
    this.#timer.unref()
  }

  take(nowMs: number): void {
    const present = this.#read()
    for (const key of this.#samples.keys()) if (!present.has(key)) this.#samples.delete(key)
    for (const [key, { state, counts }] of present) {
      const samples = this.#samples.get(key) ?? []
      samples.push({ state, counts: { ...counts }, atMs: nowMs })
      this.#samples.set(
        key,
        samples.filter(one => nowMs - one.atMs <= WINDOW_MS),
      )
    }
  }

  /** Per second, since the oldest sample. */
  rate(key: string, what: string, value: number, nowMs: number): number {
    const oldest = this.#samples.get(key)?.[0]
    if (oldest === undefined || nowMs <= oldest.atMs) return 0
    const before = oldest.counts[what] ?? 0
    const grown = value >= before ? value - before : value
    return (grown * 1000) / (nowMs - oldest.atMs)
  }

  /** The share of samples in that state, the present one included. */
  ratio(key: string, state: ConnectorState, present: ConnectorState): number {
    const states = [...(this.#samples.get(key) ?? []).map(one => one.state), present]
    return states.filter(one => one === state).length / states.length
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
