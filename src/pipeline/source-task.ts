/**
 * The loop of one source task: read, transform, convert, produce, and store the position once Kafka
 * has the records. One instance per run of a task; built by the connect room.
 * Several batches may be under way, within limits of records and bytes; they settle in the order of
 * reading, and positions with them.
 * Stop (abort of the signal): nothing more is read, what is under way is settled, positions are
 * stored, everything is closed.
 * Guarantee: at least once; a stored position never passes a record that is neither accepted nor
 * given up by the error policy. With transactions exactly once: what is written and the positions
 * behind it become visible together, when nothing is under way; after a failure neither does.
 * Spec: connect-rest 13, 14.
 */
import { Backoff, type BackoffOptions } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { RecordSource, SourceBatch, StoredOffsets } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type BatchTrace, beginBatch, traceStartMs } from './batch-trace.ts'
import { PIPELINE_ERRORS } from './errors.ts'
import { ReachedPositions, type TaskOffsets } from './reached-positions.ts'
import type { OutgoingRecord, RecordEncoder } from './record-encoder.ts'
import { RetryLimit, type RetryPolicy } from './retry-limit.ts'
import { type EncodedBatch, encodeBatch, type SchemaRetry } from './source-batch.ts'
import { type SourceErrorPolicy, SourceErrors } from './source-errors.ts'
import type { SourceTaskMetrics } from './source-metrics.ts'
import { TRACEPARENT, traceparentOf } from './trace-context.ts'

export interface WriteFailure {
  /** Index into the records given to `write`. */
  readonly index: number
  readonly error: ScamanderError
}

/** Where records go; built on the Kafka producer by the connect room. */
export interface RecordWriter {
  open(): Promise<void>
  /**
   * Resolves when every record was accepted or given up. Calls keep their order per partition,
   * also when one begins before another has ended.
   */
  write(records: readonly OutgoingRecord[]): Promise<{ readonly failures: readonly WriteFailure[] }>
  close(): Promise<void>
}

/** Records become visible together with their positions, which `offsets.write` does. */
export interface TransactionBoundary {
  /** Longest time that a transaction is open for; 0: it ends with every batch. */
  readonly intervalMs: number
}

export interface SourceLimits {
  /** Records read and not settled. */
  readonly recordsMax: number
  /** Bytes of such records. */
  readonly bytesMax: number
}

export interface SourceTaskParts {
  readonly connector: string
  readonly task: number
  readonly source: RecordSource
  readonly encoder: RecordEncoder
  readonly writer: RecordWriter
  readonly stored: StoredOffsets
  readonly offsets: TaskOffsets
  readonly policy: SourceErrorPolicy
  /** For conversions that fail for a while; not given: the source is opened again until they pass. */
  readonly retry?: RetryPolicy | undefined
  /** offset.flush.interval.ms; without meaning when there are transactions. */
  readonly flushIntervalMs: number
  /** Undefined: records are visible at once. */
  readonly boundary?: TransactionBoundary | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: SourceTaskMetrics
  /** @default 6,000 records, 8 MiB */
  readonly limits?: SourceLimits
  /** Records of a traced batch carry its `traceparent`, unless they have one. @default false */
  readonly propagatesTraces?: boolean
  /** @default 300 ms up to errors.retry.delay.max.ms */
  readonly reopenBackoff?: BackoffOptions
}

/** Two pages of rows: more would not be faster, and what waits long grows old in memory. */
const LIMITS: SourceLimits = { recordsMax: 6_000, bytesMax: 8 * 1024 * 1024 }
const REOPEN_BACKOFF: BackoffOptions = { baseMs: 300, maxMs: 60_000 }

export class SourceTask {
  readonly #parts: SourceTaskParts
  readonly #limits: SourceLimits
  readonly #errors: SourceErrors
  readonly #reached: ReachedPositions
  readonly #reopenBackoff: Backoff
  readonly #settling = new Set<Promise<void>>()
  #lastSettled: Promise<void> = Promise.resolve()
  #activeRecords = 0
  #activeBytes = 0
  /** Since when something waits for the end of its transaction. */
  #openSinceMs: number | undefined
  /** Records of the transaction that is open. */
  #openRecords = 0
  #failure: unknown
  #mustReopen = false
  #isPaused = false
  #isAtEnd = false
  #wake: (() => void) | undefined

  constructor(parts: SourceTaskParts) {
    this.#parts = parts
    this.#limits = parts.limits ?? LIMITS
    this.#errors = new SourceErrors(parts)
    this.#reached = new ReachedPositions({ ...parts, isTransaction: parts.boundary !== undefined })
    const maxMs = Math.max(REOPEN_BACKOFF.baseMs, parts.policy.retryDelayMaxMs)
    this.#reopenBackoff = new Backoff(parts.reopenBackoff ?? { ...REOPEN_BACKOFF, maxMs })
  }

