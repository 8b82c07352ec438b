/**
 * Schema changes and truncations of captured tables, found in the log itself.
 * Used by LogReader around every mutation of system_schema and system.local.
 * Invariant: what one node tells of a change is equal to what every other node tells.
 * Spec: cdc-replication 8; commit-log 9.5, 10.3.
 */
import {
  isSchemaTable,
  isTruncationTable,
  type Mutation,
  ROW_KIND,
  readTruncations,
  type SchemaCatalog,
  type TableSchema,
} from '../../../commitlog/index.ts'
import { toDefinition } from '../state/table-definition.ts'

export interface SchemaEvent {
  readonly type: 'CREATE_TABLE' | 'ALTER_TABLE' | 'DROP_TABLE' | 'TRUNCATE'
  readonly table: TableSchema
  /** Of the change, in microseconds. */
  readonly timestamp: bigint
  readonly before: string | null
  readonly after: string | null
  /** Equal for the same event of another node. */
  readonly identity: string
}

type Definitions = ReadonlyMap<string, { readonly table: TableSchema; readonly text: string }>

/** Clocks of nodes differ: truncations of one table within this are one. */
const TRUNCATION_MS = 60_000n

export class SchemaWatch {
  readonly #catalog: SchemaCatalog

  constructor(catalog: SchemaCatalog) {
    this.#catalog = catalog
  }

  /** Learns from a mutation; events of the tables whose names are wanted. */
  apply(mutation: Mutation, wanted: ReadonlySet<string>): SchemaEvent[] {
    const isDdl = mutation.updates.some(update => isSchemaTable(update.table.schema))
    if (!isDdl) return this.#truncations(mutation, wanted)
    const before = this.#definitions(wanted)
    this.#catalog.apply(mutation)
    const after = this.#definitions(wanted)
    const timestamp = timestampOf(mutation)
    const events: SchemaEvent[] = []
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(name)
      const is = after.get(name)
      if (was?.text === is?.text) continue
      const type =
        was === undefined ? 'CREATE_TABLE' : is === undefined ? 'DROP_TABLE' : 'ALTER_TABLE'
      const { table } = (is ?? was)!
      const texts = { before: was?.text ?? null, after: is?.text ?? null }
      const identity = `${type} ${table.id} ${texts.before} ${texts.after}`
      events.push({ type, table, timestamp, ...texts, identity })
    }
    return events
  }

  #truncations(mutation: Mutation, wanted: ReadonlySet<string>): SchemaEvent[] {
    const events: SchemaEvent[] = []
    for (const update of mutation.updates) {
      if (!isTruncationTable(update.table.schema)) continue
      for (const { tableId, truncatedAtMs } of readTruncations(mutation, update)) {
        const table = this.#catalog.tableById(tableId)
        if (table === undefined || !wanted.has(nameOf(table))) continue
        const identity = `TRUNCATE ${tableId} ${truncatedAtMs / TRUNCATION_MS}`
        const timestamp = truncatedAtMs * 1000n
        events.push({ type: 'TRUNCATE', table, timestamp, before: null, after: null, identity })
      }
    }
    return events
  }

  #definitions(wanted: ReadonlySet<string>): Definitions {
    const out = new Map<string, { table: TableSchema; text: string }>()
    for (const table of this.#catalog.tables()) {
      const name = nameOf(table)
      if (!wanted.has(name)) continue
      // Being captured is no part of a table's shape.
      const { text } = toDefinition({ ...table, isCdc: true })
      out.set(name, { table, text })
    }
    return out
  }
}

function nameOf({ keyspace, name }: TableSchema): string {
  return `${keyspace}.${name}`
}

/** The newest time in it: DDL writes everything with one. */
function timestampOf(mutation: Mutation): bigint {
  let newest = 0n
  const see = (time: bigint | undefined) => {
    if (time !== undefined && time > newest) newest = time
  }
  for (const update of mutation.updates) {
    see(update.deletion?.timestamp)
    for (let row = update.rowStart; row < update.rowEnd; row++) {
      if (mutation.rowKind(row) === ROW_KIND.marker) {
        see(mutation.markerDeletion(row).timestamp)
        continue
      }
      see(mutation.rowTimestamp(row))
      see(mutation.rowDeletion(row)?.timestamp)
    }
  }
  return newest
}
