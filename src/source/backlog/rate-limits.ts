/**
 * The limits of a user as one row per class of requests.
 * Used by the table RateLimits.
 * Spec: backlog-replication 1.4, 1.9.
 */
import type { Json } from '../../backlog/index.ts'

export function limitsByClass(answer: Json): readonly Json[] {
  const classes = (answer['rateLimit'] ?? {}) as Readonly<Record<string, Json>>
  return Object.entries(classes).map(([name, limit]) => ({
    ...limit,
    class: name,
    resetAt: new Date(Number(limit['reset']) * 1000).toISOString(),
  }))
}
