/**
 * One task that this worker was given: follows what it shall do, one step at a time, and tells its
 * state whenever that changed.
 * Owned by `LocalWork`. A wish that comes while a step is under way replaces the one before it.
 * Invariants: at most one run of the task; `stopped` resolves only when nothing of it runs any more.
 * Spec: connect-rest 4.
 */
import type { ConnectorState } from '../../api.ts'
import { Backoff } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { ConnectorTask, type TaskParts } from '../connector-task.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { ConnectorPlan } from '../task-plan.ts'
import type { Settings } from './config-records.ts'

export interface TaskWish {
  /** Equal objects mean the same run. */
  readonly own: Settings
  readonly connector: Settings
  readonly isPaused: boolean
  /** Another number: a restart was asked for. */
  readonly restarts: number
}

export interface TaskUnitParts extends Omit<TaskParts, 'hooks'> {
  readonly shutdownTimeoutMs: number
  /** Throws when the configuration cannot be used. */
  readonly plan: (wish: TaskWish) => ConnectorPlan
  /** What must be done before the run may begin: fencing of the earlier one. Not waited for in vain. */
  readonly beforeStart?: (plan: ConnectorPlan) => Promise<void>
  readonly stateChanged: (unit: TaskUnit) => void
  readonly usesTopic: (topic: string) => void
  readonly failed: (error: ScamanderError) => void
  readonly started: () => void
  /** How it goes on after a failure, for the log; undefined: nothing by itself. */
  readonly noteOf: () => string | undefined
  /** A start has ended. */
  readonly countStart: (hasFailed: boolean) => void
}

const PREPARE_BACKOFF = { baseMs: 100, maxMs: 3_000 }

export class TaskUnit {
  readonly #parts: TaskUnitParts
  readonly #task: ConnectorTask
  #wish: TaskWish | undefined
  #done: TaskWish | undefined
  #work: Promise<void> | undefined
  #superseded = new AbortController()
  #isCutOff = false
  /** The last start was given up before it began. */
  #isUnfinished = false

  constructor(parts: TaskUnitParts) {
    this.#parts = parts
    const { usesTopic } = parts
    const changed = () => parts.stateChanged(this)
    this.#task = new ConnectorTask({
      ...parts,
      hooks: {
        usesTopic,
        started: () => {
          changed()
          parts.started()
        },
        failed: (_task, error) => {
          // First, so that what is told says what follows.
          parts.failed(error)
          changed()
        },
        afterFailure: () => ({ isTold: false, next: parts.noteOf() }),
      },
    })
  }

  get state(): ConnectorState {
    return this.#task.state
  }

  get trace(): string | undefined {
    return this.#task.trace
  }

  get connectorTask(): ConnectorTask {
    return this.#task
  }

  /** Undefined: it shall stop. */
  want(wish: TaskWish | undefined): void {
    if (wish !== undefined && this.#wish !== undefined && isSame(wish, this.#wish)) return
    const isRestart = wish !== undefined && wish.restarts !== this.#wish?.restarts
    if (isRestart && this.#wish !== undefined) {
      this.#task.markRestarting()
      this.#parts.stateChanged(this)
    }
    this.#wish = wish
    this.#superseded.abort()
    this.#wake()
  }

  /** Resolves when nothing runs and nothing is to run. */
  async stopped(): Promise<void> {
    while (this.#work !== undefined) await this.#work
  }

  /** Everything ends now; what is under way gets no time to finish. */
  async cutOff(): Promise<void> {
    this.#isCutOff = true
    this.#wish = undefined
    this.#superseded.abort()
    await this.#task.stop(0)
    this.#parts.logger.debug('the task has ended here')
    this.#wake()
    await this.stopped()
  }

  #wake(): void {
    if (this.#work !== undefined || this.#wish === this.#done) return
    this.#work = this.#follow().finally(() => {
      this.#work = undefined
      this.#wake()
    })
  }

  async #follow(): Promise<void> {
    while (this.#wish !== this.#done) {
      const wish = this.#wish
      const before = this.#done
      this.#done = wish
      this.#superseded = new AbortController()
      if (wish === undefined) await this.#stop()
      else if (before === undefined || this.#isUnfinished || !isSameRun(before, wish)) {
        await this.#start(wish, before !== undefined)
      } else await this.#setPaused(wish)
      if (wish === this.#wish) this.#parts.stateChanged(this)
    }
  }

  async #stop(): Promise<void> {
    await this.#task.stop(this.#isCutOff ? 0 : this.#parts.shutdownTimeoutMs)
    this.#parts.logger.debug('the task has ended here')
  }

  async #setPaused({ isPaused }: TaskWish): Promise<void> {
    if (isPaused) await this.#task.pause()
    else this.#task.resume()
  }

  /** Until it succeeds or is not wanted any more: the leader may be away, or another tomorrow. */
  async #prepare(plan: ConnectorPlan, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(PREPARE_BACKOFF)
    const superseded = new Promise<void>(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    while (!signal.aborted) {
      try {
        // A stop does not wait for a coordinator that does not answer.
        await Promise.race([this.#parts.beforeStart?.(plan), superseded])
        return
      } catch (error) {
        if (isScamanderError(error, 'config') || isScamanderError(error, 'fatal')) throw error
        const text = `earlier runs of the source are not fenced yet: ${messageOf(error)}`
        this.#parts.logger.warnLimited('fence', text)
        await systemClock.sleep(backoff.next(), signal)
      }
    }
  }

  async #start(wish: TaskWish, isAgain: boolean): Promise<void> {
    const { signal } = this.#superseded
    this.#isUnfinished = false
    if (isAgain) await this.#stop()
    try {
      const plan = this.#parts.plan(wish)
      await this.#prepare(plan, signal)
      this.#isUnfinished = this.#wish !== wish
      if (this.#isUnfinished) return
      this.#parts.logger.debug('the task begins here')
      void this.#task
        .start(wish.isPaused, plan)
        .then(error => this.#parts.countStart(error !== undefined))
    } catch (error) {
      this.#parts.countStart(true)
      this.#task.fail(isScamanderError(error) ? error : unexpected(error))
    }
  }
}

function isSame(a: TaskWish, b: TaskWish): boolean {
  return a.isPaused === b.isPaused && isSameRun(a, b)
}

function isSameRun(a: TaskWish, b: TaskWish): boolean {
  return a.own === b.own && a.connector === b.connector && a.restarts === b.restarts
}

function unexpected(thrown: unknown): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNEXPECTED, messageOf(thrown), { cause: thrown })
}
