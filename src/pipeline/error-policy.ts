/**
 * What happens to a record that failed: the configured answer, as data and one pure function.
 * Conversion and transform failures follow `errors.tolerance`; failures of the write follow the
 * dialect's put policy (DataStax: `ignoreErrors`), dead letters before all else.
 * Spec: connect-rest 14; cassandra-sink 7 and D8.
 */
import type { Failure } from '../flow/index.ts'

export type Verdict = 'rewind' | 'skip' | 'dead-letter' | 'fail'

export interface ErrorPolicy {
  /** errors.tolerance: what a converter or transform failure does. */
  readonly tolerance: 'none' | 'all'
  /** A dead-letter topic is configured. */
  readonly hasDeadLetters: boolean
  /** errors.log.enable */
  readonly logErrors: boolean
  /** errors.log.include.messages: topic, partition, offset and timestamp of the record. */
  readonly logMessages: boolean
  /** What the dialect does with a record that cannot be mapped. */
  readonly mapping: 'rewind' | 'skip' | 'fail'
  /** What the dialect does with a write that the target refused or missed. */
  readonly driver: 'rewind' | 'skip' | 'fail'
  /** Attempts at one record before it is given up; 0: for ever. */
  readonly attemptsMax: number
  /** The same pause before every attempt; not given: growing pauses. */
  readonly retryIntervalMs?: number
  /** Attempts count as well while the target cannot be reached. @default false */
  readonly coversOutages?: boolean
}

/** For a record that did not get through a converter or transform. */
export function judgeDecodeFailure(policy: ErrorPolicy): Verdict {
  if (policy.tolerance === 'none') return 'fail'
  return policy.hasDeadLetters ? 'dead-letter' : 'skip'
}

/** For a record that the sink gave back; `attempts` counts this failure, from 1. */
export function judgePutFailure(policy: ErrorPolicy, failure: Failure, attempts: number): Verdict {
  const deadLetters = policy.hasDeadLetters && policy.tolerance === 'all'
  if (failure.origin === 'mapping' && deadLetters) return 'dead-letter'
  // A write that was ended from our side says nothing: whatever the policy, it is done again.
  if (failure.error.kind === 'cancelled') return 'rewind'
  const configured = failure.origin === 'mapping' ? policy.mapping : policy.driver
  if (configured !== 'rewind') return configured
  // A target that cannot be reached says nothing about the record: it is not an attempt.
  const isOutage = failure.error.kind === 'disconnected' && policy.coversOutages !== true
  if (isOutage) return 'rewind'
  if (policy.attemptsMax === 0 || attempts < policy.attemptsMax) return 'rewind'
  return deadLetters ? 'dead-letter' : 'fail'
}
