/** Windows of a time mode over a table in memory, which answers queries by their bounds. */
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../base/byte-writer.ts'
import type { Clock } from '../../../base/clock.ts'
import type { PageRequest, TableSchema } from '../../../cassandra/index.ts'
import { sourceOf } from '../../../config/index.ts'
import { type CqlType, rowsOf } from '../../../cql/index.ts'
import type { SourceOffset, Struct } from '../../../flow/index.ts'
import { Logger } from '../../../telemetry/index.ts'
import type { TableSession } from '../table-session.ts'
import { TableWatch } from '../table-watch.ts'
import { formatOffsetTime } from './offset-text.ts'
import { SEEN_MAX } from './seen-rows.ts'
import { parseKcqlSource } from './source-config.ts'
import { toTableQuery } from './table-query.ts'
import { TimeReader } from './time-reader.ts'

const T = Date.UTC(2024, 4, 1)
const SIGNAL = new AbortController().signal
const TYPES: Readonly<Record<string, CqlType>> = {
  id: { kind: 'int' },
  at: { kind: 'timestamp' },
  bucket: { kind: 'text' },
}

class StepClock implements Clock {
  ms: number
  constructor(ms: number) {
    this.ms = ms
  }
  nowMs(): number {
    return this.ms
  }
  monotonicMs(): number {
    return this.ms
  }
  sleep(ms: number): Promise<void> {
    this.ms += ms
    return Promise.resolve()
  }
}

const COLUMNS = Object.keys(TYPES)
const column = (name: string) => ({ name, type: TYPES[name]! })
const TABLE_COLUMNS = COLUMNS.map(column) as unknown as TableSchema['columns']
const SCHEMA: TableSchema = {
  keyspace: 'ks',
  name: 't',
  columns: TABLE_COLUMNS,
  partitionKey: TABLE_COLUMNS.slice(0, 1),
  clusteringKey: [],
  isCounter: false,
}

const BUCKETS = {
  name: 'bucket',
  type: { kind: 'list', element: TYPES['bucket']!, frozen: true } as CqlType,
}

