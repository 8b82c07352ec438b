/**
 * Fetches the schemas that converters asked for, between two attempts to convert a batch.
 * Used by sink and source tasks; converters themselves never wait.
 * Invariants: at most CONCURRENT_MAX fetches at once; every schema is asked for, whatever became of
 * the others, so that records only fail by their own. The engine decides by the kind of a failure
 * whether the batch is tried again later or the task stops.
 */
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { SchemaNeeded } from '../flow/index.ts'
import { PIPELINE_ERRORS } from './errors.ts'

/** Key, value and headers each may lack one, and a message may show the next only after another. */
export const SCHEMA_ROUNDS_MAX = 16
const CONCURRENT_MAX = 8

/** By `SchemaNeeded.what`. */
export type SchemaFailures = ReadonlyMap<string, ScamanderError>

/** Those that could not be fetched; empty when all are there. */
export async function fetchSchemas(needs: ReadonlySet<SchemaNeeded>): Promise<SchemaFailures> {
  const failures = new Map<string, ScamanderError>()
  const waiting = [...needs]
  for (let from = 0; from < waiting.length; from += CONCURRENT_MAX) {
    const some = waiting.slice(from, from + CONCURRENT_MAX)
    const results = await Promise.allSettled(some.map(need => need.fetch()))
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') failures.set(some[index]!.what, toFailure(result.reason))
    }
  }
  return failures
}

/** The one that decides about the batch: one that does not pass before those that do. */
export function decisive(failures: SchemaFailures): ScamanderError | undefined {
  const all = [...failures.values()]
  return all.find(one => !isPassing(one)) ?? all[0]
}

export function isPassing({ kind }: ScamanderError): boolean {
  return kind === 'retriable' || kind === 'disconnected'
}

function toFailure(reason: unknown): ScamanderError {
  if (isScamanderError(reason)) return reason
  return new ScamanderError(PIPELINE_ERRORS.UNEXPECTED, messageOf(reason), { cause: reason })
}
