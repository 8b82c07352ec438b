/**
 * Pasted configurations in every accepted form, and the round trip through both text forms.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween, formatConfig, parseOne, parsePaste } from './config-text.ts'

const CONFIG = { 'connector.class': 'x.Sink', topics: 'a,b', 'tasks.max': '2' }
const BODY = JSON.stringify({ name: 'c', config: { ...CONFIG, 'tasks.max': 2 } })

describe('a paste', () => {
  it.each([
    ['name and config', BODY, 'JSON'],
    ['flat JSON', JSON.stringify({ name: 'c', ...CONFIG }), 'JSON'],
    ['an array', `[${BODY}]`, 'JSON'],
    ['GET /connectors?expand=info', `{"c":{"info":${BODY}}}`, 'JSON'],
    [
      'properties',
      'name=c\n# no\nconnector.class: x.Sink\ntopics=a,\\\n  b\ntasks.max 2',
      'properties',
    ],
    ['curl -d', `curl -X POST http://h/connectors -H "a: b" -d '${BODY}'`, 'a curl command'],
    ['curl --data "', `curl --data "${BODY.replaceAll('"', '\\"')}" http://h`, 'a curl command'],
    ['curl <<', `curl -X POST h -d @- <<'EOF'\n${BODY}\nEOF`, 'a curl command'],
  ])('is read from %s', (_what, text, format) => {
    const parsed = parsePaste(text)
    expect(parsed.format).toContain(format)
    expect(parsed.items.map(item => item.name)).toEqual(['c'])
    expect(parsed.items[0]?.config).toMatchObject(CONFIG)
  })

  it('holds several connectors', () => {
    const { items } = parsePaste(`[${BODY}, ${BODY.replace('"c"', '"d"')}]`)
    expect(items.map(item => item.name)).toEqual(['c', 'd'])
  })

  it.each([
    ['', 'nothing to read'],
    ['{"a":', 'not JSON'],
    ['[1]', 'Expected an object'],
    ['{"a":{"b":1}}', 'a: expected text'],
    ['curl http://h', 'has no body'],
    ['a=1\nword', 'Line 2: expected key=value'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parsePaste(text)).toThrow(message)
  })
})

it('comes back from both text forms', () => {
  const key = fc.string({ minLength: 1 }).filter(text => text.trim() !== '' && text !== '__proto__')
  const config = fc.dictionary(key, fc.string(), { noNullPrototype: true })
  fc.assert(
    fc.property(config, given => {
      expect(parseOne(formatConfig(given, 'json'), 'json')).toEqual(given)
    }),
    { numRuns: 50 },
  )
  const plain = fc.stringMatching(/^[\w.${}:/=#! \\\t]+$/)
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[\w.:=# ]*\w$/), plain), given => {
      const text = formatConfig(given, 'properties')
      expect(parseOne(text, 'properties')).toEqual({ ...given })
    }),
    { numRuns: 100 },
  )
})

it('tells what changes', () => {
  expect(changesBetween({ a: '1', b: '2', c: '3' }, { a: '1', b: '9', d: '4' })).toEqual({
    b: '9',
    c: null,
    d: '4',
  })
})
