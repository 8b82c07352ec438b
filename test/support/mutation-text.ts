/**
 * Mutations as plain objects with JavaScript values, for comparisons in tests.
 * Times are bigints, deletion times numbers; a missing field means that the record has none.
 */
import {
  CELL_FLAG,
  type Mutation,
  NO_DELETION_TIME,
  type PartitionUpdate,
  ROW_KIND,
  readCellPath,
  readCellValue,
  readClustering,
  readPartitionKey,
  type SchemaLookup,
  SegmentReader,
  type SegmentReaderOptions,
  type TableSchema,
} from '../../src/commitlog/index.ts'
import { parseCqlType } from '../../src/cql/index.ts'

export function describeMutation(mutation: Mutation): object[] {
  return mutation.updates.map(update => ({
    table: update.table.schema.name,
    key: readPartitionKey(mutation, update),
    ...(update.deletion && { deletion: update.deletion }),
    rows: Array.from({ length: update.rowEnd - update.rowStart }, (_, i) =>
      describeRow(mutation, update, update.rowStart + i),
    ),
  }))
}

function describeRow(mutation: Mutation, update: PartitionUpdate, row: number): object {
  const clustering = readClustering(mutation, update, row)
  if (mutation.rowKind(row) === ROW_KIND.marker) {
    const bound = mutation.rowFlags(row)
    const isBoundary = bound === 2 || bound === 5
    const deletion = mutation.markerDeletion(row)
    return {
      bound,
      clustering,
      deletion,
      ...(isBoundary && { opening: mutation.openingDeletion(row) }),
    }
  }
  const timestamp = mutation.rowTimestamp(row)
  const ttl = mutation.rowTtl(row)
  const deletion = mutation.rowDeletion(row)
  const cells: object[] = []
  for (let cell = mutation.cellStart(row); cell < mutation.cellEnd(row); cell++) {
    cells.push(describeCell(mutation, update, cell))
  }
  return {
    ...(mutation.rowKind(row) === ROW_KIND.staticRow ? { isStatic: true } : { clustering }),
    ...(timestamp !== undefined && { timestamp }),
    ...(ttl !== 0 && { ttl, ldt: mutation.rowLdt(row) }),
    ...(deletion && { deletion }),
    cells,
  }
}

function describeCell(mutation: Mutation, update: PartitionUpdate, cell: number): object {
  const flags = mutation.cellFlags(cell)
  const column = mutation.columnOf(update, cell)
  const head = { column: column.name, timestamp: mutation.cellTimestamp(cell) }
  const ldt = mutation.cellLdt(cell)
  if ((flags & CELL_FLAG.complexDeletion) !== 0) return { ...head, replaced: ldt }
  const ttl = mutation.cellTtl(cell)
  const isDeleted = (flags & CELL_FLAG.deleted) !== 0
  return {
    ...head,
    ...(ttl !== 0 && { ttl }),
    ...(ldt !== NO_DELETION_TIME && { ldt }),
    ...(column.isComplex && { path: readCellPath(mutation, update, cell) }),
    ...(isDeleted ? { isDeleted } : { value: readCellValue(mutation, update, cell) }),
  }
}

/** A table from texts: key columns, clustering columns, others (`s: text static`). */
export function tableOf(
  id: string,
  name: string,
  columns: { partition: string[]; clustering?: string[]; others?: string[] },
): TableSchema {
  const parse = (text: string) => {
    const at = text.indexOf(':')
    return { name: text.slice(0, at), type: parseCqlType(text.slice(at + 1).trim()) }
  }
  const others = columns.others ?? []
  const statics = others.filter(text => text.endsWith(' static'))
  return {
    ...{ id, keyspace: 'demo_ks', name, isCdc: true, isCounter: false },
    partitionKey: columns.partition.map(parse),
    clusteringKey: (columns.clustering ?? []).map(parse),
    staticColumns: statics.map(text => parse(text.slice(0, -' static'.length))),
    regularColumns: others.filter(text => !statics.includes(text)).map(parse),
    droppedColumns: [],
  }
}

export function lookupOf(...tables: TableSchema[]): SchemaLookup {
  return { version: 1, tableById: id => tables.find(table => table.id === id) }
}

/** All that a reader gives for a whole, final file. */
export function readWhole(bytes: Buffer, options: SegmentReaderOptions) {
  const reader = new SegmentReader(options)
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  const mutations: object[] = []
  const positions: number[] = []
  const problems: string[] = []
  for (;;) {
    const state = reader.next()
    if (state === 'mutation') {
      mutations.push(...describeMutation(reader.mutation))
      positions.push(reader.mutation.position)
    } else if (state === 'problem') problems.push(reader.problem!.kind)
    else return { state, mutations, positions, problems, reader }
  }
}
