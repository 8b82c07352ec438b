/**
 * Tables out of rows of system_schema, and out of DDL in the log.
 */
import { describe, expect, it } from 'vitest'
import { buildSegment } from '../../../test/support/commit-log-writer.ts'
import { SchemaCatalog, type SchemaRows, SegmentReader } from '../index.ts'

const ID = '00000000-0000-0000-0000-00000000000a'
const place = { keyspace: 'ks', table: 't' }

const ROWS: SchemaRows = {
  tables: [{ ...place, id: ID, isCdc: true, isCounter: false }],
  columns: [
    { ...place, column: 'b', kind: 'partition_key', position: 1, type: 'int' },
    { ...place, column: 'a', kind: 'partition_key', position: 0, type: 'text' },
    { ...place, column: 'c', kind: 'clustering', position: 0, type: 'timeuuid' },
    { ...place, column: 's', kind: 'static', position: -1, type: 'address' },
    { ...place, column: 'v', kind: 'regular', position: -1, type: 'frozen<list<frozen<address>>>' },
  ],
  droppedColumns: [{ ...place, column: 'x', kind: 'static', type: 'int', droppedAtMs: 5n }],
  types: [
    { keyspace: 'ks', name: 'address', fieldNames: ['zip'], fieldTypes: ['frozen<zip>'] },
    { keyspace: 'ks', name: 'zip', fieldNames: ['code'], fieldTypes: ['text'] },
  ],
}

const text = (value: string) => {
  const bytes = Buffer.from(value)
  return bytes.length.toString(16).padStart(2, '0') + bytes.toString('hex')
}
const COLUMNS_ID = '24101c25a2ae3af787c1b40ee1aca33f'
const TABLES_ID = 'afddfb9dbc1e30688056eed6c302ba09'
const TYPES_ID = '5a8b1ca866023f77a0459273d308917a'
const BASES = 'fce9d96a43c000ef53570000'

function apply(catalog: SchemaCatalog, hex: string): boolean {
  const bytes = buildSegment([[Buffer.from(hex, 'hex')]])
  const reader = new SegmentReader({ schema: catalog })
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  expect([reader.next(), reader.problem]).toEqual(['mutation', undefined])
  return catalog.apply(reader.mutation)
}

/** One update of a system_schema table, keyspace ks. */
const update = (id: string, columns: readonly string[], items: string) =>
  `${id}026b7310${BASES}${columns.length.toString(16).padStart(2, '0')}` +
  `${columns.map(text).join('')}01${items}01`

const createColumn = (name: string, kind: string, type: string) =>
  `2400${text('t2')}${text(name)}0008${text(kind)}080000000008${text(type)}`

const CREATE =
  '02' +
  update(TABLES_ID, ['cdc', 'id'], `2400${text('t2')}00080108${ID.replaceAll('-', '')}`) +
  update(
    COLUMNS_ID,
    ['kind', 'position', 'type'],
    createColumn('k', 'partition_key', 'int') + createColumn('v', 'regular', 'map<int, text>'),
  )

