/**
 * Reads chunks of a table for a snapshot: whole partitions in token order, and single partitions
 * again. One connection, opened when it is first needed and again after it was lost.
 * Used by TableSnapshot. Invariant: a chunk never ends inside a partition, so that what a chunk does
 * not have was not there when it was read.
 * Spec: cdc-replication 5, step 2.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { NodeLink } from '../../../cassandra/index.ts'
import type { TableSchema } from '../../../commitlog/index.ts'
import { CONSISTENCY, type ConsistencyCode, codecFor } from '../../../cql/index.ts'
import type { NamedValue } from '../change.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { SourceCluster } from '../source-cluster.ts'
import { SnapshotQuery, type SnapshotRow } from './snapshot-query.ts'

export interface SnapshotReading {
  readonly consistency: ConsistencyCode
  readonly pageSize: number
}

export interface ReadChunk {
  readonly rows: readonly SnapshotRow[]
  /** Everything up to this token was read. */
  readonly upTo: bigint
  /** When the last answer came. */
  readonly endMs: number
}

/** Rows of one partition that are taken at once; beyond it a snapshot gives up. */
const PARTITION_ROWS_MAX = 500_000

export class SnapshotReader {
  readonly #cluster: SourceCluster
  readonly #reading: SnapshotReading
  #link: NodeLink | undefined
  #query: SnapshotQuery | undefined
  #hasElementTimes = false

  constructor(cluster: SourceCluster, reading: SnapshotReading) {
    this.#cluster = cluster
    this.#reading = reading
  }

  /** The next whole partitions with a token in `(after, to]`. */
  async read(table: TableSchema, after: bigint, to: bigint): Promise<ReadChunk> {
    let limit = this.#reading.pageSize
    for (;;) {
      const rows = await this.#select(table, query => query.ofRange(after, to, limit), [], limit)
      const endMs = Date.now()
      if (rows.length < limit) return { rows, upTo: to, endMs }
      const last = rows.at(-1)!.token
      const whole = rows.filter(row => row.token !== last)
      if (whole.length > 0) return { rows: whole, upTo: whole.at(-1)!.token, endMs }
      if (limit >= PARTITION_ROWS_MAX) throw tooLarge(table)
      limit *= 4
    }
  }

  /** A row as it is now, or all rows of a partition when no clustering is given. */
  async readAgain(
    table: TableSchema,
    key: readonly NamedValue[],
    clustering: readonly NamedValue[],
  ): Promise<ReadChunk> {
    const values = [...key, ...clustering]
    const cqlOf = (query: SnapshotQuery) => query.ofKey(values.map(one => one.name))
    const rows = await this.#select(table, cqlOf, values, PARTITION_ROWS_MAX)
    return { rows, upTo: 0n, endMs: Date.now() }
  }

  close(): void {
    this.#link?.close()
    this.#link = undefined
  }

  async #select(
    table: TableSchema,
    cqlOf: (query: SnapshotQuery) => string,
    key: readonly NamedValue[],
    pageSize: number,
  ): Promise<SnapshotRow[]> {
    const { consistency } = this.#reading
    try {
      const link = await this.#open()
      const query = this.#queryOf(table)
      const rows = await link.rows(cqlOf(query), {
        ...{ consistency, pageSize: Math.min(pageSize, this.#reading.pageSize) },
        ...(key.length === 0 ? {} : { values: key.map(bytesOf) }),
      })
      return rows.map(row => query.read(row))
    } catch (cause) {
      this.close()
      const message = `${table.keyspace}.${table.name}: rows were not read for the snapshot: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.SOURCE_UNREACHABLE, message, { cause })
    }
  }

  #queryOf(table: TableSchema): SnapshotQuery {
    if (this.#query?.table !== table) this.#query = new SnapshotQuery(table, this.#hasElementTimes)
    return this.#query
  }

  async #open(): Promise<NodeLink> {
    if (this.#link !== undefined && !this.#link.isClosed) return this.#link
    const link = await this.#cluster.openAny()
    this.#link = link
    const [local] = await link.rows('SELECT release_version FROM system.local')
    this.#hasElementTimes = Number.parseInt(String(local?.['release_version']), 10) >= 5
    this.#query = undefined
    return link
  }
}

export const SNAPSHOT_CONSISTENCIES = [
  ...['ONE', 'LOCAL_ONE', 'TWO', 'THREE', 'QUORUM', 'LOCAL_QUORUM', 'EACH_QUORUM', 'ALL'],
] as const

export function toConsistency(name: string): ConsistencyCode {
  return CONSISTENCY[name as keyof typeof CONSISTENCY]
}

function bytesOf({ type, value, isEmpty }: NamedValue): Buffer {
  const writer = new ByteWriter(64)
  if (value !== null && !isEmpty) codecFor(type).encode(value, writer)
  return Buffer.from(writer.view())
}

function tooLarge({ keyspace, name }: TableSchema): ScamanderError {
  const message = `${keyspace}.${name}: expected partitions of at most ${PARTITION_ROWS_MAX} rows, found a larger one; the snapshot cannot go on`
  return new ScamanderError(CDC_ERRORS.SNAPSHOT, message)
}
