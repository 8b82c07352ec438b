import { describe, expect, it } from 'vitest'
import {
  parseBoolean,
  parseDouble,
  parseDurationMs,
  parseInteger,
  parseList,
  parseSizeBytes,
} from './value-text.ts'

const parsedValue = (parsed: object) => ('value' in parsed ? parsed.value : undefined)
const textOf = (parsed: object) =>
  'problems' in parsed ? (parsed.problems as { text: string }[])[0]?.text : undefined

describe('values', () => {
  it.each([
    ['INT', ' 42 ', 42],
    ['INT', '+7', 7],
    ['INT', '-2147483648', -2147483648],
    ['SHORT', '32767', 32767],
    ['LONG', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ] as const)('%s %s', (type, text, expected) => {
    expect(parsedValue(parseInteger(type, text))).toBe(expected)
  })

  it.each([
    ['INT', '2147483648'],
    ['INT', ''],
    ['INT', '1.0'],
    ['INT', '0x10'],
    ['INT', '1e3'],
    ['SHORT', '32768'],
    ['LONG', '9223372036854775808'],
    ['LONG', '12L'],
  ] as const)('%s refuses %s', (type, text) => {
    expect(textOf(parseInteger(type, text))).toBe(`Not a number of type ${type}`)
  })

  it('booleans, any case', () => {
    expect(parsedValue(parseBoolean(' TRUE '))).toBe(true)
    expect(parsedValue(parseBoolean('False'))).toBe(false)
    expect(textOf(parseBoolean('yes'))).toBe('Expected value to be either true or false')
  })

  it('doubles', () => {
    expect(parsedValue(parseDouble('1.5e2'))).toBe(150)
    expect(textOf(parseDouble('1,5'))).toBe('Not a number of type DOUBLE')
  })

  it('lists', () => {
    expect(parseList(' a , b,c ')).toEqual(['a', 'b', 'c'])
    expect(parseList('  ')).toEqual([])
    expect(parseList('a,,b')).toEqual(['a', '', 'b'])
  })

  it.each([
    ['30 seconds', 30_000],
    ['500ms', 500],
    ['1 minute', 60_000],
    ['250', 250],
    ['1.5 s', 1500],
    ['2h', 7_200_000],
    ['1500 microseconds', 1.5],
  ])('duration %s', (text, expected) => {
    expect(parsedValue(parseDurationMs(text))).toBe(expected)
  })

  it.each(['', '-1 s', '5 weeks', 's', '1 m s'])('no duration: %s', text => {
    expect(textOf(parseDurationMs(text))).toBe('Not a duration')
  })

  it.each([
    ['256 MB', 256_000_000],
    ['64 KiB', 65_536],
    ['1024', 1024],
    ['1g', 1024 ** 3],
  ])('size %s', (text, expected) => {
    expect(parsedValue(parseSizeBytes(text))).toBe(expected)
  })
})
