/**
 * Elements that read an offset from UTC: `X`, `x`, `Z` (digits with a text for zero) and `O`,
 * `ZZZZ` (`GMT+2:00`). Built by FormatBuilder; the zone elements read prefixed offsets with it.
 * Invariant: hours beyond 23, and totals beyond 18 hours, fail the whole parse.
 */
import { DATE_TIME_FAILURE, type Element, FAILED, type ParseContext } from './parse-context.ts'
import { OFFSET_SECONDS_MAX } from './zone-rules.ts'

/** How minutes and seconds of an offset are read. */
export interface OffsetShape {
  readonly hasColons: boolean
  readonly minutes: 'none' | 'optional' | 'required'
  readonly seconds: 'none' | 'optional' | 'required'
}

const SHAPES: Readonly<Record<string, OffsetShape>> = {
  '+HH': { hasColons: false, minutes: 'none', seconds: 'none' },
  '+HHmm': { hasColons: false, minutes: 'optional', seconds: 'none' },
  '+HHMM': { hasColons: false, minutes: 'required', seconds: 'none' },
  '+HH:MM': { hasColons: true, minutes: 'required', seconds: 'none' },
  '+HHMMss': { hasColons: false, minutes: 'required', seconds: 'optional' },
  '+HH:MM:ss': { hasColons: true, minutes: 'required', seconds: 'optional' },
}

export class OffsetElement implements Element {
  readonly #shape: OffsetShape
  readonly #zeroText: string

  constructor(shape: string, zeroText: string) {
    this.#shape = SHAPES[shape]!
    this.#zeroText = zeroText
  }

  parse(context: ParseContext, position: number): number {
    const { text } = context
    if (position >= text.length) return FAILED
    if (context.matches(this.#zeroText, position)) {
      return context.setField('offsetSecond', 0, position + this.#zeroText.length)
    }
    const sign = text[position]
    if (sign !== '+' && sign !== '-') return FAILED
    const parts = this.#parts(context, position + 1)
    if (parts === undefined) return FAILED
    const [end, hours, minutes, seconds] = parts
    if (hours > 23) throw DATE_TIME_FAILURE
    const total = hours * 3600 + minutes * 60 + seconds
    if (total > OFFSET_SECONDS_MAX) throw DATE_TIME_FAILURE
    return context.setField('offsetSecond', sign === '-' ? -total : total, end)
  }

  #parts(context: ParseContext, start: number): [number, number, number, number] | undefined {
    let { hasColons, minutes, seconds } = this.#shape
    if (!context.isStrict) {
      if (minutes === 'none') hasColons = context.text[start + 2] === ':'
      minutes = 'optional'
      seconds = 'optional'
    }
    const hour = twoDigits(context, start)
    if (hour < 0) return undefined
    let at = start + 2
    const found = [0, 0]
    for (const [i, rule] of [minutes, seconds].entries()) {
      if (rule === 'none') break
      const from = hasColons ? at + 1 : at
      const value = hasColons && context.text[at] !== ':' ? -1 : twoDigits(context, from)
      if (value >= 0) {
        found[i] = value
        at = from + 2
        continue
      }
      if (rule === 'required') return undefined
      break
    }
    return [at, hour, found[0]!, found[1]!]
  }
}

/** Two digits up to 59, or -1. */
function twoDigits(context: ParseContext, at: number): number {
  const tens = context.digitAt(at)
  const ones = context.digitAt(at + 1)
  const value = tens * 10 + ones
  return tens < 0 || ones < 0 || value > 59 ? -1 : value
}

const FULL_OFFSET = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/y
const SHORT_OFFSET = /([+-])(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?/y

/** `GMT`, `GMT+8`, `GMT+08:00`. */
export class LocalizedOffsetElement implements Element {
  readonly #isFull: boolean

  constructor(isFull: boolean) {
    this.#isFull = isFull
  }

  parse(context: ParseContext, position: number): number {
    if (!context.matches('GMT', position)) return FAILED
    const at = position + 3
    const sign = context.text[at]
    if (sign !== '+' && sign !== '-') return context.setField('offsetSecond', 0, at)
    const shape = this.#isFull ? FULL_OFFSET : SHORT_OFFSET
    shape.lastIndex = at
    const match = shape.exec(context.text)
    if (match === null) return FAILED
    const [all, , hours, minutes = '0', seconds = '0'] = match
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    if (total > OFFSET_SECONDS_MAX) throw DATE_TIME_FAILURE
    return context.setField('offsetSecond', sign === '-' ? -total : total, at + all.length)
  }
}
