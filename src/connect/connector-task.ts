/**
 * One task of a connector with its state: starts runs, ends them, tells how they ended.
 * Owned by `Connector`. After a run that lost its servers it starts another by itself; any other
 * failure is kept as FAILED until somebody restarts the task.
 * Invariant: at most one run at a time; a run that did not end in time may no longer change the
 * state.
 * Spec: connect-rest 4.
 */

import type { ConnectorState } from '../api.ts'
import { assert } from '../base/assert.ts'
import { Backoff } from '../base/backoff.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import type { Unanswered } from '../flow/index.ts'
import type { PartitionLag } from '../kafka/index.ts'
import {
  SourceTaskMetrics,
  type TaskCounters,
  TaskMetrics,
  type TaskTrouble,
} from '../pipeline/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { OffsetStore } from './offsets/offset-store.ts'
import { RunOffsets } from './offsets/run-offsets.ts'
import { buildSinkTask } from './sink-task-parts.ts'
import { buildSourceTask } from './source-task-parts.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { TaskHooks } from './task-hooks.ts'
import type { ConnectorPlan, TaskContext, TaskRun } from './task-plan.ts'
import type { TaskRuns } from './threads/index.ts'
import { toTrace } from './trace.ts'

export interface TaskParts {
  readonly connector: string
  readonly task: number
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly isDebug: boolean
  /** Where positions of sources are kept. */
  readonly offsets: OffsetStore
  readonly hooks?: TaskHooks | undefined
  /** Runs in other threads; not given: all on this one. */
  readonly runs?: TaskRuns | undefined
  readonly clock?: Clock
}

/** One run from build to end. */
interface Run {
  readonly controller: AbortController
  /** Resolves when the run is over, however it ended. */
  readonly ended: Promise<void>
  parts: TaskRun | undefined
  hasStarted: boolean
  isCutOff: boolean
}

const NO_COUNTERS: Readonly<TaskCounters> = {
  read: 0,
  written: 0,
  failed: 0,
  skipped: 0,
  deadLettered: 0,
  rewinds: 0,
  commits: 0,
  commitFailures: 0,
}
const AGAIN_BACKOFF = { baseMs: 1_000, maxMs: 60_000 }

export class ConnectorTask {
  readonly id: number
  readonly deadLetters = { requests: 0, failures: 0 }
  readonly #parts: TaskParts
  readonly #clock: Clock
  readonly #again = new Backoff(AGAIN_BACKOFF)
  #sinkMetrics: TaskMetrics | undefined
  #sourceMetrics: SourceTaskMetrics | undefined
  #state: ConnectorState = 'UNASSIGNED'
  #trace: string | undefined
  #plan: ConnectorPlan | undefined
  #isPaused = false
  /** A run since the last `start` reached its servers: losing them now is an outage. */
  #wasStarted = false
  #startAttempts = 0
  #run: Run | undefined
  #settled = Promise.withResolvers<ScamanderError | undefined>()
  lastErrorAtMs = 0

  constructor(parts: TaskParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
    this.id = parts.task
  }

  get state(): ConnectorState {
    return this.#state
  }

  get trace(): string | undefined {
    return this.#trace
  }

  /** Of a sink; all zero in a source. */
  get counters(): Readonly<TaskCounters> {
    return this.#sinkMetrics?.counters ?? NO_COUNTERS
  }

  /** Of a sink. */
  get sinkMetrics(): TaskMetrics | undefined {
    return this.#sinkMetrics
  }

  /** Of a source. */
  get sourceMetrics(): SourceTaskMetrics | undefined {
    return this.#sourceMetrics
  }

  lags(): PartitionLag[] {
    return this.#run?.parts?.lags() ?? []
  }

  /** Records that are tried again now; of a sink. */
  troubles(): TaskTrouble[] {
    return this.#sinkMetrics?.troubles.list() ?? []
  }

  /** Servers that owe it answers now; of a sink. */
  unanswered(): Unanswered[] {
    return this.#run?.parts?.unanswered?.() ?? []
  }

  /** Starts in the background; the answer is the failure of the start, or undefined. */
  start(isPaused: boolean, plan: ConnectorPlan): Promise<ScamanderError | undefined> {
    this.#isPaused = isPaused
    this.#plan = plan
    this.#trace = undefined
    this.#wasStarted = false
    this.#startAttempts = 0
    this.#settled = Promise.withResolvers()
    this.#begin()
    return this.#settled.promise
  }

