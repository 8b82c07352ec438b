/**
 * Tables for the tree parser, its lenient dialect, its errors, and for string ranges.
 */
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../byte-writer.ts'
import { readJsonString, unescapeInto } from './json-string.ts'
import { JsonNumber, JsonSyntaxError, parseJsonText } from './parse-json.ts'

const number = (text: string) => new JsonNumber(text)

describe('parseJsonText', () => {
  it.each([
    ['12345678901234567890.50', number('12345678901234567890.50')],
    ['[1,"a",true,false,null,[]]', [number('1'), 'a', true, false, null, []]],
    ['{"a":{"b":-1e3}}', new Map([['a', new Map([['b', number('-1e3')]])]])],
    ['"\\u00e9\\n\\"\\ud83d\\ude00"', 'é\n"😀'],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['\ufeff1', number('1')],
  ])('%s', (text, expected) => {
    expect(parseJsonText(text)).toEqual(expected)
  })

  it('keeps the last of equal names at the place of the first', () => {
    const parsed = parseJsonText('{"a":1,"b":2,"a":3}') as Map<string, JsonNumber>
    expect([...parsed].map(([name, value]) => `${name}=${value.text}`)).toEqual(['a=3', 'b=2'])
  })

  it.each([
    ["{'a':'x'}", new Map([['a', 'x']])],
    [
      '{a:1, b-c : 2}',
      new Map([
        ['a', number('1')],
        ['b-c', number('2')],
      ]),
    ],
    ["['it\\'s', \"x\"]", ["it's", 'x']],
    ['{é:null}', new Map([['é', null]])],
  ])('lenient: %s', (text, expected) => {
    expect(parseJsonText(text, { lenient: true })).toEqual(expected)
    expect(() => parseJsonText(text)).toThrow(JsonSyntaxError)
  })

  it.each([
    [
      '{"a":1,\n "b" 2}',
      1,
      13,
      "expected ':' behind a member name, found a digit at line 2, column 6",
    ],
    ['[1] x', 1, 4, 'expected the end of the text, found a letter at line 1, column 5'],
    ['', 1, 0, 'expected a JSON value, found the end of the text at line 1, column 1'],
    ['["é" "b"]', 1, 6, "expected ',' or ']' behind an element, found '\"' at line 1, column 6"],
    [
      '"a\nb"',
      1,
      2,
      'expected an escape for a control character in a string, found a control character at line 1, column 3',
    ],
    ['{a:1}', 1, 1, 'expected a member name, found a letter at line 1, column 2'],
    ['truely', 1, 0, 'expected a JSON value, found a letter at line 1, column 1'],
    ['0x10', 1, 1, 'expected the end of the text, found a letter at line 1, column 2'],
  ])('%j: where and why', (text, _line, offset, message) => {
    try {
      parseJsonText(text)
      expect.unreachable()
    } catch (error) {
      expect((error as JsonSyntaxError).message).toBe(message)
      expect((error as JsonSyntaxError).offset).toBe(offset)
    }
  })

  it.each(['[1,2]]', '{a:1} trailing', "'a' 'b'"])('lenient refuses %s', text => {
    expect(() => parseJsonText(text, { lenient: true })).toThrow('expected the end of the text')
  })

  it('refuses endless nesting without using up the stack', () => {
    expect(() => parseJsonText('['.repeat(100_000))).toThrow('at most 1000 levels')
  })
})

describe('string ranges', () => {
  it.each([
    ['\\u0041\\u00df\\u20ac\\ud83d\\ude00', 'AÃ\u009fâ\u0082¬ð\u009f\u0098\u0080'],
    ['\\b\\f\\n\\r\\t\\/\\\\\\"', '\b\f\n\r\t/\\"'],
    ['\\ud83dx', 'ï¿½x'],
    ['é', 'Ã©'],
  ])('%s as UTF-8 bytes', (escaped, latin1) => {
    const bytes = Buffer.from(escaped)
    const writer = new ByteWriter(1)
    unescapeInto(bytes, 0, bytes.length, writer)
    expect(writer.view().toString('latin1')).toBe(latin1)
    expect(readJsonString(bytes, 0, bytes.length, true)).toBe(
      Buffer.from(latin1, 'latin1').toString(),
    )
  })
})
