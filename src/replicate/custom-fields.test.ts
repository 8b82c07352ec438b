/** Columns of custom fields: their names over renames, twins and losses, and who sees them. */
import { describe, expect, it } from 'vitest'
import { findForQuery, type KnownField, mergedFields, tablesWith } from './custom-fields.ts'
import { backlogTables, defaultColumns } from './source-table.ts'

const tables = new Map(backlogTables().map(one => [one.name, one]))
const issues = tables.get('Issues')!
const field = (id: number, name: string, typeId = 1) => ({ id, name, typeId })

function columnsOf(fields: readonly KnownField[]) {
  return Object.fromEntries(fields.map(one => [one.id, one.column]))
}

describe('names of columns', () => {
  it('are those of the fields, and differ', () => {
    const names = ['Affected site', '詳細', 'Summary', 'Risk', 'Risk', '2nd look', 'Naïve?', '!']
    const fields = names.map((name, index) => field(index + 1, name))
    const all = mergedFields([], { fields, isWhole: true }, issues)
    expect(columnsOf(all)).toEqual({
      ...{ 1: 'affected_site', 2: 'cf_2', 3: 'summary_3', 4: 'risk', 5: 'risk_5' },
      ...{ 6: 'cf_6', 7: 'naive', 8: 'cf_8' },
    })
  })

  it('stay when a field is renamed, and are not given to another', () => {
    const first = mergedFields([], { fields: [field(1, 'Risk')], isWhole: true }, issues)
    const fields = [field(1, 'Danger'), field(2, 'Risk')]
    const second = mergedFields(first, { fields, isWhole: true }, issues)
    expect(columnsOf(second)).toEqual({ 1: 'risk', 2: 'risk_2' })
    expect(second[0]).toMatchObject({ name: 'Danger' })
  })

  it('of a field that is gone are kept, unless a project was refused', () => {
    const first = mergedFields([], { fields: [field(1, 'Risk')], isWhole: true }, issues)
    const refused = mergedFields(first, { fields: [], isWhole: false }, issues)
    expect(refused).toEqual(first)
    const gone = mergedFields(first, { fields: [], isWhole: true }, issues)
    expect(gone).toEqual([{ ...first[0], isGone: true }])
    const back = mergedFields(gone, { fields: [field(1, 'Risk')], isWhole: true }, issues)
    expect(back).toEqual(first)
  })
})

describe('tables', () => {
  const fields = mergedFields(
    mergedFields([], { fields: [field(9, 'Old')], isWhole: true }, issues),
    { fields: [field(1, 'Sites', 6), field(2, 'Ports', 3)], isWhole: true },
    issues,
  )
  const wide = tablesWith(tables, fields)
  const find = (name: string) => wide.get(name)

  it('have a column for each field, on for those who want them', () => {
    const own = wide.get('Issues')!.columns.slice(issues.columns.length)
    expect(own.map(one => [one.name, one.cql])).toEqual([
      ...[
        ['cf_1', 'list<text>'],
        ['cf_2', 'decimal'],
        ['cf_9', 'text'],
      ],
    ])
    const onOf = (withFields: boolean) =>
      defaultColumns(wide.get('Issues')!, withFields)
        .filter(one => one.on && one.source?.startsWith('cf_'))
        .map(one => one.name)
    expect(onOf(false)).toEqual([])
    expect(onOf(true)).toEqual(['sites', 'ports'])
    expect(wide.get('Projects')).toBe(tables.get('Projects'))
  })

  it('show a query the fields that it names, and no others', () => {
    const named = findForQuery(find, 'SELECT Id, CF_2 FROM Issues')('Issues')!
    const names = named.columns.map(one => one.name)
    expect(names.filter(one => one.startsWith('cf_'))).toEqual(['cf_2'])
    expect(named.catalogue?.columns.map(one => one.name)).toEqual(names)
    const plain = findForQuery(find, 'SELECT * FROM Issues')('Issues')!
    expect(plain.columns).toEqual(issues.columns)
  })
})
