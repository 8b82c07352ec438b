import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { readJsonConfig } from './json-source.ts'
import { readConfigText } from './read-config.ts'
import { toRecord } from './source.ts'

function failureOf(text: string): ConfigError {
  try {
    readJsonConfig(text, 'f.json')
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('no failure')
}

describe('readJsonConfig', () => {
  it('takes text, numbers and booleans as text and leaves nulls out', () => {
    const text = '{"name":"n","a":1.50,"b":true,"c":null,"d":"x\\u00e9\\n","e":-2e3}'
    expect(toRecord(readJsonConfig(text))).toEqual({
      name: 'n',
      a: '1.50',
      b: 'true',
      d: 'xé\n',
      e: '-2e3',
    })
  })

  it('reads a REST body: inner settings, outer name, initial state', () => {
    const source = readJsonConfig('{"name":"n","config":{"a":"1"},"initial_state":"STOPPED"}')
    expect(toRecord(source)).toEqual({ a: '1', name: 'n' })
    expect(source.initialState).toBe('STOPPED')
  })

  it('takes a flat setting called config as a setting', () => {
    expect(toRecord(readJsonConfig('{"name":"n","config":"x"}'))).toEqual({
      name: 'n',
      config: 'x',
    })
  })

  it('refuses two different names', () => {
    const { lints } = readJsonConfig('{"name":"n","config":{"name":"m"}}')
    expect(lints).toMatchObject([{ kind: 'conflict', severity: 'error', key: 'name' }])
    expect(readJsonConfig('{"name":"n","config":{"name":" n "}}').lints).toEqual([])
  })

  it('reports nested values with their places, all of them', () => {
    const { lints, entries } = readJsonConfig('{"a": {"b": 1},\n "c": [1],\n "d": "ok"}')
    expect(lints.map(lint => [lint.key, lint.kind, lint.location])).toEqual([
      ['a', 'wrong-type', { line: 1, column: 2 }],
      ['c', 'wrong-type', { line: 2, column: 2 }],
    ])
    expect([...entries.keys()]).toEqual(['d'])
  })

  it('warns about duplicates; the last one wins', () => {
    const source = readJsonConfig('{"a":"1","a":"2"}')
    expect(source.lints).toMatchObject([{ kind: 'duplicate-key', key: 'a' }])
    expect(toRecord(source)).toEqual({ a: '2' })
  })

  it.each([
    ['a missing comma', '{\n  "a": "1"\n  "b": "2"\n}', 3, 3, '"," or "}"'],
    ['a trailing comma', '{"a": "1",}', 1, 11, 'a key in double quotes'],
    ['an open text', '{"a": "1', 1, 9, 'a closing double quote'],
    ['no value', '{"a": }', 1, 7, 'a value'],
    ['text after the end', '{} x', 1, 4, 'the end of the text'],
    ['nothing', '', 1, 1, 'a value'],
    ['a bare word', '{"a": yes}', 1, 7, 'a value'],
    ['a wrong escape', '{"a": "\\x"}', 1, 9, 'an escape of JSON'],
    ['not an object', '[1]', 1, 1, 'a JSON object'],
  ])('says line and column of %s', (_title, text, line, column, expected) => {
    const [problem] = failureOf(text).problems
    expect(problem?.location).toEqual({ file: 'f.json', line, column })
    expect(problem?.message).toContain(expected)
  })

  it('stops at depth instead of overflowing the stack', () => {
    expect(failureOf(`{"a":${'['.repeat(100_000)}`).message).toContain('nested levels')
  })
})

describe('readConfigText', () => {
  it('tells the form from the text', () => {
    expect(toRecord(readConfigText('  {"a": 1}', 'x.properties'))).toEqual({ a: '1' })
    expect(toRecord(readConfigText('a=1', 'x.properties'))).toEqual({ a: '1' })
    expect(() => readConfigText('a=1', 'x.json')).toThrow(/line 1, column 1/)
  })
})
