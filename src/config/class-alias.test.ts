import { describe, expect, it } from 'vitest'
import { resolveClassName } from './class-alias.ts'
import { suggestKey } from './suggest.ts'

const KNOWN = ['com.a.FooSinkConnector', 'com.b.BarSource', 'org.c.BarSource']

describe('resolveClassName', () => {
  it.each([
    ['com.a.FooSinkConnector', 'com.a.FooSinkConnector'],
    ['FooSinkConnector', 'com.a.FooSinkConnector'],
    ['FooSink', 'com.a.FooSinkConnector'],
    ['Foo', undefined],
    ['com.b.BarSource', 'com.b.BarSource'],
  ])('%s', (name, expected) => {
    expect(resolveClassName(name, KNOWN)).toBe(expected)
  })

  it('refuses an ambiguous short name', () => {
    expect(() => resolveClassName('BarSource', KNOWN)).toThrow(
      /com\.b\.BarSource, org\.c\.BarSource/,
    )
  })

  it('other words may be left out too', () => {
    expect(resolveClassName('Json', ['a.JsonConverter'], 'Converter')).toBe('a.JsonConverter')
  })
})

describe('suggestKey', () => {
  it.each([
    ['contactpoints', 'contactPoints'],
    ['contact.points', 'contactPoints'],
    ['contactPionts', 'contactPoints'],
    ['prot', 'port'],
    ['keyspace', undefined],
  ])('%s', (key, expected) => {
    expect(suggestKey(key, ['contactPoints', 'port', 'compression'])).toBe(expected)
  })
})
