/**
 * Table definitions by id: what a cluster told, kept in step by the DDL in the log itself.
 *
 *     load(rows of system_schema) ; apply(mutation of system_schema) ; tableById(id)
 *
 * One per node's log, because each node applies DDL at its own time. Dropped tables stay known,
 * since their records outlive them.
 * Invariant: `version` changes whenever an answer of `tableById` may.
 * Spec: commit-log, section 10.
 */
import { isScamanderError, type ScamanderError } from '../../base/scamander-error.ts'
import type { Mutation } from '../mutation.ts'
import type { SchemaLookup, TableSchema } from '../table-schema.ts'
import {
  buildTable,
  type ColumnRow,
  childOf,
  type DroppedColumnRow,
  type KeyspaceRow,
  KeyspaceRows,
  type TableRow,
  type TypeRow,
} from './schema-rows.ts'
import { applySchemaUpdate } from './schema-stream.ts'
import { isSchemaTable, SYSTEM_SCHEMA } from './system-schema.ts'

export interface SchemaRows {
  /** Of system_schema.tables and system_schema.views. */
  readonly tables: readonly TableRow[]
  readonly columns: readonly ColumnRow[]
  readonly droppedColumns: readonly DroppedColumnRow[]
  readonly types: readonly TypeRow[]
  /** Where it is known. */
  readonly keyspaces?: readonly KeyspaceRow[]
}

export class SchemaCatalog implements SchemaLookup {
  version = 0
  /** Tables that cannot be built from their rows, by `keyspace.table`. */
  readonly failures = new Map<string, ScamanderError>()
  readonly #keyspaces = new Map<string, KeyspaceRows>()
  readonly #byId = new Map<string, TableSchema>()

  tableById(id: string): TableSchema | undefined {
    return SYSTEM_SCHEMA.get(id) ?? this.#byId.get(id)
  }

  /** Present tables, without the built-in and the dropped ones. */
  tables(): TableSchema[] {
    const present: TableSchema[] = []
    for (const rows of this.#keyspaces.values()) {
      for (const { id } of rows.tables.values()) {
        const table = this.#byId.get(id)
        if (table !== undefined) present.push(table)
      }
    }
    return present
  }

  /** The keyspace and its types as they are now; undefined: nothing is known of it. */
  keyspace(name: string): Pick<KeyspaceRows, 'keyspace' | 'types'> | undefined {
    return this.#keyspaces.get(name)
  }

  /** Replaces what is known of the present schema by the rows of a cluster. */
  load(rows: SchemaRows): void {
    this.#keyspaces.clear()
    this.failures.clear()
    for (const row of rows.tables) this.#keyspace(row.keyspace).tables.set(row.table, row)
    for (const row of rows.keyspaces ?? []) this.#keyspace(row.keyspace).keyspace = row
    for (const row of rows.types) this.#keyspace(row.keyspace).types.set(row.name, row)
    for (const row of rows.columns) {
      childOf(this.#keyspace(row.keyspace).columns, row.table).set(row.column, row)
    }
    for (const row of rows.droppedColumns) {
      childOf(this.#keyspace(row.keyspace).dropped, row.table).set(row.column, row)
    }
    for (const keyspace of this.#keyspaces.keys()) this.#rebuild(keyspace)
    this.version++
  }

  /** Learns from a mutation that holds DDL; false, when it holds none. */
  apply(mutation: Mutation): boolean {
    const touched = new Set<string>()
    for (const update of mutation.updates) {
      if (!isSchemaTable(update.table.schema)) continue
      const keyspace = applySchemaUpdate(mutation, update, name => this.#keyspace(name))
      if (keyspace !== undefined) touched.add(keyspace)
    }
    for (const keyspace of touched) this.#rebuild(keyspace)
    if (touched.size > 0) this.version++
    return touched.size > 0
  }

  #keyspace(name: string): KeyspaceRows {
    let rows = this.#keyspaces.get(name)
    if (rows === undefined) {
      rows = new KeyspaceRows()
      this.#keyspaces.set(name, rows)
    }
    return rows
  }

  #rebuild(keyspace: string): void {
    const rows = this.#keyspace(keyspace)
    for (const row of rows.tables.values()) {
      const name = `${keyspace}.${row.table}`
      try {
        this.#byId.set(row.id, buildTable(rows, row))
        this.failures.delete(name)
      } catch (error) {
        if (!isScamanderError(error)) throw error
        this.failures.set(name, error)
      }
    }
  }
}
