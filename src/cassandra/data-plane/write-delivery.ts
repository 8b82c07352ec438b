/**
 * One `write` call under way: the waves of planned requests and what failed of them.
 * The next wave starts when every request of the one before is finished, whatever its outcome.
 * Invariant: resolves exactly once, after the last request of the last wave.
 */
import type { ScamanderError } from '../../base/scamander-error.ts'
import type { PlannedRequest } from './request-planner.ts'
import type { RowBatch } from './row-batch.ts'

/** A row that was not written. */
export interface RowFailure {
  readonly recordIndex: number
  readonly error: ScamanderError
  /** Of its statement. */
  readonly batchGroup: number
}

export class WriteDelivery {
  readonly batch: RowBatch
  readonly finished: Promise<readonly RowFailure[]>
  readonly #waves: readonly PlannedRequest[][]
  readonly #failures: RowFailure[] = []
  readonly #resolve: (failures: readonly RowFailure[]) => void
  #nextWave = 0
  #remaining = 0

  constructor(batch: RowBatch, waves: readonly PlannedRequest[][]) {
    this.batch = batch
    this.#waves = waves
    const { promise, resolve } = Promise.withResolvers<readonly RowFailure[]>()
    this.finished = promise
    this.#resolve = resolve
  }

  /** The requests to start now; empty when everything is finished. */
  takeWave(): readonly PlannedRequest[] {
    while (this.#nextWave < this.#waves.length) {
      const wave = this.#waves[this.#nextWave++]!
      if (wave.length === 0) continue
      this.#remaining = wave.length
      return wave
    }
    this.#failures.sort((a, b) => a.recordIndex - b.recordIndex)
    this.#resolve(this.#failures)
    return []
  }

  /** A request was split: more of the current wave is to be finished. */
  addRequests(count: number): void {
    this.#remaining += count
  }

  fail(rows: readonly number[], error: ScamanderError): void {
    for (const row of rows) {
      const { batchGroup } = this.batch.statements[row]!
      this.#failures.push({ recordIndex: this.batch.recordIndex[row]!, error, batchGroup })
    }
  }

  /** One request is finished; true when its wave is. */
  finishOne(): boolean {
    this.#remaining -= 1
    return this.#remaining === 0
  }
}
