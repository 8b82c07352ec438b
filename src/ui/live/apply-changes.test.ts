/**
 * Changes of a topic applied to its state: set, deleted, whole, in lists; the rest stays the same object.
 */
import { expect, it } from 'vitest'
import { applyChanges } from './apply-changes.ts'

const STATE = { a: { state: 'RUNNING', tasks: [1, 2] }, b: { lag: 4 }, gone: 1 }

it('sets, deletes and replaces by paths', () => {
  const changes = [[['a', 'tasks', 1], 3], [['b', 'lag'], null], [['c'], 0], [['gone']]] as const
  expect(applyChanges(STATE, changes)).toEqual({
    ...{ a: { state: 'RUNNING', tasks: [1, 3] }, b: { lag: null }, c: 0 },
  })
  expect(applyChanges(STATE, [[[], 'all']])).toBe('all')
  expect(STATE.a.tasks).toEqual([1, 2])
})

it('leaves what did not change as the same object', () => {
  const applied = applyChanges(STATE, [[['b', 'lag'], 5]]) as typeof STATE
  expect(applied.a).toBe(STATE.a)
  expect(applied.b).toEqual({ lag: 5 })
})
