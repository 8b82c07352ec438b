/**
 * Where the dump finds the definition of a table id: schema file, ids given by hand, the logged
 * schema changes of the files themselves, the live cluster, in this order.
 * Invariant: `version` changes whenever an answer may; a table given by hand keeps its columns.
 * Spec: cdc-replication 2.6 ("Schema of a table id").
 */
import {
  SchemaCatalog,
  type SchemaLookup,
  type SchemaRows,
  type TableSchema,
} from '../../../commitlog/index.ts'

export class DumpSchema implements SchemaLookup {
  readonly #file = new SchemaCatalog()
  readonly #log: SchemaCatalog
  readonly #cluster = new SchemaCatalog()
  /** Tables of the schema file that it gives no id for. */
  readonly #unnamed = new Map<string, TableSchema>()
  readonly #byId = new Map<string, TableSchema>()
  #version = 0

  constructor(log: SchemaCatalog) {
    this.#log = log
  }

  get version(): number {
    return this.#version + this.#log.version
  }

  tableById(id: string): TableSchema | undefined {
    return this.#byId.get(id) ?? this.#log.tableById(id) ?? this.#cluster.tableById(id)
  }

  /** Ids that the schema file has no table for are matched later, by `assign`. */
  loadFile(rows: SchemaRows): void {
    const named = (index: number, id: string) => (id === '' ? `unnamed ${index}` : id)
    const tables = rows.tables.map((table, i) => ({ ...table, id: named(i, table.id) }))
    this.#file.load({ ...rows, tables })
    const [failure] = this.#file.failures.values()
    if (failure !== undefined) throw failure
    for (const { id } of tables) {
      const table = this.#file.tableById(id)!
      if (id.startsWith('unnamed ')) this.#unnamed.set(nameOf(table), table)
      else this.#byId.set(id, table)
    }
    this.#version++
  }

  loadCluster(rows: SchemaRows): void {
    this.#cluster.load(rows)
    this.#version++
  }

  /** `ks.t=UUID`; false when no origin knows the table by name. */
  assign(name: string, id: string): boolean {
    const known =
      this.#unnamed.get(name) ??
      [...this.#byId.values(), ...this.#log.tables(), ...this.#cluster.tables()].find(
        table => nameOf(table) === name,
      )
    if (known === undefined) return false
    this.#unnamed.delete(name)
    this.#byId.set(id, { ...known, id })
    this.#version++
    return true
  }

  /** Names of tables in the schema file that still have no id. */
  get unnamed(): string[] {
    return [...this.#unnamed.keys()]
  }
}

export function nameOf({ keyspace, name }: TableSchema): string {
  return `${keyspace}.${name}`
}
