/**
 * Rows that were seen, with numbers beyond 32 bits.
 */
import { expect, it } from 'vitest'
import { SeenRows } from './seen-rows.ts'

it.each([0, 31, 32, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 65_537, 2 ** 40])(
  'tells row %i from its neighbours and from those of equal low bits',
  row => {
    const seen = new SeenRows(2 ** 41)
    seen.add(row)
    const others = [row - 1, row + 1, row + 32, row + 65_536, row + 2 ** 32]
    expect([seen.has(row), ...others.map(one => seen.has(one))]).toEqual([
      true,
      ...others.map(() => false),
    ])
  },
)

it('takes rows that came later for seen', () => {
  const seen = new SeenRows(2 ** 32)
  expect([seen.has(2 ** 32), seen.has(2 ** 32 + 1)]).toEqual([false, true])
  seen.add(2 ** 32 + 1)
})
