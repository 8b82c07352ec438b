/**
 * Replaces function calls in a statement to be prepared by bind variables, and takes these variables
 * out of the metadata that the client gets.
 * Called by the handler of PREPARE when functions are replaced.
 * Invariants: the client sees exactly the variables it wrote; its partition key indexes are left out
 * when an added variable is part of the key, because then only the proxy knows the whole key.
 * Spec: live-migration 2.6 (prepared statements).
 */
import type { VariablesMetadata } from '../../cql/index.ts'
import { replaceCalls } from '../request/function-values.ts'
import type { StatementInfo } from '../statement/statement-info.ts'
import type { AddedVariable } from './prepared-statement.ts'

export interface Rewritten {
  readonly query: string
  readonly added: readonly AddedVariable[]
}

/** The name cannot clash: it is not one that people write. */
const NAME = 'scamander_value_'

export function rewriteCalls(text: string, info: StatementInfo): Rewritten {
  const isNamed = info.hasNamedMarkers
  const added = info.functions.map((call, place) => ({
    index: call.markersBefore + place,
    result: call.result,
    name: isNamed ? `${NAME}${place}` : undefined,
  }))
  const query = replaceCalls(text, info.functions, (call, place) =>
    isNamed ? `(${call.result}):${NAME}${place}` : `(${call.result})?`,
  )
  return { query, added }
}

/** Metadata without the added variables. */
export function withoutAdded(
  variables: VariablesMetadata,
  added: readonly AddedVariable[],
): VariablesMetadata {
  const isAdded = (index: number) => added.some(one => one.index === index)
  const shift = (index: number) => index - added.filter(one => one.index < index).length
  const { partitionKeyIndexes } = variables
  return {
    columns: variables.columns.filter((_, index) => !isAdded(index)),
    partitionKeyIndexes: partitionKeyIndexes.some(isAdded) ? [] : partitionKeyIndexes.map(shift),
  }
}
