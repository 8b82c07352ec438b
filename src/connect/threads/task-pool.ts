/**
 * The threads in which a worker's tasks run: a few, each with several tasks, started as tasks come
 * and ended when they are empty.
 * Owned by the worker; `ConnectorTask` asks it for every run. A task that made its thread end goes
 * to a thread for suspects from then on, so that it harms the others once.
 * Invariants: at most `threads` threads and `SUSPECT_THREADS_MAX` for suspects; what the registry
 * shows counts over all threads; after `close` no thread is left.
 * See docs/adr/0019-task-threads.md.
 */
import { availableParallelism } from 'node:os'
import { assert } from '../../base/assert.ts'
import type { Logger, MetricRegistry, NamedBean, RegistryPeer } from '../../telemetry/index.ts'
import { isTracing, mergeBeans } from '../../telemetry/index.ts'
import type { OffsetStore } from '../offsets/offset-store.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { ConnectorPlan, TaskContext, TaskRun } from '../task-plan.ts'
import { RemoteRun } from './remote-run.ts'
import type { AnyTaskMetrics } from './run-numbers.ts'
import { type LeftBehind, TaskHost, WATCH_MS } from './task-host.ts'
import { nameOf, type ThreadEnd, told } from './thread-end.ts'
import type { ThreadStart } from './thread-messages.ts'

export interface TaskPoolParts {
  readonly mode: ThreadStart['mode']
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly offsets: OffsetStore
  /** Until when the tasks may run, in a cluster. */
  readonly lease?: () => SharedArrayBuffer | undefined
}

/** Where a task's runs are made when not on the main thread. */
export interface TaskRuns {
  /** Undefined: it runs on the main thread. */
  build(plan: ConnectorPlan, context: TaskContext, metrics: AnyTaskMetrics): TaskRun | undefined
}

const AUTO_MIN = 2
const AUTO_MAX = 4
const SUSPECT_THREADS_MAX = 2
/** As long as this a task that made its thread end is kept apart. */
const SUSPECT_MS = 3_600_000
/** A thread without tasks is kept for the next ones as long as this. */
const IDLE_MS = 30_000

export class TaskPool implements TaskRuns, RegistryPeer {
  readonly #parts: TaskPoolParts
  readonly #threads: number
  readonly #hosts = new Set<TaskHost>()
  readonly #suspectHosts = new Set<TaskHost>()
  /** When a task made its thread end, by task. */
  readonly #suspects = new Map<string, number>()
  /** Members of consumer groups whose threads were ended, by task. */
  readonly #members = new Map<string, string>()
  readonly #leave: () => void
  #runs = 0
  #isClosed = false
  #cpuMicros = 0
  #timer: NodeJS.Timeout | undefined

  constructor(parts: TaskPoolParts) {
    this.#parts = parts
    this.#threads = threadsOf(parts.worker.settings.taskThreads)
    this.#leave = parts.registry.join(this)
  }

