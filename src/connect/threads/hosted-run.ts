/**
 * One run of a task in a task thread: the same parts that a task on the main thread has, with what
 * it would tell its worker told by messages.
 * Made and driven by task-thread.ts.
 * Invariant: `execute` ends with the run; what is asked of a run before its parts exist is done when
 * they do.
 */

import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { TopicAdmin } from '../../kafka/index.ts'
import { SourceTaskMetrics, TaskMetrics } from '../../pipeline/index.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import type { PreparedPlan } from '../connector-plan.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { OffsetStore } from '../offsets/offset-store.ts'
import { RunOffsets } from '../offsets/run-offsets.ts'
import { buildSinkTask, clientSettings, effectiveGroupId } from '../sink-task-parts.ts'
import { buildSourceTask } from '../source-task-parts.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { NamedConfig, TaskContext, TaskRun } from '../task-plan.ts'
import { NO_RUN, type Pulse } from './pulse.ts'
import { readNumbers } from './run-numbers.ts'
import type { RunNumbers, RunOrder } from './thread-messages.ts'

export interface HostedRunParts {
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly offsets: OffsetStore
  readonly pulse: Pulse
  readonly prepare: (order: RunOrder) => PreparedPlan
  /** False: others may have the work. */
  readonly mayRun: () => boolean
  readonly started: () => void
  readonly usesTopic: (topic: string) => void
}

const GIVEN_UP = 'the coordinator of the group did not answer in time, and others may have the work'

export class HostedRun {
  readonly order: RunOrder
  readonly #parts: HostedRunParts
  readonly #controller = new AbortController()
  readonly #deadLetters = { requests: 0, failures: 0 }
  #metrics: TaskMetrics | SourceTaskMetrics | undefined
  #run: TaskRun | undefined
  #isPaused: boolean
  #isCutOff = false
  #isGivenUp = false

  constructor(order: RunOrder, parts: HostedRunParts) {
    this.order = order
    this.#parts = parts
    this.#isPaused = order.isPaused
  }

  /** Resolves after a stop; rejects when the task cannot go on. */
  async execute(): Promise<void> {
    const run = await this.#build()
    this.#run = run
    if (this.#isPaused) await run.pause()
    try {
      await run.run(this.#controller.signal, this.#parts.started)
    } catch (error) {
      // What fails because it was cut off is no failure of the task.
      if (!this.#isGivenUp) throw error
    }
    if (this.#isGivenUp) throw new ScamanderError(CONNECT_ERRORS.THREAD_LOST, GIVEN_UP)
  }

  /** Others may have the work: nothing more leaves this run. Its owner begins it again, or knows why not. */
  giveUp(): void {
    if (this.#isGivenUp) return
    this.#isGivenUp = true
    this.cutOff().catch(error => this.#parts.logger.error('closing failed', error))
  }

  stop(): void {
    this.#controller.abort()
  }

  async pause(): Promise<void> {
    this.#isPaused = true
    await this.#run?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#run?.resume()
  }

  async cutOff(): Promise<void> {
    this.#isCutOff = true
    this.#controller.abort()
    await this.#run?.cutOff()
  }

  /** Of a sink's consumer group; empty: none. */
  get memberId(): string {
    return this.#run?.memberId?.() ?? ''
  }

  /** Undefined until there is something to count. */
  numbers(): RunNumbers | undefined {
    if (this.#metrics === undefined) return undefined
    const { run } = this.order
    const lags = this.#run?.lags() ?? []
    const unanswered = this.#run?.unanswered?.() ?? []
    const troubles = this.#metrics instanceof TaskMetrics ? this.#metrics.troubles.list() : []
    const { memberId } = this
    const deadLetters = { ...this.#deadLetters }
    const state = { lags, troubles, unanswered, memberId, deadLetters }
    return { run, ...readNumbers(this.#metrics), ...state }
  }

  async #build(): Promise<TaskRun> {
    const { registry } = this.#parts
    const { connector, task, taskConfig } = this.order
    // What the settings say is worked out here: it may not return either.
    const plan = this.#marked(() => this.#parts.prepare(this.order))
    if (plan.kind === 'sink') {
      const metrics = new TaskMetrics(registry, connector, task)
      this.#metrics = metrics
      await this.#removeLostMember(plan)
      return await buildSinkTask(plan, this.#context(), metrics)
    }
    const metrics = new SourceTaskMetrics(registry, connector, task)
    this.#metrics = metrics
    const taskConfigs: Readonly<Record<string, string>>[] = []
    taskConfigs[task] = taskConfig ?? {}
    return buildSourceTask({ ...plan, taskConfigs }, this.#context(), metrics)
  }

  /** Else the group would keep the partitions for it until its session ends. */
  async #removeLostMember(plan: NamedConfig): Promise<void> {
    const { lostMember } = this.order
    if (lostMember === '') return
    const { worker, logger } = this.#parts
    const admin = new TopicAdmin(
      clientSettings('consumer', { plan, worker, logger }, {}).connection,
    )
    try {
      await admin.removeMember(effectiveGroupId(plan, worker), lostMember)
    } catch (error) {
      logger.warn(
        `partitions wait for the session of the run that was ended, because it could not be taken out of the group: ${messageOf(error)}`,
      )
    } finally {
      await admin.close()
    }
  }

  /** Asked at the moment, not by the beat: a thread that slept asks before anything else wakes. */
  #mayWrite(): boolean {
    if (this.#parts.mayRun()) return true
    this.giveUp()
    return false
  }

  #context(): TaskContext {
    const { worker, logger, registry, pulse, usesTopic } = this.#parts
    const { task, wasStarted, run } = this.order
    const { signal } = this.#controller
    const mayWrite = () => this.#mayWrite()
    const isCutOff = () => this.#isCutOff || !this.#mayWrite()
    const bound = (store: OffsetStore) => new RunOffsets({ store, signal, isCutOff, logger })
    return {
      task,
      worker,
      logger,
      registry,
      offsets: bound(this.#parts.offsets),
      bound,
      wasStarted,
      deadLetters: this.#deadLetters,
      hooks: { usesTopic, mayWrite, started: () => undefined, failed: () => undefined },
      mark: {
        enter: () => {
          pulse.run = run
        },
        leave: () => {
          pulse.run = NO_RUN
        },
      },
    }
  }

  #marked<T>(work: () => T): T {
    const { pulse } = this.#parts
    pulse.run = this.order.run
    try {
      return work()
    } finally {
      pulse.run = NO_RUN
    }
  }
}
