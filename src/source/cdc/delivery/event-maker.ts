/**
 * Frames to records: decode, read again what the log does not say, give each event its format,
 * topics and time.
 * Made by the connector for each task; CdcSource calls it frame by frame.
 * Spec: cdc-replication 1.6, 1.8, 3.
 */
import { isScamanderError, type ScamanderError } from '../../../base/scamander-error.ts'
import {
  type Header,
  type Schema,
  type SourcePosition,
  SourceRecord,
  STRING,
  type Value,
} from '../../../flow/index.ts'
import type { MetricRegistry } from '../../../telemetry/index.ts'
import { isRowChange } from '../change.ts'
import type { Frame } from '../frame.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { TaskSnapshots } from '../snapshot/task-snapshots.ts'
import type { Channel } from '../state/records.ts'
import type { CdcConnectorSettings } from './cdc-connector-config.ts'
import type { ChangeEvent } from './change-event.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { EventData, EventFormat } from './event-format.ts'
import { FrameDecoder } from './frame-decoder.ts'
import type { RowReader } from './row-reader.ts'
import { schemaChangeRecord } from './schema-change.ts'
import { TopicNames } from './topic-names.ts'

export interface EventMakerOptions {
  readonly queue: Pick<DeliveryQueue, 'definitionOf'>
  readonly settings: CdcConnectorSettings
  readonly format: EventFormat
  readonly rows: RowReader
  readonly metrics: MetricRegistry
  /** What a change has still to say beside a snapshot. */
  readonly snapshots: Pick<TaskSnapshots, 'through'> | undefined
  /** JSON text of a structure, where a converter can only take strings. */
  readonly toText: ((schema: Schema | null, value: Value) => string | null) | undefined
}

/** Brokers refuse records from further ahead. */
const AHEAD_MS_MAX = 3_600_000n

export class EventMaker {
  readonly #options: EventMakerOptions
  readonly #decoder = new FrameDecoder()
  readonly #topics: TopicNames

  constructor(options: EventMakerOptions) {
    this.#options = options
    this.#topics = new TopicNames(options.settings)
  }

  async toRecords(
    channel: Channel,
    frame: Frame,
    position: SourcePosition,
  ): Promise<SourceRecord[]> {
    const { queue, settings } = this.#options
    const definition = await queue.definitionOf(frame)
    if (frame.isControl) {
      const topic = settings.schemaTopic
      if (topic === undefined) return []
      return [this.#textual(schemaChangeRecord(frame, definition, { topic, position }))]
    }
    const records: SourceRecord[] = []
    for (const event of this.#decoder.decode(frame, definition, channel)) {
      if (event.isLate && settings.late === 'drop') {
        this.#count(channel, 'late')
        continue
      }
      const { snapshots } = this.#options
      const given = (await snapshots?.through(channel, frame, event)) ?? [event]
      for (const one of given) await this.#give(records, channel, one)
    }
    const last = records.at(-1)
    if (last !== undefined) records[records.length - 1] = withPosition(last, position)
    return records
  }

  /** Rows that were read from the table; they have no position of their own. */
  async toSnapshotRecords(
    channel: Channel,
    events: readonly ChangeEvent[],
  ): Promise<{ items: SourceRecord[]; failures: ScamanderError[] }> {
    const items: SourceRecord[] = []
    const failures: ScamanderError[] = []
    for (const event of events) {
      try {
        await this.#give(items, channel, event)
      } catch (error) {
        if (!isScamanderError(error, 'data')) throw error
        failures.push(error)
      }
    }
    return { items, failures }
  }

  close(): void {
    this.#options.rows.close()
  }

  async #give(into: SourceRecord[], channel: Channel, event: ChangeEvent): Promise<void> {
    const completed = event.isSnapshot ? event : await this.#complete(event)
    if (completed === undefined) return
    if (!event.isSnapshot) this.#measure(channel, completed)
    for (const data of this.#options.format.toRecords(completed)) {
      this.#add(into, channel, completed, data)
    }
  }

