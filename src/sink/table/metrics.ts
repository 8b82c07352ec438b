/**
 * Metrics of the table sink, one set of series per topic and table, updated per request or per
 * delivery, never per row. Each feeds its bean as well, when beans are published.
 * Spec: cassandra-sink 8.
 */
import { declareMetric, type MetricRegistry, type Series } from '../../telemetry/index.ts'
import type { SinkBeans, TableBeans } from './sink-beans.ts'

const labels = ['connector', 'topic', 'keyspace', 'table'] as const

export const SINK_RECORDS = declareMetric({
  name: 'scamander_sink_records_total',
  kind: 'counter',
  help: 'Records whose write completed, well or not.',
  labels,
})
export const SINK_FAILED_RECORDS = declareMetric({
  name: 'scamander_sink_failed_records_total',
  kind: 'counter',
  help: 'Records that could not be mapped or written; a retried record counts each time.',
  labels,
})
export const SINK_BATCH_SIZE = declareMetric({
  name: 'scamander_sink_batch_size_statements',
  kind: 'histogram',
  help: 'Statements per request; 1 for a single statement.',
  labels,
  buckets: [1, 2, 4, 8, 16, 32, 64],
})
export const SINK_BATCH_BYTES = declareMetric({
  name: 'scamander_sink_batch_size_bytes',
  kind: 'histogram',
  help: 'Bytes of values per request.',
  labels,
  buckets: [128, 512, 1024, 2048, 4096, 8192, 32768, 131072],
})
export const SINK_UNKNOWN_TOPIC = declareMetric({
  name: 'scamander_sink_failed_records_with_unknown_topic_total',
  kind: 'counter',
  help: 'Records of topics that no table setting names.',
  labels: ['connector'],
})

export interface SinkMetricParts {
  readonly registry: MetricRegistry
  readonly connector: string
  readonly beans: SinkBeans
}

/** The series and beans of one topic and table. */
export class TableMetrics {
  readonly #records: Series
  readonly #failedRecords: Series
  readonly #batchSize: Series
  readonly #batchBytes: Series
  readonly #beans: TableBeans | undefined

  constructor(
    { registry, connector, beans }: SinkMetricParts,
    of: { topic: string; keyspace: string; table: string },
  ) {
    const series = (descriptor: typeof SINK_RECORDS) =>
      registry.series(descriptor, connector, of.topic, of.keyspace, of.table)
    this.#records = series(SINK_RECORDS)
    this.#failedRecords = series(SINK_FAILED_RECORDS)
    this.#batchSize = series(SINK_BATCH_SIZE)
    this.#batchBytes = series(SINK_BATCH_BYTES)
    this.#beans = beans.ofTable(of)
  }

  /** Records whose write completed, well or not. */
  addRecords(count: number): void {
    this.#records.add(count)
    this.#beans?.records.mark(count)
  }

  addFailed(): void {
    this.#failedRecords.add()
    this.#beans?.failedRecords.mark()
  }

  /** `nowMs` is monotonic. */
  observeRequest(statements: number, bytes: number, nowMs: number): void {
    this.#batchSize.observe(statements)
    this.#batchBytes.observe(bytes)
    if (this.#beans === undefined) return
    this.#beans.batchSize.observe(statements, 1, nowMs)
    this.#beans.batchBytes.observe(Math.round(bytes / statements), statements, nowMs)
  }
}
