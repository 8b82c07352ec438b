/**
 * Reads columns of rows again from the source cluster: what a change of a collection or a counter
 * leaves behind is not in the log.
 * Used by CdcSource; one connection, opened when it is first needed and again after it was lost.
 * Invariant: an answer may be newer than the change; a row that is gone gives nulls.
 * Spec: cdc-replication 1.8 (scamander.collections, scamander.counters), 3.6.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import { type LinkRow, type NodeLink, quoteIdentifier } from '../../../cassandra/index.ts'
import { CONSISTENCY, codecFor } from '../../../cql/index.ts'
import type { NamedValue } from '../change.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { ChangeEvent } from './change-event.ts'

export class RowReader {
  readonly #cluster: SourceCluster
  #link: NodeLink | undefined

  constructor(cluster: SourceCluster) {
    this.#cluster = cluster
  }

  /** The columns as they are now; undefined: there is no such row. */
  async read(event: ChangeEvent, columns: readonly string[]): Promise<LinkRow | undefined> {
    const { table, key, change } = event
    const where = [...key, ...change.clustering]
    const cql =
      `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ` +
      `${quoteIdentifier(table.keyspace)}.${quoteIdentifier(table.name)} WHERE ` +
      `${where.map(one => `${quoteIdentifier(one.name)} = ?`).join(' AND ')} LIMIT 1`
    const isCounter = table.isCounter
    try {
      const link = await this.#open()
      const consistency = isCounter ? CONSISTENCY.LOCAL_ONE : CONSISTENCY.LOCAL_QUORUM
      const [row] = await link.rows(cql, { values: where.map(bytesOf), consistency })
      return row
    } catch (cause) {
      this.close()
      const message = `${table.keyspace}.${table.name}: a row was not read again: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.SOURCE_UNREACHABLE, message, { cause })
    }
  }

  close(): void {
    this.#link?.close()
    this.#link = undefined
  }

  async #open(): Promise<NodeLink> {
    if (this.#link === undefined || this.#link.isClosed) {
      this.#link = await this.#cluster.openAny()
    }
    return this.#link
  }
}

function bytesOf({ type, value, isEmpty }: NamedValue): Buffer | null {
  if (isEmpty) return Buffer.alloc(0)
  if (value === null) return null
  const writer = new ByteWriter(64)
  codecFor(type).encode(value, writer)
  return Buffer.from(writer.view())
}
