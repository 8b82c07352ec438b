/**
 * Declares Kafka Connect's metrics of one task, with the labels connector and task, and those that
 * sinks and sources share (`kafka_connect_connector_task_*`).
 * Used by the tables of sink-task-metrics.ts and source-task-metrics.ts.
 * Spec: connect-rest 19.
 */
import { declareMetric, type MetricDescriptor } from '../telemetry/index.ts'

/** A metric and how it is read from the numbers of a task. */
export type TaskReading<T> = readonly [MetricDescriptor, (numbers: T) => number]

export function declareTaskMetric(name: string, help: string): MetricDescriptor {
  const kind = name.endsWith('_total') ? 'counter' : 'gauge'
  return declareMetric({ name: `kafka_connect_${name}`, kind, help, labels: ['connector', 'task'] })
}

/** What sinks and sources keep alike. */
export interface TaskNumbers {
  readonly batches: { readonly average: number; readonly max: number }
  readonly commitTimes: { readonly average: number; readonly max: number }
  readonly counters: { readonly commits: number; readonly commitFailures: number }
}

export const TASK_NUMBERS: readonly TaskReading<TaskNumbers>[] = [
  [
    declareTaskMetric('connector_task_batch_size_avg', 'Average number of records of a read.'),
    ({ batches }) => batches.average,
  ],
  [
    declareTaskMetric('connector_task_batch_size_max', 'Largest number of records of a read.'),
    ({ batches }) => batches.max,
  ],
  [
    declareTaskMetric('connector_task_offset_commit_avg_time_ms', 'Average time of a commit.'),
    ({ commitTimes }) => commitTimes.average,
  ],
  [
    declareTaskMetric('connector_task_offset_commit_max_time_ms', 'Longest time of a commit.'),
    ({ commitTimes }) => commitTimes.max,
  ],
  [
    declareTaskMetric(
      'connector_task_offset_commit_success_percentage',
      'Share of commits that worked, 0 to 1.',
    ),
    ({ counters: { commits, commitFailures } }) => share(commits, commitFailures),
  ],
  [
    declareTaskMetric(
      'connector_task_offset_commit_failure_percentage',
      'Share of commits that failed, 0 to 1.',
    ),
    ({ counters: { commits, commitFailures } }) => share(commitFailures, commits),
  ],
]

export function share(part: number, rest: number): number {
  return part + rest === 0 ? 0 : part / (part + rest)
}
