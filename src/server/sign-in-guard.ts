/**
 * Slows down whoever tries passwords: after five wrong ones for a name there is a pause, which doubles.
 * Kept by `Callers`; asked by the route of sign-in and for logins of managed users in headers.
 * Invariants: what is remembered is bounded, and forgotten after a time; a try counts as wrong until it is
 * known to be right, so that tries at the same time count as well.
 * Spec: backlog-replication 2.17; ui 5.2 (sign in).
 */
const TRIES = 5
const PAUSE_MS = 30_000
const PAUSE_MS_MAX = 15 * 60_000
const FORGET_MS = 60 * 60_000
const NAMES_MAX = 10_000

interface Tries {
  wrong: number
  pausedUntilMs: number
  atMs: number
}

export class SignInGuard {
  readonly #names = new Map<string, Tries>()

  /** How long a name has to wait; 0: it may try. */
  waitMs(name: string, nowMs = Date.now()): number {
    return Math.max(0, (this.#names.get(name)?.pausedUntilMs ?? 0) - nowMs)
  }

  /** How many tries are left before a pause; 0: it is there. */
  left(name: string): number {
    return Math.max(0, TRIES - (this.#names.get(name)?.wrong ?? 0))
  }

  wrong(name: string, nowMs = Date.now()): void {
    this.#forget(nowMs)
    const tries = this.#names.get(name) ?? { wrong: 0, pausedUntilMs: 0, atMs: nowMs }
    tries.wrong++
    tries.atMs = nowMs
    this.#names.set(name, tries)
    const left = TRIES - tries.wrong
    if (left <= 0) {
      const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** -left)
      tries.pausedUntilMs = nowMs + pauseMs
    }
  }

  /** A try that could not be looked at. */
  undo(name: string): void {
    const tries = this.#names.get(name)
    if (tries === undefined) return
    tries.wrong--
    if (tries.wrong < TRIES) tries.pausedUntilMs = 0
  }

  right(name: string): void {
    this.#names.delete(name)
  }

  #forget(nowMs: number): void {
    for (const [name, { atMs }] of this.#names) {
      if (nowMs - atMs > FORGET_MS || this.#names.size >= NAMES_MAX) this.#names.delete(name)
    }
  }
}
