import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  type RowBatch,
  type RowFailure,
  type WriteSession,
  type WriteStatement,
} from '../../cassandra/index.ts'
import { sourceOf } from '../../config/index.ts'
import { FlowRecord, NO_TIMESTAMP, RawMessage } from '../../flow/index.ts'
import { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { json, schemaOf, settingsOf, text } from './bind/test-bind.ts'
import { ColumnCheck } from './column-check.ts'
import { CODEC_DEFAULTS } from './conversion/index.ts'
import type { DatastaxSinkSettings } from './datastax/settings.ts'
import { parseClassicKcqlSink } from './kcql/classic-config.ts'
import type { SharedSessions } from './shared-sessions.ts'
import { TableSink } from './table-sink.ts'

/** A session that keeps what it is given to write; preparing takes a few turns. */
class FakeSession {
  readonly protocolVersion = 5
  readonly statements: WriteStatement[] = []
  readonly written: string[] = []
  readonly control = {
    table: async () => {
      await new Promise(resolve => setTimeout(resolve, 2))
      this.reads += 1
      return schemaOf(this.columns)
    },
    onSchemaChange: () => () => undefined,
  }
  columns = 'a text, b text'
  reads = 0

  failures: readonly RowFailure[] = []

  async prepare(cql: string, _keyspace: string, options: object): Promise<WriteStatement> {
    const names = [...cql.matchAll(/:(\w+)/g)].map(match => match[1]!)
    const variables = names.map(name => {
      const kind = name === 'message_internal_timestamp' ? ('bigint' as const) : ('text' as const)
      return { name, type: { kind } }
    })
    const ids = { id: Buffer.from(cql), resultMetadataId: undefined, isStale: false }
    const statement = { ...options, ...ids, cql, variables, partitionKeyIndexes: [0] }
    this.statements.push(statement as unknown as WriteStatement)
    return this.statements.at(-1)!
  }

  async write(batch: RowBatch) {
    const region = batch.arena.bytes.subarray(batch.start[0], batch.end[0])
    this.written.push(/v\d/.exec(region.toString('latin1'))![0])
    return this.failures
  }
}

const MAPPED = {
  referenceBehaviour: new Set(),
  connection: { driver: { defaultIdempotence: false } },
  jmx: { enabled: false },
  topics: [{ topic: 'topic', codec: CODEC_DEFAULTS, tables: [settingsOf('a=key, b=value')] }],
}

function sinkOf(session: FakeSession, settings: object = MAPPED): TableSink {
  const sessions = {
    acquire: async () => session as unknown as WriteSession,
    release: async () => undefined,
  }
  return new TableSink({
    connector: 'c',
    settings: settings as unknown as DatastaxSinkSettings,
    sessions: sessions as unknown as SharedSessions,
    logger: Logger.silent(),
    metrics: new MetricRegistry(),
  })
}

function recordOf(value: string, offset: number): FlowRecord {
  const data = { bytes: Buffer.alloc(0), keyStart: 0, keyLength: 0, valueStart: 0, valueLength: 0 }
  const at = { offset, timestampMs: NO_TIMESTAMP }
  const origin = new RawMessage({ topic: 'topic', partition: 0 }, at, data)
  const of = (it: string) => ({ schema: null, value: it.startsWith('{') ? json(it) : text(it) })
  return new FlowRecord(origin, of('k'), of(value))
}

describe('TableSink', () => {
  it('keeps the order of deliveries when the first waits for new statements', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session)
    const { signal } = new AbortController()
    await sink.open(signal)
    for (const statement of session.statements) statement.isStale = true
    const values = ['v1', 'v2', 'v3']
    const writes = values.map((value, i) => sink.write([recordOf(value, i)], signal))
    expect(await Promise.all(writes)).toEqual(values.map(() => ({ failures: [] })))
    expect(session.written).toEqual(values)
    await sink.close()
  })

  it('reads a delivery again whose statements became stale, whatever the policy skips', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session)
    const { signal } = new AbortController()
    await sink.open(signal)
    const error = new ScamanderError(CASSANDRA_ERRORS.STATEMENT_LOST, 'columns changed')
    session.failures = [{ recordIndex: 0, error, batchGroup: 0 }]
    const write = sink.write([recordOf('v1', 0)], signal)
    for (const statement of session.statements) statement.isStale = true
    await expect(write).rejects.toBe(error)
  })

  it('holds records while a table that was there at the start is missing', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session)
    const { signal } = new AbortController()
    await sink.open(signal)
    for (const statement of session.statements) statement.isStale = true
    session.control.table = async () => {
      throw new ScamanderError(CASSANDRA_ERRORS.TABLE_UNKNOWN, 'no such table')
    }
    const write = sink.write([recordOf('v1', 0)], signal)
    await expect(write).rejects.toMatchObject({ kind: 'retriable', code: 'SCM_SINK_TABLE_CHANGED' })
  })
})

describe('a member without a column', () => {
  const config = {
    topics: 'topic',
    'connect.cassandra.kcql': 'INSERT INTO t SELECT * FROM topic',
    'connect.cassandra.key.space': 'ks',
  }
  const { settings } = parseClassicKcqlSink(sourceOf(config), { isForeignKey: () => true })
  const { signal } = new AbortController()

  it('is written when the table was changed and nobody told yet', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session, settings)
    await sink.open(signal)
    session.columns = 'a text, b text, c text'
    const record = recordOf('{"a":"k","c":"v1"}', 0)
    expect(await sink.write([record], signal)).toEqual({ failures: [] })
    expect(session.written).toEqual(['v1'])
    await sink.close()
  })

  it('fails its record alone when the table is as it was, after one look per delivery', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session, settings)
    await sink.open(signal)
    const before = session.reads
    const records = ['{"a":"k","b":"v1"}', '{"a":"k","no":"x"}', '{"a":"k","nor":"y"}'].map(
      recordOf,
    )
    const { failures } = await sink.write(records, signal)
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'SCM_SINK_CONVERSION'],
      [2, 'SCM_SINK_CONVERSION'],
    ])
    expect(session.written).toEqual(['v1'])
    expect(session.reads - before).toBe(1)
    await sink.write([recordOf('{"a":"k","b":"v2"}', 3)], signal)
    expect(session.reads - before).toBe(1)
    await sink.close()
  })

  it('holds its record while the table is missing', async () => {
    const session = new FakeSession()
    const sink = sinkOf(session, settings)
    await sink.open(signal)
    session.control.table = async () => {
      throw new ScamanderError(CASSANDRA_ERRORS.TABLE_UNKNOWN, 'no such table')
    }
    const write = sink.write([recordOf('{"a":"k","c":"v1"}', 0)], signal)
    await expect(write).rejects.toMatchObject({ kind: 'retriable', code: 'SCM_SINK_TABLE_CHANGED' })
  })
})

describe('ColumnCheck', () => {
  it('reads a table at most ten times a second', async () => {
    const slept: number[] = []
    let ms = 5_000
    const clock = {
      nowMs: () => ms,
      monotonicMs: () => ms,
      sleep: async (span: number) => {
        slept.push(span)
        ms += span
      },
    }
    const check = new ColumnCheck(clock)
    const table = schemaOf('a text')
    const control = { table: async () => table }
    for (let i = 0; i < 3; i++) {
      check.doubt(table)
      expect(await check.haveChanged(control)).toBe(false)
      ms += 30
    }
    expect(slept).toEqual([70, 70])
    expect(check.hasDoubts).toBe(false)
  })
})
