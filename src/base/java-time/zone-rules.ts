/**
 * Time zones as Java's ZoneId has them: offsets, offsets with a prefix, and IANA regions whose
 * offsets come from the runtime's zone data. Used by the date formatter and the timestamp parsers.
 * Local times resolve as ZonedDateTime.ofLocal: a gap moves forward by its length, an overlap
 * takes the earlier offset.
 * Invariant: offsets are cached per stretch of about twelve days; the cache is bounded.
 */
import { toEpochDay } from './civil.ts'

const BUCKET_SECONDS = 2 ** 20
const BUCKETS_MAX = 4096
const ZONES_MAX = 1024
/** The range that the runtime's Date covers, in seconds. */
const SECONDS_MAX = 8.64e12
const DAY_SECONDS = 86_400
export const OFFSET_SECONDS_MAX = 18 * 3600

export interface ZoneRules {
  readonly id: string
  /** Offset from UTC in force at that instant, seconds. */
  offsetAt(epochSecond: number): number
  /** The instant of a local date and time, given as seconds since 1970-01-01T00:00 local. */
  toEpochSecond(localSecond: number): number
}

class FixedZone implements ZoneRules {
  readonly id: string
  readonly #offset: number

  constructor(id: string, offset: number) {
    this.id = id
    this.#offset = offset
  }

  offsetAt(): number {
    return this.#offset
  }

  toEpochSecond(localSecond: number): number {
    return localSecond - this.#offset
  }
}

interface Stretch {
  /** First second of the second offset; infinite when the stretch has one offset. */
  readonly changeAt: number
  readonly before: number
  readonly after: number
}

class RegionZone implements ZoneRules {
  readonly id: string
  readonly #format: Intl.DateTimeFormat
  readonly #stretches = new Map<number, Stretch>()

  constructor(id: string) {
    this.id = id
    this.#format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone: id,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  offsetAt(epochSecond: number): number {
    const bucket = Math.floor(epochSecond / BUCKET_SECONDS)
    let stretch = this.#stretches.get(bucket)
    if (stretch === undefined) {
      stretch = this.#measure(bucket * BUCKET_SECONDS)
      if (this.#stretches.size >= BUCKETS_MAX) this.#stretches.clear()
      this.#stretches.set(bucket, stretch)
    }
    return epochSecond < stretch.changeAt ? stretch.before : stretch.after
  }

  toEpochSecond(localSecond: number): number {
    const before = this.offsetAt(localSecond - DAY_SECONDS)
    const after = this.offsetAt(localSecond + DAY_SECONDS)
    if (before === after) return localSecond - before
    const early = localSecond - before
    if (this.offsetAt(early) === before) return early
    const late = localSecond - after
    return this.offsetAt(late) === after ? late : early
  }

  #measure(start: number): Stretch {
    const before = this.#read(start)
    const after = this.#read(start + BUCKET_SECONDS - 1)
    if (before === after) return { changeAt: Number.POSITIVE_INFINITY, before, after }
    let low = start
    let high = start + BUCKET_SECONDS - 1
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#read(middle) === before) low = middle
      else high = middle
    }
    return { changeAt: high, before, after }
  }

  #read(epochSecond: number): number {
    const second = Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, epochSecond))
    const parts: Record<string, string> = {}
    for (const { type, value } of this.#format.formatToParts(second * 1000)) parts[type] = value
    const read = (type: string) => Number(parts[type])
    const isBeforeChrist = parts['era']?.startsWith('B') === true
    const year = isBeforeChrist ? 1 - read('year') : read('year')
    const days = toEpochDay(year, read('month'), read('day'))
    return days * DAY_SECONDS + read('hour') * 3600 + read('minute') * 60 + read('second') - second
  }
}

const OFFSET = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/
const PREFIXED = /^(UTC|GMT|UT)([+-].+)?$/
const REGION = /^[A-Za-z][A-Za-z0-9~/._+-]+$/
/** Fixed-offset abbreviations that the zone data knows and Java's region ids do not include. */
const NOT_REGIONS: ReadonlySet<string> = new Set(['EST', 'MST', 'HST', 'ROC'])

const zones = new Map<string, ZoneRules | undefined>()

/** The zone of an offset in seconds; undefined beyond 18 hours. */
export function zoneOfOffset(offsetSeconds: number, id?: string): ZoneRules | undefined {
  if (Math.abs(offsetSeconds) > OFFSET_SECONDS_MAX) return undefined
  return new FixedZone(id ?? String(offsetSeconds), offsetSeconds)
}

export const UTC: ZoneRules = new FixedZone('UTC', 0)

/** The zone of `Z`, `+02:00`, `UTC+2`, `Europe/Paris`, …; undefined when there is none. */
export function findZone(id: string): ZoneRules | undefined {
  const known = zones.get(id)
  if (known !== undefined || zones.has(id)) return known
  const zone = buildZone(id)
  if (zones.size >= ZONES_MAX) zones.clear()
  zones.set(id, zone)
  return zone
}

function buildZone(id: string): ZoneRules | undefined {
  if (id === 'Z') return UTC
  const offset = readOffset(id)
  if (offset !== undefined) return zoneOfOffset(offset, id)
  const prefixed = PREFIXED.exec(id)
  if (prefixed !== null) {
    if (prefixed[2] === undefined) return new FixedZone(id, 0)
    const shift = readOffset(prefixed[2])
    return shift === undefined ? undefined : zoneOfOffset(shift, id)
  }
  if (!REGION.test(id) || NOT_REGIONS.has(id.toUpperCase())) return undefined
  try {
    return new RegionZone(id)
  } catch {
    // The runtime knows no such zone: that is the answer.
    return undefined
  }
}

function readOffset(text: string): number | undefined {
  const match = OFFSET.exec(text)
  if (match === null) return undefined
  const [, sign, hours, minutes = '0', seconds = '0'] = match
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -total : total
}
