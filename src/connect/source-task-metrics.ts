/**
 * Kafka Connect's metrics of source tasks (`kafka_connect_source_task_*` and the task's own), from
 * the numbers that a source task keeps. Read by metrics.ts whenever metrics are collected.
 * Invariant: names ending in `_total` only grow; all else is the value of the moment.
 * Spec: connect-rest 19.
 */
import type { SourceTaskMetrics } from '../pipeline/index.ts'
import { declareMetric, type MetricDescriptor } from '../telemetry/index.ts'

function declare(name: string, help: string): MetricDescriptor {
  const kind = name.endsWith('_total') ? 'counter' : 'gauge'
  return declareMetric({ name: `kafka_connect_${name}`, kind, help, labels: ['connector', 'task'] })
}

type Reading = readonly [MetricDescriptor, (metrics: SourceTaskMetrics) => number]

/** Counters. */
export const SOURCE_TOTALS: readonly Reading[] = [
  [
    declare('source_task_source_record_poll_total', 'Records that the source gave.'),
    ({ counters }) => counters.polled,
  ],
  [
    declare('source_task_source_record_write_total', 'Records that Kafka accepted.'),
    ({ counters }) => counters.written,
  ],
]

/** Values of the moment. */
export const SOURCE_GAUGES: readonly Reading[] = [
  [
    declare('source_task_source_record_active_count', 'Records read and not yet accepted.'),
    ({ active }) => active,
  ],
  [
    declare('source_task_source_record_active_count_max', 'Most records not yet accepted.'),
    ({ activeMax }) => activeMax,
  ],
  [
    declare('source_task_poll_batch_avg_time_ms', 'Average time of a read that gave records.'),
    ({ polls }) => polls.average,
  ],
  [
    declare('source_task_poll_batch_max_time_ms', 'Longest time of a read that gave records.'),
    ({ polls }) => polls.max,
  ],
  [
    declare('connector_task_batch_size_avg', 'Average number of records of a read.'),
    ({ batches }) => batches.average,
  ],
  [
    declare('connector_task_batch_size_max', 'Largest number of records of a read.'),
    ({ batches }) => batches.max,
  ],
  [
    declare('connector_task_offset_commit_avg_time_ms', 'Average time of storing positions.'),
    ({ commitTimes }) => commitTimes.average,
  ],
  [
    declare('connector_task_offset_commit_max_time_ms', 'Longest time of storing positions.'),
    ({ commitTimes }) => commitTimes.max,
  ],
  [
    declare(
      'connector_task_offset_commit_success_percentage',
      'Share of commits that worked, 0 to 1.',
    ),
    ({ counters: { commits, commitFailures } }) => share(commits, commitFailures),
  ],
  [
    declare(
      'connector_task_offset_commit_failure_percentage',
      'Share of commits that failed, 0 to 1.',
    ),
    ({ counters: { commits, commitFailures } }) => share(commitFailures, commits),
  ],
]

function share(part: number, rest: number): number {
  return part + rest === 0 ? 0 : part / (part + rest)
}
