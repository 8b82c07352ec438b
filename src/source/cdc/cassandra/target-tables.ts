/**
 * The tables that changes are written to, as far as statements depend on them: their columns, and the
 * order of the source's clustering columns.
 * Used by PageWriter; asked once per definition and looked at again now and then.
 * Spec: cdc-replication 1.6.
 */
import type { ControlSession } from '../../../cassandra/index.ts'
import type { TableSchema } from '../../../commitlog/index.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { Channel } from '../state/records.ts'
import type { TargetTable } from './statement-builder.ts'

/** So long a new column of the target may stay unknown. */
const FRESH_MS = 10_000

interface Known {
  readonly target: TargetTable
  readonly untilMs: number
}

export class TargetTables {
  readonly #control: ControlSession
  readonly #source: SourceCluster
  readonly #known = new Map<string, Known>()

  constructor(control: ControlSession, source: SourceCluster) {
    this.#control = control
    this.#source = source
  }

  async of(channel: Channel, source: TableSchema): Promise<TargetTable> {
    const name = `${channel.id}/${source.id}`
    const known = this.#known.get(name)
    if (known !== undefined && known.untilMs > performance.now()) return known.target
    const {
      destinationKeyspace: keyspace,
      destinationTable: table,
      sourceId,
      sourceIdColumn,
    } = channel
    const schema = await this.#control.table(keyspace, table)
    const keys = [...schema.partitionKey, ...schema.clusteringKey].map(one => one.name)
    const target: TargetTable = {
      ...{ keyspace, table },
      columns: new Set(schema.columns.map(one => one.name)),
      source:
        sourceId === '' || sourceIdColumn === ''
          ? undefined
          : { column: sourceIdColumn, id: sourceId, isKey: keys.includes(sourceIdColumn) },
      descending: await this.#descending(source),
    }
    this.#known.set(name, { target, untilMs: performance.now() + FRESH_MS })
    return target
  }

  /** A table that is gone has the usual order. */
  async #descending({ keyspace, name }: TableSchema): Promise<ReadonlySet<string>> {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
    const rows = await this.#source.withLink(link =>
      link.rows(
        `SELECT column_name, clustering_order FROM system_schema.columns WHERE keyspace_name = ${quoted(keyspace)} AND table_name = ${quoted(name)}`,
      ),
    )
    const down = rows.filter(row => row['clustering_order'] === 'desc')
    return new Set(down.map(row => String(row['column_name'])))
  }
}
