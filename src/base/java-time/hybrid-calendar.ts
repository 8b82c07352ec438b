/**
 * The calendar of java.util.GregorianCalendar: Gregorian from 1582-10-15, Julian before, weeks that
 * start on Sunday and belong to the year or month of their last day (locale en_US), fields resolved
 * leniently. Used by SimpleDateFormat; everything is in UTC unless the text told an offset.
 * Invariant: of contradicting fields the ones set last win, as in Java.
 */
import { floorMod, toCivilDate, toEpochDay } from './civil.ts'

export const DAY_MS = 86_400_000
/** 1582-10-15, the first Gregorian day. */
const CUTOVER_DAY = -141_427
/** The Julian 0000-03-01 as an epoch day. */
const JULIAN_ERA_DAY = -719_470
const JULIAN_CYCLE_DAYS = 1461

/** Fields of a text, `month` from 0; each with a stamp that tells the order of setting. */
export type CalendarField =
  | 'era'
  | 'year'
  | 'weekYear'
  | 'month'
  | 'weekOfYear'
  | 'weekOfMonth'
  | 'dayOfMonth'
  | 'dayOfYear'
  | 'dayOfWeek'
  | 'dayOfWeekInMonth'
  | 'amPm'
  | 'hour'
  | 'hourOfDay'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'offsetMs'

export class CalendarFields {
  readonly #values = new Map<CalendarField, number>()
  readonly #stamps = new Map<CalendarField, number>()
  #stamp = 0

  set(field: CalendarField, value: number): void {
    this.#values.set(field, value)
    this.#stamps.set(field, ++this.#stamp)
  }

  isSet(field: CalendarField): boolean {
    return this.#values.has(field)
  }

  get(field: CalendarField, otherwise: number): number {
    return this.#values.get(field) ?? otherwise
  }

  /** 0 when unset. */
  stamp(field: CalendarField): number {
    return this.#stamps.get(field) ?? 0
  }

  /** 0 unless both are set. */
  stampOfBoth(a: CalendarField, b: CalendarField): number {
    return this.isSet(a) && this.isSet(b) ? Math.max(this.stamp(a), this.stamp(b)) : 0
  }
}

/** Milliseconds since the epoch of leniently resolved fields. */
export function resolveCalendar(fields: CalendarFields): number {
  const day = isWeekDate(fields) ? weekDate(fields) : dateOf(fields)
  const timeMs =
    ((hourOf(fields) * 60 + fields.get('minute', 0)) * 60 + fields.get('second', 0)) * 1000 +
    fields.get('millisecond', 0)
  return day * DAY_MS + timeMs - fields.get('offsetMs', 0)
}

function isWeekDate(fields: CalendarFields): boolean {
  return fields.isSet('weekYear') && fields.stamp('weekYear') > fields.stamp('year')
}

function weekDate(fields: CalendarFields): number {
  const firstDay = startOfWeek(dayOf(fields.get('weekYear', 1970), 0, 1))
  return firstDay + 7 * (fields.get('weekOfYear', 1) - 1) + fields.get('dayOfWeek', 1) - 1
}

function hourOf(fields: CalendarFields): number {
  const half = fields.stampOfBoth('hour', 'amPm')
  const best = Math.max(fields.stamp('hourOfDay'), half)
  if (best > 0 && best === fields.stamp('hourOfDay')) return fields.get('hourOfDay', 0)
  return fields.get('hour', 0) + 12 * fields.get('amPm', 0)
}

