/**
 * What the KCQL error policies mean for the engine: which failures stop the task, which are skipped,
 * which are tried again, how often and after which pause.
 * Spec: cassandra-sink 10.6, 12 (D15, D17).
 */
import type { KcqlErrorPolicy } from './shared-fields.ts'

export interface PutRules {
  readonly mapping: 'rewind' | 'skip' | 'fail'
  readonly driver: 'rewind' | 'skip' | 'fail'
  /** Attempts at one record before it is given up; 0: for ever. */
  readonly attemptsMax: number
  /** The same pause before every attempt; undefined: growing pauses. */
  readonly retryIntervalMs?: number
  /** The policy covers a target that is away as well, and the start. */
  readonly coversOutages: true
}

export interface PolicySettings {
  readonly errorPolicy: KcqlErrorPolicy
  readonly maxRetries: number
  readonly retryIntervalMs: number
}

const ANSWERS = { NOOP: 'skip', THROW: 'fail', RETRY: 'rewind' } as const

export function putRulesOf(
  settings: PolicySettings,
  ignored: 'none' | 'driver' | 'all' = 'none',
): PutRules {
  const { errorPolicy, maxRetries, retryIntervalMs } = settings
  const answer = ANSWERS[errorPolicy]
  return {
    mapping: ignored === 'all' ? 'skip' : answer,
    driver: ignored === 'none' ? answer : 'skip',
    attemptsMax: errorPolicy === 'RETRY' && maxRetries >= 0 ? maxRetries + 1 : 0,
    ...(errorPolicy === 'RETRY' ? { retryIntervalMs } : {}),
    coversOutages: true,
  }
}
