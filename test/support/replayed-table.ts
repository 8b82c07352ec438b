/**
 * The state of a table after a replay of its mutations, by the rules of reconciliation, and the rows
 * that a SELECT must then give. The oracle's counterpart: the server computes the same by itself.
 * Spec: commit-log, section 8.7.
 */
import {
  BOUND_KIND,
  CELL_FLAG,
  type ColumnLayout,
  type Deletion,
  keyRanges,
  type Mutation,
  NO_DELETION_TIME,
  type PartitionUpdate,
  ROW_KIND,
  readClustering,
  readCounterShards,
  type TableSchema,
} from '../../src/commitlog/index.ts'
import type { CqlValue } from '../../src/cql/index.ts'

interface CellState {
  readonly column: ColumnLayout
  readonly timestamp: bigint
  readonly ldt: number
  readonly isDeleted: boolean
  readonly path: Buffer | undefined
  readonly value: Buffer
}

interface Liveness {
  readonly timestamp: bigint
  readonly ldt: number
}

interface RowState {
  readonly clustering: readonly (Buffer | null)[]
  readonly values: readonly CqlValue[]
  liveness: Liveness | undefined
  deletedAt: bigint
  readonly cells: Map<string, CellState>
  readonly complexDeletedAt: Map<string, bigint>
}

interface RangeState {
  readonly start: Bound
  readonly end: Bound
  readonly timestamp: bigint
}

interface Bound {
  readonly values: readonly CqlValue[]
  readonly isInclusive: boolean
}

interface PartitionState {
  readonly key: readonly Buffer[]
  deletedAt: bigint
  readonly staticRow: RowState
  readonly rows: Map<string, RowState>
  readonly ranges: RangeState[]
}

/** One cell of a row that SELECT gives; complex values as sorted or ordered lists of hex. */
export interface SeenCell {
  readonly value: string | readonly (string | null)[]
  /** Undefined for complex columns. */
  readonly timestamp: bigint | undefined
  /** Second of expiry; undefined when it never expires. */
  readonly ldt: number | undefined
  /** Of every element of a complex column, sorted. */
  readonly elementTimestamps: readonly bigint[] | undefined
}

/** Rows by their primary key in hex, cells by column name. */
export type SeenRows = Map<string, Map<string, SeenCell>>

const NEVER = -(2n ** 63n)

export class ReplayedTable {
  readonly #partitions = new Map<string, PartitionState>()
  /** Times at which several writers met with the same timestamp on one cell. */
  ties = 0

  apply(mutation: Mutation, update: PartitionUpdate): void {
    const partition = this.#partition(mutation, update)
    if (update.deletion !== undefined) {
      partition.deletedAt = later(partition.deletedAt, update.deletion.timestamp)
    }
    let open: { readonly bound: Bound; readonly deletion: Deletion } | undefined
    for (let row = update.rowStart; row < update.rowEnd; row++) {
      const values = readClustering(mutation, update, row)
      if (mutation.rowKind(row) !== ROW_KIND.marker) {
        this.#applyRow(mutation, update, { row, partition, values })
        continue
      }
      const kind = mutation.rowFlags(row)
      const deletion = mutation.markerDeletion(row)
      if (open !== undefined) {
        const isInclusive =
          kind === BOUND_KIND.inclusiveEnd || kind === BOUND_KIND.inclusiveEndExclusiveStart
        const { timestamp } = open.deletion
        if (timestamp !== deletion.timestamp) throw new Error('a range closes with another time')
        partition.ranges.push({ start: open.bound, end: { values, isInclusive }, timestamp })
      }
      const isBoundary = kind === 2 || kind === 5
      const isStart = kind === BOUND_KIND.inclusiveStart || kind === BOUND_KIND.exclusiveStart
      if (isStart === (open !== undefined)) throw new Error('bounds do not pair')
      const isInclusive =
        kind === BOUND_KIND.inclusiveStart || kind === BOUND_KIND.exclusiveEndInclusiveStart
      if (!isStart && !isBoundary) open = undefined
      else {
        const opening = isBoundary ? mutation.openingDeletion(row) : deletion
        open = { bound: { values, isInclusive }, deletion: opening }
      }
    }
    if (open !== undefined) throw new Error('a range does not close')
  }

  clear(): void {
    this.#partitions.clear()
  }

  /** The rows that a SELECT gives. */
  visible(table: TableSchema, descending: readonly boolean[]): SeenRows {
    const out: SeenRows = new Map()
    for (const partition of this.#partitions.values()) {
      const present = new Set(
        [...table.staticColumns, ...table.regularColumns].map(one => one.name),
      )
      const cellsOf = (row: RowState, deletedAt: bigint) => {
        const cells = visibleCells(row, deletedAt)
        return new Map([...cells].filter(([name]) => present.has(name)))
      }
      const statics = cellsOf(partition.staticRow, partition.deletedAt)
      let hasRows = false
      for (const row of partition.rows.values()) {
        const deletedAt = [
          partition.deletedAt,
          row.deletedAt,
          rangeDeletion(partition, row, descending),
        ].reduce(later)
        const cells = cellsOf(row, deletedAt)
        const isLive = row.liveness !== undefined && row.liveness.timestamp > deletedAt
        if (cells.size === 0 && !isLive) continue
        hasRows = true
        out.set(rowKey(partition.key, row.clustering), new Map([...statics, ...cells]))
      }
      if (hasRows || statics.size === 0) continue
      const clustering = table.clusteringKey.map(() => null)
      out.set(rowKey(partition.key, clustering), statics)
    }
    return out
  }

