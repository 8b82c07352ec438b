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
import type { MetricDescriptor, MetricRegistry } from '../telemetry/index.ts'
import type { Connector, StartedTasks } from './connector.ts'
import type { ConnectorTask } from './connector-task.ts'
import {
  ERRORS,
  NO_REBALANCES,
  PARTITION_LAG,
  RATIOS,
  REBALANCE,
  type RebalanceNumbers,
  SINK_RATES,
  SOURCE_RATES,
  STATUS,
  TASK_COUNTS,
  WORKER,
} from './metric-names.ts'
import { SINK_GAUGES, SINK_TOTALS } from './sink-task-metrics.ts'
import { SOURCE_GAUGES, SOURCE_TOTALS } from './source-task-metrics.ts'
import { share, TASK_NUMBERS, type TaskReading } from './task-metric.ts'
import { TaskSamples } from './task-samples.ts'

const CHANGING = [
  ...Object.values(TASK_COUNTS),
  ...Object.values(STATUS),
  ...[...SINK_GAUGES, ...SOURCE_GAUGES, ...TASK_NUMBERS].map(([descriptor]) => descriptor),
  ...Object.values(RATIOS),
  ...Object.values(SINK_RATES),
  ...Object.values(SOURCE_RATES),
  ERRORS.lastError,
  PARTITION_LAG,
]

/** As much of a connector as is measured. */
export interface MeasuredConnector extends Pick<Connector, 'name' | 'tasks' | 'config' | 'type'> {
  /** Undefined: only tasks of it run on this worker. */
  readonly state: ConnectorState | undefined
}

export class ConnectMetrics {
  readonly #registry: MetricRegistry
  readonly #connectors: () => readonly MeasuredConnector[]
  readonly #rebalances: () => RebalanceNumbers
  readonly #samples: TaskSamples
  readonly #startedAtMs = Date.now()
  readonly #starts = { worked: 0, failed: 0, tasksWorked: 0, tasksFailed: 0 }
  /** What a counter was fed already, by series. */
  readonly #fed = new Map<string, number>()
  readonly #stop: () => void

  constructor(
    registry: MetricRegistry,
    connectors: () => readonly MeasuredConnector[],
    rebalances: () => RebalanceNumbers = () => NO_REBALANCES,
  ) {
    this.#registry = registry
    this.#connectors = connectors
    this.#rebalances = rebalances
    this.#samples = new TaskSamples(() => this.#sampled())
    this.#stop = registry.onCollect(() => this.#collect())
  }

  /** Counts a start of a connector and, later, those of its tasks. */
  async countStart(
    starting: Promise<StartedTasks>,
    hasFailed: () => boolean = () => false,
  ): Promise<StartedTasks> {
    const started = await starting
    this.countEnded('connectors', hasFailed())
    if (hasFailed()) return started
    for (const start of started.starts) {
      void start.then(error => this.countEnded('tasks', error !== undefined))
    }
    return started
  }

  /** Counts one start that has ended. */
  countEnded(kind: 'connectors' | 'tasks', hasFailed: boolean): void {
    if (kind === 'connectors') {
      this.#add(WORKER.attempts)
      this.#add(hasFailed ? WORKER.failures : WORKER.successes)
      this.#starts[hasFailed ? 'failed' : 'worked']++
      return
    }
    this.#add(WORKER.taskAttempts)
    this.#add(hasFailed ? WORKER.taskFailures : WORKER.taskSuccesses)
    this.#starts[hasFailed ? 'tasksFailed' : 'tasksWorked']++
  }

  /** A deleted connector leaves no series behind. */
  async forget(connector: string): Promise<void> {
    await this.#registry.removeWhere('connector', connector)
    for (const key of this.#fed.keys()) {
      if (key.includes(`\u0000${connector}\u0000`)) this.#fed.delete(key)
    }
  }

  close(): void {
    this.#samples.close()
    this.#stop()
  }

