/** Custom fields of an issue: one value of each kind, as columns by kind and as columns of their own. */
import { describe, expect, it } from 'vitest'
import type { Json } from '../../backlog/index.ts'
import { splitCustomFields } from './custom-field.ts'
import { fieldColumn } from './field-list.ts'
import { readRow } from './read-row.ts'

const item = (id: number, name: string) => ({ id, name, displayOrder: 0 })
const KINDS: readonly (readonly [typeId: number, value: unknown, own: unknown])[] = [
  [1, 'short', 'short'],
  [1, '', ''],
  [2, 'two\nlines', 'two\nlines'],
  [3, 0, 0],
  [3, '', null],
  [4, '2026-12-24T00:00:00Z', '2026-12-24'],
  [4, '', null],
  [5, item(0, 'Zero'), 'Zero'],
  [6, [item(1, 'Tokyo'), item(2, 'Fukuoka')], ['Tokyo', 'Fukuoka']],
  [7, [], null],
  [8, item(3, 'Low'), 'Low'],
  [8, null, null],
]

describe.each(KINDS)('a field of kind %i with %j', (fieldTypeId, value, own) => {
  const issue: Json = { customFields: [{ id: 7, fieldTypeId, name: 'x', value }] }

  it('is a column of its own', () => {
    const column = fieldColumn({ id: 7, typeId: fieldTypeId, name: 'x' })
    expect(readRow([column], issue, {})).toEqual([own])
    expect(readRow([column], { customFields: [] }, {})).toEqual([null])
    expect(readRow([column], {}, {})).toEqual([null])
  })

  it('has its value in one column by kind', () => {
    const [row] = splitCustomFields(issue)
    const names = ['valueText', 'valueNumber', 'valueDate', 'valueItemNames']
    const used = names.filter(name => row?.[name] !== null)
    expect(used.length).toBeLessThanOrEqual(1)
    if (Array.isArray(value)) expect(used).toEqual(['valueItemNames'])
  })
})
