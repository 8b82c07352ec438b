/**
 * The loop of one sink task: read, decode, write, settle, commit. One instance per run of a task.
 * Called by the connect room, which builds the parts from configuration.
 * Several writes may be under way (`sink.concurrentWritesMax`); they settle in reading order.
 * Stop (abort of the signal): no new delivery, what is in flight is settled, committed, closed.
 * Guarantee: at least once; a committed offset never passes an unsettled record (docs/concepts).
 */
import { assert } from '../base/assert.ts'
import { Backoff, type BackoffOptions } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type {
  Outcome,
  RawMessage,
  Sink,
  TopicPartition,
  TopicPosition,
  TopicSource,
} from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type BatchTrace, beginBatch, CommitTrace, traceStartMs } from './batch-trace.ts'
import type { DeadLetterWriter } from './dead-letter.ts'
import { type Delivery, toDelivery } from './delivery.ts'
import type { ErrorPolicy } from './error-policy.ts'
import { PIPELINE_ERRORS } from './errors.ts'
import type { TaskMetrics } from './metrics.ts'
import { PositionTracker } from './position-tracker.ts'
import type { RecordDecoder } from './record-decoder.ts'
import { RetryLimit, type RetryPolicy } from './retry-limit.ts'
import { REWIND_BACKOFF, Rewinds } from './rewinds.ts'
import {
  decisive,
  fetchSchemas,
  isPassing,
  SCHEMA_ROUNDS_MAX,
  type SchemaFailures,
} from './schema-needs.ts'
import { Settler } from './settler.ts'

export interface SinkTaskParts {
  readonly connector: string
  readonly task: number
  readonly source: TopicSource
  readonly decoder: RecordDecoder
  readonly sink: Sink
  /** The class users know the sink by, for dead letters and logs. */
  readonly sinkClassName: string
  readonly policy: ErrorPolicy
  readonly deadLetters?: DeadLetterWriter
  readonly contextHeaders: boolean
  /** offset.flush.interval.ms */
  readonly commitIntervalMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: TaskMetrics
  /** For conversions that fail for a while; not given: they are repeated by reading again. */
  readonly retry?: RetryPolicy | undefined
  /** @default 1 s to 60 s */
  readonly rewindBackoff?: BackoffOptions
}

const REOPEN_BACKOFF: BackoffOptions = { baseMs: 200, maxMs: 5_000 }

export class SinkTask {
  readonly #parts: SinkTaskParts
  readonly #positions = new PositionTracker()
  readonly #rewinds: Rewinds
  readonly #settler: Settler
  readonly #reopenBackoff = new Backoff(REOPEN_BACKOFF)
  readonly #commits = new CommitTrace()
  /** Settlements under way, oldest first; each ends after the one before it. */
  readonly #settling = new Set<Promise<void>>()
  #lastSettled: Promise<void> = Promise.resolve()
  #failure: unknown
  #isStopping = () => false
  #mustReopen = false
  #committedAtMs = 0

