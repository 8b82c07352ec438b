/**
 * A text format of timestamps, dates or times as the codec settings name it: CQL_TIMESTAMP,
 * UNITS_SINCE_EPOCH, a predefined Java format or a pattern.
 * Compiled once per setting; used by the temporal, number and UUID encoders.
 * Invariant: every method gives NaN or undefined for a text that does not match.
 * Spec: cassandra-sink 3.6, 9.4, 9.5.
 */
import { Decimal } from '../../../base/decimal.ts'
import { JavaNumberFormat } from '../../../base/java-number-format.ts'
import { parseCqlTimestamp } from '../../../base/java-time/cql-timestamp.ts'
import {
  DateTimeFormatter,
  type ParsedTemporal,
} from '../../../base/java-time/date-time-formatter.ts'
import type { ZoneRules } from '../../../base/java-time/zone-rules.ts'
import { failure } from './conversion-failure.ts'
import { convertUnit, type TimeUnit } from './time-unit.ts'

export interface TemporalFormatOptions {
  readonly languageTag: string
  readonly zone: ZoneRules
  readonly unit: TimeUnit
}

const DAY_SECONDS = 86_400
const NANOS_PER_SECOND = 1_000_000_000
const NANOS_PER_MS = 1_000_000

/** An instant with nanoseconds of its second. */
export interface Instant {
  readonly second: number
  readonly nano: number
}

export class TemporalFormat {
  readonly name: string
  readonly isCql: boolean
  readonly #formatter: DateTimeFormatter | undefined
  readonly #numbers: JavaNumberFormat
  readonly #options: TemporalFormatOptions

  /** Throws PatternError for a text that is no format. */
  constructor(name: string, options: TemporalFormatOptions) {
    this.name = name
    this.isCql = name === 'CQL_TIMESTAMP'
    const isNamed = this.isCql || name === 'UNITS_SINCE_EPOCH'
    this.#formatter = isNamed ? undefined : new DateTimeFormatter(name, options)
    this.#numbers = new JavaNumberFormat(options.languageTag)
    this.#options = options
  }

  /** Milliseconds since the epoch, rounded down, or NaN; straight from the bytes when it can. */
  readMs(bytes: Buffer, start: number, end: number): number {
    if (this.isCql) return parseCqlTimestamp(bytes, { start, end }, this.#options.zone)
    const instant = this.toInstant(bytes.utf8Slice(start, end))
    if (instant === undefined) return Number.NaN
    return instant.second * 1000 + Math.floor(instant.nano / NANOS_PER_MS)
  }

  /** A missing time is midnight, a missing date the epoch, a missing zone that of the settings. */
  toInstant(text: string): Instant | undefined {
    if (this.#formatter === undefined) return this.#namedInstant(text)
    const parsed = this.#formatter.parse(text)
    if (parsed === undefined) return undefined
    if (parsed.instantSecond !== undefined) {
      return { second: parsed.instantSecond, nano: parsed.instantNano }
    }
    return this.#completed(parsed)
  }

  /** Days since the epoch. */
  toEpochDay(text: string): number | undefined {
    if (this.#formatter !== undefined) return this.#formatter.parse(text)?.epochDay
    const instant = this.#namedInstant(text)
    if (instant === undefined) return undefined
    return Math.floor((instant.second + this.#localShift(instant)) / DAY_SECONDS)
  }

  /** Nanoseconds since midnight. */
  toNanoOfDay(text: string): number | undefined {
    if (this.#formatter !== undefined) return this.#formatter.parse(text)?.nanoOfDay
    const instant = this.#namedInstant(text)
    if (instant === undefined) return undefined
    const local = instant.second + this.#localShift(instant)
    const second = local - Math.floor(local / DAY_SECONDS) * DAY_SECONDS
    return second * NANOS_PER_SECOND + instant.nano
  }

  /** Texts of CQL are local to the zone; units since the epoch count in UTC. */
  #localShift({ second }: Instant): number {
    return this.isCql ? this.#options.zone.offsetAt(second) : 0
  }

  #completed({ epochDay, nanoOfDay }: ParsedTemporal): Instant | undefined {
    if (epochDay === undefined && nanoOfDay === undefined) return undefined
    const nanos = nanoOfDay ?? 0
    const second = Math.floor(nanos / NANOS_PER_SECOND)
    const local = (epochDay ?? 0) * DAY_SECONDS + second
    const nano = nanos - second * NANOS_PER_SECOND
    return { second: this.#options.zone.toEpochSecond(local), nano }
  }

  #namedInstant(text: string): Instant | undefined {
    if (this.isCql) {
      const bytes = Buffer.from(text)
      const range = { start: 0, end: bytes.length }
      return toInstantOfMs(parseCqlTimestamp(bytes, range, this.#options.zone))
    }
    const units = (this.#numbers.parse(text) ?? Decimal.parse(text))?.toInteger()
    if (units === undefined) return undefined
    return toInstantOfUnits(units, this.#options.unit)
  }
}

function toInstantOfMs(ms: number): Instant | undefined {
  if (Number.isNaN(ms)) return undefined
  const second = Math.floor(ms / 1000)
  return { second, nano: (ms - second * 1000) * NANOS_PER_MS }
}

/** Seconds and nanoseconds apart, because nanoseconds alone fit 64 bits for 292 years only. */
function toInstantOfUnits(units: bigint, unit: TimeUnit): Instant {
  const second = convertUnit(units, unit, 'SECONDS')
  const rest = units - convertUnit(second, 'SECONDS', unit)
  // Units longer than a second leave no rest.
  const nano = rest > 0n ? Number(convertUnit(rest, unit, 'NANOSECONDS')) : 0
  if (!Number.isSafeInteger(Number(second))) throw failure('overflow', 'timestamp', 'number')
  return { second: Number(second), nano }
}
