/**
 * Kafka Connect's metrics of sink tasks (`kafka_connect_sink_task_*` and the task's own), from the
 * numbers that a sink task keeps. Read by metrics.ts whenever metrics are collected.
 * Invariant: names ending in `_total` only grow; all else is the value of the moment. Averages and
 * maxima are over the life of the task.
 * Spec: connect-rest 19.
 */
import type { PartitionLag } from '../kafka/index.ts'
import type { TaskMetrics } from '../pipeline/index.ts'
import { declareTaskMetric, type TaskReading } from './task-metric.ts'

export interface SinkNumbers {
  readonly metrics: TaskMetrics
  readonly lags: readonly PartitionLag[]
}

type Reading = TaskReading<SinkNumbers>

/** Counters. */
export const SINK_TOTALS: readonly Reading[] = [
  [
    declareTaskMetric('sink_task_sink_record_read_total', 'Records read from Kafka.'),
    ({ metrics }) => metrics.counters.read,
  ],
  [
    declareTaskMetric('sink_task_sink_record_send_total', 'Records that the sink accepted.'),
    ({ metrics }) => metrics.counters.written,
  ],
  [
    declareTaskMetric('sink_task_offset_commit_completion_total', 'Commits that succeeded.'),
    ({ metrics }) => metrics.counters.commits,
  ],
  [
    declareTaskMetric('sink_task_offset_commit_skip_total', 'Commits that failed.'),
    ({ metrics }) => metrics.counters.commitFailures,
  ],
]

/** Values of the moment. */
export const SINK_GAUGES: readonly Reading[] = [
  [
    declareTaskMetric('sink_task_partition_count', 'Partitions of the task.'),
    ({ lags }) => lags.length,
  ],
  [
    declareTaskMetric('sink_task_sink_record_lag_max', 'Largest lag of a partition, records.'),
    ({ lags }) => Math.max(0, ...lags.map(one => one.lag)),
  ],
  [
    declareTaskMetric('sink_task_sink_record_active_count', 'Records read and not yet settled.'),
    ({ metrics }) => metrics.active,
  ],
  [
    declareTaskMetric('sink_task_sink_record_active_count_avg', 'Average of it when records come.'),
    ({ metrics }) => metrics.actives.average,
  ],
  [
    declareTaskMetric('sink_task_sink_record_active_count_max', 'Most records not yet settled.'),
    ({ metrics }) => metrics.activeMax,
  ],
  [
    declareTaskMetric('sink_task_offset_commit_seq_no', 'Number of the last commit.'),
    ({ metrics: { counters } }) => counters.commits + counters.commitFailures,
  ],
  [
    declareTaskMetric('sink_task_put_batch_avg_time_ms', 'Average time until a delivery settles.'),
    ({ metrics }) => metrics.writes.average,
  ],
  [
    declareTaskMetric('sink_task_put_batch_max_time_ms', 'Longest time until a delivery settled.'),
    ({ metrics }) => metrics.writes.max,
  ],
]
