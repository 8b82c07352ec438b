/**
 * Metrics of source tasks, one set of series per task, updated once per batch.
 * Connect's own names (`source-task-metrics`) derive from the same numbers in the connect room.
 * Labels: connector, task.
 */
import { declareMetric, type MetricRegistry, type Series } from '../telemetry/index.ts'

const labels = ['connector', 'task'] as const

export const SOURCE_POLLED = declareMetric({
  name: 'scamander_pipeline_source_records_polled_total',
  kind: 'counter',
  help: 'Records that a source gave to its task.',
  labels,
})
export const SOURCE_WRITTEN = declareMetric({
  name: 'scamander_pipeline_source_records_written_total',
  kind: 'counter',
  help: 'Records of a source that Kafka accepted.',
  labels,
})
export const SOURCE_FAILED = declareMetric({
  name: 'scamander_pipeline_source_records_failed_total',
  kind: 'counter',
  help: 'Records of a source that could not be transformed, converted or produced.',
  labels,
})
export const SOURCE_SKIPPED = declareMetric({
  name: 'scamander_pipeline_source_records_skipped_total',
  kind: 'counter',
  help: 'Records of a source given up because errors.tolerance says so.',
  labels,
})
export const SOURCE_COMMITS = declareMetric({
  name: 'scamander_pipeline_source_commits_total',
  kind: 'counter',
  help: 'Times positions of a source were stored.',
  labels,
})
export const SOURCE_COMMIT_FAILURES = declareMetric({
  name: 'scamander_pipeline_source_commit_failures_total',
  kind: 'counter',
  help: 'Times positions of a source could not be stored; they are stored with the next.',
  labels,
})
export const SOURCE_REOPENS = declareMetric({
  name: 'scamander_pipeline_source_reopens_total',
  kind: 'counter',
  help: 'Times a source was opened again after it lost its servers.',
  labels,
})
export const SOURCE_ACTIVE = declareMetric({
  name: 'scamander_pipeline_source_records_active',
  kind: 'gauge',
  help: 'Records given by a source and not yet settled.',
  labels,
})
export const POLL_SECONDS = declareMetric({
  name: 'scamander_pipeline_source_poll_seconds',
  kind: 'histogram',
  help: 'Time of one read of a source that gave records.',
  labels,
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
})

const COUNTERS = {
  polled: SOURCE_POLLED,
  written: SOURCE_WRITTEN,
  failed: SOURCE_FAILED,
  skipped: SOURCE_SKIPPED,
  commits: SOURCE_COMMITS,
  commitFailures: SOURCE_COMMIT_FAILURES,
  reopens: SOURCE_REOPENS,
} as const

export type SourceCounter = keyof typeof COUNTERS

/** Average, least and most of something, over the life of the task. */
export class Spread {
  count = 0
  sum = 0
  min = 0
  max = 0

  add(value: number): void {
    if (this.count === 0 || value < this.min) this.min = value
    this.count += 1
    this.sum += value
    if (value > this.max) this.max = value
  }

  get average(): number {
    return this.count === 0 ? 0 : this.sum / this.count
  }
}

export class SourceTaskMetrics {
  readonly counters: Record<SourceCounter, number> = {
    polled: 0,
    written: 0,
    failed: 0,
    skipped: 0,
    commits: 0,
    commitFailures: 0,
    reopens: 0,
  }
  /** Milliseconds of reads that gave records. */
  readonly polls = new Spread()
  /** Records of such reads. */
  readonly batches = new Spread()
  /** Records of transactions that ended; of tasks that deliver exactly once. */
  readonly transactions = new Spread()
  /** Milliseconds of storing positions. */
  readonly commitTimes = new Spread()
  /** Records not settled, now and at most. */
  active = 0
  activeMax = 0
  /** Of them, whenever some were read. */
  readonly actives = new Spread()
  readonly #series: Record<SourceCounter, Series>
  readonly #active: Series
  readonly #pollSeconds: Series

  constructor(registry: MetricRegistry, connector: string, task: number) {
    const series = Object.entries(COUNTERS).map(
      ([name, descriptor]) => [name, registry.series(descriptor, connector, String(task))] as const,
    )
    this.#series = Object.fromEntries(series) as Record<SourceCounter, Series>
    this.#active = registry.series(SOURCE_ACTIVE, connector, String(task))
    this.#pollSeconds = registry.series(POLL_SECONDS, connector, String(task))
  }

  add(what: SourceCounter, amount: number): void {
    if (amount === 0) return
    this.counters[what] += amount
    this.#series[what].add(amount)
  }

  observePoll(records: number, ms: number): void {
    this.polls.add(ms)
    this.batches.add(records)
    this.#pollSeconds.observe(ms / 1000)
    this.add('polled', records)
  }

  addActive(records: number): void {
    this.active += records
    if (this.active > this.activeMax) this.activeMax = this.active
    if (records > 0) this.actives.add(this.active)
    this.#active.set(this.active)
  }
}
