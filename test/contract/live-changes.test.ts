/**
 * The changes of a live topic that the server tells, and the page that applies them: whatever two
 * states are, the page ends with the second.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changesOf } from '../../src/server/live/json-changes.ts'
import { applyChanges } from '../../src/ui/live/apply-changes.ts'

const parsed = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

it('makes any state out of any other, over JSON', () => {
  const state = fc.jsonValue({ maxDepth: 4 })
  fc.assert(
    fc.property(state, state, (before, after) => {
      const told = parsed(changesOf(before, after)) as ReturnType<typeof changesOf>
      expect(applyChanges(parsed(before), told)).toEqual(parsed(after))
    }),
    { numRuns: 300 },
  )
})

it('tells only what differs, and leaves the rest as the same object', () => {
  const before = { a: { state: 'RUNNING', tasks: [1, 2] }, b: { lag: 4 }, gone: 1 }
  const after = { a: { state: 'RUNNING', tasks: [1, 3] }, b: { lag: null }, c: 0 }
  expect(changesOf(before, { ...before, b: { lag: 4 } })).toEqual([])
  expect(changesOf(before, after)).toEqual([
    [['a', 'tasks', 1], 3],
    [['b', 'lag'], null],
    [['c'], 0],
    [['gone']],
  ])
  const applied = applyChanges(before, [[['b', 'lag'], 5]]) as typeof before
  expect(applied.a).toBe(before.a)
  expect(applied.b).toEqual({ lag: 5 })
})
