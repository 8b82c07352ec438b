/**
 * Any history of writes, captured from somewhere in it, with rows read somewhere later: who applies
 * rows and judged changes in the order given, and knows no write times, has the table in the end.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TableLayout, type TableSchema } from '../../../commitlog/index.ts'
import type { Change, ColumnChange, NamedValue } from '../change.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import { HeldRows } from './held-rows.ts'
import type { SnapshotRow } from './snapshot-query.ts'

const INT = { kind: 'int' } as const
const table: TableSchema = {
  ...{ id: '', keyspace: 'ks', name: 't', isCdc: true, isCounter: false, staticColumns: [] },
  partitionKey: [{ name: 'p', type: INT }],
  clusteringKey: [{ name: 'c', type: INT }],
  regularColumns: ['a', 'b'].map(name => ({ name, type: INT })),
  droppedColumns: [],
}
const layout = new TableLayout(table)
const PARTITIONS = 2
const ROWS = 3

interface Write {
  readonly op: 'insert' | 'update' | 'unset' | 'delete_row' | 'delete_range' | 'delete_partition'
  readonly p: number
  readonly c: number
}

/** Column to the number of the write that set it. */
type Row = Readonly<Record<string, number>>
type State = Map<string, Row>

const writes = fc.array(
  fc.record({
    op: fc.constantFrom<Write['op']>(
      ...(['insert', 'update', 'unset', 'delete_row', 'delete_range', 'delete_partition'] as const),
    ),
    p: fc.nat(PARTITIONS - 1),
    c: fc.nat(ROWS - 1),
  }),
  { minLength: 1, maxLength: 40 },
)

const named = (name: string, value: number): NamedValue => ({
  ...{ name, type: INT, value, isEmpty: false },
})

/** Applies write number `at`; ranges are all rows from `c` on. */
function apply(state: State, { op, p, c }: Write, at: number): void {
  const name = `${p} ${c}`
  const row = state.get(name) ?? {}
  if (op === 'insert') state.set(name, { a: at, b: at })
  else if (op === 'update') state.set(name, { ...row, a: at })
  else if (op === 'unset') {
    const { b: _gone, ...rest } = row
    if (Object.keys(rest).length === 0) state.delete(name)
    else state.set(name, rest)
  } else {
    for (const key of [...state.keys()]) {
      const [rowP, rowC] = key.split(' ').map(Number)
      const isCovered = op === 'delete_row' ? rowC === c : op === 'delete_partition' || rowC! >= c
      if (rowP === p && isCovered) state.delete(key)
    }
  }
}

function stateAfter(all: readonly Write[], count: number): State {
  const state: State = new Map()
  for (let at = 0; at < count; at++) apply(state, all[at]!, at + 1)
  return state
}

function rowsOf(state: State): SnapshotRow[] {
  return [...state].map(([name, row]) => {
    const [p, c] = name.split(' ').map(Number)
    return {
      ...{ token: BigInt(p!), key: [named('p', p!)], clustering: [named('c', c!)], hasRow: true },
      statics: [],
      regulars: table.regularColumns.map(column => {
        const at = row[column.name]
        const timestamp = at === undefined ? undefined : BigInt(at)
        return { column, value: at ?? null, timestamp, ttl: 0, parts: undefined }
      }),
    }
  })
}

