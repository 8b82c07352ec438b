/**
 * Properties: the index and the parser agree with JSON.parse on random texts, on random damage to
 * them, and always come to an end.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonIndex } from './json-index.ts'
import { KIND_STRING, KIND_STRING_ESCAPED } from './json-kind.ts'
import { readJsonString } from './json-string.ts'
import { JsonNumber, JsonSyntaxError, type JsonValue, parseJson } from './parse-json.ts'

const index = new JsonIndex()

function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text)
  if (value instanceof Map) {
    const out = Object.create(null)
    for (const [name, member] of value) out[name] = toPlain(member)
    return out
  }
  return Array.isArray(value) ? value.map(toPlain) : value
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const name = fc.string({ unit: 'grapheme', maxLength: 6 }).map(text => text.toWellFormed())
const text = fc.oneof(
  fc.json({ stringUnit: 'grapheme' }),
  fc.jsonValue({ maxDepth: 4 }).map(value => JSON.stringify(value, null, 2)),
)

describe('JsonIndex', () => {
  it('finds every member as JSON.parse does', () => {
    const members = fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 2 })), { maxLength: 90 })
    fc.assert(
      fc.property(members, fc.integer({ min: -1, max: 95 }), (pairs, hint) => {
        const json = pairs.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
        const bytes = Buffer.from(`{${json.join(' ,')}}`)
        expect(index.scan(bytes, 0, bytes.length)).toBe('object')
        expect(index.memberCount).toBe(pairs.length)
        for (const [key] of pairs) {
          const last = pairs.findLastIndex(pair => pair[0] === key)
          expect(index.find(Buffer.from(key), hint)).toBe(last)
          expect(index.find(Buffer.from(key), last)).toBe(last)
        }
        pairs.forEach(([, value], i) => {
          const start = index.valueStart[i]!
          const end = index.valueEnd[i]!
          const kind = index.valueKind[i]!
          if (kind === KIND_STRING || kind === KIND_STRING_ESCAPED) {
            const escaped = kind === KIND_STRING_ESCAPED
            expect(readJsonString(bytes, start, end, escaped)).toBe(
              (value as string).toWellFormed(),
            )
          } else
            expect(JSON.parse(bytes.toString('utf8', start, end))).toEqual(
              JSON.parse(JSON.stringify(value)),
            )
        })
      }),
      { numRuns: 150 },
    )
  })

  it('judges damaged texts as JSON.parse does', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom(...'{}[]",:\\0123.eE+-tfnu \u0001é'),
      fc.nat(2),
    )
    fc.assert(
      fc.property(text, fc.array(damage, { maxLength: 3 }), (original, damages) => {
        let damaged = original
        for (const [at, character, removed] of damages) {
          const place = at % (damaged.length + 1)
          damaged = damaged.slice(0, place) + character + damaged.slice(place + removed)
        }
        const bytes = Buffer.from(damaged)
        const form = index.scan(bytes, 0, bytes.length)
        const isValid = form !== 'invalid' && form !== 'blank' && !index.trailing
        expect(isValid).toBe(isJson(damaged))
        if (form === 'invalid') expect(index.errorOffset).toBeLessThanOrEqual(bytes.length)
        if (form !== 'invalid') expect(index.endOffset).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 1500 },
    )
  })

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), noise => {
        const bytes = Buffer.from(noise)
        const form = index.scan(bytes, 0, bytes.length)
        expect(index.errorOffset >= 0).toBe(form === 'invalid')
      }),
      { numRuns: 500 },
    )
  })
})

describe('parseJson', () => {
  it('agrees with JSON.parse, also on damage', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.constantFrom('', ...'{}[]",:'), (json, at, character) => {
        const place = at % (json.length + 1)
        const damaged = (json.slice(0, place) + character + json.slice(place)).toWellFormed()
        if (isJson(damaged)) {
          const parsed = toPlain(parseJson(Buffer.from(damaged)))
          expect(JSON.stringify(parsed)).toBe(JSON.stringify(plainJson(damaged)))
        } else expect(() => parseJson(Buffer.from(damaged))).toThrow(JsonSyntaxError)
      }),
      { numRuns: 500 },
    )
  })
})

/** What JSON.parse says, in null-prototype objects, so that `__proto__` is a plain name. */
function plainJson(json: string): unknown {
  return JSON.parse(json, (_key, value) => {
    if (typeof value === 'string') return value.toWellFormed()
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.assign(Object.create(null), value)
  })
}