  #add(into: SourceRecord[], channel: Channel, event: ChangeEvent, data: EventData): void {
    const { keyspace, name } = event.table
    const shown = this.#shaped(withSourceId(channel, data))
    for (const topic of this.#topics.of(keyspace, name)) {
      const timestampMs = timestampMsOf(event)
      into.push(new SourceRecord({ ...shown, topic, timestampMs, position: null }))
    }
  }

  /** Schema changes go through the same converters as events. */
  #textual(record: SourceRecord): SourceRecord {
    if (this.#options.toText === undefined) return record
    const { topic, timestampMs, position } = record
    return new SourceRecord({ ...this.#shaped(record), topic, timestampMs, position })
  }

  #shaped(data: EventData): EventData {
    const { toText } = this.#options
    if (toText === undefined) return data
    const valueSchema = data.value === null ? null : STRING
    return {
      keySchema: STRING,
      key: toText(data.keySchema, data.key),
      valueSchema,
      value: toText(data.valueSchema, data.value),
      headers: data.headers,
    }
  }

  /** Reads columns whose value the change tells only in part; undefined: no event. */
  async #complete(event: ChangeEvent): Promise<ChangeEvent | undefined> {
    const { settings } = this.#options
    const { table, change } = event
    if (table.isCounter && settings.counters === 'skip') return undefined
    if (!isRowChange(change) || event.operation === 'DELETE') return event
    const wanted = this.#wantedColumns(event)
    if (wanted.length > 0) {
      const row = await this.#options.rows.read(event, wanted)
      if (row === undefined && settings.after === 'full') return asDelete(event)
      const columns = new Map(event.columns)
      for (const name of wanted) columns.set(name, row?.[name] ?? null)
      return { ...event, columns, partial: new Set() }
    }
    if (settings.collections !== 'null' || event.partial.size === 0) return event
    const columns = new Map(event.columns)
    for (const name of event.partial) columns.set(name, null)
    return { ...event, columns }
  }

  #wantedColumns({ table, partial, change }: ChangeEvent): string[] {
    const { settings } = this.#options
    const statics = table.staticColumns.map(one => one.name)
    if (settings.after === 'full') {
      if (change.isStatic) return statics
      const all = [...statics, ...table.regularColumns.map(one => one.name)]
      return all.length > 0 ? all : table.partitionKey.map(one => one.name)
    }
    if (!table.isCounter && settings.collections !== 'read') return []
    return [...partial]
  }

  #measure(channel: Channel, event: ChangeEvent): void {
    const { metrics } = this.#options
    this.#count(channel, event.operation)
    const name = `${channel.keyspace}.${channel.table}/${channel.destination}`
    const seconds = Number(event.timestamp) / 1e6
    const observe = (stage: string, atMs: number) => {
      const delay = Math.max(0, atMs / 1000 - seconds)
      metrics.series(CDC_METRICS.latency, name, stage).observe(delay)
    }
    observe('read', event.place.readAtMs)
    observe('deliver', Date.now())
  }

  #count(channel: Channel, op: string): void {
    const name = `${channel.keyspace}.${channel.table}/${channel.destination}`
    this.#options.metrics.series(CDC_METRICS.delivered, name, op).add()
  }
}

/** The record again, with a position: records cannot be changed. */
function withPosition(record: SourceRecord, position: SourcePosition): SourceRecord {
  const { topic, keySchema, key, valueSchema, value, headers, timestampMs } = record
  return new SourceRecord({
    ...{ topic, keySchema, key, valueSchema, value, headers, timestampMs, position },
  })
}

/** The row was gone when it was read. */
function asDelete(event: ChangeEvent): ChangeEvent {
  return { ...event, operation: 'DELETE', columns: new Map(), partial: new Set() }
}

/** Where a channel names its origin, a header does. */
function withSourceId(channel: Channel, data: EventData): EventData {
  if (channel.sourceId === '') return data
  const name = channel.sourceIdColumn === '' ? 'scamander.source.id' : channel.sourceIdColumn
  const header: Header = { name, schema: STRING, value: channel.sourceId }
  return { ...data, headers: [...data.headers, header] }
}

/** Write times that brokers refuse become the present; the exact one is in a header. */
function timestampMsOf({ timestamp }: ChangeEvent): number {
  const now = Date.now()
  const ms = timestamp / 1000n - (timestamp % 1000n < 0n ? 1n : 0n)
  return ms < 0n || ms > BigInt(now) + AHEAD_MS_MAX ? now : Number(ms)
}
