/** Short fractions are read as the runtime reads their text, bit by bit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readShortFraction } from './number-value.ts'

const read = (text: string) => readShortFraction(Buffer.from(text), 0, text.length)
const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength })

describe('readShortFraction', () => {
  it('reads up to fifteen digits exactly as the runtime reads the text', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '-'), digits(8), digits(7), (sign, whole, fraction) => {
        const text = `${sign}${whole}.${fraction}`
        expect(Object.is(read(text), Number(text))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['1', '.5', '5.', '-', '-.5', '1.2.3', '1.5e3', '1e5', '12345678.12345678', '1,5', ''])(
    'leaves %j to others',
    text => {
      expect(read(text)).toBeNaN()
    },
  )
})
