/**
 * The date part of the resolution: fields to an epoch day, with every redundant field checked.
 * Called by `resolveFields`. Order as in Java: era and year, then year-month-day, day of the year,
 * then weeks and quarters.
 * Invariant: throws DATE_TIME_FAILURE for values out of range or in contradiction.
 */
import { dayOfWeek, dayOfYear, isLeapYear, monthLength, toCivilDate, toEpochDay } from './civil.ts'
import { DATE_TIME_FAILURE, type Field } from './parse-context.ts'
import { WeekFields } from './week-fields.ts'

type Fields = Map<Field, number>

const YEAR_MAX = 999_999_999
const MODIFIED_JULIAN_OFFSET = 40_587
const ISO_WEEKS = new WeekFields(1, 4)

/** The value of a field, checked; undefined when it is absent. */
export function ranged(fields: Fields, field: Field, min: number, max: number): number | undefined {
  const value = fields.get(field)
  if (value !== undefined && !(value >= min && value <= max)) throw DATE_TIME_FAILURE
  return value
}

export function resolveDate(fields: Fields, weeks: WeekFields): number | undefined {
  resolveEra(fields)
  resolveLocalDay(fields, weeks)
  ranged(fields, 'dayOfWeek', 1, 7)
  const epochDay =
    fromJulianDay(fields) ??
    fromMonth(fields) ??
    fromDayOfYear(fields) ??
    fromWeeks(fields, weeks) ??
    fromIsoWeeks(fields)
  if (epochDay !== undefined) checkDate(fields, epochDay, weeks)
  return epochDay
}

function resolveEra(fields: Fields): void {
  const yearOfEra = ranged(fields, 'yearOfEra', 1, YEAR_MAX)
  const era = ranged(fields, 'era', 0, 1)
  if (yearOfEra === undefined) return
  fields.delete('yearOfEra')
  const year = fields.get('year')
  const isBefore = era === undefined ? year !== undefined && year <= 0 : era === 0
  put(fields, 'year', isBefore ? 1 - yearOfEra : yearOfEra)
}

export function put(fields: Fields, field: Field, value: number): void {
  const old = fields.get(field)
  if (old !== undefined && old !== value) throw DATE_TIME_FAILURE
  fields.set(field, value)
}

function resolveLocalDay(fields: Fields, weeks: WeekFields): void {
  const local = ranged(fields, 'localDayOfWeek', 1, 7)
  if (local === undefined) return
  fields.delete('localDayOfWeek')
  put(fields, 'dayOfWeek', weeks.isoDay(local))
}

function fromJulianDay(fields: Fields): number | undefined {
  const day = fields.get('modifiedJulianDay')
  return day === undefined ? undefined : day - MODIFIED_JULIAN_OFFSET
}

function fromMonth(fields: Fields): number | undefined {
  const year = fields.get('year')
  const month = fields.get('month')
  if (year === undefined || month === undefined) return undefined
  if (!fields.has('day')) return undefined
  checkYear(year)
  ranged(fields, 'month', 1, 12)
  const day = ranged(fields, 'day', 1, 31)!
  // SMART: a day that the month does not have becomes its last day.
  const clamped = Math.min(day, monthLength(year, month))
  fields.delete('day')
  return toEpochDay(year, month, clamped)
}

function fromDayOfYear(fields: Fields): number | undefined {
  const year = fields.get('year')
  if (year === undefined || !fields.has('dayOfYear')) return undefined
  checkYear(year)
  const day = ranged(fields, 'dayOfYear', 1, 366)!
  if (day === 366 && !isLeapYear(year)) throw DATE_TIME_FAILURE
  return toEpochDay(year, 1, 1) + day - 1
}

function fromWeeks(fields: Fields, weeks: WeekFields): number | undefined {
  const day = fields.get('dayOfWeek')
  if (day === undefined) return undefined
  const localDay = weeks.localDay(day)
  const year = fields.get('year')
  const month = fields.get('month')
  if (year !== undefined && month !== undefined && fields.has('weekOfMonth')) {
    checkYear(year)
    ranged(fields, 'month', 1, 12)
    const week = ranged(fields, 'weekOfMonth', 0, 6)!
    const date = weeks.ofWeekOfMonth({ year, month }, week, localDay)
    for (const field of ['month', 'weekOfMonth', 'year'] as const) fields.delete(field)
    return date
  }
  const weekYear = ranged(fields, 'weekBasedYear', -YEAR_MAX, YEAR_MAX)
  const week = ranged(fields, 'weekOfWeekBasedYear', 1, 53)
  if (year !== undefined || weekYear === undefined || week === undefined) return undefined
  fields.delete('weekBasedYear')
  fields.delete('weekOfWeekBasedYear')
  return weeks.ofWeekBasedYear(weekYear, week, localDay)
}

function fromIsoWeeks(fields: Fields): number | undefined {
  const day = fields.get('dayOfWeek')
  const weekYear = ranged(fields, 'isoWeekYear', -YEAR_MAX, YEAR_MAX)
  const week = ranged(fields, 'isoWeek', 1, 53)
  if (day === undefined || weekYear === undefined || week === undefined) return undefined
  fields.delete('isoWeekYear')
  fields.delete('isoWeek')
  // SMART: week 53 of a year with 52 weeks is the first week of the next.
  return ISO_WEEKS.ofWeekBasedYear(weekYear, 1, day) + (week - 1) * 7
}

function checkYear(year: number): void {
  if (!(Math.abs(year) <= YEAR_MAX)) throw DATE_TIME_FAILURE
}

/** Every field that was also told must agree with the date. */
function checkDate(fields: Fields, epochDay: number, weeks: WeekFields): void {
  const { year, month, day } = toCivilDate(epochDay)
  const actual: readonly (readonly [Field, () => number])[] = [
    ['year', () => year],
    ['month', () => month],
    ['day', () => day],
    ['era', () => (year > 0 ? 1 : 0)],
    ['dayOfYear', () => dayOfYear(epochDay)],
    ['dayOfWeek', () => dayOfWeek(epochDay)],
    ['quarter', () => Math.floor((month - 1) / 3) + 1],
    ['isoWeekYear', () => ISO_WEEKS.weekBasedYear(epochDay)],
    ['isoWeek', () => ISO_WEEKS.weekOfWeekBasedYear(epochDay)],
    ['weekBasedYear', () => weeks.weekBasedYear(epochDay)],
    ['weekOfWeekBasedYear', () => weeks.weekOfWeekBasedYear(epochDay)],
    ['weekOfMonth', () => weeks.weekOfMonth(epochDay)],
  ]
  for (const [field, read] of actual) {
    const told = fields.get(field)
    if (told !== undefined && told !== read()) throw DATE_TIME_FAILURE
  }
}
