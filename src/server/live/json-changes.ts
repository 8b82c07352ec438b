/**
 * What differs between two states of a topic, as paths and new values. Called by a live channel before
 * it tells its subscribers.
 * Invariant: applied in their order to the first state, the changes make the second. Lists of one
 * length are compared item by item, others are sent whole.
 * Spec: ui 4.3.
 */
import type { LiveChange } from '../../api-v1-live.ts'

type Path = readonly (string | number)[]
type Fields = Readonly<Record<string, unknown>>

export function changesOf(before: unknown, after: unknown): LiveChange[] {
  const out: LiveChange[] = []
  compare(before, after, [], out)
  return out
}

function compare(before: unknown, after: unknown, path: Path, out: LiveChange[]): void {
  if (Object.is(before, after)) return
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [at, one] of after.entries()) compare(before[at], one, [...path, at], out)
  } else if (isFields(before) && isFields(after)) compareFields(before, after, path, out)
  else out.push([path, after])
}

function compareFields(before: Fields, after: Fields, path: Path, out: LiveChange[]): void {
  for (const [name, value] of Object.entries(after)) {
    if (value === undefined) continue
    const at = [...path, name]
    if (has(before, name)) compare(before[name], value, at, out)
    else out.push([at, value])
  }
  for (const name of Object.keys(before)) {
    if (before[name] !== undefined && !has(after, name)) out.push([[...path, name]])
  }
}

/** Of its own: a field may be called like a method that every object has. */
function has(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name] !== undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
