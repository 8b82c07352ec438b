/**
 * An arbitrary-precision decimal: `unscaled * 10^-scale`, the value of CQL `decimal` and of
 * Connect's Decimal logical type. Immutable, no arithmetic beyond what conversions need.
 * Invariant: `scale` is a 32-bit integer; nothing is ever rounded.
 */
const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/

export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** Parses plain or exponent notation exactly; undefined when the text is not a number. */
  static parse(text: string): Decimal | undefined {
    const match = TEXT.exec(text)
    if (match === null) return undefined
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
    if (whole === '' && fraction === '') return undefined
    const digits = BigInt(whole + fraction)
    return new Decimal(sign === '-' ? -digits : digits, fraction.length - Number(exponent))
  }

  /** Without trailing zeros: `1.50` becomes `1.5`, `100` becomes `1E+2`; zero has scale 0. */
  stripTrailingZeros(): Decimal {
    if (this.unscaled === 0n) return new Decimal(0n, 0)
    const digits = this.unscaled.toString()
    let zeros = 0
    while (digits.charCodeAt(digits.length - 1 - zeros) === 48) zeros++
    if (zeros === 0) return this
    return new Decimal(this.unscaled / 10n ** BigInt(zeros), this.scale - zeros)
  }

  /** The exact integer value, or undefined when there is a fraction or more than `digitsMax` digits. */
  toInteger(digitsMax = 10_000): bigint | undefined {
    if (this.scale === 0) return this.unscaled
    const stripped = this.stripTrailingZeros()
    if (stripped.scale > 0) return undefined
    if (stripped.unscaled.toString().length - stripped.scale > digitsMax) return undefined
    return stripped.unscaled * 10n ** BigInt(-stripped.scale)
  }

  /** Java's BigDecimal.toString: plain unless the exponent is below -6 or the scale is negative. */
  toString(): string {
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString()
    const sign = negative ? '-' : ''
    if (this.scale === 0) return sign + digits
    const adjusted = digits.length - 1 - this.scale
    if (this.scale > 0 && adjusted >= -6) return sign + plain(digits, this.scale)
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits
    const exponent = adjusted === 0 ? '' : `E${adjusted > 0 ? '+' : ''}${adjusted}`
    return sign + mantissa + exponent
  }
}

function plain(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0')
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
