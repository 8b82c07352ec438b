/**
 * One connector: its configuration as given, the user's wish (target) and what is (state), its
 * tasks. The worker calls it; operations on one connector run one after the other.
 * Invariants: the configuration is kept with its references; a failed connector never stops its
 * tasks; STOPPED has no tasks.
 * Spec: connect-rest 4.
 */
import type { ConnectorState, ConnectorStateInfo, TaskState } from '../api.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { findConnectorClass } from '../catalog.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { planConnector } from './connector-plan.ts'
import { ConnectorTask } from './connector-task.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { OffsetStore } from './offsets/offset-store.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { TaskHooks } from './task-hooks.ts'
import { type ConnectorPlan, taskCountOf } from './task-plan.ts'
import type { TaskRuns } from './threads/index.ts'
import { toTrace } from './trace.ts'

export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

export interface ConnectorParts {
  readonly name: string
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly isDebug: boolean
  /** Where positions of sources are kept. */
  readonly offsets: OffsetStore
  readonly hooks?: TaskHooks | undefined
  readonly runs?: TaskRuns | undefined
}

const TASK_CLASSES = { sink: 'scamander.SinkTask', source: 'scamander.SourceTask' } as const

export interface RestartOptions {
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

export class Connector {
  readonly #parts: ConnectorParts
  readonly #logger: Logger
  #config: Readonly<Record<string, string>>
  #target: TargetState
  #state: ConnectorState = 'UNASSIGNED'
  #trace: string | undefined
  #tasks: ConnectorTask[] = []
  #plan: ConnectorPlan | undefined
  /** Ends the planning of a source that waits for its servers. */
  readonly #closing = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    parts: ConnectorParts,
    config: Readonly<Record<string, string>>,
    target: TargetState,
  ) {
    this.#parts = parts
    this.#config = config
    this.#target = target
    this.#logger = parts.logger.child({ room: 'connect', connector: parts.name })
  }

  get name(): string {
    return this.#parts.name
  }

  /** As given, references not resolved, secrets included: to be masked before it is shown. */
  get config(): Readonly<Record<string, string>> {
    return this.#config
  }

  get state(): ConnectorState {
    return this.#state
  }

  get tasks(): readonly ConnectorTask[] {
    return this.#tasks
  }

  /** What it runs by; undefined before the first start. */
  get plan(): ConnectorPlan | undefined {
    return this.#plan
  }

  /** As its class says; a class that is not known counts as a sink. */
  get type(): 'sink' | 'source' {
    const className = this.#config['connector.class']?.trim() ?? ''
    return findConnectorClass(className)?.type ?? 'sink'
  }

