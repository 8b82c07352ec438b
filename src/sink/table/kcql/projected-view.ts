/**
 * One record as a classic KCQL statement sees it: the members that it selects, by column.
 * The row binder reads it like any record; one instance per (topic, table) and task.
 * Invariant: a member that no column has, and two members for one column, are errors: nothing of a
 * record is dropped unseen. Spec: cassandra-sink 10.2, 10.3.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import type { JsonObject, JsonValue } from '../../../base/json/parse-json.ts'
import type { FlowRecord } from '../../../flow/index.ts'
import { ABSENT, type BoundView } from '../bind/record-view.ts'
import type { VariableBinding } from '../bind/variable-binding.ts'
import { failure, indexOfName, type Status } from '../conversion/index.ts'
import type { Projection } from './projection.ts'
import { RecordTree } from './record-tree.ts'

const CACHE_MAX = 1_000

export interface ViewedTable {
  readonly columns: readonly string[]
  /** `keyspace.table`, for messages. */
  readonly tableName: string
  /** A member has no column: the table may have changed. */
  readonly onUnknown: () => void
}

export class ProjectedView implements BoundView {
  record!: FlowRecord
  readonly #projection: Projection
  readonly #columns: readonly string[]
  readonly #table: ViewedTable
  readonly #cells: (JsonValue | undefined)[]
  readonly #slots: ReadonlyMap<string, number>
  /** Column of a member's name; members come in few names. */
  readonly #indexOf = new Map<string, number>()

  constructor(projection: Projection, table: ViewedTable) {
    const { columns } = table
    this.#projection = projection
    this.#columns = columns
    this.#table = table
    this.#cells = columns.map(() => undefined)
    this.#slots = new Map(columns.map((name, index) => [name, index]))
  }

  /** `tree` is the record's value. Throws a ConversionFailure. */
  open(record: FlowRecord, tree: JsonObject): void {
    this.record = record
    this.#cells.fill(undefined)
    const members = this.#projection.apply(tree, RecordTree.omitsNull(record))
    for (const [name, value] of members) this.#set(name, value)
  }

  /** The statement's variables are called as the columns. */
  encode(variable: VariableBinding, writer: ByteWriter): Status | typeof ABSENT {
    const node = this.#cell(variable)
    return node === undefined ? ABSENT : variable.exact.node(writer, node)
  }

  isNull(variable: VariableBinding): boolean {
    return (this.#cell(variable) ?? null) === null
  }

  readNumber(): undefined {
    return undefined
  }

  /** Whether an absent field may pass is the table's setting here, not the value's form. */
  isFieldless(): boolean {
    return false
  }

  #cell({ name }: VariableBinding): JsonValue | undefined {
    return this.#cells[this.#slots.get(name) ?? -1]
  }

  #set(name: string, value: JsonValue): void {
    const index = this.#columnIndex(name)
    const { tableName, onUnknown } = this.#table
    if (index < 0) {
      onUnknown()
      throw failure('wrong fields', `members that are columns of ${tableName}`, `"${name}"`)
    }
    if (this.#cells[index] !== undefined) {
      const found = `two for "${this.#columns[index]}"`
      throw failure('wrong fields', `one member per column of ${tableName}`, found)
    }
    this.#cells[index] = value
  }

  #columnIndex(name: string): number {
    const known = this.#indexOf.get(name)
    if (known !== undefined) return known
    const index = indexOfName(this.#columns, name)
    if (this.#indexOf.size < CACHE_MAX) this.#indexOf.set(name, index)
    return index
  }
}
