/**
 * Why a run starts: who wanted it, when it was due, which run led to it; and the jobs that led to runs under
 * way, so that no chain of jobs turns in a circle. Used by the replicator, events and schedules.
 * Invariant: a job that led to a run is never started by it, however many jobs lie between.
 * Spec: backlog-replication 2.10, 2.13, 2.15.
 */
import type { RunInfo, RunLink } from '../api-v1.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'

export type RunCause = Pick<RunInfo, 'trigger' | 'after' | 'dueAt' | 'isCatchUp'>

const CHAIN_MAX = 10
const REMEMBERED_MAX = 1_000

export function causeOf({ trigger, after, dueAt, isCatchUp }: RunCause): RunCause {
  return {
    trigger,
    ...(after === undefined ? {} : { after }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(isCatchUp === undefined ? {} : { isCatchUp }),
  }
}

export class RunChains {
  /** Jobs that led to a run; the newest only. */
  readonly #chains = new Map<string, readonly string[]>()

  /** Starts what `start` starts, and returns its run; throws when `target` led to this run already. */
  follow(run: RunLink, target: string, start: (after: RunLink) => string): string {
    const chain = [...(this.#chains.get(run.runId) ?? []), run.jobId]
    if (chain.includes(target) || chain.length >= CHAIN_MAX) {
      const message = 'the other job led to this run already; it was not started again'
      throw new ScamanderError(REPLICATE_ERRORS.HOOK, message)
    }
    const { runId, jobId, jobName } = run
    const started = start({ runId, jobId, jobName })
    this.#chains.set(started, chain)
    const [oldest] = this.#chains.keys()
    if (this.#chains.size > REMEMBERED_MAX && oldest !== undefined) this.#chains.delete(oldest)
    return started
  }
}

export function linkOf({ id, jobId, jobName }: RunInfo): RunLink {
  return { runId: id, jobId, jobName }
}
