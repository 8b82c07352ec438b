/**
 * The parsing half of SimpleDateFormat: walks the compiled pattern over a text and sets calendar
 * fields. Blanks before a field are skipped; numbers that touch the next field take exactly as many
 * digits as letters; names match in any letter case.
 * Invariant: undefined when the text does not match; nothing is thrown.
 */
import {
  type CalendarField,
  CalendarFields,
  DAY_MS,
  dayOf,
  fromDay,
  resolveCalendar,
} from './hybrid-calendar.ts'
import { LocaleText, type NameList, type TextField } from './locale-text.ts'
import type { DateLetter, PatternPart } from './simple-date-pattern.ts'
import { longZoneNames, regionOfAbbreviation } from './zone-names.ts'
import { findZone } from './zone-rules.ts'

const TAG = 'en-US'
const CENTURY_YEARS_BACK = 80
const MINUTE_MS = 60_000
const INT_MAX = 2_147_483_647
const LOCALE = new LocaleText(TAG)
const WINTER_SECOND = Date.UTC(2024, 0, 15) / 1000
const SUMMER_SECOND = Date.UTC(2024, 6, 15) / 1000
const SUMMER_NAME = /^(?:[A-Z]{1,3}DT|BST|CEST|EEST|MEST|WEST|MSD)$/i
const NUMERIC: Readonly<Partial<Record<DateLetter, CalendarField>>> = {
  w: 'weekOfYear',
  W: 'weekOfMonth',
  D: 'dayOfYear',
  d: 'dayOfMonth',
  F: 'dayOfWeekInMonth',
  H: 'hourOfDay',
  K: 'hour',
  m: 'minute',
  s: 'second',
  S: 'millisecond',
}

type FieldPart = Extract<PatternPart, { kind: 'field' }>

export function parseSimpleDate(
  parts: readonly PatternPart[],
  text: string,
  nowMs: number,
): number | undefined {
  const parser = new Parser(text, nowMs)
  for (const [i, part] of parts.entries()) {
    const next = parts[i + 1]
    const matches =
      part.kind === 'literal'
        ? parser.literal(part.text)
        : parser.field(part, next?.kind === 'field' && isNumeric(next))
    if (!matches) return undefined
  }
  return parser.at === 0 ? undefined : parser.result()
}

function isNumeric({ letter, count }: FieldPart): boolean {
  if (letter === 'M' || letter === 'L') return count <= 2
  return !'GEazZX'.includes(letter)
}

/** Java's `intValue`: the low 32 bits of a long, the nearest int of a larger number. */
function toInt(number: bigint): number {
  if (BigInt.asIntN(64, number) === number) return Number(BigInt.asIntN(32, number))
  return number < 0n ? -INT_MAX - 1 : INT_MAX
}

class Parser {
  at = 0
  readonly #text: string
  readonly #fields = new CalendarFields()
  readonly #nowMs: number
  #centuryStartMs: number | undefined

  constructor(text: string, nowMs: number) {
    this.#text = text
    this.#nowMs = nowMs
  }

