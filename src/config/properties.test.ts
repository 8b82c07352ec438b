import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { readProperties } from './properties.ts'
import { toRecord } from './source.ts'

const cases: readonly (readonly [title: string, text: string, expected: object])[] = [
  ['equals, colon, blank', 'a=1\nb:2\nc 3\nd\t4', { a: '1', b: '2', c: '3', d: '4' }],
  ['blanks around the separator', '  a  =  1\nb : 2', { a: '1', b: '2' }],
  ['only the first separator counts', 'a=b=c:d e', { a: 'b=c:d e' }],
  ['a blank, then one sign', 'a = = b', { a: '= b' }],
  ['comments', '# x=1\n  ! y=2\na=#no', { a: '#no' }],
  ['trailing blanks stay', 'a=1  ', { a: '1  ' }],
  ['empty value and bare key', 'a=\nb', { a: '', b: '' }],
  ['continuation', 'a=x,\\\n   y,\\\r\n\tz', { a: 'x,y,z' }],
  ['an even number of backslashes ends the line', 'a=x\\\\\nb=1', { a: 'x\\', b: '1' }],
  ['a comment line cannot be continued', '# c\\\na=1', { a: '1' }],
  ['a comment sign after a continuation is text', 'a=1\\\n#2', { a: '1#2' }],
  ['escapes', 'a=\\t\\n\\r\\f\\u00e9\\q', { a: '\t\n\r\féq' }],
  ['escaped separators in keys', 'a\\=b\\:c\\ d=1', { 'a=b:c d': '1' }],
  ['escaped comment sign', '\\#a=1', { '#a': '1' }],
  ['UTF-8 and a byte order mark', '\uFEFFä=ö', { ä: 'ö' }],
  ['line ends', 'a=1\rb=2\r\nc=3', { a: '1', b: '2', c: '3' }],
  ['the last one wins', 'a=1\nb=2\na=3', { b: '2', a: '3' }],
  ['a backslash at the end of the text', 'a=1\\', { a: '1' }],
]

describe('readProperties', () => {
  it.each(cases)('%s', (_title, text, expected) => {
    expect(toRecord(readProperties(text))).toEqual(expected)
  })

  it('knows the place of every key', () => {
    const source = readProperties('# c\n\n  a=x\\\n y\nb=1', 'f.properties')
    expect(source.entries.get('a')?.location).toEqual({ file: 'f.properties', line: 3, column: 3 })
    expect(source.entries.get('b')?.location).toEqual({ file: 'f.properties', line: 5, column: 1 })
  })

  it('warns about the entry that a later one replaces', () => {
    const [lint] = readProperties('a=1\na=2').lints
    expect(lint).toMatchObject({ kind: 'duplicate-key', severity: 'warning', key: 'a' })
    expect(lint?.location).toEqual({ line: 1, column: 1 })
  })

  it('reports every malformed escape with its place', () => {
    let problems: unknown
    try {
      readProperties('a=1\nb=x\\u12\nc=\\uzzzz')
    } catch (error) {
      problems = (error as ConfigError).problems.map(problem => problem.location)
      expect(error).toBeInstanceOf(ConfigError)
    }
    expect(problems).toEqual([
      { line: 2, column: 4 },
      { line: 3, column: 3 },
    ])
  })
})
