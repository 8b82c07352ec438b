/**
 * Tells whether a table's definition changed since its statements were prepared. The source then
 * asks to be opened again, and reads the definition anew.
 * Used by both query sources, one watch per open source.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { ControlSession, SchemaChange } from '../../cassandra/index.ts'
import { QUERY_SOURCE_ERRORS } from './errors.ts'

export class TableWatch {
  readonly #tables: readonly { readonly keyspace: string; readonly name: string }[]
  readonly #stop: () => void
  #changed: string | undefined

  constructor(
    control: Pick<ControlSession, 'onSchemaChange'>,
    tables: readonly { readonly keyspace: string; readonly name: string }[],
  ) {
    this.#tables = tables
    this.#stop = control.onSchemaChange(change => this.#see(change))
  }

  /** Throws kind `retriable` after a change. */
  check(): void {
    if (this.#changed === undefined) return
    const message = `the table ${this.#changed} was changed: its columns are read again`
    throw new ScamanderError(QUERY_SOURCE_ERRORS.TABLE_CHANGED, message)
  }

  close(): void {
    this.#stop()
  }

  /** Missed events are no reason to begin anew: a column that is gone fails its next query. */
  #see({ change, keyspace, table }: SchemaChange): void {
    if (change === 'unknown' || change === 'created') return
    const isOurs = this.#tables.some(one => one.keyspace === keyspace && one.name === table)
    if (isOurs) this.#changed = `${keyspace}.${table}`
  }
}
