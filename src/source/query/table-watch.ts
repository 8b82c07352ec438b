/**
 * Tells whether a table's definition changed since its statements were prepared: an event of the
 * cluster, or a page whose columns are of other types. The source then asks to be opened again, and
 * reads the definition anew. Fields that are added to a user-defined type are such a change.
 * Used by both query sources, one watch per open source.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { ControlSession, ReadStatement, SchemaChange } from '../../cassandra/index.ts'
import type { CqlType, RowsResult } from '../../cql/index.ts'
import { QUERY_SOURCE_ERRORS } from './errors.ts'

export interface WatchedTable {
  readonly keyspace: string
  readonly name: string
  readonly columns: readonly { readonly type: CqlType }[]
}

export class TableWatch {
  readonly #tables: readonly WatchedTable[]
  readonly #stop: () => void
  #changed: string | undefined

  constructor(control: Pick<ControlSession, 'onSchemaChange'>, tables: readonly WatchedTable[]) {
    this.#tables = tables
    this.#stop = control.onSchemaChange(change => this.#see(change))
  }

  /** Throws kind `retriable` after a change. */
  check(): void {
    if (this.#changed === undefined) return
    const message = `${this.#changed} was changed: its columns are read again`
    throw new ScamanderError(QUERY_SOURCE_ERRORS.TABLE_CHANGED, message)
  }

  /** A page is used only when its cells are of the types that were prepared. */
  checkPage({ metadata }: RowsResult, { keyspace, columns }: ReadStatement): void {
    const { newMetadataId, columns: now } = metadata
    if (newMetadataId !== undefined && now !== undefined && typesOf(now) !== typesOf(columns)) {
      this.#changed ??= `a table of ${keyspace}`
    }
    this.check()
  }

  close(): void {
    this.#stop()
  }

  /** Missed events are no reason to begin anew: a column that is gone fails its next query. */
  #see({ change, keyspace, table, udt }: SchemaChange): void {
    if (change === 'unknown' || change === 'created') return
    const ours = this.#tables.find(one =>
      udt === undefined
        ? one.keyspace === keyspace && one.name === table
        : one.keyspace === keyspace && one.columns.some(({ type }) => holdsType(type, udt)),
    )
    if (ours !== undefined) this.#changed = `the table ${ours.keyspace}.${ours.name}`
  }
}

function typesOf(columns: readonly { readonly name: string; readonly type: CqlType }[]): string {
  return JSON.stringify(columns.map(({ name, type }) => [name, type]))
}

/** Types live in the keyspace of their tables. */
function holdsType(type: CqlType, udt: string): boolean {
  switch (type.kind) {
    case 'udt':
      return type.name === udt || type.fields.some(field => holdsType(field.type, udt))
    case 'list':
    case 'set':
    case 'vector':
      return holdsType(type.element, udt)
    case 'map':
      return holdsType(type.key, udt) || holdsType(type.value, udt)
    case 'tuple':
      return type.elements.some(element => holdsType(element, udt))
    default:
      return false
  }
}
