import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { readJsonConfig } from './json-source.ts'
import { readProperties } from './properties.ts'
import type { ConfigSource } from './source.ts'
import { TextPositions } from './text-position.ts'

const RUNS = { numRuns: 150 }
const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...'\\u0041=:# !\n\r\t\f{}[]",.e-1ab'), maxLength: 60 }),
)

/** Readers either return or throw `ConfigError` whose places lie inside the text. */
function mustBehave(read: (text: string) => ConfigSource, text: string): void {
  const lines = text.split(/\r\n|\n|\r/)
  try {
    for (const { location } of read(text).entries.values()) {
      expect(location?.line).toBeLessThanOrEqual(lines.length)
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const location = error.problems[0]?.location
    expect(location?.line).toBeLessThanOrEqual(lines.length)
    expect(location?.column).toBeLessThanOrEqual(lines[location!.line! - 1]!.length + 1)
  }
}

function escapeProperty(text: string): string {
  return text.replace(/[\\=:# !\t\n\r\f]/g, char => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0')
    return char === '\\' || char === '=' ? `\\${char}` : `\\u${code}`
  })
}

const pairs = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ maxLength: 20 }),
  {
    maxKeys: 8,
    noNullPrototype: true,
  },
)

describe('readers', () => {
  it('never crash on any text', () => {
    fc.assert(
      fc.property(noise, text => {
        mustBehave(readProperties, text)
        mustBehave(readJsonConfig, text)
      }),
      RUNS,
    )
  })

  it('properties: what is escaped comes back, at the line it was written on', () => {
    fc.assert(
      fc.property(pairs, fc.nat(3), (config, gap) => {
        const lines = Object.entries(config).map(
          ([key, value]) => `${escapeProperty(key)}=${escapeProperty(value)}`,
        )
        const source = readProperties(lines.join('\n'.repeat(gap + 1)))
        const found = [...source.entries].map(([key, entry]) => [
          key,
          entry.value,
          entry.location?.line,
        ])
        const expected = Object.entries(config).map(([key, value], at) => [
          key,
          value,
          at * (gap + 1) + 1,
        ])
        expect(found).toEqual(expected)
      }),
      RUNS,
    )
  })

  it('JSON: agrees with JSON.parse, and positions point at the keys', () => {
    fc.assert(
      fc.property(pairs, config => {
        const text = JSON.stringify(config, null, 1)
        const source = readJsonConfig(text)
        const lines = text.split('\n')
        for (const [key, entry] of source.entries) {
          expect(entry.value).toBe(config[key])
          const { line = 0, column = 0 } = entry.location ?? {}
          expect(lines[line - 1]?.slice(column - 1)).toMatch(/^"/)
          expect(lines[line - 1]?.slice(column - 1)).toContain(JSON.stringify(key))
        }
        expect(source.entries.size).toBe(Object.keys(config).length)
      }),
      RUNS,
    )
  })

  it('positions: counting line ends gives the same', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab\n\r'), maxLength: 30 }),
        fc.nat(30),
        (text, n) => {
          const offset = Math.min(n, text.length)
          const before = text.slice(0, offset).split(/\r\n|\n|\r(?!$)|\r$/)
          const isInside = text[offset - 1] === '\r' && text[offset] === '\n'
          fc.pre(!isInside)
          const expected = { line: before.length, column: before.at(-1)!.length + 1 }
          expect(new TextPositions(text).at(offset)).toEqual(expected)
        },
      ),
      RUNS,
    )
  })
})
