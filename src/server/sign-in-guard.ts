/**
 * Slows down whoever tries passwords: after five wrong ones for a name there is a pause, which doubles.
 * Kept by `Callers`; asked by the route of sign-in and for logins in headers.
 * Invariants: what is remembered is bounded, and forgotten after a time, names with many wrong tries last; a
 * try counts as wrong until it is known to be right, so that tries at the same time count as well.
 * Spec: backlog-replication 2.17; ui 5.2 (sign in).
 */
const TRIES = 5
const PAUSE_MS = 30_000
const PAUSE_MS_MAX = 15 * 60_000
const FORGET_MS = 60 * 60_000
const NAMES_MAX = 10_000
const VALUES_MAX = 16

interface Tries {
  wrong: number
  pausedUntilMs: number
  atMs: number
  /** Digests of what was wrong, where they are told. */
  readonly values: Set<string>
}

interface Told {
  /** A digest of what was tried: the same again is no further try. */
  readonly value?: string | undefined
  readonly nowMs?: number
}

export class SignInGuard {
  readonly #names = new Map<string, Tries>()
  readonly #namesMax: number

  constructor(namesMax = NAMES_MAX) {
    this.#namesMax = namesMax
  }

  /** How long a name has to wait; 0: it may try. */
  waitMs(name: string, nowMs = Date.now()): number {
    return Math.max(0, (this.#names.get(name)?.pausedUntilMs ?? 0) - nowMs)
  }

  /** How many tries are left before a pause; 0: it is there. */
  left(name: string): number {
    return Math.max(0, TRIES - (this.#names.get(name)?.wrong ?? 0))
  }

  /** Counts a try as wrong unless `look` finds it right; one that could not be looked at is none. */
  async tried<T>(name: string, look: () => Promise<T>, value?: string): Promise<T> {
    const isCounted = this.wrong(name, { value })
    try {
      const found = await look()
      if (found !== undefined && found !== false) this.right(name)
      return found
    } catch (error) {
      if (isCounted) this.undo(name)
      throw error
    }
  }

  /** Whether it counts. */
  wrong(name: string, { value, nowMs = Date.now() }: Told = {}): boolean {
    this.#forget(nowMs)
    const known = this.#names.get(name)
    const tries = known ?? { wrong: 0, pausedUntilMs: 0, atMs: nowMs, values: new Set() }
    tries.atMs = nowMs
    this.#names.set(name, tries)
    if (value !== undefined) {
      if (tries.values.has(value)) return false
      if (tries.values.size < VALUES_MAX) tries.values.add(value)
    }
    tries.wrong++
    const left = TRIES - tries.wrong
    if (left <= 0) {
      const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** -left)
      tries.pausedUntilMs = nowMs + pauseMs
    }
    return true
  }

  /** A try that was none: the pause that it began is over, and no other began, because nobody tries in one. */
  undo(name: string): void {
    const tries = this.#names.get(name)
    if (tries === undefined) return
    tries.wrong--
    tries.pausedUntilMs = 0
  }

  right(name: string): void {
    this.#names.delete(name)
  }

  #forget(nowMs: number): void {
    for (const [name, { atMs }] of this.#names)
      if (nowMs - atMs > FORGET_MS) this.#names.delete(name)
    if (this.#names.size < this.#namesMax) return
    // Many names with a try each must not make wrong tries of another be forgotten.
    const [name] = [...this.#names].reduce((least, one) =>
      one[1].wrong < least[1].wrong ? one : least,
    )
    this.#names.delete(name)
  }
}
