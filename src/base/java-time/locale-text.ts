/**
 * Names of months, days, halves of the day, eras and quarters in a locale, as the date formatter
 * matches them. Names come from the runtime's locale data; quarters, which it does not expose,
 * from a table. Used when a pattern is compiled.
 * Invariant: of equal names (narrow "T" of Tuesday and Thursday) the last counts, as in Java; a
 * list is undefined when the locale has no such names, and the formatter reads a number.
 */
import { QUARTER_NAMES } from './quarter-names.ts'

export type TextStyle = 'full' | 'short' | 'narrow'
export type TextField = 'month' | 'dayOfWeek' | 'amPm' | 'era' | 'quarter'

export interface TextKey {
  readonly field: TextField
  readonly style: TextStyle
  readonly standalone: boolean
}

/** Names with the values they stand for, longest first. */
export type NameList = readonly (readonly [name: string, value: number])[]

const DAY_MS = 86_400_000
const MONDAY_MS = 4 * DAY_MS
const BEFORE_CHRIST_MS = Date.UTC(-10, 5, 15)
const WIDTHS = { full: 'long', short: 'short', narrow: 'narrow' } as const

export class LocaleText {
  readonly tag: string
  readonly #lists = new Map<string, NameList | undefined>()

  constructor(tag: string) {
    this.tag = tag
  }

  list(key: TextKey): NameList | undefined {
    const id = `${key.field} ${key.style} ${key.standalone}`
    if (!this.#lists.has(id)) this.#lists.set(id, toList(this.#names(key), FIRST[key.field]))
    return this.#lists.get(id)
  }

  #names(key: TextKey): readonly string[] {
    const width = WIDTHS[key.style]
    switch (key.field) {
      case 'month':
        return this.#monthNames(width, key.standalone)
      case 'dayOfWeek':
        return this.#dayNames(width, key.standalone)
      case 'amPm':
        return [9, 15].map(hour =>
          this.#part(hour * 3_600_000, 'dayPeriod', { hour: 'numeric', hour12: true }),
        )
      case 'era':
        return [BEFORE_CHRIST_MS, 0].map(ms =>
          this.#part(ms, 'era', { era: width, year: 'numeric' }),
        )
      case 'quarter':
        return quarterNames(this.tag, key.style)
    }
  }

  #monthNames(width: 'long' | 'short' | 'narrow', standalone: boolean): readonly string[] {
    const at = Array.from({ length: 12 }, (_, month) => Date.UTC(2001, month, 15))
    const alone = at.map(ms => this.#whole(ms, { month: width }))
    if (standalone || width === 'narrow') return alone
    const inDate = at.map(ms => this.#part(ms, 'month', { month: width, day: 'numeric' }))
    // Some locales write the month of a date as digits: then the format form has the same letters.
    return inDate.map((name, i) => (/^\d*$/.test(name) ? alone[i]! : name))
  }

  #dayNames(width: 'long' | 'short' | 'narrow', standalone: boolean): readonly string[] {
    const at = Array.from({ length: 7 }, (_, day) => MONDAY_MS + day * DAY_MS)
    if (standalone || width === 'narrow') return at.map(ms => this.#whole(ms, { weekday: width }))
    return at.map(ms =>
      this.#part(ms, 'weekday', { weekday: width, month: 'long', day: 'numeric' }),
    )
  }

  #format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(`${this.tag}-u-ca-gregory-nu-latn`, {
      timeZone: 'UTC',
      ...options,
    })
  }

  #whole(ms: number, options: Intl.DateTimeFormatOptions): string {
    return this.#format(options).format(ms)
  }

  #part(ms: number, type: string, options: Intl.DateTimeFormatOptions): string {
    const parts = this.#format(options).formatToParts(ms)
    return parts.find(part => part.type === type)?.value ?? ''
  }
}

/** The value of the first name of each list. */
const FIRST: Readonly<Record<TextField, number>> = {
  month: 1,
  dayOfWeek: 1,
  amPm: 0,
  era: 0,
  quarter: 1,
}

function toList(names: readonly string[], first: number): NameList | undefined {
  if (names.includes('')) return undefined
  const list = [...new Map(names.map((name, i) => [name, first + i] as const))]
  return list.sort((a, b) => b[0].length - a[0].length)
}

function quarterNames(tag: string, style: TextStyle): readonly string[] {
  if (style === 'narrow') return ['1', '2', '3', '4']
  const language = tag.split('-')[0] ?? ''
  const [short, full] = QUARTER_NAMES[language] ?? QUARTER_NAMES['']!
  return style === 'short' ? short : full
}
