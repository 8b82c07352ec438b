/** Whatever is taken in whatever order: exactly that is taken, and the form stays bounded and sorted. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatCursor, isTaken, parseCursor, START, take } from './queue-cursor.ts'

const stretch = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 }))

it('knows what was taken', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 20 }), stretches => {
      const expected = new Set<number>()
      let cursor = START
      for (const [from, length] of stretches) {
        cursor = take(cursor, from, from + length)
        for (let seq = from; seq <= from + length; seq++) expected.add(seq)
      }
      for (let seq = 1; seq <= 80; seq++)
        expect([seq, isTaken(cursor, seq)]).toEqual([seq, expected.has(seq)])
      let before = cursor.after
      for (const [from, to] of cursor.done) {
        expect(from).toBeGreaterThan(before + 1)
        before = to
      }
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
    }),
    { numRuns: 200 },
  )
})

it('begins at the start when nothing usable is stored', () => {
  for (const offset of [undefined, {}, { offset: 'x' }, { done: [[1]] }, { done: 7 }]) {
    expect(parseCursor(offset)).toEqual(START)
  }
})
