/**
 * Schema changes and truncations of captured tables, and changes of their keyspaces and of the types in
 * these, found in the log itself. A change of a keyspace or a type is told once for each captured table.
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

type Verb = 'CREATE' | 'ALTER' | 'DROP'

export interface SchemaEvent {
  readonly type: `${Verb}_${'TABLE' | 'TYPE' | 'KEYSPACE'}` | 'TRUNCATE'
  /** Whose queues tell it. */
  readonly table: TableSchema
  /** Of the type or the keyspace that changed; absent: the table. */
  readonly of?: string
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

interface Part {
  readonly kind: 'KEYSPACE' | 'TYPE'
  readonly keyspace: string
  /** Of the keyspace, or of the type in it. */
  readonly name: string
  readonly text: string
}

type Parts = ReadonlyMap<string, Part>

interface Named {
  /** @default that of the keyspace */
  readonly name?: string
  readonly row: object
}

export class SchemaWatch {
  readonly #catalog: SchemaCatalog
  /** Also of tables that are gone: what becomes of their keyspace is told to their channels. */
  readonly #last = new Map<string, TableSchema>()

  constructor(catalog: SchemaCatalog) {
    this.#catalog = catalog
  }

  /** Learns from a mutation; events of the tables whose names are wanted. */
  apply(mutation: Mutation, wanted: ReadonlySet<string>): SchemaEvent[] {
    const isDdl = mutation.updates.some(update => isSchemaTable(update.table.schema))
    if (!isDdl) return this.#truncations(mutation, wanted)
    const keyspaces = new Set([...wanted].map(keyspaceOf))
    const before = this.#definitions(wanted)
    const partsBefore = this.#parts(keyspaces)
    this.#catalog.apply(mutation)
    const after = this.#definitions(wanted)
    const timestamp = timestampOf(mutation)
    const events = this.#partEvents(mutation, partsBefore, this.#parts(keyspaces))
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(name)
      const is = after.get(name)
      if (was?.text === is?.text) continue
      const type = `${verbOf(was, is)}_TABLE` as const
      const { table } = (is ?? was)!
      const texts = { before: was?.text ?? null, after: is?.text ?? null }
      const identity = `${type} ${table.id} ${texts.before} ${texts.after}`
      events.push({ type, table, timestamp, ...texts, identity })
    }
    return events
  }

  /** Keyspaces, and the types in them. */
  #parts(keyspaces: ReadonlySet<string>): Parts {
    const out = new Map<string, Part>()
    const add = (kind: Part['kind'], keyspace: string, { name = keyspace, row }: Named) =>
      out.set(`${kind} ${keyspace} ${name}`, { kind, keyspace, name, text: JSON.stringify(row) })
    for (const keyspace of keyspaces) {
      const rows = this.#catalog.keyspace(keyspace)
      if (rows?.keyspace !== undefined) add('KEYSPACE', keyspace, { row: rows.keyspace })
      for (const row of rows?.types.values() ?? []) add('TYPE', keyspace, { name: row.name, row })
    }
    return out
  }

  #partEvents(mutation: Mutation, before: Parts, after: Parts): SchemaEvent[] {
    const events: SchemaEvent[] = []
    for (const part of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(part)
      const is = after.get(part)
      if (was?.text === is?.text) continue
      const { kind, keyspace, name: of } = (is ?? was)!
      const source = kind === 'TYPE' ? 'types' : 'keyspaces'
      const updates = mutation.updates.filter(update => update.table.schema.name === source)
      // Not of the mutation: what else a node learns with it may differ from node to node.
      const timestamp = timestampOf(mutation, updates)
      const type = `${verbOf(was, is)}_${kind}` as const
      const texts = { before: was?.text ?? null, after: is?.text ?? null }
      for (const table of this.#last.values()) {
        if (table.keyspace !== keyspace) continue
        const identity = `${type} ${of} ${table.id} ${timestamp}`
        events.push({ type, table, of, timestamp, ...texts, identity })
      }
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
      this.#last.set(name, table)
    }
    for (const name of this.#last.keys()) if (!wanted.has(name)) this.#last.delete(name)
    return out
  }
}

function nameOf({ keyspace, name }: TableSchema): string {
  return `${keyspace}.${name}`
}

/** Of `keyspace.name`. */
function keyspaceOf(name: string): string {
  return name.split('.', 1)[0]!
}

function verbOf(was: unknown, is: unknown): Verb {
  return was === undefined ? 'CREATE' : is === undefined ? 'DROP' : 'ALTER'
}

/** The newest time in them: DDL writes everything with one. */
function timestampOf(mutation: Mutation, updates = mutation.updates): bigint {
  let newest = 0n
  const see = (time: bigint | undefined) => {
    if (time !== undefined && time > newest) newest = time
  }
  for (const update of updates) {
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
