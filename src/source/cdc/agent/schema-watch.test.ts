/**
 * Changes of keyspaces and types as they stand in the log: told once for each captured table. Changes of
 * tables and truncations are tested on real nodes.
 */
import { expect, it } from 'vitest'
import { buildSegment } from '../../../../test/support/commit-log-writer.ts'
import { SchemaCatalog, type SchemaRows, SegmentReader } from '../../../commitlog/index.ts'
import { SchemaWatch } from './schema-watch.ts'

const TYPES_ID = '5a8b1ca866023f77a0459273d308917a'
const KEYSPACES_ID = 'abac5682dea631c5b535b3d6cffd0fb6'
const TABLES_ID = 'afddfb9dbc1e30688056eed6c302ba09'
/** Times and counts that the numbers of an update are relative to. */
const BASES = 'fce9d96a43c000ef53570000'

const hexOf = (count: number, bytes: number) => count.toString(16).padStart(bytes * 2, '0')
const text = (value: string) => hexOf(value.length, 1) + Buffer.from(value).toString('hex')
const part = (value: string) => hexOf(value.length, 4) + Buffer.from(value).toString('hex')
const cell = (hex: string) => `08${hexOf(hex.length / 2, 1)}${hex}`
const list = (value: string) => cell(`00000001${part(value)}`)
/** One update of a system_schema table, keyspace ks. */
const update = (id: string, columns: readonly string[], items: string) =>
  `01${id}026b7310${BASES}${hexOf(columns.length, 1)}${columns.map(text).join('')}01${items}01`
const dropAll = (id: string) => `${id}026b7314${BASES}00000000${'01'}`

const typeRow = (name: string, field: string) =>
  update(
    TYPES_ID,
    ['field_names', 'field_types'],
    `2400${text(name)}00${list(field)}${list('int')}`,
  )
const keyspaceRow = (factor: string) => {
  const options = `00000002${part('class')}${part('X')}${part('dc1')}${part(factor)}`
  return update(KEYSPACES_ID, ['durable_writes', 'replication'], `24000801${cell(options)}`)
}

function newWatch(...tables: string[]) {
  const catalog = new SchemaCatalog()
  const rows: SchemaRows = {
    tables: tables.map((table, i) => ({
      ...{ keyspace: 'ks', table, isCdc: true, isCounter: false },
      id: `00000000-0000-0000-0000-00000000000${i}`,
    })),
    columns: tables.map(table => ({
      ...{ keyspace: 'ks', table, column: 'k', kind: 'partition_key', position: 0, type: 'int' },
    })),
    ...{ droppedColumns: [], types: [] },
    keyspaces: [
      { keyspace: 'ks', replication: { class: 'X', dc1: '1' }, durableWrites: true },
      { keyspace: 'other', replication: {}, durableWrites: true },
    ],
  }
  catalog.load(rows)
  const watch = new SchemaWatch(catalog)
  return (hex: string, ...wanted: string[]) => {
    const bytes = buildSegment([[Buffer.from(hex, 'hex')]])
    const reader = new SegmentReader({ schema: catalog })
    reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
    expect([reader.next(), reader.problem]).toEqual(['mutation', undefined])
    return watch.apply(reader.mutation, new Set(wanted))
  }
}

it('tells of a new, a changed and a dropped type to every captured table of its keyspace', () => {
  const apply = newWatch('a', 'b', 'c')
  const wanted = ['ks.a', 'ks.b', 'other.t']
  const made = apply(typeRow('address', 'street'), ...wanted)
  expect(made.map(one => [one.type, one.of, one.table.name, one.before])).toEqual([
    ['CREATE_TYPE', 'address', 'a', null],
    ['CREATE_TYPE', 'address', 'b', null],
  ])
  expect(JSON.parse(made[0]!.after!)).toEqual({
    ...{ keyspace: 'ks', name: 'address', fieldNames: ['street'], fieldTypes: ['int'] },
  })
  expect(made[0]!.timestamp).toBeGreaterThan(0n)
  expect(new Set(made.map(one => one.identity)).size).toBe(2)
  expect(apply(typeRow('address', 'street'), ...wanted)).toEqual([])
  const [changed] = apply(typeRow('address', 'zip'), 'ks.a')
  expect([changed!.type, changed!.before]).toEqual(['ALTER_TYPE', made[0]!.after])
  const [dropped] = apply(`01${dropAll(TYPES_ID)}`, 'ks.a')
  expect([dropped!.type, dropped!.after]).toEqual(['DROP_TYPE', null])
})

it('tells of a keyspace that changes, goes and comes back', () => {
  const apply = newWatch('a')
  const [changed] = apply(keyspaceRow('3'), 'ks.a')
  expect([changed!.type, changed!.of]).toEqual(['ALTER_KEYSPACE', 'ks'])
  expect(JSON.parse(changed!.after!)).toMatchObject({ replication: { class: 'X', dc1: '3' } })
  const gone = apply(`02${dropAll(KEYSPACES_ID)}${dropAll(TABLES_ID)}`, 'ks.a')
  expect(gone.map(one => one.type)).toEqual(['DROP_KEYSPACE', 'DROP_TABLE'])
  const back = apply(keyspaceRow('1'), 'ks.a')
  expect(back.map(one => [one.type, one.table.name])).toEqual([['CREATE_KEYSPACE', 'a']])
  expect(apply(keyspaceRow('2'), 'other.t')).toEqual([])
})
