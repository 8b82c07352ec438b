/**
 * A run of a task that is in a task thread, as its owner handles it: like one on the main thread.
 * Made by task-pool.ts at every start. The thread is chosen when the run begins.
 * Invariants: `run` ends when nothing of the run executes any more, or when it was cut off; what is
 * told of it reaches hooks and numbers only while it runs.
 */
import type { Unanswered } from '../../flow/index.ts'
import type { PartitionLag } from '../../kafka/index.ts'
import { TaskMetrics, type TaskTrouble } from '../../pipeline/index.ts'
import type { TaskContext, TaskRun } from '../task-plan.ts'
import { type AnyTaskMetrics, readNumbers, writeNumbers } from './run-numbers.ts'
import type { TaskHost } from './task-host.ts'
import type { RunNumbers, RunOrder } from './thread-messages.ts'

export interface RemoteRunParts {
  readonly order: Omit<RunOrder, 'isPaused' | 'lostMember'>
  readonly context: Pick<TaskContext, 'hooks' | 'deadLetters'>
  readonly metrics: AnyTaskMetrics
  readonly place: () => TaskHost
  /** Asked once, when the run begins. */
  readonly lostMember: () => string
}

export class RemoteRun implements TaskRun {
  readonly #parts: RemoteRunParts
  readonly #before: Pick<RunNumbers, 'counters' | 'spreads' | 'active' | 'activeMax'>
  readonly #lettersBefore: RunNumbers['deadLetters']
  #host: TaskHost | undefined
  #isPaused = false
  #lags: readonly PartitionLag[] = []
  #unanswered: readonly Unanswered[] = []

  constructor(parts: RemoteRunParts) {
    this.#parts = parts
    this.#before = readNumbers(parts.metrics)
    this.#lettersBefore = { ...parts.context.deadLetters }
  }

  async run(signal: AbortSignal, started: () => void): Promise<void> {
    if (signal.aborted) return
    const { place, order, context, lostMember } = this.#parts
    const host = place()
    this.#host = host
    const ended = host.begin(
      { ...order, isPaused: this.#isPaused, lostMember: lostMember() },
      {
        started,
        usesTopic: topic => context.hooks?.usesTopic(topic),
        counted: numbers => this.#counted(numbers),
      },
    )
    const stop = () => host.stop(order.run)
    signal.addEventListener('abort', stop, { once: true })
    try {
      await ended
    } finally {
      signal.removeEventListener('abort', stop)
      this.#host = undefined
      this.#lags = []
      this.#unanswered = []
      this.#setTroubles([])
    }
  }

  async pause(): Promise<void> {
    this.#isPaused = true
    await this.#host?.pause(this.#parts.order.run)
  }

  resume(): void {
    this.#isPaused = false
    this.#host?.resume(this.#parts.order.run)
  }

  async cutOff(): Promise<void> {
    await this.#host?.cutOff(this.#parts.order.run)
  }

  lags(): PartitionLag[] {
    return [...this.#lags]
  }

  unanswered(): Unanswered[] {
    return [...this.#unanswered]
  }

  #setTroubles(troubles: readonly TaskTrouble[]): void {
    const { metrics } = this.#parts
    if (metrics instanceof TaskMetrics) metrics.troubles.replace(troubles)
  }

  #counted(numbers: RunNumbers): void {
    const { metrics, context } = this.#parts
    writeNumbers(metrics, this.#before, numbers)
    context.deadLetters.requests = this.#lettersBefore.requests + numbers.deadLetters.requests
    context.deadLetters.failures = this.#lettersBefore.failures + numbers.deadLetters.failures
    this.#lags = numbers.lags
    this.#unanswered = numbers.unanswered
    this.#setTroubles(numbers.troubles)
  }
}
