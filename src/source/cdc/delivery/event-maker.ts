/**
 * Frames to records: decode, read again what the log does not say, give each event its format,
 * topics and time.
 * Made by the connector for each task; CdcSource calls it frame by frame.
 * Spec: cdc-replication 1.6, 1.8, 3.
 */
import { isScamanderError, type ScamanderError } from '../../../base/scamander-error.ts'
import { type Header, type Schema, SourceRecord, STRING, type Value } from '../../../flow/index.ts'
import type { MetricRegistry } from '../../../telemetry/index.ts'
import { isRowChange } from '../change.ts'
import type { Frame } from '../frame.ts'
import type { TaskSnapshots } from '../snapshot/task-snapshots.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import type { CdcConnectorSettings } from './cdc-connector-config.ts'
import type { ChangeEvent } from './change-event.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { EventData, EventFormat } from './event-format.ts'
import { EventMetrics } from './event-metrics.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { partitionHashOf } from './partition-hash.ts'
import type { RowReader } from './row-reader.ts'
import { SchemaChanges } from './schema-change.ts'
import { TopicNames } from './topic-names.ts'

export interface EventMakerOptions {
  readonly queue: Pick<DeliveryQueue, 'definitionOf'>
  readonly settings: CdcConnectorSettings
  readonly format: EventFormat
  readonly rows: RowReader
  readonly metrics: MetricRegistry
  /** What a change has still to say beside a snapshot. */
  readonly snapshots: Pick<TaskSnapshots, 'isWatching' | 'through'> | undefined
  /** JSON text of a structure, where a converter can only take strings. */
  readonly toText: ((schema: Schema | null, value: Value) => string | null) | undefined
}

/** Brokers refuse records from further ahead. */
const AHEAD_MS_MAX = 3_600_000n

export class EventMaker {
  readonly #options: EventMakerOptions
  readonly #decoder = new FrameDecoder()
  readonly #topics: TopicNames
  readonly #metrics: EventMetrics
  readonly #schemaChanges: SchemaChanges | undefined
  /** Most frames are for the table of the one before. */
  #last: { readonly frame: Frame; readonly definition: KnownDefinition } | undefined

  constructor(options: EventMakerOptions) {
    this.#options = options
    this.#topics = new TopicNames(options.settings)
    this.#metrics = new EventMetrics(options.metrics)
    const { schemaTopic } = options.settings
    this.#schemaChanges = schemaTopic === undefined ? undefined : new SchemaChanges(schemaTopic)
  }

  /** What was given before may be given again. */
  begin(): void {
    this.#schemaChanges?.begin()
  }

  /** The records of a frame; a promise only where something must be waited for. */
  toRecords(
    channel: Channel,
    frame: Frame,
  ): readonly SourceRecord[] | Promise<readonly SourceRecord[]> {
    const { queue, snapshots } = this.#options
    const definition =
      this.#last?.frame.isLike(frame) === true ? this.#last.definition : queue.definitionOf(frame)
    if (definition instanceof Promise || snapshots?.isWatching(channel) === true) {
      return this.#toRecordsLater(channel, frame, definition)
    }
    this.#last = { frame, definition }
    if (frame.isControl) return this.#controlRecords(frame, definition)
    const records: SourceRecord[] = []
    const events = this.#decode(channel, frame, definition)
    for (const [i, event] of events.entries()) {
      if (this.#mustRead(event)) return this.#giveLater(records, channel, events.slice(i))
      this.#give(records, channel, this.#completeNow(event))
    }
    return records
  }

  async #toRecordsLater(
    channel: Channel,
    frame: Frame,
    definition: KnownDefinition | Promise<KnownDefinition>,
  ): Promise<readonly SourceRecord[]> {
    const known = await definition
    this.#last = { frame, definition: known }
    if (frame.isControl) return this.#controlRecords(frame, known)
    const records: SourceRecord[] = []
    for (const event of this.#decode(channel, frame, known)) {
      const given = (await this.#options.snapshots?.through(channel, frame, event)) ?? [event]
      if (given.length === 0) this.#metrics.contained(channel)
      await this.#giveLater(records, channel, given)
    }
    return records
  }

  #decode(channel: Channel, frame: Frame, definition: KnownDefinition): readonly ChangeEvent[] {
    const events = this.#decoder.decode(frame, definition, channel)
    if (this.#options.settings.late !== 'drop') return events
    const kept = events.filter(event => !event.isLate)
    for (let i = kept.length; i < events.length; i++) this.#metrics.late(channel, 'drop')
    return kept
  }

  #controlRecords(frame: Frame, definition: KnownDefinition): SourceRecord[] {
    const record = this.#schemaChanges?.record(frame, definition)
    return record === undefined ? [] : [this.#textual(record)]
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
        this.#give(items, channel, event)
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

  async #giveLater(
    into: SourceRecord[],
    channel: Channel,
    events: readonly ChangeEvent[],
  ): Promise<readonly SourceRecord[]> {
    for (const event of events) {
      const isRead = !event.isSnapshot && this.#mustRead(event)
      this.#give(
        into,
        channel,
        isRead ? await this.#read(channel, event) : this.#completeNow(event),
      )
    }
    return into
  }

