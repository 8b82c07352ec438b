/**
 * The sink of Kafka records into Cassandra tables. Built by the catalog for the DataStax dialect;
 * other dialects compile to the same settings.
 * `open` checks tables, compiles plans and prepares; `write` binds every record for every table of
 * its topic and hands the rows to the write path.
 * Invariants: a record that fails for one table is still written to the others; nothing of a
 * record is lost without a failure in the outcome.
 * Spec: cassandra-sink 4-7.
 */
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import { CASSANDRA_ERRORS, RowBatch, type RowFailure, WriteSession } from '../../cassandra/index.ts'
import type {
  Failure,
  FlowRecord,
  Outcome,
  Sink,
  TopicPartition,
  TopicPosition,
  Unanswered,
} from '../../flow/index.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { RecordView } from './bind/record-view.ts'
import { ColumnCheck } from './column-check.ts'
import { toConnectionSettings } from './connection-settings.ts'
import type { DatastaxSinkSettings } from './datastax/settings.ts'
import { TABLE_SINK_ERRORS } from './errors.ts'
import { HostNames } from './host-names.ts'
import { ProgressLog } from './kcql/progress-log.ts'
import { SINK_UNKNOWN_TOPIC, type TableMetrics } from './metrics.ts'
import type { SharedSessions } from './shared-sessions.ts'
import { SinkBeans } from './sink-beans.ts'
import { TieRankStore } from './tie-rank-store.ts'
import { openTopics, type TopicWriter } from './topic-writer.ts'

export interface TableSinkParts {
  readonly connector: string
  readonly settings: DatastaxSinkSettings
  readonly sessions: SharedSessions
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** An earlier sink of the task worked: what fails now is an outage. @default false */
  readonly wasOpen?: boolean
  /** A cluster that cannot be reached at start is an outage, too. @default false */
  readonly retriesStart?: boolean
}

/** Rows of several partitions in one request: the server warns above these (cassandra.yaml). */
const PARTITIONS_PER_BATCH_MAX = 10
const BATCH_BYTES_MAX = 4_800
const WRITES_MAX = 2

export class TableSink implements Sink {
  readonly #parts: TableSinkParts
  readonly #view = new RecordView()
  readonly #beans: SinkBeans
  readonly #ranks = new TieRankStore()
  readonly #freeBatches: RowBatch[] = []
  #session: WriteSession | undefined
  readonly #hosts = new HostNames()
  readonly #columns = new ColumnCheck()
  readonly #progress: ProgressLog | undefined
  #topics: ReadonlyMap<string, TopicWriter> = new Map()
  #wasOpen: boolean
  /** A delivery is being bound, which may wait for names or statements: the next one waits. */
  #binding: Promise<void> | undefined
  /** Per mapping failure of the delivery bound last, the metrics of its table. */
  #unbound: TableMetrics[] = []
  /** All writes so far, and those with rows that need their order; they never reject. */
  #underWay: Promise<unknown> = Promise.resolve()
  #orderedUnderWay: Promise<unknown> = Promise.resolve()

  constructor(parts: TableSinkParts) {
    this.#parts = parts
    this.#wasOpen = parts.wasOpen ?? false
    if (parts.settings.progress === true) {
      this.#progress = new ProgressLog(parts.logger, performance.now())
    }
    this.#beans = new SinkBeans(parts.metrics.jmx, parts.connector, parts.settings.jmx)
  }

