/**
 * State of one parse of a date text: the fields found so far, the zone, and the modes.
 * Owned by DateTimeFormatter; element parsers read and change it.
 * Invariant: a field is set once, or again to the same value; otherwise the parse fails there.
 * An element returns the next position, or FAILED when it does not match; an element that cannot
 * match in any way throws DATE_TIME_FAILURE, which ends the whole parse.
 */
import type { ZoneRules } from './zone-rules.ts'

export type Field =
  | 'era'
  | 'yearOfEra'
  | 'year'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'dayOfWeek'
  | 'modifiedJulianDay'
  | 'quarter'
  | 'isoWeekYear'
  | 'isoWeek'
  | 'weekBasedYear'
  | 'weekOfWeekBasedYear'
  | 'weekOfMonth'
  | 'localDayOfWeek'
  | 'amPm'
  | 'hour'
  | 'clockHour'
  | 'hourOfHalf'
  | 'clockHourOfHalf'
  | 'minute'
  | 'second'
  | 'nano'
  | 'milliOfDay'
  | 'nanoOfDay'
  | 'instantSecond'
  | 'offsetSecond'

export const FAILED = -1

/** Thrown, not built: a failed parse must stay cheap. */
export const DATE_TIME_FAILURE: unique symbol = Symbol('date-time failure')

export class ParseContext {
  readonly text: string
  fields = new Map<Field, number>()
  zone: ZoneRules | undefined = undefined
  isStrict = true
  ignoresCase = false

  constructor(text: string) {
    this.text = text
  }

  /** Returns `next`, or FAILED when the field has another value already. */
  setField(field: Field, value: number, next: number): number {
    const old = this.fields.get(field)
    this.fields.set(field, value)
    return old === undefined || old === value ? next : FAILED
  }

  /** True when `expected` stands at `position`, in the current letter-case mode. */
  matches(expected: string, position: number): boolean {
    const found = this.text.substr(position, expected.length)
    if (found === expected) return true
    if (!this.ignoresCase || found.length !== expected.length) return false
    return found.toUpperCase() === expected.toUpperCase()
  }

  /** A context over the text up to `end`, with the same state. */
  clippedTo(end: number): ParseContext {
    const clipped = new ParseContext(this.text.slice(0, end))
    clipped.fields = this.fields
    clipped.zone = this.zone
    clipped.isStrict = this.isStrict
    clipped.ignoresCase = this.ignoresCase
    return clipped
  }

  /** Value of the decimal digit at `position`, or -1. */
  digitAt(position: number): number {
    const digit = this.text.charCodeAt(position) - 48
    return digit >= 0 && digit <= 9 ? digit : -1
  }
}

/** One element of a compiled pattern. */
export interface Element {
  parse(context: ParseContext, position: number): number
}
