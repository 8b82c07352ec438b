/**
 * Wall-clock times of a zone as moments, by the rules of schedules: a time that the zone skips is the next
 * valid minute, one that it has twice is its first. Pure; used by schedules.
 * A wall-clock time is held as the milliseconds that it would have in UTC.
 * Invariant: `momentsOf` and `wallTimeOf` agree wherever a time is neither skipped nor doubled.
 * Spec: backlog-replication 2.10.
 */
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const KNOWN_MAX = 100

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws a RangeError for a zone that there is not. */
export function wallTimeOf(momentMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(momentMs)
  const of = (type: string) => Number(parts.find(one => one.type === type)?.value)
  const year = of('year')
  const era = parts.find(one => one.type === 'era')?.value
  const date = [era === 'BC' ? 1 - year : year, of('month') - 1, of('day')] as const
  return Date.UTC(...date, of('hour'), of('minute'), of('second'))
}

export interface Moments {
  /** Skipped: the first valid minute behind the gap. */
  readonly first: number
  /** Of a doubled time; undefined: it is there once. */
  readonly second: number | undefined
  readonly isSkipped: boolean
}

export function momentsOf(wallMs: number, timeZone: string): Moments {
  const before = offsetAt(wallMs - DAY_MS, timeZone)
  const after = offsetAt(wallMs + DAY_MS, timeZone)
  const found = [...new Set([before, after])]
    .map(offset => wallMs - offset)
    .filter(one => wallTimeOf(one, timeZone) === wallMs)
    .sort((a, b) => a - b)
  const [first, second] = found
  if (first !== undefined) return { first, second, isSkipped: false }
  return { first: changeOf(wallMs, timeZone), second: undefined, isSkipped: true }
}

/** The first minute whose wall-clock time is behind a time that the zone skips. */
function changeOf(wallMs: number, timeZone: string): number {
  const isBehind = (momentMs: number) => wallTimeOf(momentMs, timeZone) > wallMs
  return firstMinute(wallMs - 2 * DAY_MS, wallMs + 2 * DAY_MS, isBehind)
}

/** The minute from which on the zone has the difference to UTC that it has at the end, not that of the start. */
export function changeBetween(fromMs: number, toMs: number, timeZone: string): number {
  const before = offsetAt(fromMs, timeZone)
  return firstMinute(fromMs, toMs, momentMs => offsetAt(momentMs, timeZone) !== before)
}

/** In milliseconds. */
export function offsetAt(momentMs: number, timeZone: string): number {
  return wallTimeOf(momentMs, timeZone) - Math.floor(momentMs / 1000) * 1000
}

/** By halves; `fits` is false at the start and true at the end. */
function firstMinute(fromMs: number, toMs: number, fits: (ms: number) => boolean): number {
  let low = minuteOf(fromMs)
  let high = Math.ceil(toMs / MINUTE_MS)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle * MINUTE_MS)) high = middle
    else low = middle
  }
  return high * MINUTE_MS
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS)
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  })
  if (formats.size >= KNOWN_MAX) formats.clear()
  formats.set(timeZone, format)
  return format
}
