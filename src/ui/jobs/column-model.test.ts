/**
 * The columns of a task in the grid and back.
 */
import { describe, expect, it } from 'vitest'
import type { ColumnSpec, SourceColumnInfo } from '../../api-v1.ts'
import { isUnsafe, move, newColumn, toGrid, toSpecs } from './column-model.ts'

const spec = (source: string | null, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  ...{ on: true, source, expression: null, name: (source ?? 'x').toLowerCase(), type: 'text' },
  ...{ key: 'none', ...more },
})
const column = (name: string, types: string[] = ['text']): SourceColumnInfo => ({
  ...{ name, type: 'string', isKey: name === 'Id', default: spec(name), types },
})
const SOURCE = [column('Id', ['bigint', 'text']), column('Summary'), column('Created')]

describe('the grid of columns', () => {
  it('begins with the defaults of the table', () => {
    expect(toSpecs(toGrid([], SOURCE))).toEqual(SOURCE.map(one => one.default))
  })

  it('keeps what a task has and offers the others switched off', () => {
    const own = [spec('Summary', { name: 'title' }), spec('Id')]
    const grid = toGrid(own, SOURCE)
    expect(grid.map(one => [one.source, one.on])).toEqual([
      ['Summary', true],
      ['Id', true],
      ['Created', false],
    ])
    expect(toSpecs(grid).slice(0, 2)).toEqual(own)
  })

  it('drops blank expressions', () => {
    const [first] = toGrid([], SOURCE)
    expect(toSpecs([{ ...first!, expression: '  ' }])[0]?.expression).toBeNull()
  })

  it('knows which types cannot hold every value', () => {
    const [first] = toGrid([], SOURCE)
    expect(isUnsafe({ ...first!, type: 'bigint' })).toBe(false)
    expect(isUnsafe({ ...first!, type: 'int' })).toBe(true)
    expect(isUnsafe(newColumn([]))).toBe(false)
  })

  it('moves rows, but not beyond the ends', () => {
    expect(move(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(move(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
  })
})
