/** Columns side by side and in two lines. */
import { describe, expect, it } from 'vitest'
import { narrowPlaces, templateOf, widthOfAll } from './column-places.ts'
import type { GridColumn } from './grid-model.ts'

const column = (id: string, width: number, more: Partial<GridColumn<object>> = {}) => ({
  ...{ id, width, title: id, text: () => '', ...more },
})
const COLUMNS = [column('a', 200), column('b', 80), column('c', 240, { isWide: true })]
const AROUND = { box: 40, menu: 56 }

describe('side by side', () => {
  it('the wide column takes what is left, until somebody gives it a width', () => {
    expect(templateOf(COLUMNS, {}, AROUND)).toBe('40px 200px 80px minmax(240px, 1fr) 56px')
    expect(templateOf(COLUMNS, { c: 100, a: 1 }, { box: 0, menu: 0 })).toBe('48px 80px 100px')
    expect(widthOfAll(COLUMNS, { a: 300 }, AROUND)).toBe(300 + 80 + 240 + 96)
  })
})

describe('in two lines', () => {
  it.each([3, 4, 6, 9])('%i columns fill both lines and never meet', count => {
    const columns = Array.from({ length: count }, (_, at) => column(`c${at}`, 60 + 40 * at))
    const lines = new Map<number, number[]>()
    for (const { gridRow, gridColumn } of narrowPlaces(columns, AROUND)) {
      const [at = 0, span = 0] = String(gridColumn).split(' / span ').map(Number)
      const taken = lines.get(Number(gridRow)) ?? []
      lines.set(Number(gridRow), [...taken, ...Array.from({ length: span }, (_, one) => at + one)])
    }
    const all = Array.from({ length: 24 }, (_, at) => at + 2)
    expect([lines.get(1), lines.get(2)]).toEqual([all, all])
  })
})
