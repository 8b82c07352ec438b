/**
 * One connector that this worker was given: validates its configuration, divides its work into task
 * configurations, and sees to it that these get into the log.
 * Owned by `LocalWork`. The tasks themselves are units of their own, on any worker.
 * Invariants: a wish that comes while a step is under way replaces the one before it; task
 * configurations are offered until they are taken or the wish has changed; a failed connector leaves
 * its tasks alone.
 * Spec: connect-rest 4.
 */
import type { ConnectorState } from '../../api.ts'
import { Backoff } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { TargetState } from '../connector.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { toTrace } from '../trace.ts'
import type { Settings } from './config-records.ts'

export interface ConnectorWish {
  readonly settings: Settings
  readonly target: TargetState
  readonly restarts: number
  /** The log has task configurations that cannot be used. */
  readonly isInconsistent: boolean
}

export interface ConnectorUnitParts {
  readonly name: string
  readonly isDebug: boolean
  readonly logger: Logger
  /** Throws when the configuration cannot be used. */
  readonly taskConfigs: (settings: Settings, signal: AbortSignal) => Promise<readonly Settings[]>
  /** Resolves when the log has them; rejects when that cannot be now. */
  readonly publish: (tasks: readonly Settings[], of: Settings) => Promise<void>
  readonly stateChanged: (unit: ConnectorUnit) => void
  /** A start has ended. */
  readonly countStart: (hasFailed: boolean) => void
}

const PUBLISH_BACKOFF = { baseMs: 100, maxMs: 5_000 }

export class ConnectorUnit {
  readonly #parts: ConnectorUnitParts
  #wish: ConnectorWish | undefined
  #done: ConnectorWish | undefined
  #work: Promise<void> | undefined
  #superseded = new AbortController()
  /** The last start ended before its task configurations were in the log. */
  #isUnfinished = false
  #state: ConnectorState = 'UNASSIGNED'
  #trace: string | undefined

  constructor(parts: ConnectorUnitParts) {
    this.#parts = parts
  }

  get state(): ConnectorState {
    return this.#state
  }

  get trace(): string | undefined {
    return this.#trace
  }

  /** Undefined: it shall stop. */
  want(wish: ConnectorWish | undefined): void {
    const before = this.#wish
    if (wish !== undefined && before !== undefined && isSame(wish, before)) return
    if (before !== undefined && wish !== undefined && wish.restarts !== before.restarts) {
      this.#setState('RESTARTING')
    }
    this.#wish = wish
    this.#superseded.abort()
    this.#wake()
  }

  /** Resolves when no step is under way. */
  async stopped(): Promise<void> {
    while (this.#work !== undefined) await this.#work
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
      if (wish === undefined) this.#setState('UNASSIGNED')
      else if (wish.target === 'STOPPED') this.#setState('STOPPED')
      else if (before === undefined || this.#isUnfinished || !isOnlyPause(before, wish)) {
        await this.#start(wish)
      } else this.#setPaused(wish)
    }
  }

  #setPaused({ target }: ConnectorWish): void {
    if (this.#state !== 'FAILED') this.#setState(target === 'PAUSED' ? 'PAUSED' : 'RUNNING')
  }

  async #start(wish: ConnectorWish): Promise<void> {
    const { signal } = this.#superseded
    this.#isUnfinished = true
    try {
      const tasks = await this.#parts.taskConfigs(wish.settings, signal)
      if (signal.aborted) return
      this.#parts.countStart(false)
      this.#setState(wish.target === 'PAUSED' ? 'PAUSED' : 'RUNNING')
      await this.#publish(tasks, wish, signal)
      this.#isUnfinished = signal.aborted
    } catch (error) {
      if (signal.aborted) return
      const failure = isScamanderError(error) ? error : unexpected(error)
      this.#parts.countStart(true)
      const text = 'the connector failed; it stays FAILED until it is restarted'
      this.#parts.logger.error(text, failure)
      this.#setState('FAILED', toTrace(failure, this.#parts.isDebug))
    }
  }

  /** The leader may be away, or another tomorrow. */
  async #publish(
    tasks: readonly Settings[],
    wish: ConnectorWish,
    signal: AbortSignal,
  ): Promise<void> {
    const backoff = new Backoff(PUBLISH_BACKOFF)
    while (!signal.aborted) {
      try {
        await this.#parts.publish(tasks, wish.settings)
        return
      } catch (error) {
        const text = `the task configurations are not in the log yet: ${messageOf(error)}`
        this.#parts.logger.debug(text)
        await systemClock.sleep(backoff.next(), signal)
      }
    }
  }

  #setState(state: ConnectorState, trace?: string): void {
    if (this.#state === state && this.#trace === trace) return
    this.#state = state
    this.#trace = trace
    this.#parts.stateChanged(this)
  }
}

function isSame(a: ConnectorWish, b: ConnectorWish): boolean {
  return a.target === b.target && isSameStart(a, b)
}

function isSameStart(a: ConnectorWish, b: ConnectorWish): boolean {
  const isSameLog = a.isInconsistent === b.isInconsistent
  return a.settings === b.settings && a.restarts === b.restarts && isSameLog
}

function isOnlyPause(before: ConnectorWish, wish: ConnectorWish): boolean {
  return before.target !== 'STOPPED' && isSameStart(before, wish)
}

function unexpected(thrown: unknown): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNEXPECTED, messageOf(thrown), { cause: thrown })
}
