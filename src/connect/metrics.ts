/**
 * Kafka Connect's own metrics under the names that dashboards query (`kafka_connect_*`), derived
 * from the state of connectors and the counters of tasks whenever metrics are collected.
 * Made by the worker. Nothing here is on a hot path.
 * Invariant: names ending in `_total` are counters and only grow; all else are gauges.
 * Spec: connect-rest 19, first family.
 */
import type { ConnectorState } from '../api.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import type { SourceTaskMetrics } from '../pipeline/index.ts'
import { declareMetric, type MetricDescriptor, type MetricRegistry } from '../telemetry/index.ts'
import type { Connector, StartedTasks } from './connector.ts'
import type { ConnectorTask } from './connector-task.ts'
import { SOURCE_GAUGES, SOURCE_TOTALS } from './source-task-metrics.ts'

const PREFIX = 'kafka_connect'

function declare(name: string, help: string, labels: readonly string[] = []): MetricDescriptor {
  const kind = name.endsWith('_total') ? 'counter' : 'gauge'
  return declareMetric({ name: `${PREFIX}_${name}`, kind, help, labels })
}

const CONNECTOR = ['connector'] as const
const TASK = ['connector', 'task'] as const

const WORKER = {
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
  rebalancing: declare('worker_rebalance_rebalancing', '1 during a rebalance; never here.'),
}

const taskCount = (state: string) =>
  declare(`worker_connector_${state}_task_count`, `Tasks of a connector: ${state}.`, CONNECTOR)

const TASK_COUNTS: Readonly<Record<string, MetricDescriptor>> = {
  total: taskCount('total'),
  running: taskCount('running'),
  paused: taskCount('paused'),
  failed: taskCount('failed'),
  unassigned: taskCount('unassigned'),
  destroyed: taskCount('destroyed'),
  restarting: taskCount('restarting'),
}

const STATUS = {
  connector: declare('connector_status', '1 for the present status.', ['connector', 'status']),
  class: declare('connector_connector_class', 'Always 1.', ['connector', 'connector_class']),
  type: declare('connector_connector_type', 'Always 1.', ['connector', 'connector_type']),
  version: declare('connector_connector_version', 'Always 1.', ['connector', 'connector_version']),
  task: declare('connector_task_status', '1 for the present status.', [...TASK, 'status']),
}

/** Counters of a task, by metric. */
const TASK_TOTALS = {
  read: declare('sink_task_sink_record_read_total', 'Records read from Kafka.', TASK),
  send: declare('sink_task_sink_record_send_total', 'Records given to the sink.', TASK),
  commits: declare('sink_task_offset_commit_completion_total', 'Commits that succeeded.', TASK),
  failures: declare('task_error_total_record_failures', 'Failures of records.', TASK),
  errors: declare('task_error_total_record_errors', 'Errors of records.', TASK),
  skipped: declare('task_error_total_records_skipped', 'Records skipped because of errors.', TASK),
  retries: declare('task_error_total_retries', 'Times a partition was read again.', TASK),
  logged: declare('task_error_total_errors_logged', 'Errors that were logged.', TASK),
  letters: declare(
    'task_error_deadletterqueue_produce_requests',
    'Records sent to the dead-letter topic.',
    TASK,
  ),
  lettersFailed: declare(
    'task_error_deadletterqueue_produce_failures',
    'Records that the dead-letter topic did not take.',
    TASK,
  ),
}

const TASK_GAUGES = {
  lagMax: declare('sink_task_sink_record_lag_max', 'Largest lag of a partition, records.', TASK),
  partitions: declare('sink_task_partition_count', 'Partitions of the task.', TASK),
  lastError: declare(
    'task_error_last_error_timestamp',
    'Last failure of the task, milliseconds since 1970; 0: none.',
    TASK,
  ),
}

const PARTITION_LAG = declareMetric({
  name: 'kafka_consumer_fetch_manager_records_lag',
  kind: 'gauge',
  help: 'Records between the position of a consumer and the end of its partition.',
  labels: ['clientid', 'topic', 'partition'],
})

const CHANGING = [
  ...Object.values(TASK_COUNTS),
  ...Object.values(STATUS),
  ...Object.values(TASK_GAUGES),
  ...SOURCE_GAUGES.map(([descriptor]) => descriptor),
  PARTITION_LAG,
]

/** As much of a connector as is measured. */
export type MeasuredConnector = Pick<Connector, 'name' | 'state' | 'tasks' | 'config' | 'type'>

export class ConnectMetrics {
  readonly #registry: MetricRegistry
  readonly #connectors: () => readonly MeasuredConnector[]
  readonly #startedAtMs = Date.now()
  /** What a counter was fed already, by series. */
  readonly #fed = new Map<string, number>()
  readonly #stop: () => void

  constructor(registry: MetricRegistry, connectors: () => readonly MeasuredConnector[]) {
    this.#registry = registry
    this.#connectors = connectors
    this.#stop = registry.onCollect(() => this.#collect())
  }