  /** What a task runs by: the connector's keys and, in a source, its own. Secrets included. */
  taskConfig(task: number): Record<string, string> {
    const plan = this.#plan
    const own = plan?.kind === 'source' ? plan.taskConfigs[task] : undefined
    return { ...this.#config, ...own, 'task.class': TASK_CLASSES[this.type] }
  }

  status(workerId: string): ConnectorStateInfo {
    const trace = this.#trace === undefined ? {} : { trace: this.#trace }
    return {
      name: this.name,
      connector: {
        state: this.#state,
        worker_id: workerId,
        ...trace,
        version: PRODUCT_VERSION,
      },
      tasks: this.#tasks.map(task => taskStatus(task, workerId)),
      type: this.type,
    }
  }

  /** Resolves when the tasks exist; the answers are the failures of their starts, later. */
  start(): Promise<StartedTasks> {
    return this.#exclusive(() => this.#start())
  }

  /** Tasks keep clients, membership and partitions. */
  pause(): Promise<void> {
    return this.#exclusive(async () => {
      this.#target = 'PAUSED'
      if (this.#state !== 'FAILED') this.#state = 'PAUSED'
      await Promise.all(this.#tasks.map(task => task.pause()))
    })
  }

  resume(): Promise<void> {
    return this.#exclusive(async () => {
      const wasStopped = this.#target === 'STOPPED' || this.#tasks.length === 0
      this.#target = 'STARTED'
      if (wasStopped) {
        await this.#start()
        return
      }
      if (this.#state !== 'FAILED') this.#state = 'RUNNING'
      for (const task of this.#tasks) task.resume()
    })
  }

  /** Tasks end and are forgotten; the connector stays. */
  stop(): Promise<void> {
    return this.#exclusive(async () => {
      this.#target = 'STOPPED'
      await this.#stopTasks()
      this.#state = 'STOPPED'
      this.#trace = undefined
    })
  }

  /** Ends everything; for deletion and for the end of the worker. */
  close(): Promise<void> {
    this.#closing.abort()
    return this.#exclusive(async () => {
      await this.#stopTasks()
      this.#state = 'UNASSIGNED'
    })
  }

  update(config: Readonly<Record<string, string>>): Promise<StartedTasks> {
    return this.#exclusive(async () => {
      await this.#stopTasks()
      this.#config = config
      return await this.#start()
    })
  }

  /** Marks what will restart; the restart itself goes on in the background when tasks take part. */
  async restart(options: RestartOptions): Promise<void> {
    const isAffected = (state: ConnectorState) => !options.onlyFailed || state === 'FAILED'
    const self = isAffected(this.#state)
    const tasks = options.includeTasks ? this.#tasks.filter(task => isAffected(task.state)) : []
    if (this.#target === 'STOPPED') return
    if (self) this.#state = 'RESTARTING'
    for (const task of tasks) task.markRestarting()
    const work = this.#exclusive(async () => {
      if (self) await this.#restartSelf()
      await Promise.all(tasks.map(task => this.#restartTask(task)))
    })
    if (tasks.length === 0) await work
    else work.catch(error => this.#logger.error('the restart failed', error))
  }

  async restartTask(id: number): Promise<void> {
    const task = this.#tasks[id]
    if (task === undefined) return
    task.markRestarting()
    await this.#exclusive(() => this.#restartTask(task))
  }

  /** The connector itself has nothing that runs: it is planned anew, its tasks keep going. */
  async #restartSelf(): Promise<void> {
    try {
      this.#plan = await this.#makePlan()
      this.#trace = undefined
      this.#state = this.#target === 'PAUSED' ? 'PAUSED' : 'RUNNING'
      if (this.#tasks.length === 0) await this.#start()
    } catch (error) {
      this.#fail(error)
    }
  }

  async #restartTask(task: ConnectorTask): Promise<void> {
    // A task of an earlier configuration is no longer among ours.
    const index = this.#tasks.indexOf(task)
    if (index < 0) return
    await task.stop(this.#parts.worker.settings.shutdownTimeoutMs)
    try {
      this.#plan = await this.#makePlan()
    } catch (error) {
      task.fail(isScamanderError(error) ? error : unexpected(error))
      return
    }
    void task.start(this.#target === 'PAUSED', this.#plan)
  }

  async #start(): Promise<StartedTasks> {
    this.#trace = undefined
    if (this.#target === 'STOPPED') {
      this.#state = 'STOPPED'
      return { starts: [] }
    }
    try {
      // A source may find other work than at its last start.
      const plan = await this.#makePlan({ isNew: true })
      this.#plan = plan
      this.#state = this.#target === 'PAUSED' ? 'PAUSED' : 'RUNNING'
      this.#tasks = Array.from({ length: taskCountOf(plan) }, (_, task) => this.#makeTask(task))
      return { starts: this.#tasks.map(task => task.start(this.#target === 'PAUSED', plan)) }
    } catch (error) {
      this.#fail(error)
      return { starts: [Promise.resolve(isScamanderError(error) ? error : unexpected(error))] }
    }
  }

  /** With the same values the plan stays, because tasks share what it holds. */
  async #makePlan({ isNew = false } = {}): Promise<ConnectorPlan> {
    const { worker } = this.#parts
    const logger = this.#logger
    const signal = this.#closing.signal
    const present = isNew && this.#plan?.kind === 'source' ? undefined : this.#plan
    return await planConnector(this.#config, { name: this.name, worker, logger, signal, present })
  }

  #makeTask(task: number): ConnectorTask {
    const logger = this.#logger.child({ task })
    return new ConnectorTask({ ...this.#parts, connector: this.name, task, logger })
  }

  /** Its beans go with the tasks: the next ones may have other names. */
  async #stopTasks(): Promise<void> {
    const tasks = this.#tasks
    this.#tasks = []
    const { shutdownTimeoutMs } = this.#parts.worker.settings
    await Promise.all(tasks.map(task => task.stop(shutdownTimeoutMs)))
    this.#parts.registry.removeBeans(this.name)
  }

  #fail(thrown: unknown): void {
    const error = isScamanderError(thrown) ? thrown : unexpected(thrown)
    this.#state = 'FAILED'
    this.#trace = toTrace(error, this.#parts.isDebug)
    if (this.#parts.hooks?.afterFailure?.(undefined).isTold === true) return
    this.#logger.error('the connector failed; it stays FAILED until it is restarted', error)
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

export interface StartedTasks {
  /** One per task: resolves with the failure of its start, or undefined once it runs. */
  readonly starts: readonly Promise<ScamanderError | undefined>[]
}

export function taskStatus(task: ConnectorTask, workerId: string): TaskState {
  const trace = task.trace === undefined ? {} : { trace: task.trace }
  const { id, state } = task
  return { id, state, worker_id: workerId, ...trace, version: PRODUCT_VERSION }
}

function unexpected(thrown: unknown): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNEXPECTED, messageOf(thrown), { cause: thrown })
}
