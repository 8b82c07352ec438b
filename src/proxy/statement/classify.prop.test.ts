import fc from 'fast-check'
import { expect, it } from 'vitest'
import { classify } from './classify.ts'
import { shapeOf } from './statement-shape.ts'
import { CqlTokenizer, TOKEN } from './tokenizer.ts'

const PIECES = [
  'INSERT',
  'INTO',
  'UPDATE',
  'SELECT',
  'FROM',
  'IF',
  'now()',
  'uuid (',
  ')',
  "'",
  "''",
  '"',
  '$$',
  '--',
  '\n',
  '/*',
  '*/',
  '?',
  ':a',
  '{',
  '}',
  '=',
  '+',
  'x',
  '1',
  '.',
  'ks.t',
  ';',
  'BEGIN',
  'é',
  '[',
]

const anyText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })), { maxLength: 30 })
  .map(parts => parts.join(' '))

it('any text is classified, its tokens in order and inside it', () => {
  fc.assert(
    fc.property(anyText, text => {
      const info = classify(text)
      for (const call of info.functions) {
        expect(text.slice(call.start, call.end)).toMatch(/\)$/)
      }
      const token = new CqlTokenizer(text)
      let end = 0
      while (token.next() !== TOKEN.END) {
        expect(token.start).toBeGreaterThanOrEqual(end)
        expect(token.end).toBeGreaterThan(token.start)
        end = token.end
      }
      expect(end).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 300 },
  )
})

it('text in quotes never shows in a log', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), secret => {
      const quoted = secret.replaceAll("'", "''")
      const shape = shapeOf(`INSERT INTO t (a) VALUES ('${quoted}')`)
      expect(shape).toBe('INSERT INTO t(a)VALUES(?)')
    }),
    { numRuns: 200 },
  )
})
