/**
 * Numbers in the writing of a locale, as Java's DecimalFormat `#,###.##` parses them: grouping
 * separators anywhere, the locale's decimal separator, minus sign and digits.
 * Compiled once per locale; used by the sink's conversions. Spec: cassandra-sink 9.1, step 1.
 * Invariant: the whole text, without surrounding blanks, is consumed, or the result is undefined.
 * Where the locale groups with a kind of blank or apostrophe, every kind of it is accepted.
 */
import { Decimal } from './decimal.ts'

/** Separators that stand for each other, because locale data changed between its versions. */
const ALIKE = [
  [' ', '\u00a0', '\u202f', '\u2009'],
  ["'", '\u2019'],
]
const ASCII_NUMBER = /^-?\d+(?:\.\d+)?$/

export class JavaNumberFormat {
  readonly #decimal: string
  readonly #minus: string
  readonly #grouping: readonly string[]
  readonly #digits: string

  /** `languageTag` as `toLanguageTag` gives it. */
  constructor(languageTag: string) {
    const format = new Intl.NumberFormat(languageTag, { useGrouping: 'always' })
    const parts = new Map(format.formatToParts(-12345678.5).map(part => [part.type, part.value]))
    const grouping = parts.get('group') ?? ','
    this.#decimal = parts.get('decimal') ?? '.'
    this.#minus = (parts.get('minusSign') ?? '-').replace(/[\u200e\u200f\u061c]/g, '')
    this.#grouping = ALIKE.find(alike => alike.includes(grouping)) ?? [grouping]
    const plain = new Intl.NumberFormat(languageTag, { useGrouping: false })
    this.#digits = Array.from({ length: 10 }, (_, digit) => plain.format(digit)).join('')
  }

  parse(text: string): Decimal | undefined {
    const trimmed = text.trim()
    if (this.#decimal === '.' && ASCII_NUMBER.test(trimmed)) return Decimal.parse(trimmed)
    const isNegative = this.#minus !== '' && trimmed.startsWith(this.#minus)
    const plain = this.#toPlain(trimmed, isNegative ? this.#minus.length : 0)
    return plain === undefined ? undefined : Decimal.parse(isNegative ? `-${plain}` : plain)
  }

  /** The same number with ASCII digits, a point and no grouping; undefined when it is none. */
  #toPlain(text: string, start: number): string | undefined {
    let plain = ''
    let hasPoint = false
    let isAfterGroup = false
    for (let i = start; i < text.length; i++) {
      const char = text[i]!
      const digit = this.#digitOf(char)
      if (digit >= 0) plain += digit
      else if (char === this.#decimal && !hasPoint && !isAfterGroup) {
        plain += '.'
        hasPoint = true
      } else if (char === 'E' && plain !== '' && !isAfterGroup) return exponent(plain, text, i)
      else if (!this.#grouping.includes(char) || hasPoint) return undefined
      isAfterGroup = digit < 0 && char !== this.#decimal
    }
    return isAfterGroup ? undefined : plain
  }

  #digitOf(char: string): number {
    const code = char.charCodeAt(0) - 0x30
    if (code >= 0 && code <= 9) return code
    return char === '' ? -1 : this.#digits.indexOf(char)
  }
}

function exponent(plain: string, text: string, at: number): string | undefined {
  const rest = text.slice(at + 1)
  return /^-?\d{1,9}$/.test(rest) ? `${plain}e${rest}` : undefined
}
