/**
 * What this worker runs: of the units it was given, those that are configured, each as the log says.
 * Called with every assignment and every change of configurations; the rest is up to the units.
 * Invariants: what is not given or not configured is stopped; a unit counts as released only when
 * nothing of it runs; states are written with the generation of the group in which they arose.
 * Spec: connect-rest 4, 7, 18.3 (4).
 */
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import type { RestartOptions } from '../connector.ts'
import { isExactlyOnce } from '../exactly-once.ts'
import type { OffsetStore } from '../offsets/offset-store.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { TaskRuns } from '../threads/index.ts'
import type { Settings } from './config-records.ts'
import type { ConfigState, KnownConnector } from './config-state.ts'
import { ConnectorUnit } from './connector-unit.ts'
import { mayReplace, type StatusBoard } from './status-board.ts'
import type { StatusRecord, UnitStatus } from './status-records.ts'
import type { TaskPlans } from './task-plans.ts'
import { TaskUnit } from './task-unit.ts'
import { NO_WORK, parseTaskUnit, shareOf, taskUnit, type WorkShare } from './work-share.ts'

export interface LocalWorkParts {
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly isDebug: boolean
  readonly config: ConfigState
  readonly board: StatusBoard
  readonly offsets: OffsetStore
  readonly plans: TaskPlans
  readonly runs: TaskRuns
  readonly putStatus: (record: StatusRecord) => void
  readonly workerId: () => string
  readonly publish: (name: string, tasks: readonly Settings[]) => Promise<void>
  /** Resolves when no earlier task of that source can write in transactions any more. */
  readonly fence: (name: string) => Promise<void>
  /** These run no more, and the assignment of that generation is what is followed. */
  readonly released: (share: WorkShare, generation: number) => void
  readonly taskStarted: (name: string, task: number) => void
  readonly taskFailed: (name: string, task: number, error: ScamanderError) => void
  /** What happens next to a task that failed; undefined: nothing by itself. */
  readonly noteOf: (name: string, task: number) => string | undefined
  readonly usesTopic: (name: string, task: number, topic: string) => void
  /** A start has ended. */
  readonly countStart: (kind: keyof WorkShare, hasFailed: boolean) => void
}

type State = Pick<UnitStatus, 'state' | 'trace'>

export class LocalWork {
  readonly connectors = new Map<string, ConnectorUnit>()
  readonly tasks = new Map<string, TaskUnit>()
  readonly #parts: LocalWorkParts
  readonly #retiring = new WeakSet<ConnectorUnit | TaskUnit>()
  readonly #told = new Map<string, State>()
  readonly #restarts = new Map<string, number>()
  #assigned: WorkShare = NO_WORK
  #generation = 0
  /** Nothing is told any more: others may have the work. */
  #isSilent = false

  constructor(parts: LocalWorkParts) {
    this.#parts = parts
  }

  owns(kind: keyof WorkShare, unit: string): boolean {
    return this.#assigned[kind].has(unit)
  }

  /** A new assignment; `stopping` is to be released. */
  follow(assigned: WorkShare, stopping: WorkShare, generation: number): void {
    this.#assigned = assigned
    this.#generation = generation
    this.#isSilent = false
    this.reconcile()
    const gone = shareOf(
      [...stopping.connectors].filter(name => !this.connectors.has(name)),
      [...stopping.tasks].filter(unit => !this.tasks.has(unit)),
    )
    this.#parts.released(gone, generation)
  }

