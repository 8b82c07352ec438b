/**
 * The time in the position of a source that reads by time: found, and written for another moment. Pure.
 * Used by the tab Offsets.
 * Invariants: a position of another form has no time and is shown as it is; times are UTC, to the
 * millisecond.
 * Spec: ui 5.4 (offsets of sources); cassandra-sink 11.5.
 */
import { shownZone } from '../parts/zone.ts'

const TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

export interface TimeOffset {
  /** The key of the position that holds the time. */
  readonly column: string
  /** Milliseconds since 1970. */
  readonly ms: number
}

/** The first of its keys is the column that the source reads by; the others add to it. */
export function timeOffsetOf(offset: unknown): TimeOffset | undefined {
  if (typeof offset !== 'object' || offset === null) return undefined
  const [entry] = Object.entries(offset)
  if (entry === undefined || typeof entry[1] !== 'string' || !TIME.test(entry[1])) return undefined
  const ms = Date.parse(entry[1].replace(' ', 'T'))
  return Number.isNaN(ms) ? undefined : { column: entry[0], ms }
}

/** A position of that moment. */
export function offsetAt(column: string, ms: number): Record<string, string> {
  return { [column]: new Date(ms).toISOString().replace('T', ' ') }
}

/** What a person typed, of the shown zone: "2026-11-20 14:00", with seconds or without. */
export function parseLocal(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text.trim())
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(one => Number(one ?? 0))
  if (shownZone() === 'utc') {
    const at = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second))
    const isReal =
      at.getUTCMonth() === (month ?? 1) - 1 && at.getUTCDate() === day && at.getUTCHours() === hour
    return isReal ? at.getTime() : undefined
  }
  const at = new Date(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  const isReal =
    at.getMonth() === (month ?? 1) - 1 && at.getDate() === day && at.getHours() === hour
  return isReal ? at.getTime() : undefined
}
