/**
 * The names of Kafka Connect's metrics that are the same for every connector (`kafka_connect_*`):
 * of the worker, its group, connectors, and what sinks and sources share. Those of one kind of task
 * are in sink-task-metrics.ts and source-task-metrics.ts. Fed by metrics.ts.
 * Invariant: names ending in `_total` are counters; all else are gauges.
 * Spec: connect-rest 19, first family.
 */
import { declareMetric, type MetricDescriptor } from '../telemetry/index.ts'
import { declareTaskMetric } from './task-metric.ts'

const PREFIX = 'kafka_connect'

function declare(name: string, help: string, labels: readonly string[] = []): MetricDescriptor {
  const kind = name.endsWith('_total') ? 'counter' : 'gauge'
  return declareMetric({ name: `${PREFIX}_${name}`, kind, help, labels })
}

const CONNECTOR = ['connector'] as const
const TASK = ['connector', 'task'] as const

export const WORKER = {
  connectors: declare('worker_connector_count', 'Connectors of this worker.'),
  tasks: declare('worker_task_count', 'Tasks of this worker.'),
  attempts: declare('worker_connector_startup_attempts_total', 'Starts of connectors.'),
  successes: declare('worker_connector_startup_success_total', 'Starts of connectors that worked.'),
  failures: declare('worker_connector_startup_failure_total', 'Starts of connectors that failed.'),
  taskAttempts: declare('worker_task_startup_attempts_total', 'Starts of tasks.'),
  taskSuccesses: declare('worker_task_startup_success_total', 'Starts of tasks that worked.'),
  taskFailures: declare('worker_task_startup_failure_total', 'Starts of tasks that failed.'),
  startTime: declare('start_time_seconds', 'When the worker started, seconds since 1970.'),
  version: declare('version_info', 'Always 1.', ['version']),
  assignedConnectors: declare('coordinator_assigned_connectors', 'Connectors of this worker.'),
  assignedTasks: declare('coordinator_assigned_tasks', 'Tasks of this worker.'),
  startSuccess: declare(
    'worker_connector_startup_success_percentage',
    'Share of starts of connectors that worked, 0 to 1.',
  ),
  startFailure: declare(
    'worker_connector_startup_failure_percentage',
    'Share of starts of connectors that failed, 0 to 1.',
  ),
  taskStartSuccess: declare(
    'worker_task_startup_success_percentage',
    'Share of starts of tasks that worked, 0 to 1.',
  ),
  taskStartFailure: declare(
    'worker_task_startup_failure_percentage',
    'Share of starts of tasks that failed, 0 to 1.',
  ),
}

/** Of the group of workers; a worker that is alone never rebalances. */
export const REBALANCE = {
  isRebalancing: declare('worker_rebalance_rebalancing', '1 during a rebalance.'),
  epoch: declare('worker_rebalance_epoch', 'Generation of the group of workers.'),
  completed: declare('worker_rebalance_completed_rebalances_total', 'Rebalances that ended.'),
  averageMs: declare('worker_rebalance_rebalance_avg_time_ms', 'Average time of a rebalance.'),
  maxMs: declare('worker_rebalance_rebalance_max_time_ms', 'Longest time of a rebalance.'),
  sinceMs: declare(
    'worker_rebalance_time_since_last_rebalance_ms',
    'Time since the last rebalance ended.',
  ),
}

/** What a worker of a cluster knows of its group. */
export interface RebalanceNumbers {
  readonly isRebalancing: boolean
  readonly epoch: number
  readonly completed: number
  readonly averageMs: number
  readonly maxMs: number
  readonly sinceLastMs: number
}

export const NO_REBALANCES: RebalanceNumbers = {
  isRebalancing: false,
  epoch: 0,
  completed: 0,
  averageMs: 0,
  maxMs: 0,
  sinceLastMs: 0,
}

const taskCount = (state: string) =>
  declare(`worker_connector_${state}_task_count`, `Tasks of a connector: ${state}.`, CONNECTOR)

export const TASK_COUNTS: Readonly<Record<string, MetricDescriptor>> = {
  total: taskCount('total'),
  running: taskCount('running'),
  paused: taskCount('paused'),
  failed: taskCount('failed'),
  unassigned: taskCount('unassigned'),
  destroyed: taskCount('destroyed'),
  restarting: taskCount('restarting'),
}

export const STATUS = {
  connector: declare('connector_status', '1 for the present status.', ['connector', 'status']),
  class: declare('connector_connector_class', 'Always 1.', ['connector', 'connector_class']),
  type: declare('connector_connector_type', 'Always 1.', ['connector', 'connector_type']),
  version: declare('connector_connector_version', 'Always 1.', ['connector', 'connector_version']),
  task: declare('connector_task_status', '1 for the present status.', [...TASK, 'status']),
}

/** Errors of a task, of sinks and sources alike. */
export const ERRORS = {
  failures: declareTaskMetric('task_error_total_record_failures', 'Failures of records.'),
  errors: declareTaskMetric('task_error_total_record_errors', 'Errors of records.'),
  skipped: declareTaskMetric(
    'task_error_total_records_skipped',
    'Records skipped because of errors.',
  ),
  retries: declareTaskMetric('task_error_total_retries', 'Times a partition was read again.'),
  logged: declareTaskMetric('task_error_total_errors_logged', 'Errors that were logged.'),
  letters: declareTaskMetric(
    'task_error_deadletterqueue_produce_requests',
    'Records sent to the dead-letter topic.',
  ),
  lettersFailed: declareTaskMetric(
    'task_error_deadletterqueue_produce_failures',
    'Records that the dead-letter topic did not take.',
  ),
  lastError: declareTaskMetric(
    'task_error_last_error_timestamp',
    'Last failure of the task, milliseconds since 1970; 0: none.',
  ),
}

export const RATIOS = {
  running: declareTaskMetric('connector_task_running_ratio', 'Share of the last minute RUNNING.'),
  paused: declareTaskMetric('connector_task_pause_ratio', 'Share of the last minute PAUSED.'),
}

const perSecond = (name: string, what: string) =>
  declareTaskMetric(name, `${what} per second, over the last minute.`)

/** By the name of the counter. */
export const SINK_RATES = {
  read: perSecond('sink_task_sink_record_read_rate', 'Records read'),
  written: perSecond('sink_task_sink_record_send_rate', 'Records written'),
  commits: perSecond('sink_task_offset_commit_completion_rate', 'Commits'),
  commitFailures: perSecond('sink_task_offset_commit_skip_rate', 'Commits that failed'),
}
export const SOURCE_RATES = {
  polled: perSecond('source_task_source_record_poll_rate', 'Records polled'),
  written: perSecond('source_task_source_record_write_rate', 'Records written'),
}

export const PARTITION_LAG = declareMetric({
  name: 'kafka_consumer_fetch_manager_records_lag',
  kind: 'gauge',
  help: 'Records of a partition that are not settled, read or not.',
  labels: ['clientid', 'topic', 'partition'],
})