  /** The configurations may have changed. */
  reconcile(): void {
    const { config } = this.#parts
    const { work } = config
    for (const name of this.connectors.keys()) {
      if (!this.#isWanted('connectors', name)) this.#retire('connectors', name)
    }
    for (const unit of this.tasks.keys()) {
      if (!this.#isWanted('tasks', unit)) this.#retire('tasks', unit)
    }
    for (const name of this.#assigned.connectors.intersection(work.connectors)) {
      this.#wantConnector(config.connector(name)!)
    }
    for (const unit of this.#assigned.tasks.intersection(work.tasks)) this.#wantTask(unit)
  }

  /** Restarts what runs here of a connector. */
  restart(name: string, options: RestartOptions): void {
    const isAffected = ({ state }: State) => !options.onlyFailed || state === 'FAILED'
    const connector = this.connectors.get(name)
    if (connector !== undefined && isAffected(connector)) this.#count(`c ${name}`)
    for (const [unit, task] of options.includeTasks ? this.tasks : []) {
      if (parseTaskUnit(unit).connector === name && isAffected(task)) this.#count(`t ${unit}`)
    }
    this.reconcile()
  }

  restartTask(unit: string): void {
    this.#count(`t ${unit}`)
    this.reconcile()
  }

  /** Read from the topic: what an earlier owner wrote late does not stand over the state here. */
  sawStatus(record: StatusRecord): void {
    if (record.type === 'topic' || this.#isSilent) return
    const kind = record.type === 'connector' ? 'connectors' : 'tasks'
    const key = record.type === 'connector' ? record.name : taskUnit(record.name, record.task)
    const told = this.#told.get(`${kind} ${key}`)
    if (told === undefined || !this.#isWanted(kind, key)) return
    const { status } = record
    const isOwn = status?.workerId === this.#parts.workerId()
    if (isOwn || (status !== undefined && status.generation >= this.#generation)) return
    this.#put(kind, key, this.#status(told.state, told.trace))
  }

  /** The membership is lost: everything ends at once, and nothing is told. */
  async cutOff(): Promise<void> {
    this.#isSilent = true
    this.#assigned = NO_WORK
    const connectors = [...this.connectors.values()]
    for (const unit of connectors) unit.want(undefined)
    const tasks = [...this.tasks.values()]
    await Promise.all(tasks.map(unit => unit.cutOff()))
    await Promise.all(connectors.map(unit => unit.stopped()))
    this.connectors.clear()
    this.tasks.clear()
    this.#told.clear()
  }

  /** Everything ends in order, and is told. */
  async close(): Promise<void> {
    this.#assigned = NO_WORK
    this.reconcile()
    await Promise.all([...this.tasks.values()].map(unit => unit.stopped()))
    await Promise.all([...this.connectors.values()].map(unit => unit.stopped()))
    // The retirements are told by what follows the same promises.
    await new Promise(resolve => setImmediate(resolve))
  }

  #isWanted(kind: keyof WorkShare, unit: string): boolean {
    return this.#assigned[kind].has(unit) && this.#parts.config.work[kind].has(unit)
  }

  #count(key: string): void {
    this.#restarts.set(key, (this.#restarts.get(key) ?? 0) + 1)
  }

  #wantConnector({ name, settings, target, isInconsistent }: KnownConnector): void {
    let unit = this.connectors.get(name)
    if (unit === undefined) {
      unit = this.#newConnector(name)
      this.connectors.set(name, unit)
    }
    const restarts = this.#restarts.get(`c ${name}`) ?? 0
    unit.want({ settings, target, isInconsistent, restarts })
  }

  #wantTask(key: string): void {
    const { connector: name, task } = parseTaskUnit(key)
    const known = this.#parts.config.connector(name)!
    let unit = this.tasks.get(key)
    if (unit === undefined) {
      unit = this.#newTask(name, task, key)
      this.tasks.set(key, unit)
    }
    unit.want({
      own: known.tasks[task]!,
      connector: known.tasksOf,
      isPaused: known.target === 'PAUSED',
      restarts: this.#restarts.get(`t ${key}`) ?? 0,
    })
  }

  #newConnector(name: string): ConnectorUnit {
    const { plans, isDebug, logger, publish } = this.#parts
    return new ConnectorUnit({
      name,
      isDebug,
      logger: logger.child({ room: 'connect', connector: name }),
      taskConfigs: (settings, signal) => plans.divide(name, settings, signal),
      publish: tasks => publish(name, tasks),
      stateChanged: unit => this.#tell('connectors', name, unit),
      countStart: hasFailed => this.#parts.countStart('connectors', hasFailed),
    })
  }

  #newTask(name: string, task: number, key: string): TaskUnit {
    const { plans, worker, registry, isDebug, offsets, runs, logger } = this.#parts
    return new TaskUnit({
      connector: name,
      task,
      worker,
      registry,
      isDebug,
      offsets,
      runs,
      logger: logger.child({ room: 'connect', connector: name, task }),
      shutdownTimeoutMs: worker.settings.shutdownTimeoutMs,
      plan: wish => plans.planTask(name, task, wish),
      beforeStart: async plan => {
        if (plan.kind === 'source' && isExactlyOnce(plan, worker)) await this.#parts.fence(name)
      },
      stateChanged: unit => this.#tell('tasks', key, unit),
      usesTopic: topic => this.#parts.usesTopic(name, task, topic),
      started: () => this.#parts.taskStarted(name, task),
      failed: error => this.#parts.taskFailed(name, task, error),
      noteOf: () => this.#parts.noteOf(name, task),
      countStart: hasFailed => this.#parts.countStart('tasks', hasFailed),
    })
  }

  #retire(kind: keyof WorkShare, key: string): void {
    const unit = this[kind].get(key)
    if (unit === undefined || this.#retiring.has(unit)) return
    this.#retiring.add(unit)
    unit.want(undefined)
    void unit.stopped().then(() => {
      this.#retiring.delete(unit)
      if (this[kind].get(key) !== unit) return // cut off, and forgotten
      if (this.#isWanted(kind, key)) {
        // Given again meanwhile: it runs on, or once more.
        this.#tell(kind, key, unit)
        return
      }
      this[kind].delete(key)
      this.#restarts.delete(`${kind[0]} ${key}`)
      this.#tellGone(kind, key)
      const share = kind === 'connectors' ? shareOf([key], []) : shareOf([], [key])
      this.#parts.released(share, this.#generation)
    })
  }

  #tell(kind: keyof WorkShare, key: string, unit: ConnectorUnit | TaskUnit): void {
    const id = `${kind} ${key}`
    if (this.#isSilent || this.#retiring.has(unit)) return
    const { state } = unit
    const trace = this.#traceOf(kind, key, unit)
    const told = this.#told.get(id)
    if (told?.state === state && told.trace === trace) return
    this.#told.set(id, { state, trace })
    this.#put(kind, key, this.#status(state, trace))
  }

  /** What follows stands below the trace, so that every worker shows it. */
  #traceOf(
    kind: keyof WorkShare,
    key: string,
    { state, trace }: ConnectorUnit | TaskUnit,
  ): string | undefined {
    if (kind === 'connectors' || state !== 'FAILED') return trace
    const { connector, task } = parseTaskUnit(key)
    const note = this.#parts.noteOf(connector, task)
    return note === undefined ? trace : `${trace ?? ''}\n${note}`
  }

