/** The statements of a row, decoded again: what is bound, at which time, with which TTL. */
import { describe, expect, it } from 'vitest'
import { RowBatch, type TableSchema, type WriteStatement } from '../cassandra/index.ts'
import { CellCursor, type CqlType, parseCqlType } from '../cql/index.ts'
import { RowBinder } from './row-binder.ts'
import { pageOfRow } from './row-cells.ts'
import type { BinderOptions } from './row-times.ts'
import { planTable, type TablePlan } from './table-plan.ts'
import { statementTexts, type TargetStatements } from './target-statements.ts'

const columns = (kinds: Readonly<Record<string, string>>): TableSchema => {
  const all = Object.entries(kinds).map(([name, text]) => {
    const [kind, type] = text.split(' ') as ['pk' | 'ck' | 'st' | 're', string]
    const kindOf = { pk: 'partition_key', ck: 'clustering', st: 'static', re: 'regular' } as const
    return { name, kind: kindOf[kind], type: parseCqlType(type) as CqlType, position: 0 }
  })
  return {
    ...{ keyspace: 'ks', name: 't', columns: all, isCounter: false },
    partitionKey: all.filter(one => one.kind === 'partition_key'),
    clusteringKey: all.filter(one => one.kind === 'clustering'),
  }
}

const BACKDATE = 77n

class Harness {
  readonly plan: TablePlan
  readonly statements: TargetStatements
  readonly #binder: RowBinder

  constructor(table: TableSchema, options: Partial<BinderOptions> = {}) {
    const times = { withTimes: true, withTtls: true, hasElementTimes: true }
    const none = { renames: new Map(), skipColumns: new Set<string>(), constants: new Map() }
    this.plan = planTable(table, table, { ...times, ...none })
    const using = options.using ?? { timestamp: true, ttl: true }
    const texts = statementTexts(this.plan, using)
    const make = (cql: string): WriteStatement => ({
      ...{ cql, variables: variablesOf(cql), partitionKeyIndexes: [0], id: Buffer.alloc(1) },
      ...{ resultMetadataId: undefined, isStale: false, consistency: 1, isIdempotent: true },
      ...{ isCounter: false, batchGroup: 0 },
    })
    this.statements = {
      insert: make(texts.insert),
      update: texts.update === undefined ? undefined : make(texts.update),
      statics: texts.statics === undefined ? undefined : make(texts.statics),
      elements: new Map([...texts.elements].map(([column, cql]) => [column, make(cql)])),
    }
    this.#binder = new RowBinder(this.plan, this.statements, {
      ...{ using, backdateUs: BACKDATE, isTimed: true, collectionTimestamp: 'row-max' },
      ...options,
    })
  }

  /** Cells in SELECT order; the statements as `[text head, ...values]`. */
  bind(
    cells: readonly (Buffer | null)[],
    moment = { elapsedSeconds: 0, listShiftUs: 0, listsNewBeforeUs: 0n },
    isPartitionStart = true,
  ): string[][] {
    expect(cells).toHaveLength(this.plan.selectors.length)
    const cursor = new CellCursor(cells.length)
    cursor.reset(pageOfRow(cells))
    cursor.nextRow()
    const batch = new RowBatch()
    this.#binder.bind(cursor, batch, { index: 5, isPartitionStart, moment })
    return Array.from({ length: batch.count }, (_, row) => {
      expect(batch.recordIndex[row]).toBe(5)
      const bytes = batch.arena.bytes.subarray(batch.start[row], batch.end[row])
      return [batch.statements[row]!.cql.slice(0, 6), ...valuesOf(bytes)]
    })
  }
}

function variablesOf(cql: string): WriteStatement['variables'] {
  const count = cql.split('?').length - 1
  return Array.from({ length: count }, (_, i) => ({
    name: `v${i}`,
    type: { kind: 'blob' as const },
  }))
}

