/**
 * The offset store as one run of a task sees it: bound to the run's life.
 * Put by whoever executes the run (hosted-run.ts, connector-task.ts) around the worker's store, and
 * through `TaskContext.bound` around a connector's own.
 * Invariants: a run that was cut off writes no position over what its successor, or a user, stores; a
 * read waits for transactions that are open, since they end by themselves, and for a topic that is
 * away, but never longer than the run.
 * Spec: connect-rest 13, 18.5.
 */
import { Backoff } from '../../base/backoff.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { type OffsetEntry, type OffsetStore, offsetKey } from './offset-store.ts'

export interface RunOffsetsParts {
  readonly store: OffsetStore
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
  /** Nothing may leave the run any more. */
  readonly isCutOff: () => boolean
  readonly logger: Logger
  readonly clock?: Clock
}

const READ_BACKOFF = { baseMs: 300, maxMs: 5_000 }

export class RunOffsets implements OffsetStore {
  readonly #parts: RunOffsetsParts
  readonly #clock: Clock

  constructor(parts: RunOffsetsParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
  }

  readAll(connector: string): Promise<SourcePosition[]> {
    return this.#read(() => this.#parts.store.readAll(connector))
  }

  read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    return this.#read(() => this.#parts.store.read(connector, partitions))
  }

  async keysOf(connector: string, partitions: readonly SourcePartition[]): Promise<string[]> {
    const keys = await this.#parts.store.keysOf?.(connector, partitions)
    return keys ?? partitions.map(partition => offsetKey(connector, partition))
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    if (this.#parts.isCutOff()) throw cutOff()
    await this.#parts.store.write(connector, entries)
  }

  async written(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    if (this.#parts.isCutOff()) return
    await this.#parts.store.written?.(connector, entries)
  }

  /** The store belongs to whoever made it. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    const { signal, logger } = this.#parts
    const backoff = new Backoff(READ_BACKOFF)
    for (;;) {
      if (signal.aborted) throw cutOff()
      try {
        return await untilAborted(read(), signal)
      } catch (error) {
        if (!isPassing(error)) throw error
        const text = `positions cannot be read yet, trying again: ${error.message}`
        logger.warnLimited('positions', text)
      }
      await this.#clock.sleep(backoff.next(), signal)
    }
  }
}

function isPassing(error: unknown): error is ScamanderError {
  return isScamanderError(error, 'retriable') || isScamanderError(error, 'disconnected')
}

/** A stop does not wait for what may take as long as a transaction. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(cutOff())
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function cutOff(): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.CUT_OFF, 'the run of the task was ended')
}
