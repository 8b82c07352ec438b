/**
 * SimpleDateFormat against Java's own: every case of simple-date-format.json, which Java 17 produced.
 * Guards pattern letters, lenient resolution, the Julian calendar, two-digit years and zones.
 * Invariant: the file holds what Java answered, never what we would like.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SimpleDateFormat } from '../../src/base/java-time/simple-date-format.ts'

interface Golden {
  format: [pattern: string, ms: number, text: string][]
  parse: [pattern: string, text: string, ms: number | null][]
  refused: [pattern: string, message: string | null][]
}

const file = new URL('./simple-date-format.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
const NOW_MS = Date.UTC(2025, 5, 15)

describe('SimpleDateFormat against Java 17', () => {
  it('has tables worth the name', () => {
    expect(golden.format.length).toBeGreaterThan(600)
    expect(golden.parse.length).toBeGreaterThan(100)
  })

  it('formats as Java', () => {
    const ours = golden.format.map(([pattern, ms]) => [
      pattern,
      ms,
      new SimpleDateFormat(pattern).format(ms),
    ])
    expect(ours).toEqual(golden.format)
  })

  it.each(golden.parse)('parses %s: %s', (pattern, text, ms) => {
    expect(new SimpleDateFormat(pattern).parse(text, NOW_MS) ?? null).toBe(ms)
  })

  it.each(golden.refused)('answers the pattern %s as Java', (pattern, message) => {
    const compile = () => new SimpleDateFormat(pattern)
    if (message === null) expect(compile).not.toThrow()
    else expect(compile).toThrow(message)
  })
})
