import { expect, it } from 'vitest'
import { shapeOf } from '../statement/statement-shape.ts'
import { fromLine, toLine } from './journal-entry.ts'

const ENTRY = {
  time: '2026-01-01T00:00:00.000Z',
  cluster: 'target' as const,
  cause: 'target_down',
  version: 4,
  opcode: 10,
  flags: 0,
  statements: [{ id: '00ff', query: 'INSERT …' }],
  body: 'AAEC',
}

it('a line is read back, and a damaged one is noticed', () => {
  const line = toLine(ENTRY).trimEnd()
  expect(fromLine(line)).toEqual(ENTRY)
  expect(fromLine(line.slice(0, -1))).toBeUndefined()
  expect(fromLine(line.replace('AAEC', 'AAED'))).toBeUndefined()
  expect(fromLine('')).toBeUndefined()
})

it.each([
  ["INSERT INTO t (a) VALUES ('secret', 42, 0xff, $$x$$)", 'INSERT INTO t(a)VALUES(?,?,?,?)'],
  ['UPDATE "T" SET a = ? WHERE k = 550e8400-e29b-41d4-a716-446655440000', undefined],
])('shows no value of %s', (text, expected) => {
  const shape = shapeOf(text)
  if (expected !== undefined) expect(shape).toBe(expected)
  expect(shape).not.toMatch(/secret|42|550e8400|e29b|446655440000/)
})
