/**
 * From the rows of a statement to records, in the form that the statement asks for: a struct, values
 * joined by commas, or JSON text with a key of its own.
 * Made once per table; called once per page by the reader of the table.
 * Invariant: columns that were added for the reader's own use (primary key, PK) are never shown.
 * Spec: cassandra-sink 11.5, 11.6.
 */
import { isScamanderError, type ScamanderError } from '../../../base/scamander-error.ts'
import type { ColumnSchema, ReadStatement } from '../../../cassandra/index.ts'
import { type CellCursor, type Codec, codecFor, type RowsResult } from '../../../cql/index.ts'
import { OPTIONAL_STRING, SourceRecord } from '../../../flow/index.ts'
import { type Json, toJsonValue } from '../../cdc/cql-json.ts'
import { cellReaderFor } from '../cell-reader.ts'
import { RowShape } from '../row-shape.ts'
import type { SourceStatement } from './source-plan.ts'

/** A column as records show it. */
export interface ShownColumn {
  readonly column: ColumnSchema
  readonly alias: string
}

export interface RecordMakerParts {
  readonly statement: SourceStatement
  readonly prepared: ReadStatement
  readonly shown: readonly ShownColumn[]
  readonly schemaName: string
  readonly collectionsAsJson: boolean
}

export interface MadeRecords {
  readonly records: SourceRecord[]
  readonly failures: ScamanderError[]
}

type MakeRecord = (cursor: CellCursor) => SourceRecord

export class RecordMaker {
  readonly #make: MakeRecord

  constructor(parts: RecordMakerParts) {
    this.#make = parts.statement.form === 'struct' ? structMaker(parts) : textMaker(parts)
  }

  /** `isWanted` is asked for each row, in order; the cursor stands at it. */
  make(cursor: CellCursor, page: RowsResult, isWanted: () => boolean): MadeRecords {
    const records: SourceRecord[] = []
    const failures: ScamanderError[] = []
    cursor.reset(page)
    while (cursor.nextRow()) {
      if (!isWanted()) continue
      try {
        records.push(this.#make(cursor))
      } catch (error) {
        if (!isScamanderError(error, 'data')) throw error
        failures.push(error)
      }
    }
    return { records, failures }
  }
}

function structMaker(parts: RecordMakerParts): MakeRecord {
  const { statement, shown, schemaName, collectionsAsJson } = parts
  const shape = new RowShape(
    schemaName,
    shown.map(({ column, alias }) => ({
      index: indexOf(parts, column.name),
      name: alias,
      reader: cellReaderFor(column.type, { collectionsAsJson }),
    })),
  )
  return cursor =>
    new SourceRecord({
      topic: statement.topic,
      keySchema: null,
      key: null,
      valueSchema: shape.schema,
      value: shape.read(cursor),
      position: null,
    })
}

interface TextColumn {
  readonly index: number
  readonly alias: string
  readonly column: ColumnSchema
  readonly codec: Codec
}

/** WITHUNWRAP: texts, and with JSON and WITHKEY a key. */
function textMaker(parts: RecordMakerParts): MakeRecord {
  const { statement, shown } = parts
  const { topic, form, withKey, keyDelimiter } = statement
  const toText = ({ column, alias }: ShownColumn): TextColumn => ({
    index: indexOf(parts, column.name),
    alias,
    column,
    codec: codecFor(column.type),
  })
  const columns = shown.map(toText)
  const keys = withKey.flatMap(name => {
    const found =
      columns.find(one => one.alias === name || one.column.name === name) ??
      columns.find(one => one.column.name === name.toLowerCase())
    return found === undefined ? [] : [found]
  })
  return cursor => {
    const value =
      form === 'json'
        ? JSON.stringify(
            Object.fromEntries(columns.map(one => [one.alias, jsonOf(one, cursor)] as const)),
          )
        : columns.map(one => textOf(jsonOf(one, cursor))).join(',')
    const key =
      keys.length === 0 ? null : keys.map(one => textOf(jsonOf(one, cursor))).join(keyDelimiter)
    return new SourceRecord({
      topic,
      keySchema: key === null ? null : OPTIONAL_STRING,
      key,
      valueSchema: OPTIONAL_STRING,
      value,
      position: null,
    })
  }
}

function jsonOf({ index, column, codec }: TextColumn, cursor: CellCursor): Json {
  const length = cursor.lengths[index]!
  if (length < 0) return null
  return toJsonValue(column.type, codec.decode(cursor.bytes, cursor.starts[index]!, length))
}

function textOf(json: Json): string {
  return typeof json === 'string' ? json : JSON.stringify(json)
}

function indexOf({ prepared }: RecordMakerParts, name: string): number {
  return prepared.columns.findIndex(column => column.name === name)
}
