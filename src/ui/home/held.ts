/**
 * What holds up a connector that runs, in the words that stand instead of its state. Pure.
 * Used by Home, the list of connectors and their pages.
 * Invariants: only what is RUNNING is held up; one word, the worse: a server that does not answer comes
 * before a record that is tried again.
 * Spec: ui 3 (Status).
 */
import type { FlowCounters } from '../../api-v1-home.ts'
import { toCounted, toLocal } from '../parts/format.ts'

export interface Held {
  /** How the chip looks. */
  readonly look: 'RETRYING' | 'WAITING'
  /** "Retrying: 1 record since 14:02" */
  readonly text: string
}

/** Undefined: it goes on, or its state says more. */
export function heldOf(state: string, counters: FlowCounters | undefined): Held | undefined {
  if (state !== 'RUNNING' || counters === undefined) return undefined
  const { waits, troubles } = counters
  const [wait] = waits
  if (wait !== undefined) {
    return { look: 'WAITING', text: `Waiting for ${wait.server} since ${clock(wait.since)}` }
  }
  const [trouble] = troubles
  if (trouble === undefined) return undefined
  const records = toCounted(troubles.length, 'record')
  return { look: 'RETRYING', text: `Retrying: ${records} since ${clock(trouble.since)}` }
}

/** There is something to do and nothing is done: no rest. */
export function isWaiting(state: string, held: Held | undefined, lag: number | undefined): boolean {
  return held !== undefined || (state === 'RUNNING' && lag !== undefined && lag > 0)
}

const CLOCK_FROM = 11
const CLOCK_TO = 16

function clock(iso: string): string {
  return toLocal(iso).slice(CLOCK_FROM, CLOCK_TO)
}
