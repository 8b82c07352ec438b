/**
 * Numbers, durations and times as the page writes them everywhere.
 * Invariants: what is unknown is a dash, never 0; absolute times name their zone.
 * Spec: ui 4.8.
 */
import { intlZone, shownZone } from './zone.ts'

const COUNT = new Intl.NumberFormat('en-US')
const ZONE = intlZone()
const DAY = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', ...ZONE })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...ZONE })
const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export const UNKNOWN = '–'

export function toCount(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : COUNT.format(value)
}

/** "1 row", "2 rows". */
export function toCounted(value: number, one: string, many = `${one}s`): string {
  return `${toCount(value)} ${value === 1 ? one : many}`
}

export function toDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  if (ms < HOUR_MS)
    return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`
  if (ms < DAY_MS) {
    const minutes = String(Math.floor((ms % HOUR_MS) / MINUTE_MS)).padStart(2, '0')
    return `${Math.floor(ms / HOUR_MS)} h ${minutes} min`
  }
  return `${Math.floor(ms / DAY_MS)} d ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`
}

/** "6 min ago", or the day and the time. */
export function toAgo(iso: string | null, nowMs = Date.now()): string {
  if (iso === null) return UNKNOWN
  const at = new Date(iso)
  const agoMs = nowMs - at.getTime()
  if (agoMs < 10 * SECOND_MS) return 'just now'
  if (agoMs < MINUTE_MS) return `${Math.floor(agoMs / SECOND_MS)} s ago`
  if (agoMs < HOUR_MS) return `${Math.floor(agoMs / MINUTE_MS)} min ago`
  if (agoMs < DAY_MS) return `${Math.floor(agoMs / HOUR_MS)} h ago`
  return `${DAY.format(at)}, ${CLOCK.format(at)}`
}

/** "6 min old". */
export function toAge(iso: string | null, nowMs: number): string {
  if (iso === null) return UNKNOWN
  const ms = Math.max(0, nowMs - new Date(iso).getTime())
  if (ms < MINUTE_MS) return 'under 1 min old'
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min old`
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} h old` : `${Math.floor(ms / DAY_MS)} d old`
}

/** "in 11 h". */
export function toAhead(iso: string, nowMs = Date.now()): string {
  const ms = Math.max(0, new Date(iso).getTime() - nowMs)
  if (ms < HOUR_MS) return `in ${Math.ceil(ms / MINUTE_MS)} min`
  return ms < DAY_MS ? `in ${Math.round(ms / HOUR_MS)} h` : `in ${Math.round(ms / DAY_MS)} d`
}

/** "2026-11-21 14:02:31", of the shown zone. */
export function toLocal(iso: string): string {
  const at = new Date(iso)
  const isUtc = shownZone() === 'utc' && !Number.isNaN(at.getTime())
  if (isUtc) return at.toISOString().slice(0, 19).replace('T', ' ')
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** "14:02:31", of the shown zone. */
export function toClock(ms: number): string {
  return toLocal(new Date(ms).toISOString()).slice(-8)
}

/** "UTC+9", for heads of columns. */
export function zoneName(): string {
  if (shownZone() === 'utc') return 'UTC'
  const minutes = -new Date().getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}

/** With a full stop, where another sentence follows. */
export function toSentence(text: string): string {
  return text.replace(/[^.?!]$/, '$&.')
}