  async pause(): Promise<void> {
    this.#isPaused = true
    await this.#run?.parts?.pause()
    if (this.#run?.hasStarted === true) this.#state = 'PAUSED'
  }

  resume(): void {
    this.#isPaused = false
    this.#run?.parts?.resume()
    if (this.#run?.hasStarted === true) this.#state = 'RUNNING'
  }

  markRestarting(): void {
    this.#state = 'RESTARTING'
  }

  /** For a failure of the run, or one before it could begin. */
  fail(error: ScamanderError): void {
    const { logger, isDebug } = this.#parts
    this.#run = undefined
    this.#state = 'FAILED'
    this.#trace = toTrace(error, isDebug)
    this.#settled.resolve(error)
    const { hooks } = this.#parts
    hooks?.failed(this.id, error)
    const { isTold = false, next } = hooks?.afterFailure?.(this.id) ?? {}
    if (isTold) return
    logger.error(`the task failed; ${next ?? 'it stays FAILED until it is restarted'}`, error)
  }

  /** Ends the run; one that is late is cut off and forgotten. */
  async stop(timeoutMs: number): Promise<void> {
    const run = this.#run
    this.#run = undefined
    this.#settled.resolve(undefined)
    if (this.#state !== 'RESTARTING') this.#state = 'UNASSIGNED'
    if (run === undefined) return
    run.controller.abort()
    const timer = new AbortController()
    const late = this.#clock.sleep(timeoutMs, timer.signal).then(() => 'late' as const)
    const outcome = await Promise.race([run.ended.then(() => 'ended' as const), late])
    timer.abort()
    if (outcome === 'ended') return
    const { logger } = this.#parts
    logger.warn('the task did not stop in time and is cut off; what it did not commit is repeated')
    run.isCutOff = true
    await run.parts?.cutOff()
  }

  #begin(): void {
    const ended = Promise.withResolvers<void>()
    const controller = new AbortController()
    const fresh = { parts: undefined, hasStarted: false, isCutOff: false }
    const run: Run = { controller, ended: ended.promise, ...fresh }
    this.#run = run
    this.#state = 'UNASSIGNED'
    void this.#execute(run)
      .catch(error => this.#failed(run, error))
      .finally(() => ended.resolve())
  }

  async #execute(run: Run): Promise<void> {
    const { task, worker, logger, registry, hooks } = this.#parts
    const { signal } = run.controller
    const isCutOff = () => run.isCutOff
    const bound = (store: OffsetStore) => new RunOffsets({ store, signal, isCutOff, logger })
    const plan = this.#plan
    assert(plan !== undefined, 'a run begins with a plan')
    const context = {
      task,
      worker,
      logger,
      registry,
      offsets: bound(this.#parts.offsets),
      bound,
      hooks,
      deadLetters: this.deadLetters,
      wasStarted: this.#wasStarted,
    }
    run.parts = await this.#build(plan, context)
    if (this.#isPaused) await run.parts.pause()
    await run.parts.run(signal, () => this.#started(run))
  }

  async #build(plan: ConnectorPlan, context: TaskContext): Promise<TaskRun> {
    const { registry, connector, task, runs } = this.#parts
    if (plan.kind === 'sink') {
      this.#sinkMetrics ??= new TaskMetrics(registry, connector, task)
      const metrics = this.#sinkMetrics
      return runs?.build(plan, context, metrics) ?? (await buildSinkTask(plan, context, metrics))
    }
    this.#sourceMetrics ??= new SourceTaskMetrics(registry, connector, task)
    const metrics = this.#sourceMetrics
    return runs?.build(plan, context, metrics) ?? buildSourceTask(plan, context, metrics)
  }

  #started(run: Run): void {
    run.hasStarted = true
    this.#wasStarted = true
    if (this.#run !== run) return
    this.#state = this.#isPaused ? 'PAUSED' : 'RUNNING'
    this.#again.reset()
    this.#settled.resolve(undefined)
    this.#parts.hooks?.started(this.id)
  }

  #failed(run: Run, thrown: unknown): void {
    if (this.#run !== run || run.controller.signal.aborted) return
    const error = asScamanderError(thrown)
    const { logger } = this.#parts
    this.lastErrorAtMs = this.#clock.nowMs()
    if (error.code === CONNECT_ERRORS.THREAD_LOST.code) {
      logger.warn(`the task starts again in another thread: ${error.message}`)
      void this.#beginAgain(run, 0)
      return
    }
    const isPassing = error.kind === 'disconnected' || error.kind === 'retriable'
    if (this.#wasStarted && isPassing) {
      logger.warnLimited('again', `the task lost its servers and starts again: ${error.message}`)
      void this.#beginAgain(run, this.#again.next())
      return
    }
    const pauseMs = isPassing ? this.#startRetryMs() : undefined
    if (pauseMs === undefined) {
      this.fail(error)
      return
    }
    logger.warnLimited('start', `the start failed and is tried again: ${error.message}`)
    this.#settled.resolve(undefined)
    void this.#beginAgain(run, pauseMs)
  }

  /** Where the dialect's policy covers the start: the pause before another one, while it allows any. */
  #startRetryMs(): number | undefined {
    const policy = this.#plan?.kind === 'sink' ? this.#plan.prepared.putPolicy : undefined
    this.#startAttempts += 1
    const attemptsMax = policy?.attemptsMax ?? 0
    const isSpent = attemptsMax > 0 && this.#startAttempts >= attemptsMax
    return isSpent ? undefined : policy?.retryIntervalMs
  }

  async #beginAgain(run: Run, pauseMs: number): Promise<void> {
    await this.#clock.sleep(pauseMs, run.controller.signal)
    if (this.#run === run && !run.controller.signal.aborted) this.#begin()
  }
}

function asScamanderError(thrown: unknown): ScamanderError {
  if (isScamanderError(thrown)) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return new ScamanderError(CONNECT_ERRORS.UNEXPECTED, text, { cause: thrown })
}