  #partition(mutation: Mutation, update: PartitionUpdate): PartitionState {
    const name = mutation.bytes.toString('hex', update.keyStart, update.keyEnd)
    let found = this.#partitions.get(name)
    if (found === undefined) {
      const ranges = keyRanges(mutation, update)
      const key: Buffer[] = []
      for (let i = 0; i < ranges.length; i += 2) {
        key.push(Buffer.from(mutation.bytes.subarray(ranges[i]!, ranges[i + 1]!)))
      }
      found = { key, deletedAt: NEVER, staticRow: emptyRow([], []), rows: new Map(), ranges: [] }
      this.#partitions.set(name, found)
    }
    return found
  }

  #applyRow(
    mutation: Mutation,
    update: PartitionUpdate,
    one: {
      readonly row: number
      readonly partition: PartitionState
      readonly values: readonly CqlValue[]
    },
  ): void {
    const { row, partition } = one
    const state = rowOf(mutation, one)
    const timestamp = mutation.rowTimestamp(row)
    if (timestamp !== undefined) {
      const liveness = { timestamp, ldt: mutation.rowTtl(row) === 0 ? -1 : mutation.rowLdt(row) }
      if (state.liveness === undefined || livenessWins(liveness, state.liveness)) {
        state.liveness = liveness
      }
    }
    const deletion = mutation.rowDeletion(row)
    if (deletion !== undefined) state.deletedAt = later(state.deletedAt, deletion.timestamp)
    for (let cell = mutation.cellStart(row); cell < mutation.cellEnd(row); cell++) {
      this.#applyCell(mutation, update, { cell, state })
    }
    if (partition.rows.size > 1e6) throw new Error('too many rows')
  }

  #applyCell(
    mutation: Mutation,
    update: PartitionUpdate,
    { cell, state }: { readonly cell: number; readonly state: RowState },
  ): void {
    const column = mutation.columnOf(update, cell)
    const timestamp = mutation.cellTimestamp(cell)
    const flags = mutation.cellFlags(cell)
    if ((flags & CELL_FLAG.complexDeletion) !== 0) {
      const before = state.complexDeletedAt.get(column.name) ?? NEVER
      state.complexDeletedAt.set(column.name, later(before, timestamp))
      return
    }
    const copy = (start: number, end: number) => Buffer.from(mutation.bytes.subarray(start, end))
    const next: CellState = {
      column,
      timestamp,
      ldt: mutation.cellLdt(cell),
      isDeleted: (flags & CELL_FLAG.deleted) !== 0,
      path: column.isComplex ? copy(mutation.pathStart(cell), mutation.pathEnd(cell)) : undefined,
      value:
        mutation.valueStart(cell) < 0
          ? Buffer.alloc(0)
          : copy(mutation.valueStart(cell), mutation.valueEnd(cell)),
    }
    const name = `${column.name}/${next.path?.toString('hex') ?? ''}`
    const before = state.cells.get(name)
    if (before?.timestamp === timestamp) this.ties++
    if (before === undefined || wins(next, before)) state.cells.set(name, next)
  }
}

function emptyRow(clustering: RowState['clustering'], values: readonly CqlValue[]): RowState {
  return {
    ...{ clustering, values, liveness: undefined, deletedAt: NEVER },
    ...{ cells: new Map(), complexDeletedAt: new Map() },
  }
}

function rowOf(
  mutation: Mutation,
  {
    row,
    partition,
    values,
  }: {
    readonly row: number
    readonly partition: PartitionState
    readonly values: readonly CqlValue[]
  },
): RowState {
  if (mutation.rowKind(row) === ROW_KIND.staticRow) return partition.staticRow
  const clustering = values.map((_, i) => {
    const start = mutation.clusteringStart(row, i)
    if (start < 0) return null
    return Buffer.from(mutation.bytes.subarray(start, mutation.clusteringEnd(row, i)))
  })
  const name = rowKey([], clustering)
  let state = partition.rows.get(name)
  if (state === undefined) {
    state = emptyRow(clustering, values)
    partition.rows.set(name, state)
  }
  return state
}

