/**
 * Reads a table by token ranges: the source of one task, and the division of the ring among tasks.
 * Made from `catalog.ts`. All work is in the lanes; this opens the session, prepares the statement
 * and finds out where an earlier run left off.
 * Spec: cassandra-sink 11.8.
 */
import { assert } from '../../../base/assert.ts'
import { systemClock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { ReadSession, ReadStatement, TableSchema } from '../../../cassandra/index.ts'
import type { RecordSource, SourceBatch, SourceOpening } from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { cellReaderFor } from '../cell-reader.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import { Lanes } from '../lanes.ts'
import type { ReadSessions } from '../read-sessions.ts'
import { RowShape, schemaNameOf } from '../row-shape.ts'
import { TableWatch } from '../table-watch.ts'
import { RangeLane, type ScanPlan } from './range-lane.ts'
import {
  formatRanges,
  MURMUR3_BOUNDS,
  parseRanges,
  RANDOM_BOUNDS,
  shareOut,
  splitRing,
} from './ring-split.ts'
import { RANGES_KEY, type TokenRangeSettings } from './scan-config.ts'
import { ScanProgress } from './scan-progress.ts'
import { findScanTable, prepareScan } from './scan-table.ts'
import { type Partitioner, tokenReader } from './token-of.ts'

export interface TokenRangeParts {
  readonly settings: TokenRangeSettings
  readonly sessions: ReadSessions
  readonly logger: Logger
}

/** Ranges read side by side in one task: one is decoded while others are on their way. */
const LANES_PER_TASK = 3
const SPLITS_PER_NODE = 8
const SPLITS_MIN = 16

/** One configuration per task: neighbouring ranges together. */
export async function divideRing(
  parts: TokenRangeParts,
  options: { readonly tasksMax: number; readonly signal: AbortSignal },
): Promise<Record<string, string>[]> {
  const { settings, sessions, logger } = parts
  const { tasksMax, signal } = options
  return await sessions.use({ logger, signal }, async session => {
    const { control } = session
    const found = await findScanTable(control, settings)
    const bounds = (await partitionerOf(session)) === 'murmur3' ? MURMUR3_BOUNDS : RANDOM_BOUNDS
    const ring = await control.tokenRing(found.keyspace)
    const ends =
      ring === undefined ? [] : Array.from(ring.high, (high, i) => endOf(high, ring.low[i]!))
    const nodes = Math.max(1, control.localNodes.length)
    const splits = settings.splits || Math.max(SPLITS_MIN, SPLITS_PER_NODE * nodes)
    const ranges = splitRing(bounds, ends, Math.max(splits, tasksMax))
    return shareOut(ranges, tasksMax).map(share => ({ [RANGES_KEY]: formatRanges(share) }))
  })
}

function endOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}

async function partitionerOf(session: ReadSession): Promise<Partitioner> {
  const [row] = await session.control.execute('SELECT partitioner FROM system.local')
  const name = String(row?.['partitioner'] ?? '').replace(/^.*\./, '')
  if (name === 'Murmur3Partitioner') return 'murmur3'
  if (name === 'RandomPartitioner') return 'random'
  const message = `expected a cluster with Murmur3Partitioner or RandomPartitioner, found ${name}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.PARTITIONER, message)
}

export class TokenRangeSource implements RecordSource {
  readonly #parts: TokenRangeParts
  readonly #taskConfig: Readonly<Record<string, string>>
  #lanes: Lanes | undefined
  #watch: TableWatch | undefined
  #hasSession = false

  constructor(parts: TokenRangeParts, taskConfig: Readonly<Record<string, string>>) {
    this.#parts = parts
    this.#taskConfig = taskConfig
  }

  async open({ offsets }: SourceOpening, signal: AbortSignal): Promise<void> {
    const { settings, sessions, logger } = this.#parts
    const session = await sessions.acquire({ logger, signal })
    this.#hasSession = true
    const table = await findScanTable(session.control, settings)
    this.#watch = new TableWatch(session.control, [table])
    const ranges = parseRanges(this.#taskConfig[RANGES_KEY] ?? '')
    assert(ranges !== undefined, 'a task of a token-range source has its ranges')
    const fullName = `${table.keyspace}.${table.name}`
    const pauseMs = settings.mode === 'once' ? undefined : settings.pollIntervalMs
    const stored = await offsets.readAll()
    const clock = systemClock
    const progress = new ScanProgress({ table: fullName, ranges, pauseMs, clock }, stored)
    const plan = await this.#prepare(session, table, this.#watch)
    const count = Math.min(LANES_PER_TASK, ranges.length)
    const lanes = Array.from({ length: count }, () => new RangeLane(plan, progress))
    this.#lanes = new Lanes(lanes, clock)
    this.#lanes.start()
  }

  async read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    assert(this.#lanes !== undefined, 'read after open')
    return await this.#lanes.read(signal)
  }

  async close(): Promise<void> {
    this.#lanes?.close()
    this.#lanes = undefined
    this.#watch?.close()
    this.#watch = undefined
    if (!this.#hasSession) return
    this.#hasSession = false
    await this.#parts.sessions.release()
  }

  async #prepare(session: ReadSession, table: TableSchema, watch: TableWatch): Promise<ScanPlan> {
    const { settings, logger } = this.#parts
    const { statement, note } = await prepareScan(session, settings, table)
    if (note !== undefined) logger.warn(note)
    const partitioner = await partitionerOf(session)
    const keyIndexes = table.partitionKey.map(column => indexOf(statement, column.name))
    return {
      session,
      statement,
      pageSize: settings.pageSize,
      topic: settings.topicPrefix + table.name,
      key: keyShape(statement, table),
      value: valueShape(statement, table),
      tokenOf: tokenReader(partitioner, keyIndexes),
      watch,
      logger,
    }
  }
}

const CELLS = { collectionsAsJson: true }

function valueShape(statement: ReadStatement, table: TableSchema): RowShape {
  const columns = statement.columns.map(({ name, type }, index) => ({
    index,
    name,
    reader: cellReaderFor(type, CELLS),
  }))
  return new RowShape(schemaNameOf(table.keyspace, table.name), columns)
}

/** Undefined when the query leaves a column of the primary key out. */
function keyShape(statement: ReadStatement, table: TableSchema): RowShape | undefined {
  const columns = [...table.partitionKey, ...table.clusteringKey].map(({ name, type }) => ({
    index: indexOf(statement, name),
    name,
    reader: cellReaderFor(type, CELLS),
  }))
  if (columns.some(column => column.index < 0)) return undefined
  return new RowShape(schemaNameOf(table.keyspace, table.name, 'key'), columns)
}

function indexOf(statement: ReadStatement, name: string): number {
  return statement.columns.findIndex(column => column.name === name)
}
