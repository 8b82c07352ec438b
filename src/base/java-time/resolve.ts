/**
 * Turns the fields of a parse into a date, a time and an instant: Java's SMART resolution.
 * Called once per parsed text by DateTimeFormatter and by the instant element.
 * A day 29 to 31 is clamped to its month; 24:00 is the next midnight; every other value out of
 * range, and fields that contradict each other, throw DATE_TIME_FAILURE.
 * Invariant: the fields are consumed; what cannot be combined is ignored, as Java ignores it.
 */

import { toCivilDate } from './civil.ts'
import { DATE_TIME_FAILURE, type ParseContext } from './parse-context.ts'
import { resolveDate } from './resolve-date.ts'
import { resolveTime } from './resolve-time.ts'
import type { WeekFields } from './week-fields.ts'

export interface ParsedTemporal {
  /** Local date, if the text told one. */
  readonly epochDay: number | undefined
  /** Local time in nanoseconds since midnight, if the text told one. */
  readonly nanoOfDay: number | undefined
  /** The instant, if the text told it or a zone completes it. */
  readonly instantSecond: number | undefined
  readonly instantNano: number
}

const DAY_SECONDS = 86_400
const NANOS = 1_000_000_000

export function resolveFields(context: ParseContext, weeks: WeekFields): ParsedTemporal {
  const { fields, zone } = context
  const given = fields.get('instantSecond')
  const offset = fields.get('offsetSecond')
  if (given !== undefined) {
    const local = given + (zone?.offsetAt(given) ?? offset ?? 0)
    const epochDay = Math.floor(local / DAY_SECONDS)
    const instantNano = fields.get('nano') ?? 0
    const isLocal = zone !== undefined || offset !== undefined
    return {
      epochDay: isLocal ? epochDay : undefined,
      nanoOfDay: isLocal ? (local - epochDay * DAY_SECONDS) * NANOS + instantNano : undefined,
      instantSecond: given,
      instantNano,
    }
  }
  let epochDay = resolveDate(fields, weeks)
  const time = resolveTime(fields)
  if (time?.isNextMidnight === true && epochDay !== undefined) epochDay += 1
  const nanoOfDay = time?.nanoOfDay
  if (epochDay === undefined || nanoOfDay === undefined) {
    return { epochDay, nanoOfDay, instantSecond: undefined, instantNano: 0 }
  }
  if (Math.abs(toCivilDate(epochDay).year) > 999_999_999) throw DATE_TIME_FAILURE
  const second = Math.floor(nanoOfDay / NANOS)
  const local = epochDay * DAY_SECONDS + second
  const instantSecond = offset === undefined ? zone?.toEpochSecond(local) : local - offset
  return { epochDay, nanoOfDay, instantSecond, instantNano: nanoOfDay - second * NANOS }
}
