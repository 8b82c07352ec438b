/**
 * Reads tables by KCQL statements: the source of one task, and the division of tables among tasks.
 * Made from `catalog.ts`. Each table has a reader of its own; a table is never divided.
 * Spec: cassandra-sink 11.1-11.5.
 */
import { assert } from '../../../base/assert.ts'
import { systemClock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { RecordSource, SourceBatch, SourceOffset, SourceOpening } from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import { type Lane, Lanes } from '../lanes.ts'
import type { ReadSessions } from '../read-sessions.ts'
import { TableWatch } from '../table-watch.ts'
import { BulkReader } from './bulk-reader.ts'
import { parseOffsetTime } from './offset-text.ts'
import {
  INITIAL_OFFSET_KEY,
  type KcqlSourceSettings,
  type ParsedKcqlSource,
  TABLES_KEY,
} from './source-config.ts'
import type { SourceStatement } from './source-plan.ts'
import {
  findStatementTable,
  partitionOf,
  type ReaderContext,
  type TableQuery,
  toTableQuery,
} from './table-query.ts'
import { type BucketUnit, isTooFar, reachOf } from './time-buckets.ts'
import { TimeReader } from './time-reader.ts'
import { TokenReader } from './token-reader.ts'

export interface KcqlSourceParts extends ParsedKcqlSource {
  readonly sessions: ReadSessions
  readonly logger: Logger
}

/** One configuration per task: the tables in turn. */
export function divideTables(
  statements: readonly SourceStatement[],
  tasksMax: number,
): Record<string, string>[] {
  const count = Math.max(1, Math.min(tasksMax, statements.length))
  return Array.from({ length: count }, (_, task) => {
    const tables = statements.filter((_one, i) => i % count === task).map(one => one.table)
    return { [TABLES_KEY]: tables.join(',') }
  })
}

export class KcqlSource implements RecordSource {
  readonly #parts: KcqlSourceParts
  readonly #statements: readonly SourceStatement[]
  #lanes: Lanes | undefined
  #watch: TableWatch | undefined
  #hasSession = false

  constructor(parts: KcqlSourceParts, taskConfig: Readonly<Record<string, string>>) {
    this.#parts = parts
    const tables = (taskConfig[TABLES_KEY] ?? '').split(',')
    this.#statements = parts.statements.filter(one => tables.includes(one.table))
  }

  async open({ offsets }: SourceOpening, signal: AbortSignal): Promise<void> {
    const { settings, sessions, logger } = this.#parts
    const session = await sessions.acquire({ logger, signal })
    this.#hasSession = true
    const queries: TableQuery[] = []
    for (const statement of this.#statements) {
      queries.push(await openQuery(statement, { session, settings, logger }))
    }
    this.#watch = new TableWatch(
      session.control,
      queries.map(query => query.table),
    )
    const stored = await offsets.read(this.#statements.map(partitionOf))
    const context = { watch: this.#watch }
    const lanes: Lane[] = []
    for (const [i, query] of queries.entries()) {
      if (stored[i] === undefined) checkBeginning(query, systemClock.nowMs())
      lanes.push(await openReader(query, context, stored[i]))
    }
    this.#lanes = new Lanes(lanes, systemClock)
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
}

async function openQuery(
  statement: SourceStatement,
  parts: Pick<TableQuery, 'session' | 'settings' | 'logger'>,
): Promise<TableQuery> {
  const table = await findStatementTable(parts.session, parts.settings, statement)
  return toTableQuery(statement, table, parts)
}

/** Opens the reader of one statement as a task would and reads nothing; throws what is wrong. */
export async function tryStatement(
  statement: SourceStatement,
  parts: Pick<TableQuery, 'session' | 'settings' | 'logger'>,
): Promise<void> {
  const query = await openQuery(statement, parts)
  const watch = new TableWatch(parts.session.control, [query.table])
  try {
    await openReader(query, { watch }, undefined)
  } finally {
    watch.close()
  }
}

/** Without a stored position the first window begins at the initial offset. */
function checkBeginning({ statement, settings }: TableQuery, nowMs: number): void {
  const initialMs = parseOffsetTime(settings.initialOffset) ?? 0
  const unit = settings.bucketUnit as BucketUnit
  if (statement.mode !== 'bucket' || !isTooFar(initialMs, nowMs, unit)) return
  const message = `${INITIAL_OFFSET_KEY}: expected a time at most ${reachOf(unit)} ago, found ${settings.initialOffset}`
  throw new ScamanderError(QUERY_SOURCE_ERRORS.BEGINNING, message)
}

async function openReader(
  query: TableQuery,
  context: ReaderContext,
  stored: SourceOffset | undefined,
): Promise<Lane> {
  const clock = systemClock
  switch (query.statement.mode) {
    case 'bulk':
      return await BulkReader.open(query, context, clock)
    case 'token':
      return await TokenReader.open({ query, context, clock, stored })
    default:
      return await TimeReader.open({ query, context, clock, stored })
  }
}

/** Told once at start: what a mode cannot see. */
export function notesOf(
  statements: readonly SourceStatement[],
  settings: Pick<KcqlSourceSettings, 'delayMs'>,
): string[] {
  return statements.flatMap(({ table, mode }) => {
    if (mode === 'token') {
      return [`${table}: mode TOKEN sees each partition once; later changes of it are not read`]
    }
    if (mode === 'bulk') return []
    return [`${table}: rows written more than ${settings.delayMs} ms after their time are not read`]
  })
}
