/**
 * Reads tables by KCQL statements: the source of one task, and the division of tables among tasks.
 * Made from `catalog.ts`. Each table has a reader of its own; a table is never divided.
 * Spec: cassandra-sink 11.1-11.5.
 */
import { assert } from '../../../base/assert.ts'
import { systemClock } from '../../../base/clock.ts'
import type { RecordSource, SourceBatch, SourceOffset, SourceOpening } from '../../../flow/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { type Lane, Lanes } from '../lanes.ts'
import type { ReadSessions } from '../read-sessions.ts'
import { TableWatch } from '../table-watch.ts'
import { BulkReader } from './bulk-reader.ts'
import { type KcqlSourceSettings, type ParsedKcqlSource, TABLES_KEY } from './source-config.ts'
import type { SourceStatement } from './source-plan.ts'
import {
  findStatementTable,
  partitionOf,
  type ReaderContext,
  type TableQuery,
  toTableQuery,
} from './table-query.ts'
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
      const table = await findStatementTable(session, settings, statement)
      queries.push(toTableQuery(statement, table, { session, settings, logger }))
    }
    this.#watch = new TableWatch(
      session.control,
      queries.map(query => query.table),
    )
    const stored = await offsets.read(this.#statements.map(partitionOf))
    const context = { watch: this.#watch }
    const lanes: Lane[] = []
    for (const [i, query] of queries.entries()) {
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