  /** Resolves after a stop; rejects when the task cannot go on. `started` is called once open. */
  async run(signal: AbortSignal, started: () => void = () => undefined): Promise<void> {
    const { source, writer, stored } = this.#parts
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake)
    try {
      await writer.open()
      await source.open({ offsets: stored }, signal)
      this.#reached.start()
      started()
      while (!signal.aborted && this.#failure === undefined) await this.#turn(signal)
    } catch (error) {
      if (!signal.aborted || !isScamanderError(error, 'cancelled')) this.#failure ??= error
    } finally {
      signal.removeEventListener('abort', wake)
      await this.#shutDown()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Nothing more is read; the source stays open; what was accepted is stored. */
  async pause(): Promise<void> {
    this.#isPaused = true
    if (this.#parts.boundary !== undefined) {
      // Only the loop knows when nothing is under way: it ends the transaction in its next turn.
      this.#wake?.()
      return
    }
    await this.#drain()
    await this.#reached.flush()
  }

  resume(): void {
    this.#isPaused = false
    this.#wake?.()
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#isPaused || this.#isAtEnd) await this.#idle()
    else if (this.#mustReopen) await this.#reopen(signal)
    else await this.#readOne(signal)
    if (this.#parts.boundary === undefined) await this.#reached.flushWhenDue()
    else if (this.#isBoundary(this.#parts.boundary)) await this.#endTransaction()
  }

  #isBoundary({ intervalMs }: TransactionBoundary): boolean {
    if (this.#openSinceMs === undefined || this.#failure !== undefined) return false
    const ageMs = this.#parts.clock.monotonicMs() - this.#openSinceMs
    return ageMs >= intervalMs || this.#isPaused || this.#isAtEnd || this.#mustReopen
  }

  /** Throws when it is not known to have ended: then the run is over. */
  async #endTransaction(): Promise<void> {
    await this.#drain()
    if (this.#failure !== undefined) return
    this.#openSinceMs = undefined
    await this.#reached.flush()
    this.#countTransaction()
  }

  #countTransaction(): void {
    if (this.#openRecords > 0) this.#parts.metrics.transactions.add(this.#openRecords)
    this.#openRecords = 0
  }

  async #readOne(signal: AbortSignal): Promise<void> {
    const startMs = traceStartMs()
    const batch = await this.#read(signal)
    if (batch === undefined) return
    const { connector, task, encoder, retry } = this.#parts
    const trace =
      batch.items.length === 0
        ? undefined
        : beginBatch(batch.items, { connector, task, operation: 'publish', startMs })
    const step = trace?.step('convert', 'internal')
    const encoded = await encodeBatch(batch, encoder, this.#retry(signal))
    step?.end(encoded instanceof ScamanderError ? encoded : undefined)
    // Ended while it waited: what was read is read again by the next run.
    if (signal.aborted && retry !== undefined) return
    if (encoded instanceof ScamanderError) {
      trace?.end({}, encoded)
      return this.#lose(encoded, 'no schema')
    }
    this.#start(encoded, trace)
    while (this.#isFull() && this.#failure === undefined) await Promise.race(this.#settling)
  }

  #retry(signal: AbortSignal): SchemaRetry | undefined {
    const { retry, clock, logger } = this.#parts
    if (retry === undefined) return undefined
    const limit = new RetryLimit(retry, clock)
    return {
      again: async error => {
        logger.warnLimited(error.code, `no schema, asking again: ${error.message}`)
        return await limit.again(error, signal)
      },
    }
  }

  /** Undefined: nothing to do; the end of the input, or an error that passes, is noted. */
  async #read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    const { source, clock, metrics } = this.#parts
    const startedMs = clock.monotonicMs()
    try {
      const batch = await source.read(signal)
      if (batch === undefined) {
        this.#isAtEnd = true
        return undefined
      }
      this.#reopenBackoff.reset()
      const { items, positions = [], failures = [] } = batch
      if (items.length + positions.length + failures.length === 0) return undefined
      if (batch.items.length > 0)
        metrics.observePoll(batch.items.length, clock.monotonicMs() - startedMs)
      return batch
    } catch (error) {
      if (signal.aborted) return undefined
      this.#lose(error, 'reading failed')
      return undefined
    }
  }

  /** What passes is tried again from the stored positions; anything else ends the task. */
  #lose(error: unknown, what: string): void {
    const passes = isScamanderError(error, 'disconnected') || isScamanderError(error, 'retriable')
    if (!passes) throw isScamanderError(error) ? error : unexpected(error)
    this.#errors.count()
    this.#parts.logger.warnLimited(error.code, `${what}, trying again: ${error.message}`)
    this.#mustReopen = true
  }

  #start(batch: EncodedBatch, trace: BatchTrace | undefined): void {
    const { metrics, propagatesTraces = false } = this.#parts
    const { readCount, sizeBytes } = batch
    metrics.addActive(readCount)
    this.#openSinceMs ??= this.#parts.clock.monotonicMs()
    this.#activeRecords += readCount
    this.#activeBytes += sizeBytes
    const isCarried = propagatesTraces && trace?.root.isRecording === true
    const records = isCarried ? withTraceparent(batch.records, trace) : batch.records
    const written = records.length === 0 ? NOTHING : this.#write(records, trace)
    // Awaited in its turn; until then a rejection must not count as unhandled.
    written.catch(() => undefined)
    const settled = this.#lastSettled
      .then(() => written)
      .then(({ failures }) => this.#settle(batch, failures, trace))
      .catch(error => {
        trace?.end({}, error)
        this.#failure ??= error
        this.#wake?.()
      })
      .finally(() => {
        metrics.addActive(-readCount)
        this.#activeRecords -= readCount
        this.#activeBytes -= sizeBytes
        this.#settling.delete(settled)
      })
    this.#lastSettled = settled
    this.#settling.add(settled)
  }

  async #write(records: readonly OutgoingRecord[], trace: BatchTrace | undefined) {
    const { writer } = this.#parts
    const step = trace?.step('send', 'client', { 'scamander.records.count': records.length })
    if (step === undefined) return await writer.write(records)
    try {
      const written = await writer.write(records)
      step.set({ 'scamander.records.failed': written.failures.length })
      step.end()
      return written
    } catch (error) {
      step.end(error)
      throw error
    }
  }

  #settle(
    batch: EncodedBatch,
    failures: readonly WriteFailure[],
    trace: BatchTrace | undefined,
  ): void {
    // After a failure nothing may settle: a position would pass the records that failed.
    if (this.#failure !== undefined) {
      trace?.end({})
      return
    }
    const { metrics } = this.#parts
    this.#errors.judge(batch.failures, failures)
    const written = batch.records.length - failures.length
    metrics.add('written', written)
    this.#openRecords += written
    this.#reached.add(batch.positions, trace)
    trace?.end({
      'scamander.records.read': batch.readCount,
      'scamander.records.written': written,
      'scamander.records.failed': batch.failures.length + failures.length,
    })
  }

  #isFull(): boolean {
    const { recordsMax, bytesMax } = this.#limits
    if (this.#settling.size === 0) return false
    return this.#activeRecords >= recordsMax || this.#activeBytes >= bytesMax
  }

  async #reopen(signal: AbortSignal): Promise<void> {
    const { source, stored, clock, logger, metrics } = this.#parts
    await this.#drain()
    if (this.#failure !== undefined) return
    await clock.sleep(this.#reopenBackoff.next(), signal)
    if (signal.aborted) return
    // Else the source would give again what is accepted already.
    if (!(await this.#reached.flush())) return
    try {
      await source.close()
      await source.open({ offsets: stored }, signal)
      this.#mustReopen = false
      metrics.add('reopens', 1)
    } catch (error) {
      const passes = isScamanderError(error, 'disconnected') || isScamanderError(error, 'retriable')
      if (!passes) throw error
      logger.warnLimited('reopen', `the source is not reachable, trying again: ${error.message}`)
    }
  }

  /** Until something happens, or positions are due. */
  async #idle(): Promise<void> {
    const woken = Promise.withResolvers<void>()
    this.#wake = woken.resolve
    const timer = new AbortController()
    const limitMs = Math.min(1_000, this.#parts.flushIntervalMs)
    await Promise.race([woken.promise, this.#parts.clock.sleep(limitMs, timer.signal)])
    timer.abort()
    this.#wake = undefined
  }

  async #drain(): Promise<void> {
    await Promise.all(this.#settling)
  }

  async #shutDown(): Promise<void> {
    const { source, writer, logger } = this.#parts
    await this.#drain()
    try {
      // With transactions what was written before a failure must not become visible.
      if (this.#failure === undefined || this.#parts.boundary === undefined) {
        await this.#reached.flush()
        if (this.#parts.boundary !== undefined) this.#countTransaction()
      }
    } catch (error) {
      this.#failure ??= error
    }
    for (const part of [source, writer]) {
      try {
        await part.close()
      } catch (error) {
        logger.warn(`closing failed: ${messageOf(error)}`)
      }
    }
  }
}

const NOTHING: ReturnType<RecordWriter['write']> = Promise.resolve({ failures: [] })

/** What belongs to a trace already goes on in that one. */
function withTraceparent(
  records: readonly OutgoingRecord[],
  { root }: BatchTrace,
): readonly OutgoingRecord[] {
  const header = { name: TRACEPARENT, value: Buffer.from(root.traceparent) }
  return records.map(record =>
    traceparentOf(record) === undefined
      ? { ...record, headers: [...record.headers, header] }
      : record,
  )
}

function unexpected(error: unknown): ScamanderError {
  return new ScamanderError(PIPELINE_ERRORS.UNEXPECTED, messageOf(error), { cause: error })
}
