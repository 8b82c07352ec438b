/**
 * Weeks of a locale: its first day and how many days of the new year the first week needs.
 * Used by the pattern letters Y, w, W, e and c. A locale without a country counts from Sunday
 * with one day, as Java does.
 * Invariant: `firstDay` and results of `localDay` are 1..7.
 */
import { dayOfWeek, dayOfYear, floorMod, isLeapYear, toCivilDate, toEpochDay } from './civil.ts'

const FOUR_DAY_COUNTRIES: ReadonlySet<string> = new Set(
  (
    'AD AN AT AX BE BG CH CZ DE DK EE ES FI FJ FO FR GB GF GG GI GP GR HU IE IM IS IT JE LI LT LU ' +
    'MC MQ NL NO PL PT RE RU SE SJ SK SM VA'
  ).split(' '),
)

export class WeekFields {
  readonly firstDay: number
  readonly minimalDays: number

  constructor(firstDay: number, minimalDays: number) {
    this.firstDay = firstDay
    this.minimalDays = minimalDays
  }

  static of(tag: string): WeekFields {
    const locale = new Intl.Locale(tag) as Intl.Locale & { getWeekInfo(): { firstDay: number } }
    if (locale.region === undefined) return new WeekFields(7, 1)
    const minimalDays = FOUR_DAY_COUNTRIES.has(locale.region) ? 4 : 1
    return new WeekFields(locale.getWeekInfo().firstDay, minimalDays)
  }

  /** Position of an ISO day of the week in this locale's week. */
  localDay(isoDay: number): number {
    return floorMod(isoDay - this.firstDay, 7) + 1
  }

  isoDay(localDay: number): number {
    return floorMod(this.firstDay - 1 + localDay - 1, 7) + 1
  }

  weekOfMonth(epochDay: number): number {
    const { day } = toCivilDate(epochDay)
    return weekOf(this.#offset(day, this.#localDayOf(epochDay)), day)
  }

  weekOfYear(epochDay: number): number {
    const day = dayOfYear(epochDay)
    return weekOf(this.#offset(day, this.#localDayOf(epochDay)), day)
  }

  weekBasedYear(epochDay: number): number {
    const { year } = toCivilDate(epochDay)
    if (this.weekOfYear(epochDay) === 0) return year - 1
    return dayOfYear(epochDay) >= this.#firstDayOfNextYear(epochDay, year) ? year + 1 : year
  }

  weekOfWeekBasedYear(epochDay: number): number {
    const { year } = toCivilDate(epochDay)
    const week = this.weekOfYear(epochDay)
    if (week === 0) return this.weekOfWeekBasedYear(toEpochDay(year, 1, 1) - 1)
    return dayOfYear(epochDay) >= this.#firstDayOfNextYear(epochDay, year) ? 1 : week
  }

  /** The date of a week-based year, week and local day; a week 53 that is missing becomes 52. */
  ofWeekBasedYear(weekBasedYear: number, week: number, localDay: number): number {
    const newYear = toEpochDay(weekBasedYear, 1, 1)
    const offset = this.#offset(1, this.#localDayOf(newYear))
    const lastWeek = weekOf(offset, yearLength(weekBasedYear) + this.minimalDays) - 1
    return newYear - offset + (localDay - 1) + (Math.min(week, lastWeek) - 1) * 7
  }

  /** The date of a week of the month. */
  ofWeekOfMonth(first: { year: number; month: number }, week: number, localDay: number): number {
    const start = toEpochDay(first.year, first.month, 1)
    const weeks = week - this.weekOfMonth(start)
    return start + weeks * 7 + (localDay - this.#localDayOf(start))
  }

  #localDayOf(epochDay: number): number {
    return this.localDay(dayOfWeek(epochDay))
  }

  /** Day of the year on which the first week of the next week-based year starts. */
  #firstDayOfNextYear(epochDay: number, year: number): number {
    const offset = this.#offset(dayOfYear(epochDay), this.#localDayOf(epochDay))
    const nextWeek = weekOf(offset, yearLength(year) + this.minimalDays)
    return this.weekOfYear(epochDay) >= nextWeek ? 0 : Number.POSITIVE_INFINITY
  }

  #offset(day: number, localDay: number): number {
    const weekStart = floorMod(day - localDay, 7)
    return weekStart + 1 > this.minimalDays ? 7 - weekStart : -weekStart
  }
}

function weekOf(offset: number, day: number): number {
  return Math.floor((7 + offset + (day - 1)) / 7)
}

function yearLength(year: number): number {
  return isLeapYear(year) ? 366 : 365
}
