/**
 * The time part of the resolution: fields to nanoseconds since midnight.
 * Called by `resolveFields`. Missing minutes, seconds and fractions are zero when everything
 * before them is there.
 * Invariant: throws DATE_TIME_FAILURE for values out of range or in contradiction.
 */
import { DATE_TIME_FAILURE, type Field } from './parse-context.ts'
import { put, ranged } from './resolve-date.ts'

type Fields = Map<Field, number>

export interface ResolvedTime {
  readonly nanoOfDay: number
  /** 24:00: midnight at the end of the day. */
  readonly isNextMidnight: boolean
}

const NANOS = 1_000_000_000
const DAY_NANOS = 86_400 * NANOS

export function resolveTime(fields: Fields): ResolvedTime | undefined {
  simplify(fields)
  const hour = fields.get('hour')
  const minute = ranged(fields, 'minute', 0, 59)
  const second = ranged(fields, 'second', 0, 59)
  const nano = ranged(fields, 'nano', 0, NANOS - 1)
  const hasGap =
    (minute === undefined && (second !== undefined || nano !== undefined)) ||
    (second === undefined && nano !== undefined)
  if (hour === undefined || hasGap) {
    ranged(fields, 'hour', 0, 23)
    ranged(fields, 'hourOfHalf', 0, 11)
    return undefined
  }
  const rest = ((minute ?? 0) * 60 + (second ?? 0)) * NANOS + (nano ?? 0)
  if (hour === 24 && rest === 0) return { nanoOfDay: 0, isNextMidnight: true }
  ranged(fields, 'hour', 0, 23)
  checkHalf(fields, hour)
  return { nanoOfDay: hour * 3600 * NANOS + rest, isNextMidnight: false }
}

function checkHalf(fields: Fields, hour: number): void {
  const half = fields.get('amPm')
  const hourOfHalf = ranged(fields, 'hourOfHalf', 0, 11)
  if (half !== undefined && half !== Math.floor(hour / 12)) throw DATE_TIME_FAILURE
  if (hourOfHalf !== undefined && hourOfHalf !== hour % 12) throw DATE_TIME_FAILURE
}

/** Clock hours, halves of the day and times of the day become hour, minute, second and nano. */
function simplify(fields: Fields): void {
  const clockHour = take(fields, 'clockHour', 24)
  if (clockHour !== undefined) put(fields, 'hour', clockHour === 24 ? 0 : clockHour)
  const clockHalf = take(fields, 'clockHourOfHalf', 12)
  if (clockHalf !== undefined) put(fields, 'hourOfHalf', clockHalf === 12 ? 0 : clockHalf)
  const half = ranged(fields, 'amPm', 0, 1)
  if (half !== undefined && fields.has('hourOfHalf')) {
    put(fields, 'hour', half * 12 + take(fields, 'hourOfHalf', 11)!)
    fields.delete('amPm')
  }
  const nanoOfDay = take(fields, 'nanoOfDay', DAY_NANOS - 1)
  if (nanoOfDay !== undefined) putTime(fields, nanoOfDay)
  const milliOfDay = take(fields, 'milliOfDay', 86_400_000 - 1)
  if (milliOfDay === undefined) return
  const nano = fields.get('nano')
  putSeconds(fields, Math.floor(milliOfDay / 1000))
  const micros = nano === undefined ? 0 : nano % 1_000_000
  const merged = (milliOfDay % 1000) * 1_000_000 + micros
  put(fields, 'nano', merged)
}

function putTime(fields: Fields, nanoOfDay: number): void {
  const seconds = Math.floor(nanoOfDay / NANOS)
  putSeconds(fields, seconds)
  put(fields, 'nano', nanoOfDay - seconds * NANOS)
}

function putSeconds(fields: Fields, secondOfDay: number): void {
  put(fields, 'hour', Math.floor(secondOfDay / 3600))
  put(fields, 'minute', Math.floor(secondOfDay / 60) % 60)
  put(fields, 'second', secondOfDay % 60)
}

/** Removes a field and returns its value; zero is let through for clock hours, as in Java. */
function take(fields: Fields, field: Field, max: number): number | undefined {
  const value = ranged(fields, field, 0, max)
  fields.delete(field)
  return value
}
