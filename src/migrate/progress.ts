/**
 * How far a run is: rows, rate, the share of the tables' token ranges that is done, and the time that
 * is left at that pace. Fed by the page, read a few times a second.
 * Invariant: the share never goes back within a table.
 * Spec: live-migration 3.7.
 */
import type { RangeCounts } from './run-store.ts'

export interface CopyProgress extends RangeCounts {
  readonly table: string
  readonly tableIndex: number
  readonly tables: number
  /** 0 to 1, of the current table. */
  readonly share: number
  readonly rowsPerSecond: number
  /** Undefined: not known yet. */
  readonly leftMs: number | undefined
  readonly elapsedMs: number
  readonly isLast: boolean
}

const INTERVAL_MS = 250
const WINDOW_MS = 5_000

export class ProgressMeter {
  readonly #tables: number
  readonly #tell: ((progress: CopyProgress) => void) | undefined
  readonly #timer: NodeJS.Timeout | undefined
  readonly #startMs = performance.now()
  readonly #marks: { atMs: number; read: number }[] = []
  #total: RangeCounts = { read: 0, written: 0, skipped: 0, rejected: 0 }
  #table = ''
  #tableIndex = 0
  #tableStartMs = 0
  #share = 0
  #shareAtStart = 0

  constructor(tables: number, tell: ((progress: CopyProgress) => void) | undefined) {
    this.#tables = tables
    this.#tell = tell
    if (tell === undefined) return
    this.#timer = setInterval(() => this.#report(false), INTERVAL_MS)
    this.#timer.unref()
  }

  get share(): number {
    return this.#share
  }

  begin(table: string): void {
    this.#table = table
    this.#tableIndex += 1
    this.#tableStartMs = performance.now()
    this.#share = 0
    this.#shareAtStart = 0
  }

  /** How much of the table an earlier run did. */
  planned(done: { readonly share: number }): void {
    this.#share = done.share
    this.#shareAtStart = done.share
  }

  add(counts: RangeCounts): void {
    for (const key of ['read', 'written', 'skipped', 'rejected'] as const) {
      this.#total[key] += counts[key]
    }
  }

  /** That much more of the table's tokens is done. */
  move(share: number): void {
    this.#share = Math.min(1, this.#share + share)
  }

  end(): void {
    clearInterval(this.#timer)
    this.#report(true)
  }

  #report(isLast: boolean): void {
    const nowMs = performance.now()
    this.#tell?.({
      ...this.#total,
      ...{ table: this.#table, tableIndex: this.#tableIndex, tables: this.#tables },
      ...{ share: this.#share, rowsPerSecond: this.#rate(nowMs, isLast) },
      ...{ leftMs: this.#left(nowMs), elapsedMs: nowMs - this.#startMs, isLast },
    })
  }

  #rate(nowMs: number, isWhole: boolean): number {
    const { read } = this.#total
    if (isWhole) return (read * 1000) / Math.max(1, nowMs - this.#startMs)
    this.#marks.push({ atMs: nowMs, read })
    while (this.#marks.length > 2 && nowMs - this.#marks[0]!.atMs > WINDOW_MS) this.#marks.shift()
    const first = this.#marks[0]!
    if (nowMs - first.atMs < 1) return 0
    return ((read - first.read) * 1000) / (nowMs - first.atMs)
  }

  #left(nowMs: number): number | undefined {
    const done = this.#share - this.#shareAtStart
    if (done <= 0) return undefined
    return ((nowMs - this.#tableStartMs) * (1 - this.#share)) / done
  }
}
