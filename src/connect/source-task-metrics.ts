/**
 * Kafka Connect's metrics of source tasks (`kafka_connect_source_task_*` and the task's own), from
 * the numbers that a source task keeps. Read by metrics.ts whenever metrics are collected.
 * Invariant: names ending in `_total` only grow; all else is the value of the moment.
 * Spec: connect-rest 19.
 */
import type { SourceTaskMetrics } from '../pipeline/index.ts'
import { declareTaskMetric, type TaskReading } from './task-metric.ts'

type Reading = TaskReading<SourceTaskMetrics>

/** Counters. */
export const SOURCE_TOTALS: readonly Reading[] = [
  [
    declareTaskMetric('source_task_source_record_poll_total', 'Records that the source gave.'),
    ({ counters }) => counters.polled,
  ],
  [
    declareTaskMetric('source_task_source_record_write_total', 'Records that Kafka accepted.'),
    ({ counters }) => counters.written,
  ],
]

/** Values of the moment. */
export const SOURCE_GAUGES: readonly Reading[] = [
  [
    declareTaskMetric(
      'source_task_source_record_active_count',
      'Records read and not yet accepted.',
    ),
    ({ active }) => active,
  ],
  [
    declareTaskMetric(
      'source_task_source_record_active_count_avg',
      'Average of it when records come.',
    ),
    ({ actives }) => actives.average,
  ],
  [
    declareTaskMetric(
      'source_task_source_record_active_count_max',
      'Most records not yet accepted.',
    ),
    ({ activeMax }) => activeMax,
  ],
  [
    declareTaskMetric(
      'source_task_poll_batch_avg_time_ms',
      'Average time of a read that gave records.',
    ),
    ({ polls }) => polls.average,
  ],
  [
    declareTaskMetric(
      'source_task_poll_batch_max_time_ms',
      'Longest time of a read that gave records.',
    ),
    ({ polls }) => polls.max,
  ],
  [
    declareTaskMetric(
      'source_task_transaction_size_avg',
      'Average number of records of a transaction; 0 without transactions.',
    ),
    ({ transactions }) => transactions.average,
  ],
  [
    declareTaskMetric('source_task_transaction_size_min', 'Fewest records of a transaction.'),
    ({ transactions }) => transactions.min,
  ],
  [
    declareTaskMetric('source_task_transaction_size_max', 'Most records of a transaction.'),
    ({ transactions }) => transactions.max,
  ],
]
