/**
 * How long conversions that fail for a while are repeated, from a connector's settings.
 * Used where tasks are built. Kafka Connect gives up at once unless it is told otherwise, and so a
 * registry that restarts stops every task; here conversions wait until the user names a time.
 * Spec: connect-rest 9, 14; docs/adr/0021-retries-of-conversions.md.
 */
import type { RetryPolicy } from '../pipeline/index.ts'
import type { ConnectorPlan } from './task-plan.ts'

/** Undefined: until they pass. */
export function retryPolicyOf({
  settings,
  evaluation,
}: Pick<ConnectorPlan, 'settings' | 'evaluation'>): RetryPolicy | undefined {
  if (!evaluation.source.entries.has('errors.retry.timeout')) return undefined
  return { timeoutMs: settings.retryTimeoutMs, delayMaxMs: settings.retryDelayMaxMs }
}
