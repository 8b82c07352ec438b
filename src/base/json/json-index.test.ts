/**
 * Tables for JsonIndex: forms, ranges, kinds, errors with offsets, and the search of members.
 */
import { describe, expect, it } from 'vitest'
import { JsonIndex } from './json-index.ts'
import {
  KIND_ARRAY,
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_NULL,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from './json-kind.ts'

const index = new JsonIndex()

function scan(text: string) {
  const bytes = Buffer.from(text)
  return { bytes, form: index.scan(bytes, 0, bytes.length) }
}

describe('scan', () => {
  it.each([
    ['{}', 'object'],
    [' \t\r\n[ ] ', 'array'],
    ['""', 'string'],
    ['-0', 'number'],
    ['1.5E-7', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['null', 'null'],
    ['', 'blank'],
    [' \n', 'blank'],
    ['\ufeff{}', 'object'],
  ])('%j is %s', (text, form) => {
    expect(scan(text).form).toBe(form)
    expect(index.errorOffset).toBe(-1)
    expect(index.trailing).toBe(false)
  })

  it.each([
    ['{', 1],
    ['{"a"}', 4],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['{"a":1 "b":2}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['{"a":[{"b":]}]}', 11],
    ['"a', 2],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ['01', 1],
    ['1.', 2],
    ['.5', 0],
    ['+1', 0],
    ['-', 1],
    ['1e', 2],
    ['tru', 3],
    ['nulls', 4],
    ['12abc', 2],
    ['NaN', 0],
    ['{"a":01}', 6],
  ])('%j is invalid at %i', (text, offset) => {
    expect(scan(text).form).toBe('invalid')
    expect(index.errorOffset).toBe(offset)
    expect(index.memberCount).toBe(0)
  })

  it('reports text behind the first value', () => {
    expect(scan('{"a":1} x').form).toBe('object')
    expect(index.endOffset).toBe(7)
    expect(index.trailing).toBe(true)
  })

  it('reads nothing outside its range', () => {
    const bytes = Buffer.from('xx{"a":12}yy')
    expect(index.scan(bytes, 2, 10)).toBe('object')
    expect(index.scan(bytes, 2, 9)).toBe('invalid')
    expect(index.errorOffset).toBe(9)
  })

  it('gives ranges and kinds of members', () => {
    const { bytes } = scan(
      '{"s":"x","e":"\\n", "i":-12,"f":1.5,"t":true,"u":false,"n":null,"o":{"k":[1]},"a":[2,"]"]}',
    )
    const rows = Array.from({ length: index.memberCount }, (_, i) => [
      bytes.toString('utf8', index.nameStart[i], index.nameEnd[i]),
      index.valueKind[i],
      bytes.toString('utf8', index.valueStart[i], index.valueEnd[i]),
    ])
    expect(rows).toEqual([
      ['s', KIND_STRING, 'x'],
      ['e', KIND_STRING_ESCAPED, '\\n'],
      ['i', KIND_INTEGER, '-12'],
      ['f', KIND_FRACTION, '1.5'],
      ['t', KIND_TRUE, 'true'],
      ['u', KIND_FALSE, 'false'],
      ['n', KIND_NULL, 'null'],
      ['o', KIND_OBJECT, '{"k":[1]}'],
      ['a', KIND_ARRAY, '[2,"]"]'],
    ])
  })

  it('gives ranges and kinds of elements', () => {
    const { bytes, form } = scan('[1, "a" ,{"b":[]},null]')
    expect(form).toBe('array')
    const rows = Array.from({ length: index.memberCount }, (_, i) => [
      index.valueKind[i],
      bytes.toString('utf8', index.valueStart[i], index.valueEnd[i]),
    ])
    expect(rows).toEqual([
      [KIND_INTEGER, '1'],
      [KIND_STRING, 'a'],
      [KIND_OBJECT, '{"b":[]}'],
      [KIND_NULL, 'null'],
    ])
    expect(index.find(Buffer.from('b'), 0)).toBe(-1)
  })

  it('gives the range of a scalar', () => {
    const { bytes } = scan('  "ab" ')
    expect(index.rootKind).toBe(KIND_STRING)
    expect(bytes.toString('utf8', index.rootStart, index.rootEnd)).toBe('ab')
    expect(index.endOffset).toBe(6)
  })

  it('accepts 1000 nested arrays and refuses one level too many', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(scan(nested(1000)).form).toBe('object')
    expect(scan(nested(1001)).form).toBe('invalid')
    expect(scan(nested(200_000)).form).toBe('invalid')
  })

  it('grows beyond its first capacity', () => {
    const members = Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`)
    const { bytes } = scan(`{${members.join(',')}}`)
    expect(index.memberCount).toBe(5000)
    const found = index.find(Buffer.from('k4321'), 3)
    expect(found).toBe(4321)
    expect(bytes.toString('utf8', index.valueStart[found], index.valueEnd[found])).toBe('4321')
  })
})

describe('find', () => {
  it.each([
    ['{"a":1,"b":2}', 'b', 1, 1],
    ['{"a":1,"b":2}', 'b', 0, 1],
    ['{"a":1,"b":2}', 'b', 7, 1],
    ['{"a":1,"b":2}', 'b', -1, 1],
    ['{"a":1,"b":2}', 'c', 0, -1],
    ['{"a":1,"b":2,"a":3}', 'a', 0, 2],
    ['{"a":1,"\\u0061":3}', 'a', 0, 1],
    ['{"\\u0061":3,"a":1}', 'a', 0, 1],
    ['{"\\u0061":3,"b":1}', 'a', 1, 0],
    ['{"":1}', '', 0, 0],
    ['{"é":1}', 'é', 0, 0],
    ['{"\\ud83d\\ude00":1}', '😀', -1, 0],
    ['{}', 'a', 0, -1],
  ])('in %s of %s with hint %i: %i', (text, name, hint, expected) => {
    scan(text)
    expect(index.find(Buffer.from(name), hint)).toBe(expected)
  })

  it('keeps a late duplicate visible among many names of one hash', () => {
    // Same length, first, middle and last byte: all names share a chain.
    const names = Array.from({ length: 40 }, (_, i) => `"x${String(i).padStart(2, '0')}__y"`)
    scan(`{${[...names, names[3]].map((name, i) => `${name}:${i}`).join(',')}}`)
    expect(index.find(Buffer.from('x03__y'), 3)).toBe(40)
    expect(index.find(Buffer.from('x07__y'), 7)).toBe(7)
  })

  it('finds nothing after an invalid scan', () => {
    scan('{"a":1}')
    scan('{"a":1')
    expect(index.find(Buffer.from('a'), 0)).toBe(-1)
  })
})
