// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${name} is Java's syntax
import { describe, expect, it } from 'vitest'
import { JavaRegex, JavaRegexError, JavaReplacement } from './java-regex.ts'

describe('JavaRegex', () => {
  it.each([
    ['a.c', 'abc', true],
    ['a.c', 'xabc', false],
    ['a|ab', 'ab', true],
    ['\\Qa.b\\E\\d+', 'a.b12', true],
    ['\\Qa.b\\E', 'axb', false],
    ['(?i)ORDERS', 'orders', true],
    ['\\p{Alpha}+', 'abC', true],
    ['[\\p{Digit}_]+', '1_2', true],
    ['\\P{Alpha}', '1', true],
    ['\\Aab\\z', 'ab', true],
    ['[a-z&]+', 'a&', true],
    ['x\\-y\\_z', 'x-y_z', true],
  ])('%s on %s', (pattern, text, expected) => {
    expect(new JavaRegex(pattern).matches(text)).toBe(expected)
  })

  it.each(['(', 'a++', '[a-z&&[b]]', '[a[b]]', '\\p{Foo}', 'a\\', '\\y'])('refuses %s', pattern => {
    expect(() => new JavaRegex(pattern)).toThrow(JavaRegexError)
  })
})

describe('JavaReplacement', () => {
  it.each([
    ['(.*)', 'x-$1', 'abc', 'x-abc'],
    ['(a)(b)', '$2$1', 'ab', 'ba'],
    ['(a)', '$12', 'a', 'a2'],
    ['(?<x>a).*', '${x}!', 'abc', 'a!'],
    ['.*', '\\$1', 'abc', '$1'],
    ['a|ab', 'x', 'ab', 'xb'],
    ['(a)|(b)', '[$2]', 'a', '[]'],
    ['.*', '$0$0', 'ab', 'abab'],
  ])('%s with %s', (pattern, replacement, text, expected) => {
    const regex = new JavaRegex(pattern)
    expect(regex.replaceFirst(text, new JavaReplacement(replacement, regex))).toBe(expected)
  })

  it.each(['$1', '${x}', '$', 'a\\', '$a'])('refuses %s without groups', replacement => {
    expect(() => new JavaReplacement(replacement, new JavaRegex('.*'))).toThrow(JavaRegexError)
  })
})
