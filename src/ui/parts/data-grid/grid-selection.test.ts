/**
 * Turning over one row, and switching a range on.
 */
import { expect, it } from 'vitest'
import { pickKeys } from './grid-selection.ts'

const picked = (before: string[], keys: string[]) => [...pickKeys(new Set(before), keys)]

it('turns one row over and switches all of a range on', () => {
  expect(picked(['a'], ['b'])).toEqual(['a', 'b'])
  expect(picked(['a', 'b'], ['a'])).toEqual(['b'])
  expect(picked(['b'], ['a', 'b', 'c'])).toEqual(['b', 'a', 'c'])
})

it('leaves the rows from before as they were', () => {
  const before = new Set(['a'])
  pickKeys(before, ['a'])
  expect(before.has('a')).toBe(true)
})
