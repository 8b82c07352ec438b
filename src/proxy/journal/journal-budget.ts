/**
 * How much of the journal's limit is left for one thread. The folder is measured at the start, and
 * again when the share is used up: files that were replayed and deleted make room.
 * Called by the journal writer for every line.
 * Invariant: the folder is measured at most once in MEASURE_MS.
 * Spec: live-migration 2.10.
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const MEASURE_MS = 2_000

export interface BudgetOptions {
  readonly dir: string
  readonly bytesMax: number
  /** Threads that share the folder. */
  readonly threads: number
  readonly nowMs?: () => number
}

export class JournalBudget {
  readonly #options: BudgetOptions
  readonly #nowMs: () => number
  #left = 0
  #measuredMs = Number.NEGATIVE_INFINITY

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#measure()
  }

  get isUsedUp(): boolean {
    if (this.#left > 0) return false
    if (this.#nowMs() - this.#measuredMs >= MEASURE_MS) this.#measure()
    return this.#left <= 0
  }

  take(bytes: number): void {
    this.#left -= bytes
  }

  #measure(): void {
    const { dir, bytesMax, threads } = this.#options
    this.#measuredMs = this.#nowMs()
    this.#left = (bytesMax - folderBytes(dir)) / threads
  }
}

/** Bytes of the files in a folder; those that go meanwhile count as none. */
export function folderBytes(dir: string): number {
  let bytes = 0
  for (const name of readdirSync(dir)) {
    try {
      bytes += statSync(join(dir, name)).size
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return bytes
}
