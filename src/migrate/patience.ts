/**
 * Repeats a step between the ranges of a run while a cluster is away: planning a table, preparing its
 * statements. Between two tables of a long run a restart of a node must cost as little as within one.
 * Used by copy and validation, after their sessions were open once: what cannot be reached at the
 * start is told at once.
 * Invariant: bounded; only errors that may pass are repeated, and the last one is thrown.
 */
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import { isScamanderError } from '../base/scamander-error.ts'

export interface PatienceParts {
  readonly signal: AbortSignal
  readonly onRetry: (error: unknown) => void
}

/** Together some five minutes, as for pages. */
const ATTEMPTS_MAX = 40
const RETRY_BASE_MS = 100
const RETRY_MAX_MS = 8_000

export function mayRetry(error: unknown): boolean {
  return isScamanderError(error, 'retriable') || isScamanderError(error, 'disconnected')
}

/** `work` must be one that can be done twice. */
export async function patiently<T>(
  { signal, onRetry }: PatienceParts,
  work: () => Promise<T>,
): Promise<T> {
  const backoff = new Backoff({ baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS })
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!mayRetry(error) || signal.aborted || backoff.attempt + 1 >= ATTEMPTS_MAX) throw error
      onRetry(error)
      await systemClock.sleep(backoff.next(), signal)
    }
  }
}
