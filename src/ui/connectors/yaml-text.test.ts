/** The YAML that configurations are written in, and Strimzi's resource there and back. */
import { describe, expect, it } from 'vitest'
import { parsePaste } from './config-text.ts'
import { toStrimzi } from './strimzi.ts'
import { parseYaml } from './yaml-text.ts'

const CONFIG = {
  'connector.class': 'a.B$C',
  'tasks.max': '2',
  'topic.t.ks.it’s.mapping': 'k=key, v=\'x\' # no comment: \\d "q"\n\tnext',
  'a key: odd': '',
  number: '007',
  bool: 'true',
  none: 'null',
}

describe('YAML', () => {
  it.each([
    ["a: 1\nb: \"x: y\"\nc: 'it''s'", { a: '1', b: 'x: y', c: "it's" }],
    ['a: 0.10 # why\nb: a#b\nc:\n', { a: '0.10', b: 'a#b', c: null }],
    ['a:\n  b:\n    c: ~\nd: null', { a: { b: { c: null } }, d: null }],
    ['- a: 1\n  b: 2\n- c', [{ a: '1', b: '2' }, 'c']],
    ['l:\n- x\n- y\nm: 1', { l: ['x', 'y'], m: '1' }],
    ['t: |\n  one\n   two\n\n  three\nu: >-\n  a\n  b', { t: 'one\n two\n\nthree\n', u: 'a b' }],
    ['t: long\n  goes on\nu: "also\n  this"', { t: 'long goes on', u: 'also this' }],
    ['f: {"a": ["b"]}\nurl: http://h:1/p', { f: { a: ['b'] }, url: 'http://h:1/p' }],
  ])('%j', (text, value) => {
    expect(parseYaml(text)).toEqual([value])
  })

  it('has several documents', () => {
    expect(parseYaml('# first\n---\na: 1\n---\n---\nb: 2\n...\n')).toEqual([{ a: '1' }, { b: '2' }])
  })

  it.each([
    ['a: 1\n\tb: 2', 'Line 2'],
    ['a: 1\n- b', 'Line 2'],
    ['a: 1\nb: &x 2', 'Line 2'],
    ['a: 1\nword', 'Line 2'],
    ['---\na: "open', 'Line 2'],
    ['a: [1, 2', 'Line 1'],
    ['a: 1\nb: |2\n   x', 'Line 2'],
  ])('tells the line of %j', (text, place) => {
    expect(() => parseYaml(text)).toThrow(place)
  })
})

describe('Strimzi', () => {
  it('reads what it writes', () => {
    const { format, items } = parsePaste(toStrimzi("a/b 'c", CONFIG))
    expect(format).toBe('YAML of Strimzi')
    expect(items).toEqual([{ name: "a/b 'c", config: CONFIG }])
  })

  it('reads several resources, and lists of kubectl', () => {
    const one = (name: string) => toStrimzi(name, CONFIG)
    expect(parsePaste(`${one('a')}---\n${one('b')}`).items.map(item => item.name)).toEqual([
      'a',
      'b',
    ])
    const listed = one('c').trimEnd().split('\n').join('\n    ')
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${listed}`
    expect(parsePaste(list).items).toEqual([{ name: 'c', config: CONFIG }])
  })

  it('reads a plain map, and leaves properties to their reader', () => {
    expect(parsePaste('name: a\nconnector.class: x.Y\n')).toEqual({
      format: 'YAML',
      items: [{ name: 'a', config: { name: 'a', 'connector.class': 'x.Y' } }],
    })
    expect(parsePaste('name=a\nurl=http: //x').format).toBe('properties')
  })
})