  /** Rows without a timestamp of their own keep their order only one delivery after the other. */
  get concurrentWritesMax(): number {
    for (const topic of this.#topics.values()) if (topic.isOrdered) return 1
    return WRITES_MAX
  }

  async open(signal: AbortSignal): Promise<void> {
    const { connector, sessions } = this.#parts
    this.#session = await sessions.acquire(connector, () => this.#openSession(signal), signal)
    try {
      if (this.#wasOpen) await this.#reopenTopics(this.#session)
      else await this.#openTopics(this.#session)
      this.#wasOpen = true
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async write(records: readonly FlowRecord[], signal: AbortSignal): Promise<Outcome> {
    // Bound and sent in the order of reading: ranks of equal timestamps and rows without a
    // timestamp depend on it. Those that wait go on in the order they came.
    while (this.#binding !== undefined) await this.#binding
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#binding = promise
    const batch = this.#freeBatches.pop() ?? new RowBatch()
    let failures: Failure[]
    let sent: Promise<void> | undefined
    try {
      failures = await this.#prepareAndBind(records, batch)
      for (const metrics of this.#unbound) metrics.addFailed()
      if (batch.count > 0) sent = this.#sendInOrder(batch, failures, signal)
    } finally {
      this.#binding = undefined
      resolve()
    }
    await sent
    this.#progress?.add(records, performance.now())
    this.#freeBatches.push(batch)
    // Sorting is stable: a record's mapping failure comes before its write failure.
    failures.sort((a, b) => a.index - b.index)
    return { failures }
  }

  async close(): Promise<void> {
    if (this.#session === undefined) return
    this.#topics = new Map()
    this.#session = undefined
    await this.#parts.sessions.release(this.#parts.connector)
  }

  positionMetadata(partition: TopicPartition, timestampMs: number): string {
    return this.#ranks.toText(partition, timestampMs)
  }

  restorePosition(position: TopicPosition): void {
    this.#ranks.restore(position)
  }

  unanswered(): Unanswered | undefined {
    return this.#session?.unanswered()
  }

  async #openTopics(session: WriteSession): Promise<void> {
    const { connector, settings, logger, metrics: registry } = this.#parts
    const metrics = { registry, connector, beans: this.#beans }
    const context = { session, logger, metrics, hosts: this.#hosts, columns: this.#columns }
    this.#topics = await openTopics(settings, context)
  }

  /** What was right at the start and is not now may become right again: a table made anew. */
  async #reopenTopics(session: WriteSession): Promise<void> {
    try {
      await this.#openTopics(session)
    } catch (error) {
      if (!isScamanderError(error, 'config')) throw error
      throw new ScamanderError(TABLE_SINK_ERRORS.TABLE_CHANGED, error.message, { cause: error })
    }
  }

  get #isStale(): boolean {
    for (const topic of this.#topics.values()) if (topic.isStale) return true
    return false
  }

  async #prepareAndBind(records: readonly FlowRecord[], batch: RowBatch): Promise<Failure[]> {
    if (this.#session !== undefined && this.#isStale) await this.#reopenTopics(this.#session)
    let failures = this.#bindAll(records, batch)
    if (await this.#findsNewColumns()) failures = this.#bindAll(records, batch)
    if (!this.#hosts.hasWanted) return failures
    await this.#hosts.resolve()
    return this.#bindAll(records, batch)
  }

  /** A member without a column, and by now the table has other columns: it is opened anew. */
  async #findsNewColumns(): Promise<boolean> {
    const session = this.#session
    if (session === undefined || !this.#columns.hasDoubts) return false
    if (!(await this.#columns.haveChanged(session.control))) return false
    await this.#reopenTopics(session)
    return true
  }

  async #openSession(signal: AbortSignal): Promise<WriteSession> {
    const { connector, settings, logger } = this.#parts
    const { maxConcurrentRequests, maxRecordsInBatch } = settings.connection
    return await WriteSession.open(await toConnectionSettings(settings, connector), {
      logger,
      signal,
      requestsMax: maxConcurrentRequests,
      planner: {
        batchBy: settings.batchBy,
        rowsMax: maxRecordsInBatch,
        partitionsMax: PARTITIONS_PER_BATCH_MAX,
        bytesMax: BATCH_BYTES_MAX,
      },
      isStart: !this.#wasOpen && this.#parts.retriesStart !== true,
      observer: this.#beans.observer(),
    })
  }

  #bindAll(records: readonly FlowRecord[], batch: RowBatch): Failure[] {
    batch.reset()
    this.#columns.forget()
    this.#unbound = []
    const failures: Failure[] = []
    const { length } = records
    for (let i = 0; i < length; i++) this.#bind(records[i]!, i, batch, failures)
    return failures
  }

  #bind(record: FlowRecord, index: number, batch: RowBatch, failures: Failure[]): void {
    const topic = this.#topics.get(record.topic)
    if (topic === undefined) {
      failures.push({ index, origin: 'mapping', error: this.#unknownTopic(record) })
      return
    }
    const { binders } = topic
    const ranks = this.#ranks.of(record.origin.topic, record.origin.partition, binders.length)
    if (topic.viewsFields) this.#view.open(record)
    else this.#view.record = record
    for (let i = 0; i < binders.length; i++) {
      try {
        binders[i]!.bind(this.#view, batch, index, ranks[i]!)
      } catch (error) {
        if (!isScamanderError(error, 'data')) throw error
        failures.push({ index, origin: 'mapping', error })
        this.#unbound.push(topic.metrics[i]!)
      }
    }
  }

  /** Rows without a timestamp of their own are never under way together with other deliveries. */
  #sendInOrder(batch: RowBatch, failures: Failure[], signal: AbortSignal): Promise<void> {
    const before = batch.hasOrdered ? this.#underWay : this.#orderedUnderWay
    const sent = before.then(() => this.#send(batch, failures, signal))
    this.#underWay = Promise.allSettled([this.#underWay, sent])
    if (batch.hasOrdered) this.#orderedUnderWay = Promise.allSettled([this.#orderedUnderWay, sent])
    return sent
  }

  async #send(batch: RowBatch, failures: Failure[], signal: AbortSignal): Promise<void> {
    if (signal.aborted && this.#session === undefined) throw closed()
    const session = this.#session
    if (session === undefined) throw closed()
    const failed = await session.write(batch, requests => {
      const nowMs = performance.now()
      for (const { rows, bytes } of requests) {
        const { batchGroup } = batch.statements[rows[0]!]!
        this.#metricsOf(batchGroup)?.observeRequest(rows.length, bytes, nowMs)
      }
    })
    // Rows of a table that changed were not judged at all: the whole delivery is bound anew.
    const stale = failed.find(one => one.error.code === CASSANDRA_ERRORS.STATEMENT_LOST.code)
    if (stale !== undefined && this.#isStale) throw stale.error
    for (const { recordIndex, error } of failed) {
      failures.push({ index: recordIndex, origin: 'driver', error })
    }
    this.#count(batch, failed)
  }

  #count(batch: RowBatch, failed: readonly RowFailure[]): void {
    const perGroup = new Map<number, number>()
    for (let row = 0; row < batch.count; row++) {
      const { batchGroup } = batch.statements[row]!
      perGroup.set(batchGroup, (perGroup.get(batchGroup) ?? 0) + 1)
    }
    for (const [group, count] of perGroup) this.#metricsOf(group)?.addRecords(count)
    for (const { batchGroup } of failed) this.#metricsOf(batchGroup)?.addFailed()
  }

  #metricsOf(batchGroup: number) {
    for (const topic of this.#topics.values()) {
      const metrics = topic.metricsOfGroup.get(batchGroup)
      if (metrics !== undefined) return metrics
    }
    return undefined
  }

  #unknownTopic(record: FlowRecord): ScamanderError {
    const { connector, metrics } = this.#parts
    metrics.series(SINK_UNKNOWN_TOPIC, connector).add()
    this.#beans.unknownTopic?.mark()
    const known = [...this.#topics.keys()].join(', ')
    const message = `expected a record of a configured topic (${known}), found topic ${record.topic}`
    return new ScamanderError(TABLE_SINK_ERRORS.UNKNOWN_TOPIC, message)
  }
}

function closed(): ScamanderError {
  return new ScamanderError(TABLE_SINK_ERRORS.CLOSED, 'the sink was closed while it was writing')
}
