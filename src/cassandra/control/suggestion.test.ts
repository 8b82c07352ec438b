/** The nearest known name: case first, then small typing mistakes, else the list. */
import { describe, expect, it } from 'vitest'
import { suggest } from './suggestion.ts'

describe('suggest', () => {
  it.each([
    ['MyKs', ['other', 'myks'], ' (did you mean "myks"?)'],
    ['usres', ['users', 'orders'], ' (did you mean "users"?)'],
    ['user', ['users', 'user1', 'USER'], ' (did you mean "USER"?)'],
    ['a', ['b'], ' (there are: b)'],
    ['zzzz', ['users', 'orders'], ' (there are: orders, users)'],
    ['zzzz', [], ''],
    ['zzzz', Array.from({ length: 11 }, (_, i) => `table${i}`), ''],
  ])('%s among %j', (wanted, known, expected) => {
    expect(suggest(wanted, known)).toBe(expected)
  })
})