  literal(text: string): boolean {
    if (!this.#text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** `touches`: the next field follows without anything between. */
  field({ letter, count }: FieldPart, touches: boolean): boolean {
    const limit = touches ? this.at + count : undefined
    while (this.#text[this.at] === ' ' || this.#text[this.at] === '\t') this.at++
    if (this.at >= this.#text.length) return false
    if (this.#name(letter, count)) return this.#matched
    const start = this.at
    const number = this.#number(limit)
    if (number === undefined) return false
    this.#set(letter, number, { count, start })
    return true
  }

  /** The instant; a two-digit year on the edge of the century moves behind its start. */
  result(): number {
    const ms = resolveCalendar(this.#fields)
    if (this.#centuryStartMs === undefined || ms >= this.#centuryStartMs) return ms
    const key = this.#fields.isSet('year') ? 'year' : 'weekYear'
    this.#fields.set(key, this.#fields.get(key, 0) + 100)
    return resolveCalendar(this.#fields)
  }

  #matched = false

  /** True when the letter stands for a text; `#matched` then tells whether one was there. */
  #name(letter: DateLetter, count: number): boolean {
    switch (letter) {
      case 'G':
        this.#matched = this.#oneOf('era', value => this.#fields.set('era', value))
        return true
      case 'M':
      case 'L':
        if (count <= 2) return false
        this.#matched = this.#oneOf('month', value => this.#fields.set('month', value - 1))
        return true
      case 'E':
        this.#matched = this.#oneOf('dayOfWeek', day =>
          this.#fields.set('dayOfWeek', (day % 7) + 1),
        )
        return true
      case 'a':
        this.#matched = this.#oneOf('amPm', value => this.#fields.set('amPm', value))
        return true
      case 'z':
      case 'Z':
        this.#matched = this.#zone()
        return true
      case 'X':
        this.#matched = this.#isoZone(count)
        return true
      default:
        return false
    }
  }

  #oneOf(field: TextField, set: (value: number) => void): boolean {
    const lists: (NameList | undefined)[] = [
      LOCALE.list({ field, style: 'full', standalone: false }),
      LOCALE.list({ field, style: 'short', standalone: false }),
    ]
    const rest = this.#text.slice(this.at, this.at + 40).toLowerCase()
    let best: readonly [string, number] | undefined
    for (const name of lists.flatMap(list => list ?? [])) {
      if (rest.startsWith(name[0].toLowerCase()) && name[0].length > (best?.[0].length ?? 0)) {
        best = name
      }
    }
    if (best === undefined) return false
    this.at += best[0].length
    set(best[1])
    return true
  }

  /** An integer, perhaps negative; `limit` is the position behind its last digit. */
  #number(limit: number | undefined): number | undefined {
    if (limit !== undefined && limit > this.#text.length) return undefined
    const digits = /^-?\d+/.exec(this.#text.slice(this.at, limit ?? this.at + 40))?.[0]
    if (digits === undefined) return undefined
    this.at += digits.length
    return toInt(BigInt(digits))
  }

  #set(letter: DateLetter, number: number, at: { count: number; start: number }): void {
    switch (letter) {
      case 'y':
      case 'Y':
        this.#fields.set(letter === 'y' ? 'year' : 'weekYear', this.#year(number, at))
        break
      case 'M':
      case 'L':
        this.#fields.set('month', number - 1)
        break
      case 'k':
        this.#fields.set('hourOfDay', number === 24 ? 0 : number)
        break
      case 'h':
        this.#fields.set('hour', number === 12 ? 0 : number)
        break
      case 'u':
        this.#fields.set('dayOfWeek', (number % 7) + 1)
        break
      default: {
        const field = NUMERIC[letter]
        if (field !== undefined) this.#fields.set(field, number)
      }
    }
  }

  /** Two digits for one or two letters mean a year from 80 years back to 20 years ahead. */
  #year(number: number, { count, start }: { count: number; start: number }): number {
    if (count > 2 || !/^\d\d$/.test(this.#text.slice(start, this.at))) return number
    const now = fromDay(Math.floor(this.#nowMs / DAY_MS))
    const startYear = now.year - CENTURY_YEARS_BACK
    const ambiguous = startYear % 100
    if (number === ambiguous) {
      const timeMs = this.#nowMs - Math.floor(this.#nowMs / DAY_MS) * DAY_MS
      this.#centuryStartMs = dayOf(startYear, now.month - 1, now.day) * DAY_MS + timeMs
    }
    return number + Math.floor(startYear / 100) * 100 + (number < ambiguous ? 100 : 0)
  }

  /** `+hhmm`, `GMT`, `GMT+h:mm` or a name. */
  #zone(): boolean {
    const sign = this.#sign()
    if (sign !== 0) return this.#offset(sign, { count: 0, colon: false })
    if (!/^gmt/i.test(this.#text.slice(this.at, this.at + 3))) return this.#zoneName()
    this.at += 3
    const after = this.#sign()
    if (after !== 0) return this.#offset(after, { count: 0, colon: true })
    this.#fields.set('offsetMs', 0)
    return true
  }

  #isoZone(count: number): boolean {
    if (this.#text[this.at] === 'Z') {
      this.at++
      this.#fields.set('offsetMs', 0)
      return true
    }
    const sign = this.#sign()
    return sign !== 0 && this.#offset(sign, { count, colon: count === 3 })
  }

  /** The sign at the position, taken; 0 for another character. */
  #sign(): number {
    const char = this.#text[this.at]
    if (char !== '+' && char !== '-') return 0
    this.at++
    return char === '+' ? 1 : -1
  }

  #offset(sign: number, { count, colon }: { count: number; colon: boolean }): boolean {
    const hours = count === 0 && colon ? '(\\d{1,2})' : '(\\d{2})'
    const minutes = count === 1 ? '' : `${colon ? ':' : ''}(\\d{2})`
    const match = new RegExp(`^${hours}${minutes}`).exec(this.#text.slice(this.at))
    if (match === null || Number(match[1]) > 23 || Number(match[2] ?? 0) > 59) return false
    this.at += match[0].length
    const total = Number(match[1]) * 60 + Number(match[2] ?? 0)
    this.#fields.set('offsetMs', sign * total * MINUTE_MS)
    return true
  }

  /** A long name, or an abbreviation: those are fixed offsets, `PST` also in July. */
  #zoneName(): boolean {
    const lower = this.#text.slice(this.at, this.at + 80).toLowerCase()
    for (const [name, region] of longZoneNames(TAG)) {
      if (!lower.startsWith(name)) continue
      this.at += name.length
      return this.#setRegion(region, / (?:daylight|summer) /.test(name))
    }
    const run = /^[A-Za-z]{2,5}/.exec(this.#text.slice(this.at))?.[0] ?? ''
    const region = regionOfAbbreviation(run)
    if (region === undefined) return false
    this.at += run.length
    return this.#setRegion(region, SUMMER_NAME.test(run))
  }

  #setRegion(region: string, isSummer: boolean): boolean {
    const zone = findZone(region)
    if (zone === undefined) return false
    const offsets = [zone.offsetAt(WINTER_SECOND), zone.offsetAt(SUMMER_SECOND)]
    this.#fields.set('offsetMs', (isSummer ? Math.max(...offsets) : Math.min(...offsets)) * 1000)
    return true
  }
}
