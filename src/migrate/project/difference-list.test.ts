/**
 * Rows that differ as the page lists them: kinds, the keys of a repair, and the bound.
 */
import { describe, expect, it } from 'vitest'
import type { Failure } from '../validate-report.ts'
import { DIFFERENCES_MAX, DifferenceList } from './difference-list.ts'

function failure(id: number, more: Partial<Failure> = {}): Failure {
  return {
    ...{ kind: 'missing', keyspace: 'ks', table: 't', key: { id }, source: { v: 1 }, target: null },
    ...{ differences: [], isRepaired: false, note: null, ...more },
  }
}

const difference = (kind: string) => ({
  ...{ kind, column: 'v', source: 1, target: null, difference: null },
})
const ALL = { table: undefined, kind: undefined }

describe('differences', () => {
  it('are counted by kind, filtered, and every value is text', () => {
    const list = new DifferenceList()
    expect(list.view(ALL).comparedAt).toBeNull()
    list.begin(['t'])
    list.add(failure(1))
    list.add(failure(2, { kind: 'mismatch', differences: [difference('ttl')] }))
    list.add(
      failure(3, { kind: 'mismatch', differences: [difference('ttl'), difference('value')] }),
    )
    list.add(failure(4, { kind: 'mismatch', note: 'target-newer', table: 'u' }))
    const { items, kinds, comparedAt } = list.view({ ...ALL, kind: 'value' })
    expect(kinds).toEqual({ missing: 1, ttl: 1, value: 1, 'target-newer': 1 })
    expect(comparedAt).not.toBeNull()
    expect(items).toMatchObject([{ key: { id: '3' }, source: { v: '1' }, target: null }])
    expect(list.view({ ...ALL, table: 'u' }).items).toHaveLength(1)
  })

  it('give the keys of a repair, and forget a table that is compared again', () => {
    const list = new DifferenceList()
    list.begin(['t', 'u'])
    list.add(failure(1))
    list.add(failure(2, { isRepaired: true }))
    list.add(failure(3, { table: 'u' }))
    const open = new Map([
      ['t', new Set(['{"id":1}'])],
      ['u', new Set(['{"id":3}'])],
    ])
    expect(list.keys(undefined)).toEqual(open)
    const [, second] = list.view(ALL).items
    expect(list.keys([second?.id ?? 0])).toEqual(new Map([['t', new Set(['{"id":2}'])]]))
    list.begin(['t'])
    expect([...list.keys(undefined).keys()]).toEqual(['u'])
  })

  it('are bounded, and say so', () => {
    const list = new DifferenceList()
    for (let id = 0; id <= DIFFERENCES_MAX; id++) list.add(failure(id))
    const { items, isCut } = list.view(ALL)
    expect([items.length, isCut]).toEqual([DIFFERENCES_MAX, true])
  })
})