  constructor(parts: SinkTaskParts) {
    this.#parts = parts
    const { source, clock, connector, task, contextHeaders } = parts
    const positions = this.#positions
    const backoff = parts.rewindBackoff ?? REWIND_BACKOFF
    const pauseMs = parts.policy.retryIntervalMs
    const { troubles } = parts.metrics
    this.#rewinds = new Rewinds({ source, positions, clock, backoff, pauseMs, troubles })
    this.#settler = new Settler({
      ...parts,
      positions,
      rewinds: this.#rewinds,
      deadLetters: parts.deadLetters,
      context: { connector, task, contextHeaders },
    })
  }

  /** Resolves after a stop; rejects when the task cannot go on. `started` is called once open. */
  async run(signal: AbortSignal, started: () => void = () => undefined): Promise<void> {
    const { sink, source, clock } = this.#parts
    this.#isStopping = () => signal.aborted
    try {
      await sink.open(signal)
      await source.open(this.#listener(), signal)
      this.#committedAtMs = clock.monotonicMs()
      started()
      while (!signal.aborted && this.#failure === undefined) await this.#turn(signal)
    } finally {
      await this.#shutDown()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Delivery stops; clients, membership and partitions are kept; what was written is committed. */
  async pause(): Promise<void> {
    this.#parts.source.pause()
    await this.#drain()
    await this.#commit()
  }

  resume(): void {
    this.#parts.source.resume()
  }

  /** First offset that was read and is not settled; undefined: there is none, or nothing is known. */
  unsettledOffset(partition: TopicPartition): number | undefined {
    return this.#positions.unsettledOffset(partition)
  }

  /** Commits what is settled now. */
  async flush(): Promise<void> {
    await this.#commit()
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { source, sink, clock, commitIntervalMs, metrics } = this.#parts
    if (this.#mustReopen) await this.#reopen(signal)
    this.#rewinds.carryOut()
    const startMs = traceStartMs()
    const batch = await source.read(signal)
    if (batch.items.length > 0) {
      const delivery = this.#decode(batch.items, startMs)
      metrics.observeRead(delivery.messageCount)
      if (delivery.needs.size === 0) this.#start(delivery, this.#write(delivery, signal))
      else await this.#startWithSchemas(batch.items, delivery, signal)
    }
    if (this.#settling.size >= sink.concurrentWritesMax) await Promise.race(this.#settling)
    if (clock.monotonicMs() - this.#committedAtMs >= commitIntervalMs) await this.#commit()
  }

  #decode(messages: readonly RawMessage[], startMs: number): Delivery {
    const { connector, task, decoder } = this.#parts
    const trace = beginBatch(messages, { connector, task, operation: 'process', startMs })
    const step = trace?.step('convert', 'internal')
    const delivery = toDelivery(messages, decoder, this.#positions, { trace })
    step?.end()
    return delivery
  }

  /** Once per new schema: fetches what the converters lack and decodes the messages again. */
  async #startWithSchemas(
    messages: readonly RawMessage[],
    first: Delivery,
    signal: AbortSignal,
  ): Promise<void> {
    const { decoder, retry } = this.#parts
    const givenUp = new Map<string, ScamanderError>()
    let delivery = first
    for (let round = 0; delivery.needs.size > 0 && round < SCHEMA_ROUNDS_MAX; round++) {
      const failures = await this.#fetch(delivery, signal)
      const failure = decisive(failures)
      const isGivenUp = failure !== undefined && retry !== undefined && isPassing(failure)
      // It settles in its turn, as a write that failed would: nothing read after it passes it.
      if (failure !== undefined && (!isGivenUp || signal.aborted)) {
        return this.#start(delivery, Promise.resolve(failure))
      }
      for (const [what, error] of failures) givenUp.set(what, error)
      delivery = toDelivery(messages, decoder, this.#positions, { first, givenUp })
    }
    assert(delivery.needs.size === 0, 'a schema that was fetched is known')
    this.#start(delivery, this.#write(delivery, signal))
  }

  /** What keeps messages from being decoded, when it is not to be repeated. */
  async #fetch({ needs }: Delivery, signal: AbortSignal): Promise<SchemaFailures> {
    const { retry, clock, logger } = this.#parts
    const limit = retry && new RetryLimit(retry, clock)
    for (;;) {
      const failures = await fetchSchemas(needs)
      const failure = decisive(failures)
      if (failure === undefined || limit === undefined) return failures
      logger.warnLimited(failure.code, `no schema, asking again: ${failure.message}`)
      if (!(await limit.again(failure, signal))) return failures
    }
  }

  #start(delivery: Delivery, written: Promise<Outcome | Error>): void {
    const { metrics } = this.#parts
    metrics.addActive(delivery.messageCount)
    const before = this.#lastSettled
    const settled = before
      .then(() => written)
      .then(outcome => this.#traced(delivery, outcome))
      .catch(error => {
        this.#failure ??= error
      })
    this.#lastSettled = settled
    this.#settling.add(settled)
    void settled.finally(() => {
      metrics.addActive(-delivery.messageCount)
      this.#settling.delete(settled)
    })
  }

  /** The outcome, or the error that the sink threw as a value: it is judged in order. */
  async #write(delivery: Delivery, signal: AbortSignal): Promise<Outcome | Error> {
    const { sink, clock, metrics, sinkClassName } = this.#parts
    const startedMs = clock.monotonicMs()
    const step = delivery.trace?.step('write', 'client', {
      'scamander.sink.class': sinkClassName,
      'scamander.records.count': delivery.records.length,
    })
    try {
      const outcome = await sink.write(delivery.records, signal)
      step?.set({ 'scamander.records.failed': outcome.failures.length })
      step?.end()
      return outcome
    } catch (error) {
      step?.end(error)
      return error instanceof Error ? error : new Error(messageOf(error))
    } finally {
      metrics.observeWrite(clock.monotonicMs() - startedMs)
    }
  }

  async #traced(delivery: Delivery, outcome: Outcome | Error): Promise<void> {
    const { trace } = delivery
    if (trace === undefined) return await this.#finish(delivery, outcome)
    const step = trace.step('settle', 'internal')
    try {
      await this.#finish(delivery, outcome)
      step?.end()
      // Before its end: an ended span records no more.
      this.#commits.add(trace)
      endTrace(trace, delivery, outcome)
    } catch (error) {
      step?.end(error)
      endTrace(trace, delivery, outcome, error)
      throw error
    }
  }

  async #finish(delivery: Delivery, outcome: Outcome | Error): Promise<void> {
    // After a fatal failure nothing may settle: it would pass the records that failed.
    if (this.#failure !== undefined) return this.#settler.holdAll(delivery)
    if (!(outcome instanceof Error)) return await this.#settler.settle(delivery, outcome)
    if (isScamanderError(outcome, 'cancelled')) {
      // A target that ended a write by itself while the task goes on: nobody else would repeat it.
      if (this.#isStopping()) this.#settler.holdAll(delivery)
      else this.#settler.rewindAll(delivery)
      return
    }
    if (!isScamanderError(outcome)) throw unexpected(outcome)
    if (outcome.kind !== 'retriable' && outcome.kind !== 'disconnected') throw outcome
    const what = delivery.needs.size > 0 ? 'no schema' : 'write failed'
    this.#parts.logger.warnLimited(outcome.code, `${what}, reading again: ${outcome.message}`)
    this.#mustReopen ||= outcome.kind === 'disconnected'
    this.#settler.rewindAll(delivery, outcome)
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    const { sink, clock, logger } = this.#parts
    await this.#drain()
    try {
      await sink.close()
      await sink.open(signal)
      this.#mustReopen = false
      this.#reopenBackoff.reset()
    } catch (error) {
      const passing =
        isScamanderError(error, 'disconnected') || isScamanderError(error, 'retriable')
      if (!passing) throw error
      logger.warnLimited('reopen', `the target is not reachable, trying again: ${error.message}`)
      await clock.sleep(this.#reopenBackoff.next(), signal)
    }
  }

  #listener() {
    const { sink } = this.#parts
    return {
      assigned: (positions: readonly TopicPosition[]) => {
        for (const position of positions) {
          this.#rewinds.forget(position)
          this.#positions.assign(position)
          sink.restorePosition?.(position)
        }
      },
      revoked: async (partitions: readonly TopicPartition[]) => {
        const taken = partitions.map(partition => this.#positions.assignment(partition))
        await this.#drain()
        await this.#commit(partitions)
        for (const [index, partition] of partitions.entries()) {
          // Writes took longer than the group waits, and it was given to us again meanwhile.
          if (this.#positions.assignment(partition) !== taken[index]) continue
          this.#positions.revoke(partition)
          this.#rewinds.forget(partition)
        }
      },
    }
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#settling)
  }

  /** A failed commit only means that more is read again: it never stops the task. */
  async #commit(only?: readonly TopicPartition[]): Promise<void> {
    const { source, sink, clock, logger, metrics } = this.#parts
    this.#committedAtMs = clock.monotonicMs()
    const positions = this.#positions.committable(only).map(at => ({
      topic: at.topic,
      partition: at.partition,
      offset: at.offset,
      metadata: sink.positionMetadata?.(at, at.timestampMs) ?? '',
    }))
    if (positions.length === 0) return
    const span = this.#commits.begin({ 'scamander.partitions.count': positions.length })
    try {
      await source.commit(positions)
      span?.end()
      this.#positions.committed(positions)
      metrics.observeCommit(clock.monotonicMs() - this.#committedAtMs, true)
    } catch (error) {
      span?.end(error)
      metrics.observeCommit(clock.monotonicMs() - this.#committedAtMs, false)
      logger.warnLimited('commit', `offsets were not committed, trying later: ${messageOf(error)}`)
    }
  }

  async #shutDown(): Promise<void> {
    const { source, sink, deadLetters, logger } = this.#parts
    await this.#drain()
    this.#rewinds.close()
    await this.#commit()
    for (const part of [source, sink, deadLetters]) {
      try {
        await part?.close()
      } catch (error) {
        logger.warn(`closing failed: ${messageOf(error)}`)
      }
    }
  }
}

/** What failed of itself has failed in the trace of its record, too. */
function endTrace(
  trace: BatchTrace,
  { records, decodeFailures, messageCount }: Delivery,
  outcome: Outcome | Error,
  fatal?: unknown,
): void {
  const failures = outcome instanceof Error ? [] : outcome.failures
  for (const { message, error } of decodeFailures) trace.failed(message, error)
  for (const { index, error } of failures) trace.failed(records[index]!.origin, error)
  const unwritten = new Set(failures.map(one => one.index)).size
  const counts = {
    'scamander.records.read': messageCount,
    'scamander.records.written': outcome instanceof Error ? 0 : records.length - unwritten,
    'scamander.records.failed': unwritten + decodeFailures.length,
  }
  trace.end(counts, fatal ?? (outcome instanceof Error ? outcome : undefined))
}

function unexpected(error: Error): ScamanderError {
  return new ScamanderError(PIPELINE_ERRORS.UNEXPECTED, error.message, { cause: error })
}