/** Rows by id, with their time; pages follow the order in which they came. */
class MemoryTable {
  readonly rows: { readonly id: number; readonly atMs: number }[] = []
  readonly #metadata = {
    columnCount: COLUMNS.length,
    columns: COLUMNS.map(name => ({ keyspace: 'ks', table: 't', ...column(name) })),
  }

  add(count: number, atMs: number): void {
    for (let i = 0; i < count; i++) this.rows.push({ id: this.rows.length, atMs })
  }

  get session(): TableSession {
    return {
      control: {
        table: () => Promise.resolve(SCHEMA),
        onSchemaChange: () => () => undefined,
      },
      prepare: (cql, keyspace, consistency) =>
        Promise.resolve({
          ...{ cql, keyspace, consistency, id: Buffer.alloc(0), resultMetadataId: undefined },
          variables: [column('at'), column('at'), ...(cql.includes(' IN ?') ? [BUCKETS] : [])],
          columns: COLUMNS.map(column),
        }),
      readPage: (_statement, request) => Promise.resolve(this.#page(request)),
    }
  }

  #page({ values, pageSize, pagingState }: PageRequest) {
    // [short n] n × [int length] [bytes]
    const lowerMs = Number(values.readBigInt64BE(6))
    const upperMs = Number(values.readBigInt64BE(18))
    const found = this.rows.filter(({ atMs }) => atMs > lowerMs && atMs <= upperMs)
    const from = pagingState === undefined ? 0 : pagingState.readInt32BE(0)
    const end = from + pageSize
    const cells = found.slice(from, end).map(({ id, atMs }) => {
      const [idBytes, atBytes] = [Buffer.alloc(4), Buffer.alloc(8)]
      idBytes.writeInt32BE(id)
      atBytes.writeBigInt64BE(BigInt(atMs))
      return [idBytes, atBytes, null]
    })
    const state = Buffer.alloc(4)
    state.writeInt32BE(end)
    const more = end < found.length ? { pagingState: state } : {}
    return rowsOf(new ByteWriter(), { ...this.#metadata, ...more }, cells)
  }
}

/** One life of a source; `poll` reads a window to its end. */
async function sourceOn(
  table: MemoryTable,
  stored?: SourceOffset,
  more: Readonly<Record<string, string>> = {},
) {
  const lines: string[] = []
  const logger = Logger.create({ sink: line => lines.push(String(line['msg'])) })
  const config = {
    'connect.cassandra.kcql': 'INSERT INTO x SELECT * FROM t PK at INCREMENTALMODE=TIMESTAMP',
    'connect.cassandra.key.space': 'ks',
    'connect.cassandra.batch.size': '40000',
    'connect.cassandra.fetch.size': '40000',
    'connect.cassandra.initial.offset': formatOffsetTime(T - 5_000),
    ...more,
  }
  const { settings, statements } = parseKcqlSource(sourceOf(config), { isForeignKey: () => true })
  const { session } = table
  const query = toTableQuery(statements[0]!, SCHEMA, { session, settings, logger })
  const watch = new TableWatch(session.control, [SCHEMA])
  const clock = new StepClock(T + 100_000)
  const reader = await TimeReader.open({ query, stored, context: { watch }, clock })
  let offset = stored
  const poll = async (): Promise<number[]> => {
    const ids: number[] = []
    for (;;) {
      const batch = (await reader.next(SIGNAL))!
      ids.push(...batch.items.map(one => (one.value as Struct).values[0] as number))
      offset = batch.positions?.at(-1)?.offset ?? offset
      if (offset?.['paging'] === undefined) return ids
    }
  }
  return { lines, poll, clock, position: () => offset }
}

describe('a millisecond of more rows than are remembered', () => {
  const COUNT = SEEN_MAX + 20_000

  it('is given, read once more as a whole and passed: nothing comes a third time', async () => {
    const table = new MemoryTable()
    table.add(COUNT, T)
    const source = await sourceOn(table)
    expect(await source.poll()).toHaveLength(COUNT)
    // Written between the two readings.
    table.add(1, T)
    const again = await source.poll()
    expect(again).toHaveLength(COUNT - SEEN_MAX + 1)
    expect(again).toContain(COUNT)
    expect(source.lines.filter(line => line.includes('same millisecond'))).toHaveLength(1)
    expect(source.position()).toEqual({ at: formatOffsetTime(T + 1), seen: [] })
    for (let i = 0; i < 3; i++) expect(await source.poll()).toEqual([])
    table.add(1, T + 1)
    expect(await source.poll()).toEqual([COUNT + 1])
    table.add(1, T + 50_000)
    let later: number[] = []
    for (let i = 0; i < 12 && later.length === 0; i++) later = await source.poll()
    expect(later).toEqual([COUNT + 2])
    const after = await sourceOn(table, source.position())
    expect(await after.poll()).toEqual([])
  })

  it('rows that keep coming to the lower bound do not hold the window', async () => {
    const table = new MemoryTable()
    table.add(1, T)
    table.add(1, T + 60_000)
    const source = await sourceOn(table)
    const ids: number[] = []
    for (let i = 0; i < 12 && !ids.includes(1); i++) {
      ids.push(...(await source.poll()))
      table.add(1, T)
    }
    expect(ids).toContain(1)
  })
})

describe('a restart', () => {
  it.each([
    [1_000, 0],
    [1_001, 1_001],
  ])('after %i rows of the last millisecond gives %i of them again', async (count, twice) => {
    const table = new MemoryTable()
    table.add(count, T)
    const source = await sourceOn(table)
    expect(await source.poll()).toHaveLength(count)
    const after = await sourceOn(table, source.position())
    expect(await after.poll()).toHaveLength(twice)
    expect(await after.poll()).toEqual([])
  })
})

describe('mode BUCKETTIMESERIES on a table without rows', () => {
  const config = (unit: string, format: string, initialMs: number) => ({
    'connect.cassandra.kcql':
      'INSERT INTO x SELECT * FROM t PK at INCREMENTALMODE=BUCKETTIMESERIES',
    'connect.cassandra.bucket.timeseries.mode': unit,
    'connect.cassandra.bucket.timeseries.format': format,
    'connect.cassandra.initial.offset': formatOffsetTime(initialMs),
  })

  it('stores how far it came, begins there after a restart, and gives the first row', async () => {
    const days = config('DAY', 'yyyyMMdd', Date.UTC(1900, 0))
    const table = new MemoryTable()
    const source = await sourceOn(table, undefined, days)
    expect(await source.poll()).toEqual([])
    const step = source.position()
    expect(step).toMatchObject({ seen: [], goal: formatOffsetTime(T + 70_000) })
    for (let i = 0; i < 6; i++) expect(await source.poll()).toEqual([])
    const end = { at: formatOffsetTime(T + 70_000), seen: [] }
    expect(source.position()).toEqual(end)
    table.add(1, T + 70_001)
    for (const stored of [step, end]) {
      const after = await sourceOn(table, stored, days)
      after.clock.ms += 5_000
      const ids: number[] = []
      for (let i = 0; i < 7; i++) ids.push(...(await after.poll()))
      expect(ids).toEqual([0])
    }
  })

  it('moves on while it waits, so that the beginning never is too far away', async () => {
    const seconds = config('SECOND', 'yyyyMMddHHmmss', T)
    const rarely = { ...seconds, 'connect.cassandra.import.poll.interval': '600000' }
    const table = new MemoryTable()
    const source = await sourceOn(table, undefined, rarely)
    for (let i = 0; i < 100; i++) await source.poll()
    const passedMs = Date.parse(String(source.position()?.['at']))
    expect(source.clock.ms - passedMs).toBeLessThan(11_000_000)
    table.add(1, source.clock.ms)
    let ids: number[] = []
    for (let i = 0; i < 4 && ids.length === 0; i++) ids = await source.poll()
    expect(ids).toEqual([0])
  })
})

describe('the column of buckets', () => {
  const config = {
    'connect.cassandra.kcql':
      'INSERT INTO x SELECT * FROM t PK at INCREMENTALMODE=BUCKETTIMESERIES',
    'connect.cassandra.key.space': 'ks',
    'connect.cassandra.bucket.timeseries.mode': 'DAY',
    'connect.cassandra.bucket.timeseries.format': 'yyyyMMdd',
  }
  const { settings, statements } = parseKcqlSource(sourceOf(config), { isForeignKey: () => true })
  const tryWith = (kind: 'text' | 'ascii' | 'int') => {
    const columns = SCHEMA.columns.map(one =>
      one.name === 'bucket' ? { ...one, type: { kind } as CqlType } : one,
    )
    const parts = { settings, session: new MemoryTable().session, logger: Logger.silent() }
    return toTableQuery(statements[0]!, { ...SCHEMA, columns }, parts)
  }

  it('holds texts', () => {
    expect(tryWith('text').columns).toHaveLength(3)
    expect(tryWith('ascii').columns).toHaveLength(3)
    expect(() => tryWith('int')).toThrow(
      'connect.cassandra.bucket.timeseries.field.name: expected a column of type text or ascii, found bucket int in ks.t',
    )
  })
})
