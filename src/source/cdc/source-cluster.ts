/**
 * The cluster that changes are captured from, over CQL: who is in it, its schema, the switch `cdc` of
 * a table. Opens a connection per use and tries the contact points in turn.
 * Used by Capture and its agents. Invariant: an unreachable cluster is `disconnected`.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  type ContactPoint,
  ControlSession,
  type LinkRow,
  NodeLink,
  quoteIdentifier,
  toTlsOptions,
} from '../../cassandra/index.ts'
import type { SchemaRows } from '../../commitlog/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { type ClusterFacts, fetchCluster, fetchNode, type NodeFacts } from './agent/node-facts.ts'
import type { CaptureSettings } from './capture-config.ts'
import { fetchSchema } from './cluster-schema.ts'
import { CDC_ERRORS } from './errors.ts'

export interface TableFacts {
  readonly isCdc: boolean
  readonly isCounter: boolean
  /** Options of replication, as the keyspace has them. */
  readonly replication: Readonly<Record<string, string>>
}

export interface ListedTable {
  readonly keyspace: string
  readonly table: string
  readonly isCaptured: boolean
  readonly isCounter: boolean
}

export class SourceCluster {
  readonly #settings: CaptureSettings

  constructor(settings: CaptureSettings) {
    this.#settings = settings
  }

  /** Runs with a connection to the first contact point that answers. */
  async withLink<T>(work: (link: NodeLink, point: ContactPoint) => Promise<T>): Promise<T> {
    const problems: string[] = []
    for (const point of this.#settings.contactPoints) {
      let link: NodeLink
      try {
        link = await this.open(point)
      } catch (error) {
        problems.push(messageOf(error))
        continue
      }
      try {
        return await work(link, point)
      } finally {
        link.close()
      }
    }
    const message = `cdc.contact.points: expected a node that answers, found none: ${problems.join('; ')}`
    throw new ScamanderError(CDC_ERRORS.SOURCE_UNREACHABLE, message)
  }

  /** A connection of the caller's own, to the first contact point that answers. */
  async openAny(): Promise<NodeLink> {
    let last: unknown
    for (const point of this.#settings.contactPoints) {
      try {
        return await this.open(point)
      } catch (error) {
        last = error
      }
    }
    const message = `cdc.contact.points: expected a node that answers, found none: ${messageOf(last)}`
    throw new ScamanderError(CDC_ERRORS.SOURCE_UNREACHABLE, message, { cause: last })
  }

  /** A connection of the caller's own. */
  async open(point: ContactPoint): Promise<NodeLink> {
    const { connection } = this.#settings
    const tls = connection.tls === undefined ? undefined : toTlsOptions(connection.tls)
    return await NodeLink.open(point, connection, tls)
  }

  /** A control session of the caller's own: it follows nodes and tokens. */
  control(logger: Logger): Promise<ControlSession> {
    return ControlSession.open(this.#settings.connection, { logger, isStart: false })
  }

  facts(): Promise<ClusterFacts> {
    return this.withLink(fetchCluster)
  }

  async node(point: ContactPoint): Promise<NodeFacts> {
    const link = await this.open(point)
    try {
      return await fetchNode(link, point)
    } finally {
      link.close()
    }
  }

  schema(): Promise<SchemaRows> {
    return this.withLink(fetchSchema)
  }

  /** Of users, by name; views are left out. */
  tables(): Promise<ListedTable[]> {
    return this.withLink(async link => {
      const columns = 'keyspace_name, table_name, cdc, flags'
      const rows = await link.rows(`SELECT ${columns} FROM system_schema.tables`)
      return rows.flatMap(toListedTable).sort(byName)
    })
  }

  /** Throws when there is no such table. */
  table(keyspace: string, table: string): Promise<TableFacts> {
    return this.withLink(async link => {
      const select = (columns: string, from: string, where: string) =>
        link.rows(`SELECT ${columns} FROM system_schema.${from} WHERE ${where}`)
      const inKeyspace = `keyspace_name = ${quoteText(keyspace)}`
      const [space] = await select('replication', 'keyspaces', inKeyspace)
      const where = `${inKeyspace} AND table_name = ${quoteText(table)}`
      const [row] = await select('*', 'tables', where)
      if (space === undefined || row === undefined) {
        const message = `expected the table ${keyspace}.${table}, found no such ${space === undefined ? 'keyspace' : 'table'}`
        throw new ScamanderError(CDC_ERRORS.SETTING, message)
      }
      return toTableFacts(row, space)
    })
  }

  /** Waits until the nodes agree, so that writes from then on are captured. */
  async enableCdc(keyspace: string, table: string): Promise<void> {
    const name = `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
    await this.withLink(link => link.query(`ALTER TABLE ${name} WITH cdc = true`))
  }
}

function toListedTable(row: LinkRow): ListedTable[] {
  const keyspace = String(row['keyspace_name'])
  if (/^system(_|$)/.test(keyspace)) return []
  const flags = row['flags']
  const isCounter = Array.isArray(flags) && flags.includes('counter')
  const table = String(row['table_name'])
  return [{ keyspace, table, isCaptured: row['cdc'] === true, isCounter }]
}

function byName(a: ListedTable, b: ListedTable): number {
  return `${a.keyspace}.${a.table}` < `${b.keyspace}.${b.table}` ? -1 : 1
}

function toTableFacts(row: LinkRow, space: LinkRow): TableFacts {
  const flags = row['flags']
  const replication = (space['replication'] as [string, string][] | null) ?? []
  return {
    isCdc: row['cdc'] === true,
    isCounter: Array.isArray(flags) && flags.includes('counter'),
    replication: Object.fromEntries(replication),
  }
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