function dateOf(fields: CalendarFields): number {
  const year = fields.get('era', 1) === 0 ? 1 - fields.get('year', 1) : fields.get('year', 1970)
  const weekOfMonth = fields.stampOfBoth('weekOfMonth', 'dayOfWeek')
  const inMonth = fields.stampOfBoth('dayOfWeekInMonth', 'dayOfWeek')
  const weekOfYear = fields.stampOfBoth('weekOfYear', 'dayOfWeek')
  const candidates = {
    dayOfMonth: fields.stamp('dayOfMonth'),
    weekOfMonth,
    inMonth,
    dayOfYear: fields.stamp('dayOfYear'),
    weekOfYear,
  }
  if (Math.max(...Object.values(candidates)) === 0) {
    candidates.weekOfMonth = fields.stamp('weekOfMonth')
    candidates.inMonth = Math.max(fields.stamp('dayOfWeekInMonth'), fields.stamp('dayOfWeek'))
    candidates.weekOfYear = fields.stamp('weekOfYear')
  }
  const best = Math.max(...Object.values(candidates))
  const month = fields.get('month', 0)
  if (best === candidates.dayOfMonth) {
    return dayOf(year, month, fields.get('dayOfMonth', 1))
  }
  if (best === candidates.weekOfMonth) {
    return weekDay(fields, dayOf(year, month, 1)) + 7 * (fields.get('weekOfMonth', 1) - 1)
  }
  if (best === candidates.inMonth) return dayOfWeekInMonth(fields, year, month)
  const newYear = dayOf(year, 0, 1)
  if (best === candidates.dayOfYear) return newYear + fields.get('dayOfYear', 1) - 1
  return weekDay(fields, newYear) + 7 * (fields.get('weekOfYear', 1) - 1)
}

/** The weekday that the fields tell, Sunday if none, in the week of `day`. */
function weekDay(fields: CalendarFields, day: number): number {
  return startOfWeek(day) + floorMod(fields.get('dayOfWeek', 1) - 1, 7)
}

function dayOfWeekInMonth(fields: CalendarFields, year: number, month: number): number {
  const dayOfWeek = fields.get('dayOfWeek', 1)
  const nth = fields.get('dayOfWeekInMonth', 1)
  if (nth >= 0) return onOrBefore(dayOf(year, month, 1) + 7 * nth - 1, dayOfWeek)
  return onOrBefore(dayOf(year, month + 1, 1) - 1 + 7 * (nth + 1), dayOfWeek)
}

function onOrBefore(day: number, dayOfWeek: number): number {
  return day - floorMod(sundayBased(day) - dayOfWeek, 7)
}

/** Sunday is 1. */
export function sundayBased(day: number): number {
  return floorMod(day + 4, 7) + 1
}

export function startOfWeek(day: number): number {
  return day - sundayBased(day) + 1
}

/** The epoch day; `month` from 0 and not limited to a year. Days that 1582 left out are Julian. */
export function dayOf(year: number, month: number, day: number): number {
  const wholeYear = year + Math.floor(month / 12)
  const wholeMonth = floorMod(month, 12) + 1
  const gregorian = toEpochDay(wholeYear, wholeMonth, 1) + day - 1
  if (gregorian >= CUTOVER_DAY) return gregorian
  return julianDay(wholeYear, wholeMonth) + day - 1
}

/** Year (0 is 1 BC), month from 1 and day. */
export function fromDay(day: number): { year: number; month: number; day: number } {
  if (day >= CUTOVER_DAY) return toCivilDate(day)
  const shifted = day - JULIAN_ERA_DAY
  const cycle = Math.floor(shifted / JULIAN_CYCLE_DAYS)
  const dayOfCycle = shifted - cycle * JULIAN_CYCLE_DAYS
  const yearOfCycle = Math.min(3, Math.floor(dayOfCycle / 365))
  const dayOfYear = dayOfCycle - yearOfCycle * 365
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return { year: cycle * 4 + yearOfCycle + (month <= 2 ? 1 : 0), month, day: dayOfMonth }
}

/** The first day of a month of the Julian calendar. */
function julianDay(year: number, month: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const cycle = Math.floor(shifted / 4)
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5)
  return cycle * JULIAN_CYCLE_DAYS + (shifted - cycle * 4) * 365 + dayOfYear + JULIAN_ERA_DAY
}
