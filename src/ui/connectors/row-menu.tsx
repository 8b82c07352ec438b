/**
 * The acts on one row of the list of connectors. Used by its table.
 * Invariant: only what the state and the role allow is offered.
 * Spec: ui 4.1 (row menu), 4.11.
 */
import type { Act } from './connector-queries.ts'
import type { ShownState } from './connector-state.ts'

const ACTS: readonly (readonly [Act, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['restart-all', 'Restart with all tasks'],
  ['restart-failed', 'Restart what failed'],
  ['stop', 'Stop'],
  ['delete', 'Delete'],
]

export function offeredActs(
  state: ShownState,
  mayDelete: boolean,
): readonly (readonly [Act, string])[] {
  return ACTS.filter(([act]) => isOffered(act, state) && (act !== 'delete' || mayDelete))
}

export function isOffered(act: Act, state: ShownState): boolean {
  const isHeld = state === 'PAUSED' || state === 'STOPPED'
  if (act === 'pause') return !isHeld
  if (act === 'resume') return isHeld
  if (act === 'stop') return state !== 'STOPPED'
  if (act === 'restart-failed') return state === 'FAILED' || state === 'DEGRADED'
  if (act === 'delete') return true
  return !isHeld
}
