/**
 * How far the next query of a time mode reaches: from the last time seen, window by window, keeping
 * a distance from now, so that late writers are not passed.
 * Pure but for what it remembers; the reader asks and tells.
 * Over long gaps windows grow by a quarter at least, so that a year without rows is passed in about
 * sixty queries, not in millions. Spec: cassandra-sink 11.4; ADR 0017.
 */
export interface WindowSettings {
  /** slice.duration */
  readonly sliceMs: number
  /** slice.delay.ms */
  readonly delayMs: number
  /** import.poll.interval */
  readonly pollMs: number
}

export interface TimeSpan {
  readonly lowerMs: number
  readonly upperMs: number
}

/** Before that nothing is expected: the first query reaches up to now. */
const UNSET_YEAR = 1900
/** Longer than any gap, about three centuries. */
const WIDTH_MS_MAX = 10_000_000_000_000

export class TimeWindow {
  readonly #settings: WindowSettings
  #widthMs: number

  constructor(settings: WindowSettings) {
    this.#settings = settings
    this.#widthMs = settings.sliceMs
  }

  next(lowerMs: number, nowMs: number): TimeSpan {
    const limitMs = Math.max(lowerMs, nowMs - this.#settings.delayMs)
    if (new Date(lowerMs).getUTCFullYear() === UNSET_YEAR) return { lowerMs, upperMs: limitMs }
    return { lowerMs, upperMs: Math.min(limitMs, lowerMs + this.#widthMs) }
  }

  /**
   * Whether the rows of the query moved the lower bound. Over a gap the window grows; rows that were
   * added to the lower bound alone do not hold it.
   */
  seen(hasMoved: boolean): void {
    const { sliceMs, pollMs } = this.#settings
    const grownMs = this.#widthMs + Math.max(sliceMs + pollMs, Math.floor(this.#widthMs / 4))
    this.#widthMs = hasMoved ? sliceMs : Math.min(grownMs, WIDTH_MS_MAX)
  }
}
