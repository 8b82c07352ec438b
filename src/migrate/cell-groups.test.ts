import { describe, expect, it } from 'vitest'
import { CellGroups } from './cell-groups.ts'

function groupsOf(...cells: readonly (readonly [time: number, ttl: number])[]): CellGroups {
  const groups = new CellGroups()
  for (const [time, ttl] of cells) groups.find(0, time, ttl)
  return groups
}

describe('CellGroups', () => {
  it('gives equal pairs one number', () => {
    const groups = new CellGroups()
    expect([groups.find(1, 2, 3), groups.find(1, 2, 4), groups.find(1, 2, 3)]).toEqual([0, 1, 0])
    expect(groups.find(-1, 2, 3)).toBe(2)
    expect(groups.count).toBe(3)
    groups.reset()
    expect([groups.count, groups.marker(), groups.latest()]).toEqual([0, -1, -1])
  })

  it('grows', () => {
    const groups = new CellGroups()
    for (let i = 0; i < 100; i++) expect(groups.find(0, i, 0)).toBe(i)
    for (let i = 0; i < 100; i++) expect(groups.find(0, i, 0)).toBe(i)
  })

  it.each([
    [
      'without end before any end',
      [
        [5, 100],
        [9, 0],
      ],
      1,
    ],
    [
      'of several without end the oldest',
      [
        [9, 0],
        [5, 0],
        [7, 0],
      ],
      1,
    ],
    [
      'else the longest',
      [
        [5, 100],
        [9, 200],
        [1, 50],
      ],
      1,
    ],
    [
      'of equal ones the oldest',
      [
        [9, 100],
        [5, 100],
      ],
      1,
    ],
  ] as const)('marker: %s', (_name, cells, expected) => {
    expect(groupsOf(...cells).marker()).toBe(expected)
  })

  it('compares low halves as unsigned, high halves as signed', () => {
    const groups = new CellGroups()
    groups.find(1, 0x7fffffff, 0)
    groups.find(1, -1, 0)
    groups.find(-1, -1, 0)
    expect(groups.latest()).toBe(1)
    expect(groups.marker()).toBe(2)
  })
})
