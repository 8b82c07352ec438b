/**
 * Compiles a DateTimeFormatter pattern (`yyyy-MM-dd'T'HH:mm[:ss]`) into elements.
 * Called when codec settings are compiled, never per record.
 * Invariant: every unsupported letter or letter count is a PatternError that names the letters.
 * Spec: Java's DateTimeFormatter, "Patterns for Formatting and Parsing".
 */
import { FormatBuilder } from './format-builder.ts'
import type { LocaleText, TextStyle } from './locale-text.ts'
import { NumberElement, ReducedYearElement, type SignStyle } from './number-elements.ts'
import { LocalizedOffsetElement, OffsetElement } from './offset-elements.ts'
import type { Element, Field } from './parse-context.ts'
import { LiteralElement, NameElement } from './text-elements.ts'
import { ZoneElement } from './zone-elements.ts'

/** A pattern that cannot be compiled; the message tells where and why. */
export class PatternError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PatternError'
  }
}

export function compilePattern(pattern: string, locale: LocaleText): Element {
  return new PatternCompiler(pattern, locale).compile()
}

/** Letters that read one or two digits. */
const TWO_DIGITS: Readonly<Record<string, Field>> = {
  d: 'day',
  H: 'hour',
  k: 'clockHour',
  K: 'hourOfHalf',
  h: 'clockHourOfHalf',
  m: 'minute',
  s: 'second',
}
/** Letters that read a number of at least their count. */
const LONG_NUMBERS: Readonly<Record<string, readonly [Field, SignStyle]>> = {
  A: ['milliOfDay', 'notNegative'],
  n: ['nano', 'notNegative'],
  N: ['nanoOfDay', 'notNegative'],
  g: ['modifiedJulianDay', 'normal'],
}
const STYLES: readonly (TextStyle | undefined)[] = [
  undefined,
  undefined,
  undefined,
  'short',
  'full',
  'narrow',
]
const OFFSET_SHAPES = ['', '+HHmm', '+HHMM', '+HH:MM', '+HHMMss', '+HH:MM:ss']

class PatternCompiler {
  readonly #pattern: string
  readonly #locale: LocaleText
  readonly #builder = new FormatBuilder()
  #at = 0

  constructor(pattern: string, locale: LocaleText) {
    this.#pattern = pattern
    this.#locale = locale
  }

  compile(): Element {
    while (this.#at < this.#pattern.length) this.#step()
    return this.#builder.build()
  }

  #step(): void {
    const char = this.#pattern[this.#at]!
    if (/[A-Za-z']/.test(char)) {
      if (char === "'") this.#quoted()
      else this.#letters(this.#run())
      return
    }
    if (char === '{' || char === '}' || char === '#') {
      throw new PatternError(`expected a pattern without the reserved character ${char}`)
    }
    this.#at++
    if (char === '[') this.#builder.startOptional()
    else if (char !== ']') this.#builder.append(new LiteralElement(char))
    else if (!this.#builder.endOptional()) {
      throw new PatternError("expected '[' before ']'")
    }
  }

  /** The run of equal letters at the position. */
  #run(): string {
    const start = this.#at
    const char = this.#pattern[start]
    while (this.#pattern[this.#at] === char) this.#at++
    return this.#pattern.slice(start, this.#at)
  }

  /** A literal in quotes; two quotes are one, inside and alone. */
  #quoted(): void {
    const start = this.#at + 1
    let end = start
    for (;;) {
      end = this.#pattern.indexOf("'", end)
      if (end < 0) throw new PatternError("expected a closing ' of a literal text")
      if (this.#pattern[end + 1] !== "'" || end === start) break
      end += 2
    }
    this.#at = end + 1
    const text = this.#pattern.slice(start, end).replaceAll("''", "'")
    this.#builder.append(new LiteralElement(text === '' ? "'" : text))
  }

  #letters(run: string): void {
    const letter = run[0]!
    if (letter === 'p') {
      this.#builder.pad(run.length)
      const next = this.#pattern[this.#at]
      if (next === undefined || !/[A-Za-z]/.test(next) || next === 'p') {
        throw new PatternError("expected a letter behind the pad letter 'p'")
      }
      return
    }
    if (!this.#date(letter, run.length) && !this.#timeOrZone(letter, run.length)) {
      throw new PatternError(`expected supported pattern letters, found ${run}`)
    }
  }

