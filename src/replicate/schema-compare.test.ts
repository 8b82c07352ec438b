/** What a task makes of a table that changed: its columns afterwards, and what is told. */
import { describe, expect, it } from 'vitest'
import type { ColumnSpec, NewColumns } from '../api-v1.ts'
import { columnsToKnow, differences, takenUp } from './schema-compare.ts'
import type { SourceColumn, SourceTable } from './source-table.ts'
import { newTask } from './task-change.ts'

const column = (name: string, cql = 'text'): SourceColumn => ({ name, type: 'string', cql })

function table(...columns: SourceColumn[]): SourceTable {
  const info = { name: 'T', kind: 'table', key: ['Id'], checkColumn: null } as const
  const more = { method: 'FULL-HASH', requests: '1', description: 'T' }
  return { name: 'T', columns, key: ['Id'], partition: 1, info: { ...info, ...more } }
}

const ID = column('Id', 'int')
const spec = (source: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  ...{ on: true, source, expression: null, name: source.toLowerCase(), type: 'text', key: 'none' },
  ...more,
})

function taken(now: SourceTable, policy: NewColumns, columns: readonly ColumnSpec[] = []) {
  const task = newTask({ table: 'T', columns })
  const known = columnsToKnow(table(ID, column('A'), column('N', 'int')))
  const next = takenUp(task, { table: now, known, policy })
  return { task, next: next.task, findings: next.findings.map(one => [one.kind, one.state]) }
}

const namesOf = (columns: readonly ColumnSpec[]) =>
  columns.filter(one => one.on).map(one => one.name)

describe('types', () => {
  it.each([
    ['int', 'bigint', 'type_widened'],
    ['bigint', 'int', 'type_narrowed'],
    ['int', 'text', 'type_widened'],
    ['float', 'double', 'type_widened'],
    ['date', 'timestamp', 'type_widened'],
    ['boolean', 'int', 'type_narrowed'],
  ])('%s to %s is %s', (from, to, kind) => {
    expect(differences([column('x', from)], [column('x', to)])).toMatchObject([{ kind, from, to }])
  })
})

describe('a new column', () => {
  const wide = table(ID, column('A'), column('N', 'int'), column('B'))

  it('comes by itself to a task without columns of its own', () => {
    const { task, next, findings } = taken(wide, 'add')
    expect(next).toBe(task)
    expect(findings).toEqual([['column_added', 'applied']])
  })

  it('is added to the columns of a task that has some, under a name that is free', () => {
    const { next } = taken(wide, 'add', [
      spec('Id', { key: 'partition' }),
      spec('A', { name: 'b' }),
    ])
    expect(namesOf(next.columns)).toEqual(['id', 'b', 'b_v2'])
  })

  it.each([
    ['ask', 'pending'],
    ['ignore', 'ignored'],
  ] as const)('%s: the task goes on with those that it had', (policy, state) => {
    const { next, findings } = taken(wide, policy)
    expect(namesOf(next.columns)).toEqual(['id', 'a', 'n'])
    expect(findings).toEqual([['column_added', state]])
  })
})

it('custom fields that a task copies go on with columns of its own', () => {
  const field = { name: 'Risk', column: 'risk', isGone: false }
  const now = table(ID, column('A'), { ...column('cf_9'), field })
  const known = columnsToKnow(table(ID, column('A'), column('N')))
  const of = { table: now, known, policy: 'ask' } as const
  const columnsOf = (customFields: boolean) =>
    namesOf(takenUp(newTask({ table: 'T', options: { customFields } }), of).task.columns)
  expect(columnsOf(true)).toEqual(['id', 'a', 'risk'])
  expect(columnsOf(false)).toEqual(['id', 'a'])
})

describe('a column that is gone', () => {
  it('is not written any more', () => {
    const { next, findings } = taken(table(ID, column('A')), 'add')
    expect(namesOf(next.columns)).toEqual(['id', 'a'])
    expect(findings).toEqual([['column_removed', 'kept']])
  })
})

describe('another type', () => {
  it('keeps the column and its type, and values that do not fit are rejected', () => {
    const { next, findings } = taken(table(ID, column('A'), column('N', 'text')), 'ask')
    expect(next.columns.find(one => one.source === 'N')).toMatchObject({
      ...{ name: 'n', type: 'int', onError: 'fail_row' },
    })
    expect(findings).toEqual([['type_widened', 'pending']])
  })

  it('fills another column where the job takes what comes', () => {
    const { next } = taken(table(ID, column('A'), column('N', 'text')), 'add')
    expect(next.columns.find(one => one.source === 'N')).toMatchObject({
      name: 'n_v2',
      type: 'text',
    })
  })

  it('of a key waits, whatever the job wants', () => {
    const { next, findings } = taken(
      table(column('Id', 'bigint'), column('A'), column('N', 'int')),
      'add',
    )
    expect(next.columns.find(one => one.source === 'Id')).toMatchObject({ type: 'int' })
    expect(findings).toEqual([['type_widened', 'pending']])
  })

  it('that is narrower changes nothing', () => {
    const { findings } = taken(table(ID, column('A'), column('N', 'smallint')), 'add')
    expect(findings).toEqual([['type_narrowed', 'ignored']])
  })
})
