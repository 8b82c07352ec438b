/**
 * Which notices of runs are worth a toast, and which take the place of one that is still there. Pure but
 * for what it remembers; one per page. Used by the live events.
 * Invariants: what somebody started, what went wrong and what goes well again is always told; runs of
 * the schedule that go well as ever are told at most once an hour, and only when they changed rows. The
 * bell has all of them.
 * Spec: ui 4.6.
 */
import type { Notice } from '../../api-v1.ts'

const QUIET_MS = 3_600_000
const JOBS_MAX = 1_000

interface Last {
  readonly state: Notice['state']
  /** When a run of the schedule that went well was told. */
  readonly toldMs: number | undefined
}

export class NoticeRule {
  readonly #last = new Map<string, Last>()

  isTold(notice: Notice, nowMs = Date.now()): boolean {
    const { jobId, state, trigger, rows } = notice
    if (jobId === null) return true
    const last = this.#last.get(jobId)
    const isRoutine = trigger === 'schedule' && state === 'SUCCESS'
    const isAsEver = last === undefined || last.state === 'SUCCESS'
    const isQuiet = last?.toldMs !== undefined && nowMs - last.toldMs < QUIET_MS
    const isTold = !isRoutine || !isAsEver || (rows > 0 && !isQuiet)
    this.#keep(jobId, { state, toldMs: isRoutine && isTold ? nowMs : last?.toldMs })
    return isTold
  }

  #keep(jobId: string, last: Last): void {
    this.#last.delete(jobId)
    this.#last.set(jobId, last)
    const [oldest] = this.#last.keys()
    if (this.#last.size > JOBS_MAX && oldest !== undefined) this.#last.delete(oldest)
  }
}
