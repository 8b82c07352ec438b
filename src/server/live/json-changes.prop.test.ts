/**
 * The changes that a live topic tells: whatever two states are, setting and deleting by the paths makes
 * the second out of the first; and only what differs is told.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LiveChange } from '../../api-v1-live.ts'
import { changesOf } from './json-changes.ts'

const parsed = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** In place, unlike the page. */
function applied(state: unknown, changes: readonly LiveChange[]): unknown {
  const root = { state }
  for (const [path, ...value] of changes) {
    const keys = ['state', ...path]
    const last = keys.pop() as string
    const at = keys.reduce<unknown>((one, key) => (one as Record<string, unknown>)[key], root)
    if (value.length === 0) delete (at as Record<string, unknown>)[last]
    else (at as Record<string, unknown>)[last] = value[0]
  }
  return root.state
}

it('makes any state out of any other, over JSON', () => {
  // An assignment to that name sets no field: topics have none of it.
  const isPlain = (value: unknown) => !JSON.stringify(value).includes('"__proto__"')
  const state = fc.jsonValue({ maxDepth: 4 }).filter(isPlain)
  fc.assert(
    fc.property(state, state, (before, after) => {
      const told = parsed(changesOf(before, after))
      expect(applied(parsed(before), told)).toEqual(parsed(after))
    }),
    { numRuns: 300 },
  )
})

it('tells that a field is gone that is called like a method', () => {
  expect(changesOf({ toString: '' }, {})).toEqual([[['toString']]])
  expect(changesOf({}, { constructor: 1 })).toEqual([[['constructor'], 1]])
})

it('tells only what differs', () => {
  const before = { a: { state: 'RUNNING', tasks: [1, 2] }, b: { lag: 4 }, gone: 1 }
  const after = { a: { state: 'RUNNING', tasks: [1, 3] }, b: { lag: null }, c: 0 }
  expect(changesOf(before, parsed(before))).toEqual([])
  expect(changesOf(before, after)).toEqual([
    [['a', 'tasks', 1], 3],
    [['b', 'lag'], null],
    [['c'], 0],
    [['gone']],
  ])
})
