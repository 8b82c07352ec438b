/**
 * Events as records: their topic, their place in it, and what is counted on the way. Decoding frames and
 * the formats have tests of their own.
 */
import { expect, it } from 'vitest'
import { sourceOf } from '../../../config/index.ts'
import type { SourceRecord } from '../../../flow/index.ts'
import { MetricRegistry } from '../../../telemetry/index.ts'
import type { NamedValue } from '../change.ts'
import type { Channel } from '../state/records.ts'
import { parseCdcConnector } from './cdc-connector-config.ts'
import type { ChangeEvent } from './change-event.ts'
import { DefaultFormat } from './default-format.ts'
import { EventMaker } from './event-maker.ts'
import { ScamanderFormat } from './scamander-format.ts'

const INT = { kind: 'int' } as const
const TEXT = { kind: 'text' } as const
const forms = { decimal: 'string', varint: 'string' } as const
const channel = {
  ...{ id: 1, cluster: 'c', dataCenter: 'dc1', keyspace: 'ks', table: 't', destination: 'd' },
  ...{ sourceId: '', sourceIdColumn: '' },
} as Channel
const table = (clustering: boolean) => ({
  ...{ id: '11112222-3333-4444-5555-666677778888', keyspace: 'ks', name: 't' },
  ...{ isCdc: true, isCounter: false, staticColumns: [], droppedColumns: [] },
  partitionKey: [
    { name: 'p', type: INT },
    { name: 'q', type: TEXT },
  ],
  clusteringKey: clustering ? [{ name: 'c', type: INT }] : [],
  regularColumns: [
    { name: 'v', type: INT },
    { name: 'w', type: INT },
  ],
})

const named = (name: string, value: number | string): NamedValue => ({
  ...{ name, value, isEmpty: false, type: typeof value === 'number' ? INT : TEXT },
})

function event(p: number, c: number | undefined, more: Partial<ChangeEvent> = {}): ChangeEvent {
  const cell = { timestamp: 9n, isDeleted: false, ldt: 70, ttl: 60, path: null, value: 5 }
  const column = { name: 'v', type: INT, isComplex: false }
  return {
    ...{ table: table(c !== undefined), definitionNumber: 1, seq: 0, operation: 'INSERT' },
    place: {
      ...{ cluster: 'c', dataCenter: 'dc1', hostId: 'h', segmentId: 1n, position: 2 },
      ...{ updateIndex: 0, version: 7, readAtMs: Date.now(), replica: 'primary' },
    },
    key: [named('p', p), named('q', 'x')],
    change: {
      ...{ op: 'insert', isStatic: false, timestamp: 9n, ttl: 0, expiresAt: 0 },
      clustering: c === undefined ? [] : [named('c', c)],
      columns: [
        {
          ...{ column, deletion: undefined },
          cells: [{ ...cell, isEmpty: false, shards: undefined }],
        },
      ],
    },
    ...{ timestamp: BigInt(Date.now()) * 1000n, columns: new Map([['v', 5]]), partial: new Set() },
    ...{ isLate: false, isSnapshot: false, ...more },
  } as ChangeEvent
}

function newMaker(config: Record<string, string> = {}) {
  const metrics = new MetricRegistry()
  const settings = parseCdcConnector(sourceOf({ destination: 'd', topic: 'a,b', ...config }))
  const { cellMetadata } = settings
  const maker = new EventMaker({
    ...{ settings, metrics, rows: {} as never, snapshots: undefined, toText: undefined },
    queue: {} as never,
    format:
      settings.format === 'scamander'
        ? new ScamanderFormat({ forms, tombstones: false, cellMetadata })
        : new DefaultFormat({ forms, tombstones: true }),
  })
  const make = async (...events: ChangeEvent[]): Promise<SourceRecord[]> =>
    (await maker.toSnapshotRecords(channel, events)).items
  const count = async (name: string) =>
    (await metrics.read())
      .filter(one => one.descriptor.name === `scamander_cdc_${name}`)
      .map(one => [...one.labels, one.value])
  return { make, count }
}

it('puts all rows of a partition into one partition of the topic', async () => {
  const { make } = newMaker()
  const hashes = (await make(event(1, 1), event(1, 2), event(2, 1))).map(one => one.partitionHash)
  expect(hashes).toEqual([
    ...[hashes[0], hashes[0], hashes[0], hashes[0], expect.any(Number), expect.any(Number)],
  ])
  expect(hashes[0]).toBeGreaterThanOrEqual(0)
  expect(hashes[4]).not.toBe(hashes[0])
})

it.each([
  ['a table without clustering columns', {}, undefined],
  ['scamander.partition.by=key', { 'scamander.partition.by': 'key' }, 1],
])('leaves the place to the key of the message: %s', async (_case, config, clustering) => {
  const [record] = await newMaker(config).make(event(1, clustering))
  expect(record!.partitionHash).toBe(-1)
})

it('gives late changes to topics of their own, where it is asked to', async () => {
  const { make, count } = newMaker({ 'scamander.late': 'park' })
  const records = await make(event(1, 1, { isLate: true }), event(1, 2))
  expect(records.map(one => one.topic)).toEqual(['a-late', 'b-late', 'a', 'b'])
  expect(await count('late_total')).toEqual([['dc1/ks/t/d', 'park', 1]])
})

it('gives the present where brokers refuse the write time, and counts that', async () => {
  const { make, count } = newMaker()
  const nowMs = Date.now()
  const ahead = BigInt(nowMs + 7_200_000) * 1000n
  const [first, , second] = await make(
    event(1, 1, { timestamp: ahead }),
    event(1, 2, { timestamp: -5n }),
    event(1, 3, { timestamp: 5000n }),
  )
  for (const one of [first!, second!]) {
    expect(one.timestampMs - nowMs).toBeGreaterThanOrEqual(0)
    expect(one.timestampMs - nowMs).toBeLessThan(60_000)
  }
  expect(await count('timestamp_clamped_total')).toEqual([['dc1/ks/t/d', 2]])
  expect(await count('events_delivered_total')).toEqual([['dc1/ks/t/d', 'INSERT', 3]])
})

it('tells in the envelope what is known of a row, which copy it is, and the times of its cells', async () => {
  const { make } = newMaker({
    ...{ 'scamander.format': 'scamander', topic: 'a', 'scamander.cell.metadata': 'true' },
  })
  const whole = new Map([
    ['v', 5],
    ['w', 6],
  ])
  const records = await make(event(1, 1), event(1, 2, { columns: whole }))
  const shown = records.map(({ valueSchema, value }) => {
    const at = (name: string) => valueSchema!.fields.findIndex(one => one.name === name)
    const values = (value as { values: readonly unknown[] }).values
    const source = values[at('source')] as { values: readonly unknown[] }
    const cells = values[at('cells')] as { values: readonly unknown[] }[]
    return [values[at('partial')], source.values.at(-1), cells.map(one => one.values)]
  })
  const cells = [['v', null, 9n, 60, 70n, false]]
  expect(shown).toEqual([
    [true, 'primary', cells],
    [false, 'primary', cells],
  ])
})
