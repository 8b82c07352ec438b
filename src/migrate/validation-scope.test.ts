import { expect, it } from 'vitest'
import { isWholeScope } from './validation-scope.ts'

const WHOLE = { reverse: true, skipped: [], renames: [['a', 'b']], ignored: [], tolerances: [0] }

it.each([
  [WHOLE, true],
  [{ ...WHOLE, reverse: false }, false],
  [{ ...WHOLE, skipped: ['note'] }, false],
  ['-9223372036854775808', true],
  [undefined, true],
])('%j shows that all is equal: %s', (scope, expected) => {
  expect(isWholeScope(scope)).toBe(expected)
})
