/**
 * Binds records for one classic KCQL statement: values as inserts, tombstones by the configured
 * delete statement. Built when the sink opens its topics; the table sink calls `bind` per record.
 * Invariant: a null value never becomes an insert, and is never passed over in silence unless
 * `scamander.kcql.ignore.tombstones` says so. Spec: cassandra-sink 10.3, 10.5, 12 (D14).
 */
import { ScamanderError, type Stage } from '../../../base/scamander-error.ts'
import type { RowBatch } from '../../../cassandra/index.ts'
import { type FlowRecord, RawText, Struct } from '../../../flow/index.ts'
import type { RecordView } from '../bind/record-view.ts'
import type { RowBinder } from '../bind/row-binder.ts'
import { ConversionFailure } from '../conversion/index.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import type { TieRanks } from '../plan/tie-ranks.ts'
import type { ProjectedView } from './projected-view.ts'
import type { RecordTree } from './record-tree.ts'

export interface Tombstones {
  /** Undefined: deletes are not enabled. */
  readonly binder: RowBinder | undefined
  /** The delete takes fields of the key, not the whole key. */
  readonly hasFields: boolean
  readonly isIgnored: boolean
}

export interface ProjectedBinderParts {
  readonly rows: RowBinder
  readonly view: ProjectedView
  readonly tree: RecordTree
  readonly tombstones: Tombstones
  /** `keyspace.table`, for messages. */
  readonly tableName: string
}

export class ProjectedBinder {
  readonly #parts: ProjectedBinderParts

  constructor(parts: ProjectedBinderParts) {
    this.#parts = parts
  }

  bind(given: RecordView, batch: RowBatch, recordIndex: number, ranks: TieRanks): void {
    const { rows, view, tree } = this.#parts
    const { record } = given
    const members = this.#convert(record, () => tree.of(record))
    if (members === null) {
      this.#delete(given, batch, recordIndex, ranks)
      return
    }
    this.#convert(record, () => view.open(record, members))
    rows.bind(view, batch, recordIndex, ranks)
  }

  #delete(given: RecordView, batch: RowBatch, recordIndex: number, ranks: TieRanks): void {
    const { binder, hasFields, isIgnored } = this.#parts.tombstones
    const { record } = given
    if (binder === undefined) {
      if (isIgnored) return
      throw this.#error(
        record,
        'TOMBSTONE',
        `missing delete statement for a null value (${this.#parts.tableName})`,
      )
    }
    if (record.keySchema === null || record.key === null) {
      const found = record.key === null ? 'a null key' : 'a key without schema'
      throw this.#error(record, 'TOMBSTONE', `expected a key to delete by, found ${found}`)
    }
    if (hasFields && !isTextOrStruct(record)) {
      throw this.#error(
        record,
        'TOMBSTONE',
        'expected a struct or JSON text as key, whose fields connect.cassandra.delete.struct_flds names',
      )
    }
    given.key.open(record.key, record.keySchema)
    binder.bind(given, batch, recordIndex, ranks)
  }

  #convert<T>(record: FlowRecord, convert: () => T): T {
    try {
      return convert()
    } catch (error) {
      if (!(error instanceof ConversionFailure)) throw error
      throw this.#error(record, 'CONVERSION', `${this.#parts.tableName}: ${error}`)
    }
  }

  #error(record: FlowRecord, code: 'CONVERSION' | 'TOMBSTONE', message: string): ScamanderError {
    const { topic, partition, offset } = record.origin
    const stage: Stage = 'TASK_PUT'
    return new ScamanderError(TABLE_SINK_ERRORS[code], message, {
      stage,
      context: { topic, partition, offset },
    })
  }
}

function isTextOrStruct({ key }: FlowRecord): boolean {
  return typeof key === 'string' || key instanceof RawText || key instanceof Struct
}
