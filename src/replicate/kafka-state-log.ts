/**
 * The log of the store as a compacted topic of one partition, written in transactions under one
 * transactional id. Made by shared-state.ts for the process that has the work.
 * Invariants: changes are written in their order, and those of one transaction of the store together
 * where they fit in one batch; whoever opened the id later has fenced this one, which then keeps
 * nothing any more; what waits is written again until it is kept or the work is lost.
 * Spec: backlog-replication 2.18; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { KAFKA_ERRORS, type LogEntry, type TransactionalWriter } from '../kafka/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { StateChange, StateKey, StateLog } from './state-log.ts'

export interface KafkaStateLogParts {
  readonly writer: Pick<TransactionalWriter, 'write'>
  readonly logger: Logger
  /** Another process has the work now. */
  readonly onLost: () => void
}

const BATCH_BYTES = 768 * 1024
const AGAIN = { baseMs: 200, maxMs: 5_000 }

interface Waiter {
  readonly upTo: number
  readonly done: () => void
}

export class KafkaStateLog implements StateLog {
  readonly #parts: KafkaStateLogParts
  readonly #backoff = new Backoff(AGAIN)
  readonly #ended = new AbortController()
  #pending: LogEntry[] = []
  #isOpen = false
  #isWriting = false
  /** Changes that are kept. */
  #kept = 0
  /** Of those that are told and not kept, the ones that are being written. */
  #underWay = 0
  #waiters: Waiter[] = []

  constructor(parts: KafkaStateLogParts) {
    this.#parts = parts
  }

  /** What is told from now on is kept; what was told before came from the topic. */
  begin(): void {
    this.#isOpen = true
  }

  /** At once: nothing is kept any more, because another process may have the work. */
  leave(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    this.#pending = []
    this.#wake(Number.POSITIVE_INFINITY)
  }

  put(key: StateKey, value: unknown): void {
    if (!this.#isOpen || this.#ended.signal.aborted) return
    this.#pending.push(encodeChange({ key, value }))
    // After the present step: a transaction of the store is told in one.
    if (!this.#isWriting) {
      this.#isWriting = true
      queueMicrotask(() => void this.#write())
    }
  }

  mark(): number {
    return this.#pending.length
  }

  rewind(mark: number): void {
    this.#pending.length = Math.min(mark, this.#pending.length)
  }

  async settled(): Promise<void> {
    const upTo = this.#kept + this.#underWay + this.#pending.length
    if (!this.#ended.signal.aborted && upTo > this.#kept)
      await new Promise<void>(done => this.#waiters.push({ upTo, done }))
    if (this.#ended.signal.aborted) throw lost()
  }

  async #write(): Promise<void> {
    const { logger, onLost } = this.#parts
    while (this.#pending.length > 0) {
      const batch = this.#take()
      this.#underWay = batch.length
      try {
        await this.#keep(batch)
      } catch (error) {
        if (this.#ended.signal.aborted) return
        logger.warn(`replication goes on at another worker: ${messageOf(error)}`)
        this.leave()
        onLost()
        return
      }
      this.#underWay = 0
      this.#kept += batch.length
      this.#wake(this.#kept)
    }
    this.#isWriting = false
  }

  /** As long as it takes: a set that failed is not in the log, and writing it twice changes nothing. */
  async #keep(batch: readonly LogEntry[]): Promise<void> {
    const { writer, logger } = this.#parts
    const { signal } = this.#ended
    for (;;) {
      if (signal.aborted) throw lost()
      try {
        await writer.write(batch)
        this.#backoff.reset()
        return
      } catch (error) {
        if (!isPassing(error)) throw error
        logger.warnLimited('state', `changes are not kept yet, trying again: ${messageOf(error)}`)
        await systemClock.sleep(this.#backoff.next(), signal)
      }
    }
  }

  #take(): LogEntry[] {
    let bytes = 0
    let count = 0
    for (const { key, value } of this.#pending) {
      bytes += key.length + (value?.length ?? 0) + RECORD_BYTES
      if (count > 0 && bytes > BATCH_BYTES) break
      count++
    }
    return this.#pending.splice(0, count)
  }

  #wake(kept: number): void {
    const due = this.#waiters.filter(one => one.upTo <= kept)
    if (due.length === 0) return
    this.#waiters = this.#waiters.filter(one => one.upTo > kept)
    for (const { done } of due) done()
  }
}

/** About what a record takes beside its key and value. */
const RECORD_BYTES = 16

export function encodeChange({ key, value }: StateChange): LogEntry {
  return {
    key: Buffer.from(JSON.stringify(key)),
    value: value === undefined ? null : Buffer.from(JSON.stringify(value)),
  }
}

/** Undefined: a record of another kind. */
export function decodeChange(key: Buffer | null, value: Buffer | null): StateChange | undefined {
  if (key === null || key[0] !== BRACKET) return undefined
  const parts = JSON.parse(key.toString()) as StateKey
  return { key: parts, value: value === null ? undefined : JSON.parse(value.toString()) }
}

const BRACKET = 0x5b

function isPassing(error: unknown): boolean {
  if (!(error instanceof ScamanderError)) return false
  if (error.code === KAFKA_ERRORS.PRODUCER_FENCED.code) return false
  return error.kind === 'retriable' || error.kind === 'disconnected'
}

function lost(): ScamanderError {
  const message = 'another worker has the replication jobs now'
  return new ScamanderError(REPLICATE_ERRORS.MOVED, message)
}
