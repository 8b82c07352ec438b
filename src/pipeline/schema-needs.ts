/**
 * Fetches the schemas that converters asked for, between two attempts to convert a batch.
 * Used by sink and source tasks; converters themselves never wait.
 * Invariant: at most CONCURRENT_MAX fetches at once; the first failure ends the round, the engine
 * decides by its kind whether the batch is tried again later or the task stops.
 */
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { SchemaNeeded } from '../flow/index.ts'
import { PIPELINE_ERRORS } from './errors.ts'

/** Key, value and headers each may lack one, and a message may show the next only after another. */
export const SCHEMA_ROUNDS_MAX = 16
const CONCURRENT_MAX = 8

/** The failure that keeps the batch from being converted, or undefined when all is there. */
export async function fetchSchemas(
  needs: ReadonlySet<SchemaNeeded>,
): Promise<ScamanderError | undefined> {
  const waiting = [...needs]
  for (let from = 0; from < waiting.length; from += CONCURRENT_MAX) {
    const fetches = waiting.slice(from, from + CONCURRENT_MAX).map(need => need.fetch())
    for (const result of await Promise.allSettled(fetches)) {
      if (result.status === 'rejected') return toFailure(result.reason)
    }
  }
  return undefined
}

function toFailure(reason: unknown): ScamanderError {
  if (isScamanderError(reason)) return reason
  return new ScamanderError(PIPELINE_ERRORS.UNEXPECTED, messageOf(reason), { cause: reason })
}
