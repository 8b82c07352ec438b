/** Java's number texts, exactness, and numbers in a locale's writing. */
import { describe, expect, it } from 'vitest'
import {
  javaDouble,
  javaFloat,
  jsonNumberText,
  toExactDouble,
  toExactFloat,
} from './java-number.ts'
import { JavaNumberFormat } from './java-number-format.ts'

describe('Java number texts', () => {
  it.each([
    [1e10, '1.0E10'],
    [1, '1.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [1234567, '1234567.0'],
    [12345678, '1.2345678E7'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [5e-324, '5.0E-324'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('double %d is %s', (value, text) => {
    expect(javaDouble(value)).toBe(text)
  })

  it.each([
    [0.1, '0.1'],
    [16777216, '1.6777216E7'],
    [3.4028235e38, '3.4028235E38'],
    [1.4e-45, '1.0E-45'],
  ])('float %d is %s', (value, text) => {
    expect(javaFloat(Math.fround(value))).toBe(text)
  })

  it.each([
    ['1.50', '1.5'],
    ['1e3', '1E+3'],
    ['100', '100'],
    ['100.0', '1E+2'],
    ['0.0', '0'],
    ['-0', '0'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
  ])('JSON number %s is the text %s', (json, text) => {
    expect(jsonNumberText(json)).toBe(text)
  })
})

describe('exactness', () => {
  it.each([
    ['0.1', 0.1],
    ['1e2', 100],
    ['0.12345678901234568', 0.12345678901234568],
    ['9007199254740992', 9007199254740992],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['0.1234567890123456789', Number.NaN],
    ['9007199254740993', Number.NaN],
    ['1e309', Number.NaN],
    ['1e-400', Number.NaN],
  ])('double %s', (text, value) => {
    expect(toExactDouble(text)).toBe(value)
  })

  it.each([
    ['0.1', Math.fround(0.1)],
    ['16777216', 16777216],
    ['3.14159265358979', Number.NaN],
    ['16777217', Number.NaN],
    ['0.123456789', Number.NaN],
    ['1e39', Number.NaN],
  ])('float %s', (text, value) => {
    expect(toExactFloat(text)).toBe(value)
  })
})

describe('JavaNumberFormat', () => {
  it.each([
    ['en-US', '1,23,4', '1234'],
    ['en-US', ' 1,234.5 ', '1234.5'],
    ['en-US', '-1.5', '-1.5'],
    ['en-US', '.5', '0.5'],
    ['en-US', '5.', '5'],
    ['en-US', '1.5E3', '1.5E+3'],
    ['de-DE', '1.234,5', '1234.5'],
    ['de-DE', '1234.5', '12345'],
    ['fr-FR', '1 234,5', '1234.5'],
    ['fr-FR', '1\u202f234,5', '1234.5'],
    ['fr-FR', '1\u00a0234,5', '1234.5'],
    ['de-CH', '1’234.5', '1234.5'],
    ['sv-SE', '\u22121', '-1'],
  ])('%s reads %s', (tag, text, value) => {
    expect(new JavaNumberFormat(tag).parse(text)?.toString()).toBe(value)
  })

  it.each([
    ['en-US', ''],
    ['en-US', '1,'],
    ['en-US', '0x10'],
    ['en-US', '42L'],
    ['en-US', '1.5.5'],
    ['en-US', '1.234,5'],
    ['en-US', '+1'],
    ['en-US', 'NaN'],
    ['de-DE', '1,5,5'],
  ])('%s refuses %s', (tag, text) => {
    expect(new JavaNumberFormat(tag).parse(text)).toBeUndefined()
  })
})
