/**
 * Metrics of sink tasks, one set of series per task, updated once per delivery.
 * Names follow style ("Logs and metrics"); Connect's own names derive from the same counters in
 * the server room. Labels: connector, task.
 */
import { declareMetric, type MetricRegistry, type Series } from '../telemetry/index.ts'
import { Spread } from './source-metrics.ts'
import { TaskTroubles } from './task-troubles.ts'

const labels = ['connector', 'task'] as const

export const RECORDS_READ = declareMetric({
  name: 'scamander_pipeline_records_read_total',
  kind: 'counter',
  help: 'Records that a sink task took from its topics.',
  labels,
})
export const RECORDS_WRITTEN = declareMetric({
  name: 'scamander_pipeline_records_written_total',
  kind: 'counter',
  help: 'Records that the sink accepted.',
  labels,
})
export const RECORDS_FAILED = declareMetric({
  name: 'scamander_pipeline_records_failed_total',
  kind: 'counter',
  help: 'Failures of records in any stage; a record that is retried counts each time.',
  labels,
})
export const RECORDS_SKIPPED = declareMetric({
  name: 'scamander_pipeline_records_skipped_total',
  kind: 'counter',
  help: 'Records given up because an error policy says so.',
  labels,
})
export const RECORDS_DEAD_LETTERED = declareMetric({
  name: 'scamander_pipeline_records_dead_lettered_total',
  kind: 'counter',
  help: 'Records that went to the dead-letter topic.',
  labels,
})
export const REWINDS = declareMetric({
  name: 'scamander_pipeline_rewinds_total',
  kind: 'counter',
  help: 'Times a partition was read again from a failed record.',
  labels,
})
export const COMMITS = declareMetric({
  name: 'scamander_pipeline_commits_total',
  kind: 'counter',
  help: 'Offset commits that succeeded.',
  labels,
})
export const COMMIT_FAILURES = declareMetric({
  name: 'scamander_pipeline_commit_failures_total',
  kind: 'counter',
  help: 'Offset commits that failed; what they would have committed comes with the next.',
  labels,
})
export const WRITE_SECONDS = declareMetric({
  name: 'scamander_pipeline_write_seconds',
  kind: 'histogram',
  help: 'Time from handing a delivery to the sink until every record is settled.',
  labels,
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
})

/** Plain numbers beside the series, for status documents and the demo's live display. */
export interface TaskCounters {
  read: number
  written: number
  failed: number
  skipped: number
  deadLettered: number
  rewinds: number
  commits: number
  commitFailures: number
}

export class TaskMetrics {
  readonly counters: TaskCounters = {
    read: 0,
    written: 0,
    failed: 0,
    skipped: 0,
    deadLettered: 0,
    rewinds: 0,
    commits: 0,
    commitFailures: 0,
  }
  /** Records that are tried again now. */
  readonly troubles = new TaskTroubles()
  /** Records of a delivery. */
  readonly batches = new Spread()
  /** Milliseconds from handing a delivery to the sink until it is settled. */
  readonly writes = new Spread()
  /** Milliseconds of commits. */
  readonly commitTimes = new Spread()
  /** Records read and not settled: now, at most, and whenever some were read. */
  active = 0
  activeMax = 0
  readonly actives = new Spread()
  readonly #series: Record<keyof TaskCounters, Series>
  readonly #writeSeconds: Series

  constructor(registry: MetricRegistry, connector: string, task: number) {
    const of = (descriptor: typeof RECORDS_READ) =>
      registry.series(descriptor, connector, String(task))
    this.#series = {
      read: of(RECORDS_READ),
      written: of(RECORDS_WRITTEN),
      failed: of(RECORDS_FAILED),
      skipped: of(RECORDS_SKIPPED),
      deadLettered: of(RECORDS_DEAD_LETTERED),
      rewinds: of(REWINDS),
      commits: of(COMMITS),
      commitFailures: of(COMMIT_FAILURES),
    }
    this.#writeSeconds = of(WRITE_SECONDS)
  }

  add(what: keyof TaskCounters, amount: number): void {
    if (amount === 0) return
    this.counters[what] += amount
    this.#series[what].add(amount)
  }

  /** A delivery was read. */
  observeRead(records: number): void {
    this.batches.add(records)
    this.add('read', records)
  }

  addActive(records: number): void {
    this.active += records
    if (this.active > this.activeMax) this.activeMax = this.active
    if (records > 0) this.actives.add(this.active)
  }

  observeCommit(ms: number, isDone: boolean): void {
    this.commitTimes.add(ms)
    this.add(isDone ? 'commits' : 'commitFailures', 1)
  }

  observeWrite(ms: number): void {
    this.writes.add(ms)
    this.#writeSeconds.observe(ms / 1000)
  }
}
