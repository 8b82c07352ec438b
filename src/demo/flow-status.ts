/**
 * What one flow does right now: counters of the worker's metrics, rates over the last seconds, rows
 * of its tables. Sampled about once a second; drawn by status-view.ts.
 * Invariant: rows are counted in at most one twentieth of the time, whatever the size of the tables;
 * between two counts, or when a count fails, the last number stays.
 */
import type { ControlSession } from '../cassandra/index.ts'
import type { DataFlow } from './data/data-flow.ts'
import type { Feeder } from './feeder.ts'
import { type MetricSample, sumOf } from './metric-text.ts'

export interface TableStatus {
  readonly name: string
  /** Rows per second over the last samples. */
  readonly rate: number
  /** Undefined: not counted yet. */
  readonly rows: number | undefined
}

export interface FlowStatus {
  readonly topic: string
  readonly sent: number
  readonly consumed: number
  readonly lag: number
  readonly errors: number
  readonly tables: readonly TableStatus[]
}

interface Counters {
  readonly atMs: number
  readonly written: readonly number[]
}

const LAG = 'scamander_kafka_lag_records'
const HISTORY = 5
const COUNT_SHARE = 20
const COUNT_PAUSE_MS = 1_000

/** Samples one flow; `samples` is what /metrics says now. */
export class FlowWatch {
  readonly #flow: DataFlow
  readonly #feeder: Feeder
  readonly #history: Counters[] = []
  readonly #counts: TableCount[]

  constructor(flow: DataFlow, feeder: Feeder, session: ControlSession | undefined) {
    this.#flow = flow
    this.#feeder = feeder
    this.#counts = flow.tables.map(table => new TableCount(session, table.name))
  }

  sample(samples: readonly MetricSample[], nowMs: number): FlowStatus {
    const { topic, tables, connector } = this.#flow
    const own = { connector }
    const written = tables.map(({ name }) => {
      const [keyspace = '', table = ''] = name.split('.')
      return sumOf(samples, 'scamander_sink_records_total', { ...own, keyspace, table })
    })
    this.#history.push({ atMs: nowMs, written })
    if (this.#history.length > HISTORY) this.#history.shift()
    for (const count of this.#counts) count.refresh(nowMs)
    const first = this.#history[0]!
    const seconds = Math.max(0.001, (nowMs - first.atMs) / 1000)
    const { sent } = this.#feeder
    const consumed = sumOf(samples, 'scamander_kafka_consumed_records_total', own)
    return {
      ...{ topic, sent, consumed },
      lag: hasLag(samples, connector) ? sumOf(samples, LAG, own) : sent,
      errors: sumOf(samples, 'scamander_pipeline_records_failed_total', own),
      tables: tables.map(({ name }, index) => ({
        name,
        rate: ((written[index] ?? 0) - (first.written[index] ?? 0)) / seconds,
        rows: this.#counts[index]!.rows,
      })),
    }
  }
}

/** False before the connector runs: everything sent still waits. */
function hasLag(samples: readonly MetricSample[], connector: string): boolean {
  return samples.some(({ name, labels }) => name === LAG && labels.get('connector') === connector)
}

/** Counts the rows of a table now and then, less often the longer it takes. */
class TableCount {
  rows: number | undefined
  readonly #session: ControlSession | undefined
  readonly #table: string
  #isCounting = false
  #nextMs = 0

  constructor(session: ControlSession | undefined, table: string) {
    this.#session = session
    this.#table = table
  }

  refresh(nowMs: number): void {
    if (this.#isCounting || nowMs < this.#nextMs || this.#session === undefined) return
    this.#isCounting = true
    const startedMs = performance.now()
    void this.#session
      .execute(`SELECT count(*) AS rows FROM ${this.#table}`)
      .then(([row]) => {
        this.rows = Number(row?.['rows'])
      })
      // A count that fails (a large table, a busy server) is no fault of the flow: tried again later.
      .catch(() => undefined)
      .finally(() => {
        const tookMs = performance.now() - startedMs
        this.#nextMs = nowMs + COUNT_PAUSE_MS + tookMs * COUNT_SHARE
        this.#isCounting = false
      })
  }
}
