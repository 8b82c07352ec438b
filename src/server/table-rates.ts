/**
 * Records per second of each topic and table of the sinks of this worker, out of the counters of the sink.
 * Fed with the readings of the worker's monitor.
 * Invariants: a bounded number of pairs; a rate that was not measured yet is null, never 0; a counter that
 * began anew gives no rate below 0.
 * Spec: ui 5.4 (topics tab).
 */
import type { TableRate } from '../api-v1-connectors.ts'
import { SINK_FAILED_RECORDS, SINK_RECORDS } from '../sink/index.ts'
import type { SeriesReading } from '../telemetry/index.ts'

const STEP_MS = 5_000
const PAIRS_MAX = 10_000

interface Kept {
  readonly connector: string
  readonly topic: string
  readonly table: string
  records: number
  failed: number
  rate: number | null
}

export class TableRates {
  #kept = new Map<string, Kept>()
  #tookAtMs = Number.NEGATIVE_INFINITY

  list(connector: string): TableRate[] {
    const own = [...this.#kept.values()].filter(one => one.connector === connector)
    return own
      .map(({ topic, table, records, failed, rate }) => ({ topic, table, records, failed, rate }))
      .sort((a, b) => (`${a.topic} ${a.table}` < `${b.topic} ${b.table}` ? -1 : 1))
  }

  /** Takes a reading when the last one is old enough. */
  offer(readings: readonly SeriesReading[], nowMs: number): void {
    const seconds = (nowMs - this.#tookAtMs) / 1000
    if (seconds * 1000 < STEP_MS) return
    this.#tookAtMs = nowMs
    const found = new Map<string, Kept>()
    for (const { descriptor, labels, value } of readings) {
      const isFailed = descriptor.name === SINK_FAILED_RECORDS.name
      if (typeof value !== 'number' || (!isFailed && descriptor.name !== SINK_RECORDS.name))
        continue
      const kept = pairOf(found, labels)
      if (kept === undefined) continue
      if (isFailed) kept.failed += value
      else kept.records += value
    }
    for (const [key, kept] of found) {
      const before = this.#kept.get(key)
      const isMeasured = before !== undefined && kept.records >= before.records
      kept.rate = isMeasured ? (kept.records - before.records) / seconds : null
    }
    this.#kept = found
  }
}

function pairOf(found: Map<string, Kept>, labels: readonly string[]): Kept | undefined {
  const [connector = '', topic = '', keyspace = '', table = ''] = labels
  const key = JSON.stringify(labels)
  const known = found.get(key)
  if (known !== undefined || found.size >= PAIRS_MAX) return known
  const name = `${keyspace}.${table}`
  const kept: Kept = { connector, topic, table: name, records: 0, failed: 0, rate: null }
  found.set(key, kept)
  return kept
}
