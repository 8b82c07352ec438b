/**
 * Whether a worker that takes over has taken something from one that was alive.
 */
import { expect, it } from 'vitest'
import { isStolen, type OwnerRecord, parseOwner } from './owner-record.ts'

const owner = (id: string, atMs: number, isReleased = false): OwnerRecord => ({
  ...{ id, url: 'http://worker', atMs, isReleased, round: 0 },
})

it.each([
  ['nobody', undefined, undefined, false],
  ['one that stayed silent', owner('a', 1), owner('a', 1), false],
  ['one that ended meanwhile', owner('a', 1), owner('a', 2, true), false],
  ['one that wrote meanwhile', owner('a', 1), owner('a', 2), true],
  ['one that came meanwhile', owner('a', 1), owner('b', 2), true],
  ['the first that came meanwhile', undefined, owner('b', 2), true],
])('takes from %s', (_, before, now, isExpected) => {
  expect(isStolen(before, now)).toBe(isExpected)
})

it('reads what it wrote', () => {
  expect(parseOwner(JSON.stringify(owner('a', 7)))).toEqual(owner('a', 7))
  expect(parseOwner(null)).toBeUndefined()
})
