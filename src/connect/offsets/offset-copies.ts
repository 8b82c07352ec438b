/**
 * Copies positions to a second store behind the back of whoever writes them: that store may be away
 * for long, and nothing waits for it.
 * Owned by own-topic-offsets.ts.
 * Invariants: one copy is under way at most, and of each partition only the newest position waits;
 * a copy that fails is told and stops nothing; once closed nothing more is begun.
 * Spec: connect-rest 9.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import type { SourcePartition } from '../../flow/index.ts'
import { type OffsetEntry, type OffsetStore, partitionKey } from './offset-store.ts'

export interface OffsetCopiesParts {
  readonly to: Pick<OffsetStore, 'write'>
  /** A copy failed; not called any more once closed. */
  readonly failed: (connector: string, error: unknown) => void
  readonly clock?: Clock
}

export class OffsetCopies {
  readonly #parts: OffsetCopiesParts
  readonly #clock: Clock
  /** By connector and partition. */
  readonly #waiting = new Map<string, Map<string, OffsetEntry>>()
  #working: Promise<void> | undefined
  #isClosed = false

  constructor(parts: OffsetCopiesParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
  }

  put(connector: string, entries: readonly OffsetEntry[]): void {
    if (this.#isClosed || entries.length === 0) return
    const waiting = this.#waiting.get(connector) ?? new Map<string, OffsetEntry>()
    for (const entry of entries) waiting.set(partitionKey(entry.partition), entry)
    this.#waiting.set(connector, waiting)
    this.#working ??= this.#work()
  }

  /** What waits of these is not copied any more. */
  drop(connector: string, partitions: readonly SourcePartition[]): void {
    const waiting = this.#waiting.get(connector)
    for (const partition of partitions) waiting?.delete(partitionKey(partition))
  }

  /** Gives what waits so much time; never rejects. */
  async close(timeoutMs: number): Promise<void> {
    if (timeoutMs > 0 && this.#working !== undefined) {
      const limit = new AbortController()
      await Promise.race([this.#working, this.#clock.sleep(timeoutMs, limit.signal)])
      limit.abort()
    }
    this.#isClosed = true
    this.#waiting.clear()
  }

  async #work(): Promise<void> {
    for (const [connector, entries] of this.#waiting) {
      this.#waiting.delete(connector)
      try {
        if (entries.size > 0) await this.#parts.to.write(connector, [...entries.values()])
      } catch (error) {
        if (!this.#isClosed) this.#parts.failed(connector, error)
      }
    }
    this.#working = undefined
  }
}
