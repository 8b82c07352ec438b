/**
 * Reads single rows by their whole primary key, given as cells of another row: for counters, for
 * second looks of a validation, and for repairs.
 * Retries like the range reads. Invariant: at most one row comes back; static-only rows are found by
 * their partition key alone.
 */
import { Backoff } from '../base/backoff.ts'
import { ByteWriter } from '../base/byte-writer.ts'
import { systemClock } from '../base/clock.ts'
import {
  qualifiedName,
  quoteIdentifier,
  type ReadSession,
  type ReadStatement,
  type TableSchema,
} from '../cassandra/index.ts'
import type { ConsistencyCode, RowsResult } from '../cql/index.ts'
import { mayRetry } from './patience.ts'

const RETRIES_MAX = 8
const RETRY_BASE_MS = 100
const RETRY_MAX_MS = 5_000

export class PointSelect {
  readonly #session: ReadSession
  readonly #statement: ReadStatement
  readonly #partitionStatement: ReadStatement | undefined

  private constructor(
    session: ReadSession,
    statement: ReadStatement,
    partitionStatement: ReadStatement | undefined,
  ) {
    this.#session = session
    this.#statement = statement
    this.#partitionStatement = partitionStatement
  }

  static async prepare(
    session: ReadSession,
    table: TableSchema,
    options: { readonly selectors: readonly string[]; readonly consistency: ConsistencyCode },
  ): Promise<PointSelect> {
    const head = `SELECT ${options.selectors.join(', ')} FROM ${qualifiedName(table.keyspace, table.name)}`
    const byKey = (columns: TableSchema['columns'], limit: string) => {
      const where = columns.map(one => `${quoteIdentifier(one.name)} = ?`).join(' AND ')
      return session.prepare(`${head} WHERE ${where}${limit}`, table.keyspace, options.consistency)
    }
    const keys = [...table.partitionKey, ...table.clusteringKey]
    const hasStatics = table.columns.some(column => column.kind === 'static')
    const whole = await byKey(keys, '')
    const partition = hasStatics ? await byKey(table.partitionKey, ' LIMIT 1') : undefined
    return new PointSelect(session, whole, partition)
  }

  /** `keys`: cells of the key in order; null where a static-only row has no clustering key. */
  async read(keys: readonly (Buffer | null)[], signal: AbortSignal): Promise<RowsResult> {
    const isWhole = keys.every(key => key !== null)
    const statement = isWhole ? this.#statement : (this.#partitionStatement ?? this.#statement)
    const page = {
      values: keyValues(keys.filter(key => key !== null)),
      ...{ pageSize: 2, pagingState: undefined, token: undefined },
    }
    const backoff = new Backoff({ baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS })
    for (;;) {
      try {
        return await this.#session.readPage(statement, page)
      } catch (error) {
        if (backoff.attempt >= RETRIES_MAX || !mayRetry(error) || signal.aborted) throw error
        await systemClock.sleep(backoff.next(), signal)
      }
    }
  }
}

function keyValues(keys: readonly Buffer[]): Buffer {
  const writer = new ByteWriter(64)
  writer.writeInt16(keys.length)
  for (const key of keys) {
    writer.writeInt32(key.length)
    writer.writeBytes(key)
  }
  return Buffer.from(writer.view())
}
