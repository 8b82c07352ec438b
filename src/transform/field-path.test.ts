import { describe, expect, it } from 'vitest'
import { FieldPathError, parseFieldPath } from './field-path.ts'

describe('parseFieldPath', () => {
  it.each([
    ['a.b', 'V1', ['a.b']],
    ['', 'V1', ['']],
    ['a.b', 'V2', ['a', 'b']],
    ['a', 'V2', ['a']],
    ['`a.b`.c', 'V2', ['a.b', 'c']],
    ['a.`b.c`', 'V2', ['a', 'b.c']],
    ['`a\\`.b`.c', 'V2', ['a`.b', 'c']],
    ['`a`b`', 'V2', ['a`b']],
    ['a`b.c', 'V2', ['a`b', 'c']],
    ['a.', 'V2', ['a', '']],
    ['.a', 'V2', ['', 'a']],
    ['', 'V2', ['']],
  ] as const)('%s in %s', (text, syntax, steps) => {
    expect(parseFieldPath(text, syntax)).toEqual(steps)
  })

  it.each(['`a', '`', '`a\\`', '`a.b'])('refuses %s', text => {
    expect(() => parseFieldPath(text, 'V2')).toThrow(FieldPathError)
  })
})