  build(plan: ConnectorPlan, context: TaskContext, metrics: AnyTaskMetrics): TaskRun | undefined {
    const { name, evaluation } = plan
    if (this.#threads === 0 || evaluation.connectorClass?.needsMainThread) return undefined
    const { task, wasStarted } = context
    const order = {
      run: ++this.#runs,
      connector: name,
      task,
      source: { ...evaluation.source, lints: [] },
      taskConfig: plan.kind === 'source' ? plan.taskConfigs[task] : undefined,
      wasStarted,
    }
    const place = () => this.#place(name, task)
    const lostMember = () => this.#takeMember(name, task)
    return new RemoteRun({ order, context, metrics, place, lostMember })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#leave()
    clearInterval(this.#timer)
    if (isTracing()) await Promise.all(this.#all().map(host => host.flush()))
    await Promise.all(this.#all().map(host => host.end({ how: 'closed' })))
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#all().map(host => host.refresh()))
  }

  async readBeans(prefix: string): Promise<readonly NamedBean[]> {
    return mergeBeans(await Promise.all(this.#all().map(host => host.readBeans(prefix))))
  }

  removeWhere(label: string, value: string): void {
    for (const host of this.#all()) host.removeWhere(label, value)
    if (label !== 'connector') return
    for (const known of [this.#suspects, this.#members]) {
      for (const key of known.keys()) if (key.startsWith(`${value}\u0000`)) known.delete(key)
    }
  }

  removeOwner(owner: string): void {
    for (const host of this.#all()) host.removeOwner(owner)
  }

  #all(): TaskHost[] {
    return [...this.#hosts, ...this.#suspectHosts]
  }

  #place(connector: string, task: number): TaskHost {
    if (this.#isSuspect(connector, task)) {
      return this.#choose(this.#suspectHosts, SUSPECT_THREADS_MAX, connector)
    }
    return this.#choose(this.#hosts, this.#threads, connector)
  }

  /** The one with the fewest tasks, then with the fewest of the connector; a new one before two share. */
  #choose(hosts: Set<TaskHost>, countMax: number, connector: string): TaskHost {
    const [best] = [...hosts].sort(
      (a, b) => a.runCount - b.runCount || a.countOf(connector) - b.countOf(connector),
    )
    if (best !== undefined && (best.runCount === 0 || hosts.size >= countMax)) return best
    assert(!this.#isClosed, 'nothing begins in a worker that has ended')
    const { mode, worker, logger, registry, offsets, lease } = this.#parts
    const { source, settings, exactlyOnce } = worker
    const host = new TaskHost({
      start: { mode, worker: { ...source, lints: [] }, exactlyOnce, lease: lease?.() },
      logger,
      registry,
      offsets,
      hangMs: settings.taskHangMs,
      memoryMb: settings.taskMemoryMb,
      ended: (one, end, left) => this.#onEnd(one, end, left),
    })
    hosts.add(host)
    this.#timer ??= setInterval(() => this.#watch(), WATCH_MS).unref()
    return host
  }

  #watch(): void {
    const cpu = process.cpuUsage()
    const workedMs = (cpu.user + cpu.system - this.#cpuMicros) / 1000
    this.#cpuMicros = cpu.user + cpu.system
    for (const host of this.#all()) {
      if (host.idleMs >= IDLE_MS) void host.end({ how: 'closed' })
      else host.watch(workedMs)
    }
  }

  #onEnd(host: TaskHost, end: ThreadEnd, { suspects, members }: LeftBehind): void {
    this.#hosts.delete(host)
    this.#suspectHosts.delete(host)
    if (end.how === 'closed') return
    for (const { connector, task } of suspects) {
      this.#suspects.set(keyOf(connector, task), performance.now())
    }
    for (const { connector, task, memberId } of members) {
      if (memberId !== '') this.#members.set(keyOf(connector, task), memberId)
    }
    const who = suspects.length === 1 ? `task ${nameOf(suspects[0]!)}` : 'a task'
    const logger = this.#parts.logger.child({ room: 'connect' })
    const rest =
      suspects.length > 1
        ? 'all tasks of that thread are FAILED'
        : 'its other tasks start again in others'
    logger.warn(`${who} ${told(end)}; ${rest}`)
  }

  #takeMember(connector: string, task: number): string {
    const key = keyOf(connector, task)
    const memberId = this.#members.get(key) ?? ''
    this.#members.delete(key)
    return memberId
  }

  #isSuspect(connector: string, task: number): boolean {
    const key = keyOf(connector, task)
    const sinceMs = this.#suspects.get(key)
    if (sinceMs === undefined) return false
    if (performance.now() - sinceMs < SUSPECT_MS) return true
    this.#suspects.delete(key)
    return false
  }
}

function threadsOf(setting: string): number {
  const text = setting.trim()
  if (text !== 'auto') return Number(text)
  return Math.min(AUTO_MAX, Math.max(AUTO_MIN, availableParallelism()))
}

function keyOf(connector: string, task: number): string {
  return `${connector}\u0000${task}`
}