/** Small integers as numbers, unset as `?`. */
function valuesOf(bytes: Buffer): string[] {
  const out: string[] = []
  let at = 2
  while (at < bytes.length) {
    const length = bytes.readInt32BE(at)
    at += 4
    if (length === -2) out.push('?')
    else if (length === -1) out.push('null')
    else if (length === 8) out.push(String(bytes.readBigInt64BE(at)))
    else if (length === 4) out.push(String(bytes.readInt32BE(at)))
    else out.push(bytes.toString('hex', at, at + length))
    at += Math.max(0, length)
  }
  expect(out).toHaveLength(bytes.readInt16BE(0))
  return out
}

const int = (value: number) => {
  const cell = Buffer.alloc(4)
  cell.writeInt32BE(value)
  return cell
}
const time = (value: number) => {
  const cell = Buffer.alloc(8)
  cell.writeBigInt64BE(BigInt(value))
  return cell
}
/** A collection or a list of times. */
const list = (...cells: readonly (Buffer | null)[]) =>
  Buffer.concat([
    int(cells.length),
    ...cells.flatMap(cell => (cell === null ? [int(-1)] : [int(cell.length), cell])),
  ])

describe('plain rows', () => {
  const harness = new Harness(columns({ id: 'pk int', a: 're int', b: 're int' }))

  it('of one time are one INSERT, nulls unset', () => {
    const rows = harness.bind([int(1), int(2), null, time(9), null, null, null])
    expect(rows).toEqual([['INSERT', '1', '2', '?', '9', '0']])
  })

  it('of two times are an INSERT for the marker and an UPDATE', () => {
    const rows = harness.bind([int(1), int(2), int(3), time(9), int(60), time(5), null])
    expect(rows).toEqual([
      ['INSERT', '1', '?', '3', '5', '0'],
      ['UPDATE', '9', '60', '2', '?', '1'],
    ])
  })

  it('with nothing but a key exist, at the backdated time', () => {
    const rows = harness.bind([int(1), null, null, null, null, null, null])
    expect(rows).toEqual([['INSERT', '1', '?', '?', '77', '0']])
  })

  it('lose the seconds that passed, and cells that are over', () => {
    const moment = { elapsedSeconds: 20, listShiftUs: 0, listsNewBeforeUs: 0n }
    const rows = harness.bind([int(1), int(2), int(3), time(9), int(60), time(9), int(15)], moment)
    expect(rows).toEqual([['INSERT', '1', '2', '?', '9', '40']])
  })

  it('that are over as a whole are left out', () => {
    const moment = { elapsedSeconds: 20, listShiftUs: 0, listsNewBeforeUs: 0n }
    expect(harness.bind([int(1), int(2), null, time(9), int(15), null, null], moment)).toEqual([])
  })

  it('get no times when none are asked for', () => {
    const plain = new Harness(columns({ id: 'pk int', a: 're int' }), {
      using: { timestamp: false, ttl: false },
    })
    expect(plain.bind([int(1), int(2), time(9), null])).toEqual([['INSERT', '1', '2']])
  })

  it('all get the backdated time on request', () => {
    const back = new Harness(columns({ id: 'pk int', a: 're int', b: 're int' }), {
      isTimed: false,
    })
    const rows = back.bind([int(1), int(2), int(3), time(9), null, time(5), null])
    expect(rows).toEqual([['INSERT', '1', '2', '3', '77', '0']])
  })
})

describe('static cells', () => {
  const harness = new Harness(
    columns({ id: 'pk int', c: 'ck int', a: 're int', s: 'st int', z: 'st int' }),
  )
  const row = [int(1), int(2), int(3), int(4), null, time(9), null, time(7), null, null, null]

  it('come with the first row of their partition', () => {
    expect(harness.bind(row)).toEqual([
      ['INSERT', '1', '4', '?', '7', '0'],
      ['INSERT', '1', '2', '3', '9', '0'],
    ])
    expect(harness.bind(row, undefined, false)).toHaveLength(1)
  })

  it('come alone where the partition has no rows', () => {
    const alone = [int(1), null, null, int(4), int(5), null, null, time(7), null, time(8), null]
    expect(harness.bind(alone)).toEqual([
      ['INSERT', '1', '4', '?', '7', '0'],
      ['INSERT', '1', '?', '5', '8', '0'],
    ])
  })
})

