/**
 * Why rows were rejected, and how many for each reason: told instead of the rows, whose data stays out of
 * the server. Made by an act for each table that it copies.
 * Invariants: every row is counted; at most REASONS_MAX reasons are kept, others count as one.
 * Spec: live-migration 3.7, 5 (phase 2).
 */
const REASONS_MAX = 20
const REASON_CHARS = 300

export class ReasonTally {
  readonly #counts = new Map<string, number>()
  #others = 0

  add(reason: string): void {
    const text = reason.slice(0, REASON_CHARS)
    const known = this.#counts.get(text)
    if (known === undefined && this.#counts.size >= REASONS_MAX) this.#others += 1
    else this.#counts.set(text, (known ?? 0) + 1)
  }

  /** The most frequent first; undefined: there was none. */
  get text(): string | undefined {
    if (this.#counts.size === 0) return undefined
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a)
    const parts = sorted.map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`))
    if (this.#others > 0) parts.push(`${this.#others} for other reasons`)
    return parts.join('; ')
  }
}
