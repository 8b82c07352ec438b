/**
 * Positions that a source task has reached and not stored yet, and when they are stored: at every
 * flush interval, on pause and at the end. A failure keeps them for the next time.
 * Owned by one source task. Invariants: of one partition the last position wins; a position is
 * given to the source's `commit` only after it is stored; one flush at a time.
 * Spec: connect-rest 13.
 */

import type { Clock } from '../base/clock.ts'
import { canonicalJson } from '../base/json/canonical-json.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { RecordSource, SourcePosition } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type BatchTrace, CommitTrace } from './batch-trace.ts'
import type { SourceTaskMetrics } from './source-metrics.ts'

/** Stores positions for this task; resolves when they are safe. */
export interface TaskOffsets {
  write(positions: readonly SourcePosition[]): Promise<void>
}

export interface ReachedParts {
  readonly source: RecordSource
  readonly offsets: TaskOffsets
  readonly flushIntervalMs: number
  /** To store is to end the transaction of the records: also without positions, and never later. */
  readonly isTransaction: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: SourceTaskMetrics
}

export class ReachedPositions {
  readonly #parts: ReachedParts
  #pending = new Map<string, SourcePosition>()
  #flushedAtMs = 0
  readonly #commits = new CommitTrace()
  #last: Promise<boolean> = Promise.resolve(true)

  constructor(parts: ReachedParts) {
    this.#parts = parts
  }

  /** Begins the first interval. */
  start(): void {
    this.#flushedAtMs = this.#parts.clock.monotonicMs()
  }

  add(positions: readonly SourcePosition[], trace?: BatchTrace): void {
    this.#commits.add(trace)
    for (const position of positions) {
      const key = canonicalJson(position.partition)
      // Removed first: the order is that of the last time a partition moved.
      this.#pending.delete(key)
      this.#pending.set(key, position)
    }
  }

  async flushWhenDue(): Promise<void> {
    const { clock, flushIntervalMs } = this.#parts
    if (clock.monotonicMs() - this.#flushedAtMs >= flushIntervalMs) await this.flush()
  }

  /**
   * False when the positions could not be stored: they stay for the next time. In a transaction
   * that is thrown.
   */
  flush(): Promise<boolean> {
    this.#last = this.#last.then(() => this.#flush())
    return this.#last
  }

  async #flush(): Promise<boolean> {
    const { clock, offsets, metrics, logger, isTransaction } = this.#parts
    const startedMs = clock.monotonicMs()
    this.#flushedAtMs = startedMs
    if (this.#pending.size === 0 && !isTransaction) return true
    const flushing = this.#pending
    this.#pending = new Map()
    const positions = [...flushing.values()]
    const span = this.#commits.begin({ 'scamander.positions.count': positions.length })
    try {
      await offsets.write(positions)
      span?.end()
    } catch (error) {
      span?.end(error)
      this.#pending = new Map([...flushing, ...this.#pending])
      metrics.add('commitFailures', 1)
      if (isTransaction) throw error
      logger.warnLimited('flush', `positions were not stored, trying later: ${messageOf(error)}`)
      return false
    }
    metrics.add('commits', 1)
    metrics.commitTimes.add(clock.monotonicMs() - startedMs)
    await this.#tell(positions)
    return true
  }

  async #tell(positions: readonly SourcePosition[]): Promise<void> {
    const { source, logger } = this.#parts
    try {
      await source.commit?.(positions)
    } catch (error) {
      logger.warnLimited('commit', `the source did not take its position: ${messageOf(error)}`)
    }
  }
}
