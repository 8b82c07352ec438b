/**
 * `connect.progress.enabled`: at most once a minute, how many records of each topic were delivered
 * since the sink started. Called by the table sink after every delivery.
 * Spec: cassandra-sink 10.6.
 */
import type { FlowRecord } from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'

const INTERVAL_MS = 60_000

export class ProgressLog {
  readonly #logger: Logger
  readonly #counts = new Map<string, number>()
  #toldAtMs: number

  constructor(logger: Logger, nowMs: number) {
    this.#logger = logger
    this.#toldAtMs = nowMs
  }

  add(records: readonly FlowRecord[], nowMs: number): void {
    for (const { topic } of records) this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1)
    if (nowMs - this.#toldAtMs < INTERVAL_MS) return
    this.#toldAtMs = nowMs
    for (const [topic, count] of this.#counts) {
      this.#logger.info(`delivered ${count} records of ${topic} since the start`)
    }
  }
}