function eventOf({ op, p, c }: Write, at: number): ChangeEvent {
  const timestamp = BigInt(at)
  const columnOf = (name: string, isDeleted: boolean): ColumnChange => ({
    column: layout.columns.find(one => one.name === name)!,
    deletion: undefined,
    cells: [
      {
        ...{ timestamp, isDeleted, ldt: 0, ttl: 0, path: null, value: isDeleted ? null : at },
        ...{ isEmpty: false, shards: undefined },
      },
    ],
  })
  const columns = {
    insert: [columnOf('a', false), columnOf('b', false)],
    update: [columnOf('a', false)],
    unset: [columnOf('b', true)],
  }
  const clustering = [named('c', c)]
  const isOfRow = op !== 'delete_partition' && op !== 'delete_range'
  const common = { isStatic: false, timestamp, clustering: isOfRow ? clustering : [] }
  const change: Change =
    op === 'insert' || op === 'update' || op === 'unset'
      ? {
          ...{ ...common, op: op === 'insert' ? 'insert' : 'update', ttl: 0, expiresAt: 0 },
          timestamp: op === 'insert' ? timestamp : undefined,
          columns: columns[op],
        }
      : { ...common, op, ldt: 0, isShadowable: false, range: undefined }
  const names = 'columns' in change ? change.columns.map(one => one.column.name) : []
  return {
    ...{ table, definitionNumber: 1, seq: 0, key: [named('p', p)], change, timestamp },
    operation: 'columns' in change ? (op === 'insert' ? 'INSERT' : 'UPDATE') : 'DELETE',
    columns: new Map(names.map(name => [name, op === 'unset' ? null : at])),
    ...{ partial: new Set(), isLate: false, isSnapshot: false },
    place: {
      ...{ cluster: '', dataCenter: '', hostId: '', segmentId: 0n, position: 0 },
      ...{ updateIndex: 0, version: 0, readAtMs: 0 },
    },
  }
}

/** What a consumer makes of a judged event. */
function consume(state: State, write: Write, event: ChangeEvent): void {
  if (event.operation === 'DELETE') {
    apply(state, write, 0)
    return
  }
  const name = `${write.p} ${write.c}`
  const row: Record<string, number> = { ...state.get(name) }
  for (const [column, value] of event.columns) {
    if (value === null) delete row[column]
    else row[column] = Number(value)
  }
  if (Object.keys(row).length === 0) state.delete(name)
  else state.set(name, row)
}

it('rows and judged changes lead to the table', () => {
  const counts = { pass: 0, drop: 0, reread: 0 }
  fc.assert(
    fc.property(writes, fc.nat(), fc.nat(), fc.nat(), (all, x, y, z) => {
      const [start, taken, read] = [x, y, z]
        .map(one => one % (all.length + 1))
        .sort((a, b) => a - b) as [number, number, number]
      const consumer: State = new Map()
      for (let at = start; at < taken; at++) consume(consumer, all[at]!, eventOf(all[at]!, at + 1))
      const held = new HeldRows()
      const give = (rows: readonly SnapshotRow[]) => {
        for (const row of rows) {
          held.add(row)
          const values = row.regulars.filter(one => one.value !== null)
          const name = [row.key[0]!.value, row.clustering[0]!.value].join(' ')
          consumer.set(
            name,
            Object.fromEntries(values.map(one => [one.column.name, Number(one.value)])),
          )
        }
      }
      give(rowsOf(stateAfter(all, read)))
      for (let at = taken; at < all.length; at++) {
        const write = all[at]!
        const verdict = held.judge(eventOf(write, at + 1))
        counts[verdict.kind]++
        if (verdict.kind === 'drop') continue
        consume(consumer, write, verdict.event)
        if (verdict.kind === 'pass') continue
        // A partition is read again as it is by then: anything from now on.
        const now = Math.max(read, at + 1 + ((x + at) % (all.length - at)))
        const { clustering } = verdict.event.change
        held.forget([named('p', write.p)], clustering)
        const isCovered = ({ key, clustering: own }: SnapshotRow) =>
          key[0]!.value === write.p &&
          (clustering.length === 0 || own[0]!.value === clustering[0]!.value)
        give(rowsOf(stateAfter(all, now)).filter(isCovered))
      }
      const expected = stateAfter(all, all.length)
      expect(new Map([...consumer].sort())).toEqual(new Map([...expected].sort()))
    }),
    { numRuns: 1000 },
  )
  process.stdout.write(`judged: ${JSON.stringify(counts)}\n`)
  expect(Math.min(counts.pass, counts.drop, counts.reread)).toBeGreaterThan(0)
})