  #sampled(): Map<string, { state: ConnectorState; counts: Readonly<Record<string, number>> }> {
    const tasks = this.#connectors().flatMap(one => one.tasks.map(task => ({ one, task })))
    return new Map(
      tasks.map(({ one, task }) => {
        const counts = { ...(task.sourceMetrics?.counters ?? task.counters) }
        return [sampleKey(one.name, task.id), { state: task.state, counts }]
      }),
    )
  }

  #collect(): void {
    const connectors = this.#connectors()
    const tasks = connectors.flatMap(one => one.tasks)
    const own = connectors.filter(one => one.state !== undefined)
    this.#set(WORKER.connectors, own.length)
    this.#set(WORKER.tasks, tasks.length)
    this.#set(WORKER.assignedConnectors, own.length)
    this.#set(WORKER.assignedTasks, tasks.length)
    this.#set(WORKER.startTime, this.#startedAtMs / 1000)
    this.#set(WORKER.version, 1, PRODUCT_VERSION)
    this.#collectShares()
    this.#collectRebalances()
    for (const descriptor of CHANGING) this.#registry.clear(descriptor)
    for (const connector of connectors) this.#collectConnector(connector)
  }

  #collectShares(): void {
    const { worked, failed, tasksWorked, tasksFailed } = this.#starts
    this.#set(WORKER.startSuccess, share(worked, failed))
    this.#set(WORKER.startFailure, share(failed, worked))
    this.#set(WORKER.taskStartSuccess, share(tasksWorked, tasksFailed))
    this.#set(WORKER.taskStartFailure, share(tasksFailed, tasksWorked))
  }

  #collectRebalances(): void {
    const numbers = this.#rebalances()
    this.#set(REBALANCE.isRebalancing, numbers.isRebalancing ? 1 : 0)
    this.#set(REBALANCE.epoch, numbers.epoch)
    this.#grow(REBALANCE.completed, numbers.completed, [])
    this.#set(REBALANCE.averageMs, numbers.averageMs)
    this.#set(REBALANCE.maxMs, numbers.maxMs)
    this.#set(REBALANCE.sinceMs, numbers.sinceLastMs)
  }

  #collectConnector(connector: MeasuredConnector): void {
    const { name, state, tasks, config } = connector
    if (state !== undefined) this.#set(STATUS.connector, 1, name, toLabel(state))
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
    const key = sampleKey(connector, task.id)
    this.#set(STATUS.task, 1, ...labels, toLabel(task.state))
    this.#set(RATIOS.running, this.#samples.ratio(key, 'RUNNING', task.state), ...labels)
    this.#set(RATIOS.paused, this.#samples.ratio(key, 'PAUSED', task.state), ...labels)
    this.#set(ERRORS.lastError, task.lastErrorAtMs, ...labels)
    if (task.sourceMetrics === undefined) this.#collectSink(connector, task)
    else this.#collectSource(connector, task, task.sourceMetrics)
  }

  #collectSink(connector: string, task: ConnectorTask): void {
    const labels = [connector, String(task.id)]
    const { sinkMetrics: metrics, deadLetters } = task
    if (metrics === undefined) return
    const { counters } = metrics
    const lags = task.lags()
    this.#readAll(SINK_TOTALS, { metrics, lags }, labels)
    this.#readAll(SINK_GAUGES, { metrics, lags }, labels)
    this.#readAll(TASK_NUMBERS, metrics, labels)
    this.#collectRates(SINK_RATES, { ...counters }, connector, task.id)
    this.#collectErrors({ ...counters, retries: counters.rewinds }, labels)
    this.#grow(ERRORS.letters, deadLetters.requests, labels)
    this.#grow(ERRORS.lettersFailed, deadLetters.failures, labels)
    const client = `connector-consumer-${connector}-${task.id}`
    for (const { topic, partition, lag } of lags) {
      this.#set(PARTITION_LAG, Math.max(0, lag), client, topic, String(partition))
    }
  }

  #collectSource(connector: string, task: ConnectorTask, metrics: SourceTaskMetrics): void {
    const labels = [connector, String(task.id)]
    const { counters } = metrics
    this.#readAll(SOURCE_TOTALS, metrics, labels)
    this.#readAll(SOURCE_GAUGES, metrics, labels)
    this.#readAll(TASK_NUMBERS, metrics, labels)
    this.#collectRates(SOURCE_RATES, counters, connector, task.id)
    this.#collectErrors({ ...counters, deadLettered: 0, retries: counters.reopens }, labels)
  }

  #collectRates(
    rates: Readonly<Record<string, MetricDescriptor>>,
    counters: Readonly<Record<string, number>>,
    ...[connector, task]: readonly [string, number]
  ): void {
    const key = sampleKey(connector, task)
    const nowMs = performance.now()
    for (const [what, descriptor] of Object.entries(rates)) {
      const rate = this.#samples.rate(key, what, counters[what] ?? 0, nowMs)
      this.#set(descriptor, rate, connector, String(task))
    }
  }

  #collectErrors(
    counts: { failed: number; skipped: number; deadLettered: number; retries: number },
    labels: readonly string[],
  ): void {
    this.#grow(ERRORS.failures, counts.failed, labels)
    this.#grow(ERRORS.errors, counts.failed, labels)
    this.#grow(ERRORS.logged, counts.failed, labels)
    this.#grow(ERRORS.skipped, counts.skipped + counts.deadLettered, labels)
    this.#grow(ERRORS.retries, counts.retries, labels)
  }

  #readAll<T>(readings: readonly TaskReading<T>[], numbers: T, labels: readonly string[]): void {
    for (const [descriptor, read] of readings) this.#grow(descriptor, read(numbers), labels)
  }

  #set(descriptor: MetricDescriptor, value: number, ...labels: readonly string[]): void {
    this.#registry.series(descriptor, ...labels).set(value)
  }

  #add(descriptor: MetricDescriptor): void {
    this.#registry.series(descriptor).add(1)
  }

  /** A task that was made anew counts from zero again: its count then adds to the old one. */
  #grow(descriptor: MetricDescriptor, value: number, labels: readonly string[]): void {
    const series = this.#registry.series(descriptor, ...labels)
    if (descriptor.kind !== 'counter') {
      series.set(value)
      return
    }
    const key = [descriptor.name, ...labels, ''].join('\u0000')
    const fed = this.#fed.get(key) ?? 0
    this.#fed.set(key, value)
    series.add(value >= fed ? value - fed : value)
  }
}

function sampleKey(connector: string, task: number): string {
  return `${connector}\u0000${task}`
}

function toLabel(state: ConnectorState): string {
  return state.toLowerCase()
}
