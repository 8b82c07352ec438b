/** Number texts and bytes: whatever is accepted denotes exactly the same number. */
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Decimal } from '../../../base/decimal.ts'
import { encoderOf, jsonCell, textCell } from './test-cells.ts'

const runs = { numRuns: 200 }
const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?(e-?[0-9]{1,2})?$/)

function isSame(a: Decimal, b: Decimal): boolean {
  const [left, right] = [a.stripTrailingZeros(), b.stripTrailingZeros()]
  return left.unscaled === right.unscaled && left.scale === right.scale
}

describe('exactness', () => {
  it('bigint holds every 64-bit integer, from JSON and from text', () => {
    const encoder = encoderOf('bigint')
    const property = (value: bigint) => {
      const expected = BigInt.asUintN(64, value).toString(16).padStart(16, '0')
      return (
        jsonCell(encoder, String(value)) === expected &&
        textCell(encoder, String(value)) === expected
      )
    }
    fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), property), runs)
  })

  it('varint holds every integer in the fewest bytes', () => {
    const encoder = encoderOf('varint')
    const property = (value: bigint) => {
      const hex = jsonCell(encoder, String(value))!
      const bits = hex.length * 4
      const isShortest = bits === 8 || BigInt.asIntN(bits - 8, value) !== value
      return BigInt.asIntN(bits, BigInt(`0x${hex}`)) === value && isShortest
    }
    fc.assert(fc.property(fc.bigInt(-(2n ** 200n), 2n ** 200n), property), runs)
  })

  it('double is exact or refused', () => {
    const encoder = encoderOf('double')
    const property = (text: string) => {
      const hex = jsonCell(encoder, text)!
      const nearest = Number(text)
      const shortest = Decimal.parse(String(nearest))
      const isExact = shortest !== undefined && isSame(shortest, Decimal.parse(text)!)
      if (hex === 'overflow') return !isExact
      return isExact && Buffer.from(hex, 'hex').readDoubleBE() === nearest
    }
    fc.assert(fc.property(digits, property), runs)
  })

  it('every double is accepted in its own shortest text', () => {
    const encoder = encoderOf('double')
    const property = (value: number) => {
      const bytes = Buffer.from(jsonCell(encoder, String(value))!, 'hex')
      return bytes.readDoubleBE() === value
    }
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(fc.property(doubles, property), runs)
  })

  it('decimal keeps every digit', () => {
    const encoder = encoderOf('decimal')
    const property = (text: string) => {
      const bytes = Buffer.from(jsonCell(encoder, text)!, 'hex')
      const unscaled = BigInt.asIntN(
        (bytes.length - 4) * 8,
        BigInt(`0x${bytes.toString('hex', 4)}`),
      )
      return isSame(new Decimal(unscaled, bytes.readInt32BE(0)), Decimal.parse(text)!)
    }
    fc.assert(fc.property(digits, property), runs)
  })
})