/** The primary key in hex, as the rows of a SELECT are matched by. */
export function rowKey(
  key: readonly (Buffer | null)[],
  clustering: readonly (Buffer | null)[],
): string {
  return [...key, ...clustering].map(one => one?.toString('hex') ?? 'null').join('|')
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function wins(a: CellState, b: CellState): boolean {
  if (a.column.type.kind === 'counter' && !a.isDeleted && !b.isDeleted) {
    return clockOf(a.value) >= clockOf(b.value)
  }
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp
  const hasA = a.ldt !== NO_DELETION_TIME
  if (hasA !== (b.ldt !== NO_DELETION_TIME)) return hasA
  if (hasA && a.isDeleted !== b.isDeleted) return a.isDeleted
  if (hasA && a.ldt !== b.ldt) return a.ldt > b.ldt
  return Buffer.compare(a.value, b.value) > 0
}

function clockOf(context: Buffer): bigint {
  const [shard] = readCounterShards(context, 0, context.length)
  if (shard?.kind !== 'global') throw new Error('expected a global shard')
  return shard.clock
}

function livenessWins(a: Liveness, b: Liveness): boolean {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp
  return a.ldt > b.ldt
}

function rangeDeletion(
  { ranges }: PartitionState,
  row: RowState,
  descending: readonly boolean[],
): bigint {
  let at = NEVER
  for (const { start, end, timestamp } of ranges) {
    const fromStart = comparePrefix(row.values, start.values, descending)
    const toEnd = comparePrefix(row.values, end.values, descending)
    const isAfter = fromStart > 0 || (fromStart === 0 && start.isInclusive)
    const isBefore = toEnd < 0 || (toEnd === 0 && end.isInclusive)
    if (isAfter && isBefore) at = later(at, timestamp)
  }
  return at
}

/** Compares as many values as the bound has, in storage order. */
function comparePrefix(
  values: readonly CqlValue[],
  bound: readonly CqlValue[],
  descending: readonly boolean[],
): number {
  for (let i = 0; i < bound.length; i++) {
    const order = compareValues(values[i]!, bound[i]!)
    if (order !== 0) return descending[i] === true ? -order : order
  }
  return 0
}

/** In storage order for texts and numbers; for other types any order serves: equality matters. */
function compareValues(a: CqlValue, b: CqlValue): number {
  if (Buffer.isBuffer(a)) return Buffer.compare(a, b as Buffer)
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  if (a === null || b === null) return Number(b === null) - Number(a === null)
  return a < b ? -1 : Number(a > b)
}

function visibleCells(row: RowState, deletedAt: bigint): Map<string, SeenCell> {
  const out = new Map<string, SeenCell>()
  // By name: the layouts of a column before and after an ALTER are different objects.
  const complex = new Map<string, CellState[]>()
  for (const cell of row.cells.values()) {
    const { column, timestamp } = cell
    const covered = later(deletedAt, row.complexDeletedAt.get(column.name) ?? NEVER)
    if (cell.isDeleted || timestamp <= covered) continue
    if (column.isComplex) {
      const cells = complex.get(column.name) ?? []
      cells.push(cell)
      complex.set(column.name, cells)
      continue
    }
    const ldt = cell.ldt === NO_DELETION_TIME ? undefined : cell.ldt
    const value = column.type.kind === 'counter' ? totalOf(cell.value) : cell.value.toString('hex')
    out.set(column.name, { value, timestamp, ldt, elementTimestamps: undefined })
  }
  for (const [name, cells] of complex) {
    const { column } = cells.at(-1)!
    const elementTimestamps = cells.map(cell => cell.timestamp).sort((a, b) => (a < b ? -1 : 1))
    const value = complexValue(column, cells)
    out.set(name, { value, timestamp: undefined, ldt: undefined, elementTimestamps })
  }
  return out
}

function totalOf(context: Buffer): string {
  const shards = readCounterShards(context, 0, context.length)
  const total = shards.reduce((sum, shard) => sum + shard.count, 0n)
  const out = Buffer.alloc(8)
  out.writeBigInt64BE(total)
  return out.toString('hex')
}

function complexValue(column: ColumnLayout, cells: readonly CellState[]): (string | null)[] {
  const hex = (bytes: Buffer) => bytes.toString('hex')
  switch (column.type.kind) {
    case 'set':
      return cells.map(cell => hex(cell.path!)).sort()
    case 'map':
      return cells.map(cell => `${hex(cell.path!)}:${hex(cell.value)}`).sort()
    case 'list':
      return cells.toSorted((a, b) => compareTimeuuid(a.path!, b.path!)).map(one => hex(one.value))
    default: {
      const fields: (string | null)[] = []
      for (const cell of cells) {
        const index = cell.path!.readUInt16BE(0)
        while (fields.length <= index) fields.push(null)
        fields[index] = hex(cell.value)
      }
      return fields
    }
  }
}

/** By the time inside first, then by the other half as signed bytes. */
function compareTimeuuid(a: Buffer, b: Buffer): number {
  const time = (uuid: Buffer) =>
    (BigInt(uuid.readUInt16BE(6) & 0xfff) << 48n) |
    (BigInt(uuid.readUInt16BE(4)) << 32n) |
    BigInt(uuid.readUInt32BE(0))
  if (time(a) !== time(b)) return time(a) < time(b) ? -1 : 1
  for (let i = 8; i < 16; i++) {
    const order = a.readInt8(i) - b.readInt8(i)
    if (order !== 0) return order
  }
  return 0
}