  /** Unassigned when somebody else will run it, forgotten when nobody will. */
  #tellGone(kind: keyof WorkShare, key: string): void {
    this.#told.delete(`${kind} ${key}`)
    if (this.#isSilent) return
    if (!this.#parts.config.work[kind].has(key)) {
      this.#put(kind, key, undefined)
      return
    }
    const status = this.#status('UNASSIGNED', undefined)
    if (mayReplace(this.#present(kind, key), status)) this.#put(kind, key, status)
  }

  #status(state: UnitStatus['state'], trace: string | undefined): UnitStatus {
    const workerId = this.#parts.workerId()
    return { state, trace, workerId, generation: this.#generation, version: PRODUCT_VERSION }
  }

  #present(kind: keyof WorkShare, key: string): UnitStatus | undefined {
    const { board } = this.#parts
    if (kind === 'connectors') return board.connector(key)
    const { connector, task } = parseTaskUnit(key)
    return board.task(connector, task)
  }

  #put(kind: keyof WorkShare, key: string, status: UnitStatus | undefined): void {
    if (kind === 'connectors') {
      this.#parts.putStatus({ type: 'connector', name: key, status })
      return
    }
    const { connector: name, task } = parseTaskUnit(key)
    this.#parts.putStatus({ type: 'task', name, task, status })
  }
}