  #date(letter: string, count: number): boolean {
    switch (letter) {
      case 'u':
        return this.#year('year', count)
      case 'y':
        return this.#year('yearOfEra', count)
      case 'Y':
        return this.#year('weekBasedYear', count)
      case 'M':
      case 'L':
        return this.#named({ letter, count, field: 'month', isStandalone: letter === 'L' })
      case 'Q':
      case 'q':
        return this.#named({ letter, count, field: 'quarter', isStandalone: letter === 'q' })
      case 'E':
      case 'e':
      case 'c':
        return this.#dayOfWeek(letter, count)
      case 'G':
        return count <= 5 && this.#name('era', STYLES[Math.max(3, count)]!, false)
      case 'D':
        return count <= 3 && this.#dayOfYear(count)
      case 'W':
        return count === 1 && this.#number('weekOfMonth', 1)
      case 'w':
        return this.#week(count)
      default:
        return false
    }
  }

  #timeOrZone(letter: string, count: number): boolean {
    const short = TWO_DIGITS[letter]
    if (short !== undefined) return count <= 2 && this.#number(short, count === 1 ? undefined : 2)
    const long = LONG_NUMBERS[letter]
    if (long !== undefined)
      return this.#wide({ field: long[0], widthMin: count, signStyle: long[1] })
    switch (letter) {
      case 'S':
        if (count <= 9) this.#builder.fraction(count)
        return count <= 9
      case 'a':
        return count === 1 && this.#name('amPm', 'short', false)
      case 'V':
        return count === 2 && this.#append(new ZoneElement(undefined))
      case 'z':
        return count <= 4 && this.#append(new ZoneElement(this.#locale.tag))
      case 'O':
        return (count === 1 || count === 4) && this.#append(new LocalizedOffsetElement(count === 4))
      case 'X':
        return count <= 5 && this.#append(new OffsetElement(OFFSET_SHAPES[count]!, 'Z'))
      case 'x':
        return count <= 5 && this.#append(new OffsetElement(OFFSET_SHAPES[count]!, zeroOf(count)))
      case 'Z':
        return count <= 5 && this.#append(rfcOffset(count))
      default:
        return false
    }
  }

  #append(element: Element): true {
    this.#builder.append(element)
    return true
  }

  #number(field: Field, width?: number): true {
    this.#builder.number(field, width)
    return true
  }

  #wide(options: { field: Field; widthMin: number; signStyle: SignStyle }): boolean {
    if (options.widthMin > 19) return false
    if (options.widthMin === 19) return this.#number(options.field, 19)
    this.#builder.appendNumber(new NumberElement({ ...options, widthMax: 19 }))
    return true
  }

  #year(field: Field, count: number): boolean {
    if (count !== 2) {
      const signStyle = count < 4 ? 'normal' : 'exceedsPad'
      return this.#wide({ field, widthMin: count, signStyle })
    }
    const signStyle = 'notNegative'
    this.#builder.appendNumber(
      new ReducedYearElement({ field, widthMin: 2, widthMax: 2, signStyle }),
    )
    return true
  }

  #week(count: number): boolean {
    if (count === 2) return this.#number('weekOfWeekBasedYear', 2)
    const options = { field: 'weekOfWeekBasedYear', widthMin: 1, widthMax: 2 } as const
    this.#builder.appendNumber(new NumberElement({ ...options, signStyle: 'notNegative' }))
    return count === 1
  }

  #dayOfYear(count: number): true {
    if (count !== 2) return this.#number('dayOfYear', count === 1 ? undefined : 3)
    const options = { field: 'dayOfYear', widthMin: 2, widthMax: 3 } as const
    this.#builder.appendNumber(new NumberElement({ ...options, signStyle: 'notNegative' }))
    return true
  }

  #dayOfWeek(letter: string, count: number): boolean {
    if (letter !== 'E' && count <= 2) {
      return (letter === 'e' || count === 1) && this.#number('localDayOfWeek', count)
    }
    return count <= 5 && this.#name('dayOfWeek', STYLES[Math.max(3, count)]!, letter === 'c')
  }

  #named(options: {
    letter: string
    count: number
    field: 'month' | 'quarter'
    isStandalone: boolean
  }): boolean {
    const { count, field } = options
    if (count <= 2) return this.#number(field, count === 1 ? undefined : 2)
    return count <= 5 && this.#name(field, STYLES[count]!, options.isStandalone)
  }

  #name(
    field: 'month' | 'quarter' | 'dayOfWeek' | 'amPm' | 'era',
    style: TextStyle,
    standalone: boolean,
  ): true {
    return this.#append(NameElement.ofLocale({ field, style, standalone }, this.#locale))
  }
}

function zeroOf(count: number): string {
  if (count === 1) return '+00'
  return count % 2 === 0 ? '+0000' : '+00:00'
}

function rfcOffset(count: number): Element {
  if (count < 4) return new OffsetElement('+HHMM', '+0000')
  return count === 4 ? new LocalizedOffsetElement(true) : new OffsetElement('+HH:MM:ss', 'Z')
}
