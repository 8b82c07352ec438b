/**
 * Java's SimpleDateFormat in UTC and the locale en_US: formats instants and parses texts, leniently
 * (`2020-13-01` is January 2021) and from the start (text behind the last field is ignored).
 * Compiled once per setting; used by the transforms TimestampConverter, TimestampRouter and Cast.
 * Invariant: a text that does not match gives undefined, never an exception.
 */
import { DAY_MS, dayOf, fromDay, startOfWeek, sundayBased } from './hybrid-calendar.ts'
import { LocaleText, type TextField } from './locale-text.ts'
import { parseSimpleDate } from './simple-date-parser.ts'
import { compileSimplePattern, type DateLetter, type PatternPart } from './simple-date-pattern.ts'

const TAG = 'en-US'
const LONG_NAME_LETTERS = 4

export const ENGLISH: LocaleText = new LocaleText(TAG)

export class SimpleDateFormat {
  readonly pattern: string
  readonly #parts: readonly PatternPart[]

  /** Throws PatternError for a pattern that Java refuses. */
  constructor(pattern: string) {
    this.pattern = pattern
    this.#parts = compileSimplePattern(pattern)
  }

  format(epochMs: number): string {
    const moment = new Moment(epochMs)
    return this.#parts
      .map(part => (part.kind === 'literal' ? part.text : fieldText(moment, part)))
      .join('')
  }

  /** Milliseconds since the epoch. `nowMs` decides the century of two-digit years. */
  parse(text: string, nowMs: number = Date.now()): number | undefined {
    return parseSimpleDate(this.#parts, text, nowMs)
  }
}

/** The calendar fields of an instant, each computed on demand. */
class Moment {
  readonly epochDay: number
  readonly msOfDay: number
  readonly year: number
  readonly month: number
  readonly day: number

  constructor(epochMs: number) {
    this.epochDay = Math.floor(epochMs / DAY_MS)
    this.msOfDay = epochMs - this.epochDay * DAY_MS
    const { year, month, day } = fromDay(this.epochDay)
    this.year = year
    this.month = month
    this.day = day
  }

  get hour(): number {
    return Math.floor(this.msOfDay / 3_600_000)
  }

  get weekYear(): number {
    return this.epochDay >= startOfWeek(dayOf(this.year + 1, 0, 1)) ? this.year + 1 : this.year
  }

  weeksSince(day: number): number {
    return Math.floor((this.epochDay - startOfWeek(day)) / 7) + 1
  }
}

type FieldPart = Extract<PatternPart, { kind: 'field' }>

function fieldText(moment: Moment, { letter, count }: FieldPart): string {
  switch (letter) {
    case 'G':
      return nameOf('era', moment.year > 0 ? 1 : 0, 1)
    case 'M':
    case 'L':
      return count < 3 ? padded(moment.month, count) : nameOf('month', moment.month, count)
    case 'E':
      return nameOf('dayOfWeek', ((sundayBased(moment.epochDay) + 5) % 7) + 1, count)
    case 'a':
      return nameOf('amPm', moment.hour < 12 ? 0 : 1, 1)
    case 'z':
      return count < LONG_NAME_LETTERS ? 'UTC' : 'Coordinated Universal Time'
    case 'Z':
      return '+0000'
    case 'X':
      return 'Z'
    case 'y':
      return yearText(moment.year > 0 ? moment.year : 1 - moment.year, count)
    case 'Y':
      return yearText(moment.weekYear, count)
    default:
      return padded(numberOf(moment, letter), count)
  }
}

/** Week years before 1 are negative numbers, as in Java. */
function yearText(year: number, count: number): string {
  const size = Math.abs(year)
  const digits = count === 2 ? padded(size % 100, 2) : padded(size, count)
  return year < 0 ? `-${digits}` : digits
}

function numberOf(moment: Moment, letter: DateLetter): number {
  switch (letter) {
    case 'w':
      return moment.weekYear > moment.year ? 1 : moment.weeksSince(dayOf(moment.year, 0, 1))
    case 'W':
      return moment.weeksSince(dayOf(moment.year, moment.month - 1, 1))
    case 'D':
      return moment.epochDay - dayOf(moment.year, 0, 1) + 1
    case 'd':
      return moment.day
    case 'F':
      return Math.floor((moment.day - 1) / 7) + 1
    case 'u':
      return ((sundayBased(moment.epochDay) + 5) % 7) + 1
    default:
      return timeNumberOf(moment, letter)
  }
}

function timeNumberOf({ hour, msOfDay }: Moment, letter: DateLetter): number {
  switch (letter) {
    case 'H':
      return hour
    case 'k':
      return hour === 0 ? 24 : hour
    case 'K':
      return hour % 12
    case 'h':
      return hour % 12 === 0 ? 12 : hour % 12
    case 'm':
      return Math.floor(msOfDay / 60_000) % 60
    case 's':
      return Math.floor(msOfDay / 1000) % 60
    default:
      return msOfDay % 1000
  }
}

function padded(value: number, count: number): string {
  return String(value).padStart(count, '0')
}

function nameOf(field: TextField, value: number, count: number): string {
  const style = count >= LONG_NAME_LETTERS ? 'full' : 'short'
  const names = ENGLISH.list({ field, style, standalone: false }) ?? []
  return names.find(([, of]) => of === value)?.[0] ?? ''
}
