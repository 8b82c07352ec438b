import { describe, expect, it } from 'vitest'
import { oneLine, textTable } from '../text-table.ts'
import { diffConfigs } from './config-diff.ts'

describe('diffConfigs', () => {
  it.each([
    ['nothing', { a: '1' }, { a: '1' }, [], []],
    ['all sides', { a: '1', b: '2' }, { b: '3', c: '4' }, ['- a=1', '- b=2', '+ b=3', '+ c=4'], []],
    ['a secret that cannot be compared', { p: '[hidden]' }, { p: 'pw' }, [], ['p']],
    ['a secret that goes', { p: '[hidden]' }, {}, ['- p=[hidden]'], []],
  ])('%s', (_what, present, wanted, lines, hiddenKeys) => {
    expect(diffConfigs(present, wanted)).toEqual({ lines, hiddenKeys })
  })
})

describe('textTable', () => {
  it('has columns as wide as their longest cell, and one line for each row', () => {
    expect(
      textTable(
        ['A', 'LONG'],
        [
          ['x', 1],
          ['a\nb', 'c\td'],
        ],
      ),
    ).toBe('A  LONG\nx  1\na  c d\n')
    expect(oneLine('\u001b[31mred\u001b[0m')).toBe(' [31mred [0m')
  })
})