describe('rows of a cluster', () => {
  it('make a table with keys in order and types resolved', () => {
    const catalog = new SchemaCatalog()
    catalog.load(ROWS)
    const zip = { kind: 'udt', keyspace: 'ks', name: 'zip', frozen: true }
    const address = {
      ...{ kind: 'udt', keyspace: 'ks', name: 'address' },
      fields: [
        { name: 'zip', type: { ...zip, fields: [{ name: 'code', type: { kind: 'text' } }] } },
      ],
    }
    expect(catalog.tableById(ID)).toMatchObject({
      ...{ id: ID, keyspace: 'ks', name: 't', isCdc: true, isCounter: false },
      partitionKey: [{ name: 'a' }, { name: 'b' }],
      clusteringKey: [{ name: 'c', type: { kind: 'timeuuid' } }],
      staticColumns: [{ name: 's', type: { ...address, frozen: false } }],
      regularColumns: [
        { name: 'v', type: { kind: 'list', element: { ...address, frozen: true } } },
      ],
      droppedColumns: [{ name: 'x', isStatic: true, droppedAtMs: 5n }],
    })
    expect(catalog.tables().map(one => one.name)).toEqual(['t'])
    expect(catalog.failures.size).toBe(0)
  })

  it('that do not fit are a failure of their table alone', () => {
    const catalog = new SchemaCatalog()
    const other = { ...ROWS.tables[0]!, table: 'u', id: 'other' }
    catalog.load({ ...ROWS, tables: [...ROWS.tables, other] })
    expect([...catalog.failures.keys()]).toEqual(['ks.u'])
    catalog.load({ ...ROWS, types: [] })
    expect(catalog.failures.get('ks.t')?.code).toBe('SCM_COMMITLOG_SCHEMA')
    expect(catalog.failures.get('ks.t')?.message).toContain('type of s')
  })

  it('know the tables of the schema itself from the start', () => {
    const catalog = new SchemaCatalog()
    const tables = catalog.tableById('afddfb9d-bc1e-3068-8056-eed6c302ba09')
    expect(tables).toMatchObject({ keyspace: 'system_schema', name: 'tables' })
    expect(tables?.clusteringKey.map(one => one.name)).toEqual(['table_name'])
    expect(catalog.tables()).toEqual([])
  })
})

describe('DDL in the log', () => {
  it('creates, alters and drops a table', () => {
    const catalog = new SchemaCatalog()
    expect(apply(catalog, CREATE)).toBe(true)
    const created = catalog.tableById(ID)
    expect(created).toMatchObject({
      ...{ keyspace: 'ks', name: 't2', isCdc: true },
      partitionKey: [{ name: 'k', type: { kind: 'int' } }],
      regularColumns: [{ name: 'v', type: { kind: 'map', frozen: false } }],
    })
    const { version } = catalog
    const tableRow = (cells: string) => update(TABLES_ID, ['cdc'], `2000${text('t2')}${cells}`)
    apply(catalog, `01${tableRow('000000')}`)
    expect(catalog.version).toBeGreaterThan(version)
    expect(catalog.tableById(ID)?.isCdc).toBe(false)
    expect(catalog.tableById(ID)?.regularColumns).toHaveLength(1)
    const dropRow = (id: string, names: string) => update(id, [], `3000${names}0000`)
    apply(catalog, `01${dropRow(COLUMNS_ID, text('t2') + text('v'))}`)
    expect(catalog.tableById(ID)?.regularColumns).toEqual([])
    apply(catalog, `01${dropRow(TABLES_ID, text('t2'))}`)
    expect(catalog.tables()).toEqual([])
    expect(catalog.tableById(ID)?.name).toBe('t2')
  })

  it('forgets the present tables of a dropped keyspace', () => {
    const catalog = new SchemaCatalog()
    apply(catalog, CREATE)
    apply(catalog, `01${TABLES_ID}026b7314${BASES}00${'0000'}0001`)
    expect(catalog.tables()).toEqual([])
  })

  it('follows types', () => {
    const catalog = new SchemaCatalog()
    const list = (name: string) => {
      const bytes = Buffer.from(name)
      const cell = `00000001${bytes.length.toString(16).padStart(8, '0')}${bytes.toString('hex')}`
      return `08${(cell.length / 2).toString(16).padStart(2, '0')}${cell}`
    }
    const row = `2400${text('address')}00${list('street')}${list('text')}`
    apply(catalog, `01${update(TYPES_ID, ['field_names', 'field_types'], row)}`)
    apply(catalog, CREATE.replace(text('map<int, text>'), text('address')))
    expect(catalog.tableById(ID)?.regularColumns).toMatchObject([
      { type: { kind: 'udt', name: 'address', fields: [{ name: 'street' }] } },
    ])
  })
})