describe('collections', () => {
  const table = columns({ id: 'pk int', m: 're map<int,int>', l: 're list<int>' })
  const harness = new Harness(table)
  const map = (...cells: readonly number[]) =>
    Buffer.concat([int(cells.length / 2), ...cells.flatMap(cell => [int(4), int(cell)])])

  it('of one time are written whole', () => {
    const cells = [int(1), map(1, 2), null, list(time(9)), list(null), null, null]
    expect(harness.bind(cells)).toEqual([['INSERT', '1', map(1, 2).toString('hex'), '?', '9', '0']])
  })

  it('of several times are written element by element', () => {
    const times = list(time(9), time(5), time(9))
    const ttls = list(null, int(60), null)
    const cells = [int(1), map(1, 2, 3, 4, 5, 6), null, times, ttls, null, null]
    expect(harness.bind(cells)).toEqual([
      ['INSERT', '1', '?', '?', '9', '0'],
      ['UPDATE', '9', '0', map(1, 2, 5, 6).toString('hex'), '1'],
      ['UPDATE', '5', '60', map(3, 4).toString('hex'), '1'],
    ])
  })

  it('lists are written whole, after their youngest element', () => {
    const moment = { elapsedSeconds: 0, listShiftUs: 3, listsNewBeforeUs: 0n }
    const cells = [int(1), null, list(int(1), int(2)), null, null, list(time(9), time(5)), null]
    expect(harness.bind(cells, moment)).toEqual([
      ['INSERT', '1', '?', list(int(1), int(2)).toString('hex'), '12', '0'],
    ])
  })
  it.each([
    [10n, '9'],
    [9n, '12'],
  ])('lists from before %s have never been on the target and keep their time', (before, time9) => {
    const moment = { elapsedSeconds: 0, listShiftUs: 3, listsNewBeforeUs: before }
    const cells = [int(1), null, list(int(1), int(2)), null, null, list(time(9), time(9)), null]
    expect(harness.bind(cells, moment)).toEqual([
      ['INSERT', '1', '?', list(int(1), int(2)).toString('hex'), time9, '0'],
    ])
  })
})

describe('one time for the whole row', () => {
  const table = columns({ id: 'pk int', a: 're int', m: 're map<int,int>', l: 're list<int>' })
  const harness = new Harness(table, { rowTimestamp: 'max' })
  const pair = (...cells: readonly number[]) =>
    Buffer.concat([int(cells.length / 2), ...cells.flatMap(cell => [int(4), int(cell)])])
  const numbers = list(int(1), int(2))
  const hex = (cell: Buffer) => cell.toString('hex')

  it('is the largest, with the largest TTL, collections whole', () => {
    const map = pair(1, 2, 3, 4)
    const times = [time(5), int(60), list(time(9), time(7)), list(int(50), null), null, null]
    const cells = [int(1), int(2), map, null, ...times]
    expect(harness.bind(cells)).toEqual([['INSERT', '1', '2', hex(map), '?', '9', '0']])
  })

  it.each([
    ['older', 4, '12'],
    ['younger', 20, '23'],
  ])('lies a shift later for a list that is %s', (_, listTime, expected) => {
    const moment = { elapsedSeconds: 0, listShiftUs: 3, listsNewBeforeUs: 0n }
    const times = [time(9), int(60), null, null, list(time(listTime), time(2)), null]
    const cells = [int(1), int(2), null, numbers, ...times]
    expect(harness.bind(cells, moment)).toEqual([
      ['INSERT', '1', '2', '?', hex(numbers), expected, '0'],
    ])
  })

  it('leaves out what is over', () => {
    const moment = { elapsedSeconds: 20, listShiftUs: 0, listsNewBeforeUs: 0n }
    const times = [time(9), int(15), list(time(5)), list(int(60)), null, null]
    const cells = [int(1), int(2), pair(1, 2), null, ...times]
    expect(harness.bind(cells, moment)).toEqual([
      ['INSERT', '1', '?', hex(pair(1, 2)), '?', '5', '40'],
    ])
  })
})
