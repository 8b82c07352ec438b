/**
 * Makes the next state of a topic from the one before and the changes that the server told.
 * Used where the live connection is, and in each tab.
 * Invariant: what did not change stays the same object, so that only changed parts are drawn again.
 * Spec: ui 4.3.
 */
import type { LiveChange } from '../../api-v1-live.ts'

export function applyChanges(state: unknown, changes: readonly LiveChange[]): unknown {
  return changes.reduce((now, change) => applied(now, change[0], change), state)
}

function applied(state: unknown, path: readonly (string | number)[], change: LiveChange): unknown {
  const [key, ...rest] = path
  if (key === undefined) return change[1]
  if (Array.isArray(state)) {
    const copy: unknown[] = [...state]
    copy[Number(key)] = applied(copy[Number(key)], rest, change)
    return copy
  }
  const fields = { ...(state as Record<string, unknown>) }
  if (rest.length === 0 && change.length === 1) delete fields[key]
  else fields[key] = applied(fields[key], rest, change)
  return fields
}