  /** Undefined: there is no event. */
  #give(into: SourceRecord[], channel: Channel, event: ChangeEvent | undefined): void {
    if (event === undefined) return
    const { late } = this.#options.settings
    if (!event.isSnapshot) this.#metrics.given(channel, event)
    if (event.isLate) this.#metrics.late(channel, late)
    for (const data of this.#options.format.toRecords(event)) this.#add(into, channel, event, data)
  }

  #add(into: SourceRecord[], channel: Channel, event: ChangeEvent, data: EventData): void {
    const { late, partitionBy } = this.#options.settings
    const { keyspace, name } = event.table
    const shown = this.#shaped(withSourceId(channel, data))
    const hash = partitionBy === 'key' ? undefined : partitionHashOf(event)
    const place = hash === undefined ? {} : { partitionHash: hash }
    const given = timestampMsOf(event)
    if (given === undefined) this.#metrics.clamped(channel)
    const timestampMs = given ?? Date.now()
    const isParked = event.isLate && late === 'park'
    for (const topic of this.#topics.of(keyspace, name)) {
      const to = isParked ? `${topic}-late` : topic
      into.push(new SourceRecord({ ...shown, ...place, topic: to, timestampMs, position: null }))
    }
  }

  /** Schema changes go through the same converters as events. */
  #textual(record: SourceRecord): SourceRecord {
    if (this.#options.toText === undefined) return record
    const { topic, timestampMs } = record
    return new SourceRecord({ ...this.#shaped(record), topic, timestampMs, position: null })
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

  /** The change tells only a part of what is wanted. */
  #mustRead(event: ChangeEvent): boolean {
    const { settings } = this.#options
    if (event.table.isCounter && settings.counters === 'skip') return false
    if (!isRowChange(event.change) || event.operation === 'DELETE') return false
    if (settings.after !== 'full' && event.partial.size === 0) return false
    return this.#wantedColumns(event).length > 0
  }

  /** Reads these columns; undefined: no event. */
  async #read(channel: Channel, event: ChangeEvent): Promise<ChangeEvent | undefined> {
    const wanted = this.#wantedColumns(event)
    const isFull = this.#options.settings.after === 'full'
    const why = isFull ? 'full' : event.table.isCounter ? 'counter' : 'collection'
    this.#metrics.reread(channel, why)
    const row = await this.#options.rows.read(event, wanted)
    if (row === undefined && isFull) return asDelete(event)
    const columns = new Map(event.columns)
    for (const name of wanted) columns.set(name, row?.[name] ?? null)
    return { ...event, columns, partial: new Set() }
  }

  /** Undefined: no event. */
  #completeNow(event: ChangeEvent): ChangeEvent | undefined {
    const { settings } = this.#options
    if (event.isSnapshot) return event
    if (event.table.isCounter && settings.counters === 'skip') return undefined
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

/** Undefined: brokers refuse it; the exact one is in a header. */
function timestampMsOf({ timestamp }: ChangeEvent): number | undefined {
  const ms = timestamp / 1000n - (timestamp % 1000n < 0n ? 1n : 0n)
  return ms < 0n || ms > BigInt(Date.now()) + AHEAD_MS_MAX ? undefined : Number(ms)
}
