/**
 * Elements of a date pattern that read digits: numbers with widths and signs, two-digit years and
 * fractions of a second, with Java's rules for numbers that touch each other (`yyyyMMdd`).
 * Built by FormatBuilder.
 * Invariant: `subsequentWidth` digits behind a number of variable width are left to its followers.
 */
import { type Element, FAILED, type Field, type ParseContext } from './parse-context.ts'

export type SignStyle = 'normal' | 'notNegative' | 'exceedsPad'

export interface NumberOptions {
  readonly field: Field
  readonly widthMin: number
  readonly widthMax: number
  readonly signStyle: SignStyle
}

const LENIENT_DIGITS_MAX = 9
const PLUS = '+'
const MINUS = '-'

export class NumberElement implements Element {
  readonly options: NumberOptions
  /** -1: fixed width. */
  readonly subsequentWidth: number

  constructor(options: NumberOptions, subsequentWidth = 0) {
    this.options = options
    this.subsequentWidth = subsequentWidth
  }

  withSubsequentWidth(width: number): NumberElement {
    return this.copy(this.subsequentWidth + width)
  }

  withFixedWidth(): NumberElement {
    return this.subsequentWidth === -1 ? this : this.copy(-1)
  }

  protected copy(subsequentWidth: number): NumberElement {
    return new NumberElement(this.options, subsequentWidth)
  }

  protected toValue(value: number, _digits: number): number {
    return value
  }

  isFixedWidth(_context: ParseContext): boolean {
    const { widthMin, widthMax, signStyle } = this.options
    if (this.subsequentWidth === -1) return true
    return this.subsequentWidth > 0 && widthMin === widthMax && signStyle === 'notNegative'
  }

  parse(context: ParseContext, position: number): number {
    const { text } = context
    if (position >= text.length) return FAILED
    const sign = text[position]
    const isSigned = sign === PLUS || sign === MINUS
    if (isSigned && !this.#allows(sign, context)) return FAILED
    const start = isSigned ? position + 1 : position
    const end = this.#findEnd(context, start)
    if (end === FAILED) return FAILED
    let value = Number(text.slice(start, end))
    if (sign === MINUS) {
      if (value === 0 && context.isStrict) return FAILED
      value = -value
    } else if (this.options.signStyle === 'exceedsPad' && context.isStrict) {
      const isLong = end - start > this.options.widthMin
      if (isLong !== (sign === PLUS)) return FAILED
    }
    return context.setField(this.options.field, this.toValue(value, end - start), end)
  }

  #allows(sign: string, context: ParseContext): boolean {
    const { signStyle, widthMin, widthMax } = this.options
    if (signStyle === 'normal') return sign === MINUS || !context.isStrict
    if (signStyle === 'exceedsPad') return true
    return !context.isStrict && widthMin !== widthMax
  }

  #findEnd(context: ParseContext, start: number): number {
    const isExact = context.isStrict || this.isFixedWidth(context)
    const widthMin = isExact ? this.options.widthMin : 1
    const followers = Math.max(this.subsequentWidth, 0)
    const widthMax = (isExact ? this.options.widthMax : LENIENT_DIGITS_MAX) + followers
    let width = 0
    while (width < widthMax && context.digitAt(start + width) >= 0) width++
    if (width < widthMin) return FAILED
    if (followers > 0) width = Math.min(width, Math.max(widthMin, width - followers))
    return start + width
  }
}

/** A two-digit year: 2000 to 2099. */
export class ReducedYearElement extends NumberElement {
  protected override copy(subsequentWidth: number): NumberElement {
    return new ReducedYearElement(this.options, subsequentWidth)
  }

  protected override toValue(value: number, digits: number): number {
    return digits === 2 && value >= 0 ? 2000 + value : value
  }

  override isFixedWidth(context: ParseContext): boolean {
    return context.isStrict && super.isFixedWidth(context)
  }
}

/** Digits of a fraction of a second, without a point; always a fixed count in patterns. */
export class FractionElement extends NumberElement {
  constructor(width: number, subsequentWidth = 0) {
    super(
      { field: 'nano', widthMin: width, widthMax: width, signStyle: 'notNegative' },
      subsequentWidth,
    )
  }

  protected override copy(subsequentWidth: number): NumberElement {
    return new FractionElement(this.options.widthMax, subsequentWidth)
  }

  override parse(context: ParseContext, position: number): number {
    const width = this.options.widthMax
    return readFraction(context, position, { widthMin: width, widthMax: width })
  }
}

/** A decimal point and up to nine digits, all of it optional. */
export class OptionalFractionElement implements Element {
  parse(context: ParseContext, position: number): number {
    if (context.text[position] !== '.') return position
    return readFraction(context, position + 1, { widthMin: 0, widthMax: 9 })
  }
}

function readFraction(
  context: ParseContext,
  position: number,
  { widthMin, widthMax }: { widthMin: number; widthMax: number },
): number {
  let width = 0
  while (width < widthMax && context.digitAt(position + width) >= 0) width++
  if (width < widthMin) return FAILED
  const digits = context.text.slice(position, position + width).padEnd(9, '0')
  return context.setField('nano', Number(digits.slice(0, 9)), position + width)
}
