/**
 * Which answer a client gets when its clusters have settled: the failure policy, and nothing else.
 * Pure; called by completion.
 * Invariant: in `fail` mode a client hears of success only when every cluster the request was for
 * succeeded; otherwise the source's result stands.
 * Spec: live-migration 2.9 (failure policy).
 */
import { type Cluster, clusterName, SOURCE, TARGET } from '../cluster.ts'
import { STATUS, type Status } from '../request/dual-request.ts'

export type Decision =
  | { readonly kind: 'answer'; readonly cluster: Cluster }
  /** Not executed where it counts. */
  | { readonly kind: 'unavailable'; readonly message: string }
  /** Executed or not: not known. */
  | { readonly kind: 'timeout'; readonly message: string }

export interface DecisionInput {
  readonly status: readonly [Status, Status]
  readonly answerFrom: Cluster
  /** Clusters that are awaited, as bits. */
  readonly awaited: number
}

export interface DecisionPolicy {
  /** A failure of either cluster is the client's. */
  readonly isFailing: boolean
  readonly primary: Cluster
}

export function decide(input: DecisionInput, policy: DecisionPolicy): Decision {
  const { status, awaited } = input
  if (awaited !== 3 || status[TARGET] === STATUS.SKIPPED || status[TARGET] === STATUS.NONE) {
    return outcomeOf(input, awaited === 2 ? TARGET : SOURCE)
  }
  if (status[SOURCE] === STATUS.OK && status[TARGET] === STATUS.OK) {
    return { kind: 'answer', cluster: input.answerFrom }
  }
  if (!policy.isFailing || status[SOURCE] !== STATUS.OK) return outcomeOf(input, SOURCE)
  return outcomeOf(input, TARGET)
}

function outcomeOf(input: DecisionInput, cluster: Cluster): Decision {
  const status = input.status[cluster]
  if (status === STATUS.OK || status === STATUS.ERROR) return { kind: 'answer', cluster }
  const name = clusterName(cluster)
  if (status === STATUS.LOST) {
    return { kind: 'timeout', message: `The connection to the ${name} cluster was lost` }
  }
  if (status === STATUS.TIMED_OUT) {
    return { kind: 'timeout', message: `The ${name} cluster did not answer in time` }
  }
  return { kind: 'unavailable', message: `The ${name} cluster is not connected` }
}
