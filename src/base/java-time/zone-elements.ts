/**
 * Elements that read a time zone: `VV` (an id) and `z` (an id, an abbreviation or a long name).
 * Built by FormatBuilder and used by the CQL_TIMESTAMP parser through `readZoneText`.
 * Invariant: the longest id or name that stands at the position wins.
 */
import { OffsetElement } from './offset-elements.ts'
import { DATE_TIME_FAILURE, type Element, FAILED, ParseContext } from './parse-context.ts'
import { longZoneNames, regionOfAbbreviation } from './zone-names.ts'
import { findZone, UTC, type ZoneRules, zoneOfOffset } from './zone-rules.ts'

const OFFSET_OR_Z = new OffsetElement('+HH:MM:ss', 'Z')
const OFFSET_OR_ZERO = new OffsetElement('+HH:MM:ss', '0')
const PREFIX = /(?:UTC|UT|GMT0|GMT)/iy
const ID = /[A-Za-z][A-Za-z0-9~/._+-]*/y
const ABBREVIATION = /[A-Za-z]{2,5}/y

export class ZoneElement implements Element {
  readonly #namesTag: string | undefined

  /** `namesTag`: the locale whose zone names are accepted beside ids. */
  constructor(namesTag: string | undefined) {
    this.#namesTag = namesTag
  }

  parse(context: ParseContext, position: number): number {
    const { text } = context
    if (position >= text.length) return FAILED
    const first = text[position]!
    if (first === '+' || first === '-') {
      return parseOffset(context, { prefixAt: position, at: position, offset: OFFSET_OR_Z })
    }
    PREFIX.lastIndex = position
    const prefix = PREFIX.exec(text)?.[0]
    if (prefix !== undefined && (context.ignoresCase || prefix === prefix.toUpperCase())) {
      if (prefix.length === 4) return setZone(context, UTC, position + 4)
      const at = position + prefix.length
      return parseOffset(context, { prefixAt: position, at, offset: OFFSET_OR_ZERO })
    }
    const named = this.#parseName(context, position)
    if (named !== FAILED) return named
    return context.matches('Z', position) ? setZone(context, UTC, position + 1) : FAILED
  }

  #parseName(context: ParseContext, position: number): number {
    ID.lastIndex = position
    const run = ID.exec(context.text)?.[0] ?? ''
    for (let length = run.length; length > 1; length--) {
      const zone = isIdEnd(run, length) ? findZone(run.slice(0, length)) : undefined
      if (zone !== undefined) return setZone(context, zone, position + length)
    }
    return this.#namesTag === undefined ? FAILED : parseZoneText(context, position, this.#namesTag)
  }
}

/** Ids end at a boundary of letters: `CETX` is no zone followed by an X. */
function isIdEnd(run: string, length: number): boolean {
  return (
    length === run.length || !/[A-Za-z]/.test(run[length]!) || !/[A-Za-z]/.test(run[length - 1]!)
  )
}

function parseZoneText(context: ParseContext, position: number, tag: string): number {
  const lower = context.text.slice(position, position + 80).toLowerCase()
  for (const [name, region] of longZoneNames(tag)) {
    if (lower.startsWith(name)) return setZone(context, findZone(region)!, position + name.length)
  }
  ABBREVIATION.lastIndex = position
  const run = ABBREVIATION.exec(context.text)?.[0] ?? ''
  const region = regionOfAbbreviation(run)
  return region === undefined ? FAILED : setZone(context, findZone(region)!, position + run.length)
}

function setZone(context: ParseContext, zone: ZoneRules, next: number): number {
  context.zone = zone
  return next
}

function parseOffset(
  context: ParseContext,
  { prefixAt, at, offset }: { prefixAt: number; at: number; offset: OffsetElement },
): number {
  const next = context.text[at]
  if (next === undefined || next === '0' || next === 'Z' || next === 'z') {
    return setZone(context, UTC, at)
  }
  const own = new ParseContext(context.text)
  const end = offset.parse(own, at)
  if (end === FAILED) return prefixAt === at ? FAILED : setZone(context, UTC, at)
  const zone = zoneOfOffset(own.fields.get('offsetSecond') ?? 0)
  if (zone === undefined) throw DATE_TIME_FAILURE
  return setZone(context, zone, end)
}

/** The zone of a short text such as `UTC` or `CET`, standing alone; undefined when unknown. */
export function readZoneText(text: string): ZoneRules | undefined {
  const region = regionOfAbbreviation(text)
  if (region !== undefined) return findZone(region)
  const upper = text.toUpperCase()
  return /^[A-Z][A-Z0-9]{1,6}$/.test(upper) ? findZone(upper) : undefined
}
