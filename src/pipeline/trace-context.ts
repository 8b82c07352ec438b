/**
 * What records say of the traces that they belong to: the header `traceparent` of those that are
 * sampled, each trace span once, a bounded number of a batch.
 * Read by batch-trace.ts, only while traces are on.
 * Spec: W3C Trace Context; OpenTelemetry, conventions for Kafka.
 */
import { RawText } from '../flow/index.ts'
import { isSampled } from '../telemetry/index.ts'

/** Of one batch. */
export const FOLLOWED_MAX = 32
export const TRACEPARENT = 'traceparent'

interface WithHeaders {
  readonly headers: readonly { readonly name: string; readonly value: unknown }[]
}

export interface Followed<T> {
  readonly item: T
  readonly traceparent: string
}

/** The first items of distinct contexts, in order. */
export function followedOf<T extends WithHeaders>(items: readonly T[]): Followed<T>[] {
  const found: Followed<T>[] = []
  const seen = new Set<string>()
  for (const item of items) {
    if (item.headers.length === 0) continue
    const traceparent = traceparentOf(item)
    if (traceparent === undefined || seen.has(traceparent) || !isSampled(traceparent)) continue
    seen.add(traceparent)
    found.push({ item, traceparent })
    if (found.length === FOLLOWED_MAX) break
  }
  return found
}

/** The last one counts, as with Kafka's own clients. */
export function traceparentOf({ headers }: WithHeaders): string | undefined {
  for (let at = headers.length - 1; at >= 0; at--) {
    const { name, value } = headers[at]!
    if (name === TRACEPARENT) return textOf(value)
  }
  return undefined
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  return value instanceof RawText ? value.toString() : undefined
}
