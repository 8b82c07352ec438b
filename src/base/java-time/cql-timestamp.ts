/**
 * Reads the timestamp texts of CQL straight from bytes: `yyyy-MM-dd[T][ ][HH:mm[:ss[.fff]]][zone]`
 * with a zone `Z`, `+HH:MM`, `+HHMM`, `+HH` or, behind a blank, a short name (`UTC`, `CET`).
 * Called once per cell of a timestamp column; allocates only for zone names.
 * Invariant: the whole range is consumed; anything else is NaN. Days 29 to 31 are clamped to the
 * month, 24:00 is the next midnight. Spec: cassandra-sink 9.5.
 */
import { monthLength, toEpochDay } from './civil.ts'
import { readZoneText } from './zone-elements.ts'
import { OFFSET_SECONDS_MAX, type ZoneRules } from './zone-rules.ts'

const DAY_MS = 86_400_000
const DASH = 0x2d
const COLON = 0x3a
const POINT = 0x2e
const PLUS = 0x2b
const BLANK = 0x20
const FRACTION_DIGITS_MAX = 9

/** Where the last reading stopped: state of one synchronous parse. */
let cursor = 0

/** Milliseconds since the epoch, or NaN. `zone` is for texts that tell none. */
export function parseCqlTimestamp(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
  zone: ZoneRules,
): number {
  const { start, end } = range
  if (end - start < 10) return Number.NaN
  const date = readDateMs(bytes, start)
  if (Number.isNaN(date)) return Number.NaN
  let at = start + 10
  if (at < end && (bytes[at]! | 0x20) === 0x74) at++
  const hasBlank = at < end && bytes[at] === BLANK
  if (hasBlank) at++
  cursor = at
  let time = 0
  if (at < end && digitAt(bytes, at) >= 0) {
    time = readTimeMs(bytes, at, end)
    if (Number.isNaN(time)) return Number.NaN
  } else if (hasBlank && at < end) {
    cursor = at - 1
  }
  return applyZone(bytes, end, date + time, zone)
}

function digitAt(bytes: Uint8Array, at: number): number {
  const digit = bytes[at]! - 0x30
  return digit >= 0 && digit <= 9 ? digit : -1
}

/** Two digits, or -1. */
function twoDigitsAt(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30
  const ones = bytes[at + 1]! - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

function readDateMs(bytes: Uint8Array, at: number): number {
  const century = twoDigitsAt(bytes, at)
  const yearOfCentury = twoDigitsAt(bytes, at + 2)
  const month = twoDigitsAt(bytes, at + 5)
  const day = twoDigitsAt(bytes, at + 8)
  const isShaped = bytes[at + 4] === DASH && bytes[at + 7] === DASH
  if (!isShaped || century < 0 || yearOfCentury < 0) return Number.NaN
  if (month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN
  const year = century * 100 + yearOfCentury
  const clamped = day <= 28 ? day : Math.min(day, monthLength(year, month))
  return toEpochDay(year, month, clamped) * DAY_MS
}

/** `HH:mm[:ss[.fraction]]`; leaves the cursor behind it. */
function readTimeMs(bytes: Uint8Array, start: number, end: number): number {
  if (start + 5 > end || bytes[start + 2] !== COLON) return Number.NaN
  const hour = twoDigitsAt(bytes, start)
  const minute = twoDigitsAt(bytes, start + 3)
  let second = 0
  let millis = 0
  let at = start + 5
  if (at < end && bytes[at] === COLON) {
    if (at + 3 > end) return Number.NaN
    second = twoDigitsAt(bytes, at + 1)
    at += 3
    if (at < end && bytes[at] === POINT) {
      at++
      let count = 0
      while (at < end && count < FRACTION_DIGITS_MAX && digitAt(bytes, at) >= 0) {
        if (count < 3) millis = millis * 10 + digitAt(bytes, at)
        count++
        at++
      }
      if (count === 0) return Number.NaN
      for (; count < 3; count++) millis *= 10
    }
  }
  cursor = at
  if (hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 59) return Number.NaN
  const time = ((hour * 60 + minute) * 60 + second) * 1000 + millis
  return hour < 24 || time === DAY_MS ? time : Number.NaN
}

function applyZone(bytes: Uint8Array, end: number, localMs: number, zone: ZoneRules): number {
  const at = cursor
  if (at === end) return toInstantMs(localMs, zone)
  const first = bytes[at]!
  if ((first | 0x20) === 0x7a && at + 1 === end) return localMs
  if (first === PLUS || first === DASH) {
    const offset = readOffsetSeconds(bytes, at + 1, end)
    return first === PLUS ? localMs - offset * 1000 : localMs + offset * 1000
  }
  if (first !== BLANK) return Number.NaN
  const named = readZoneText(Buffer.from(bytes.subarray(at + 1, end)).toString('latin1'))
  return named === undefined ? Number.NaN : toInstantMs(localMs, named)
}

function toInstantMs(localMs: number, zone: ZoneRules): number {
  const second = Math.floor(localMs / 1000)
  return zone.toEpochSecond(second) * 1000 + (localMs - second * 1000)
}

/** `HH`, `HHMM` or `HH:MM` up to the end, or NaN. */
function readOffsetSeconds(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  const hasColon = length === 5 && bytes[at + 2] === COLON
  if (length !== 2 && length !== 4 && !hasColon) return Number.NaN
  const hour = twoDigitsAt(bytes, at)
  const minute = length === 2 ? 0 : twoDigitsAt(bytes, hasColon ? at + 3 : at + 2)
  if (hour < 0 || minute < 0 || minute > 59) return Number.NaN
  const seconds = hour * 3600 + minute * 60
  return seconds <= OFFSET_SECONDS_MAX ? seconds : Number.NaN
}