  /** Counts a start of a connector and, later, those of its tasks. */
  async countStart(starting: Promise<StartedTasks>): Promise<StartedTasks> {
    this.#add(WORKER.attempts)
    const started = await starting
    this.#add(WORKER.successes)
    for (const start of started.starts) {
      this.#add(WORKER.taskAttempts)
      void start.then(error => this.#add(error ? WORKER.taskFailures : WORKER.taskSuccesses))
    }
    return started
  }

  /** A deleted connector leaves no series behind. */
  async forget(connector: string): Promise<void> {
    await this.#registry.removeWhere('connector', connector)
    for (const key of this.#fed.keys()) {
      if (key.includes(`\u0000${connector}\u0000`)) this.#fed.delete(key)
    }
  }

  close(): void {
    this.#stop()
  }

  #collect(): void {
    const connectors = this.#connectors()
    const tasks = connectors.flatMap(one => one.tasks)
    this.#set(WORKER.connectors, connectors.length)
    this.#set(WORKER.tasks, tasks.length)
    this.#set(WORKER.assignedConnectors, connectors.length)
    this.#set(WORKER.assignedTasks, tasks.length)
    this.#set(WORKER.rebalancing, 0)
    this.#set(WORKER.startTime, this.#startedAtMs / 1000)
    this.#set(WORKER.version, 1, PRODUCT_VERSION)
    for (const descriptor of CHANGING) this.#registry.clear(descriptor)
    for (const connector of connectors) this.#collectConnector(connector)
  }

  #collectConnector(connector: MeasuredConnector): void {
    const { name, state, tasks, config } = connector
    this.#set(STATUS.connector, 1, name, toLabel(state))
    this.#set(STATUS.class, 1, name, config['connector.class'] ?? '')
    this.#set(STATUS.type, 1, name, connector.type)
    this.#set(STATUS.version, 1, name, PRODUCT_VERSION)
    for (const [what, descriptor] of Object.entries(TASK_COUNTS)) {
      const isCounted = (task: ConnectorTask) => what === 'total' || toLabel(task.state) === what
      this.#set(descriptor, tasks.filter(isCounted).length, name)
    }
    for (const task of tasks) this.#collectTask(name, task)
  }

  #collectTask(connector: string, task: ConnectorTask): void {
    const labels = [connector, String(task.id)] as const
    const { counters, deadLetters, sourceMetrics } = task
    this.#set(STATUS.task, 1, ...labels, toLabel(task.state))
    this.#set(TASK_GAUGES.lastError, task.lastErrorAtMs, ...labels)
    if (sourceMetrics !== undefined) {
      this.#collectSource(sourceMetrics, labels)
      return
    }
    this.#grow(TASK_TOTALS.read, counters.read, labels)
    this.#grow(TASK_TOTALS.send, counters.written, labels)
    this.#grow(TASK_TOTALS.commits, counters.commits, labels)
    this.#grow(TASK_TOTALS.failures, counters.failed, labels)
    this.#grow(TASK_TOTALS.errors, counters.failed, labels)
    this.#grow(TASK_TOTALS.logged, counters.failed, labels)
    this.#grow(TASK_TOTALS.skipped, counters.skipped + counters.deadLettered, labels)
    this.#grow(TASK_TOTALS.retries, counters.rewinds, labels)
    this.#grow(TASK_TOTALS.letters, deadLetters.requests, labels)
    this.#grow(TASK_TOTALS.lettersFailed, deadLetters.failures, labels)
    const lags = task.lags()
    this.#set(TASK_GAUGES.partitions, lags.length, ...labels)
    this.#set(TASK_GAUGES.lagMax, Math.max(0, ...lags.map(one => one.lag)), ...labels)
    const client = `connector-consumer-${connector}-${task.id}`
    for (const { topic, partition, lag } of lags) {
      this.#set(PARTITION_LAG, Math.max(0, lag), client, topic, String(partition))
    }
  }

  #collectSource(metrics: SourceTaskMetrics, labels: readonly [string, string]): void {
    const { failed, skipped, reopens } = metrics.counters
    for (const [descriptor, read] of SOURCE_TOTALS) this.#grow(descriptor, read(metrics), labels)
    for (const [descriptor, read] of SOURCE_GAUGES) this.#set(descriptor, read(metrics), ...labels)
    this.#grow(TASK_TOTALS.failures, failed, labels)
    this.#grow(TASK_TOTALS.errors, failed, labels)
    this.#grow(TASK_TOTALS.skipped, skipped, labels)
    this.#grow(TASK_TOTALS.retries, reopens, labels)
  }

  #set(descriptor: MetricDescriptor, value: number, ...labels: readonly string[]): void {
    this.#registry.series(descriptor, ...labels).set(value)
  }

  #add(descriptor: MetricDescriptor): void {
    this.#registry.series(descriptor).add(1)
  }

  /** A task that was made anew counts from zero again: its count then adds to the old one. */
  #grow(descriptor: MetricDescriptor, value: number, labels: readonly string[]): void {
    const key = [descriptor.name, ...labels, ''].join('\u0000')
    const fed = this.#fed.get(key) ?? 0
    this.#fed.set(key, value)
    const series = this.#registry.series(descriptor, ...labels)
    if (descriptor.kind === 'counter') series.add(value >= fed ? value - fed : value)
    else series.set(value)
  }
}

function toLabel(state: ConnectorState): string {
  return state.toLowerCase()
}
