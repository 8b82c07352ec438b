/**
 * One record opened for binding: its key, value and headers. Reused for every record of a task.
 * Called by row binders; the same view serves all tables of the record's topic.
 * Spec: cassandra-sink 4.3, 4.4.
 */

import { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import { KIND_FRACTION, KIND_INTEGER } from '../../../base/json/json-kind.ts'
import type { FlowRecord, Struct, Value } from '../../../flow/index.ts'
import { NULL, type Status } from '../conversion/index.ts'
import { findJson, findValue, type JsonPlace, type NestedValue } from './nested-field.ts'
import { SideView } from './side-view.ts'
import type { VariableBinding } from './variable-binding.ts'

/** The record does not contain the field at all. */
export const ABSENT = -1

const probe = new ByteWriter(64)

/** What a row binder asks of a record; KCQL selections have a view of their own. */
export interface BoundView {
  readonly record: FlowRecord
  /** Writes the field's CQL value; ABSENT when the record has no such field. */
  encode(variable: VariableBinding, writer: ByteWriter): Status | typeof ABSENT
  /** Is the field null or not there? */
  isNull(variable: VariableBinding): boolean
  /** A numeric field as it is; undefined when it is anything else, ABSENT included. */
  readNumber(variable: VariableBinding): number | bigint | Decimal | undefined
  /** The value has no field that could be missing: null and `{}`; `withText`: other text, too. */
  isFieldless(withText: boolean): boolean
}

export class RecordView implements BoundView {
  readonly key = new SideView()
  readonly value = new SideView()
  record!: FlowRecord

  open(record: FlowRecord): void {
    this.record = record
    this.key.open(record.key, record.keySchema)
    this.value.open(record.value, record.valueSchema)
  }

  /** Writes the field's CQL value; ABSENT when the record has no such field. */
  encode(variable: VariableBinding, writer: ByteWriter): Status | typeof ABSENT {
    const { source } = variable
    if (source!.kind === 'header') return this.#encodeHeader(variable, writer)
    if (source!.kind === 'named') {
      const status = encodeField(this.value, variable, writer)
      return status === ABSENT ? encodeField(this.key, variable, writer) : status
    }
    const side = source!.kind === 'key' ? this.key : this.value
    return variable.fieldName === undefined
      ? encodeWhole(side, variable, writer)
      : encodeField(side, variable, writer)
  }

  /** Is the field null or not there? */
  isNull(variable: VariableBinding): boolean {
    probe.reset()
    try {
      return this.encode(variable, probe) <= NULL
    } catch {
      return false // there is something, of another type
    }
  }

  /** A numeric field as it is; undefined when it is anything else, ABSENT included. */
  readNumber(variable: VariableBinding): number | bigint | Decimal | undefined {
    const { source, fieldName } = variable
    if (source!.kind === 'header') return asNumber(this.#header(variable)?.value)
    const side = source!.kind === 'key' ? this.key : this.value
    if (fieldName === undefined) return side.form === 'raw' ? asNumber(side.value) : undefined
    if (side.form === 'struct') return asNumber(structField(side.struct!, variable)?.value)
    return side.form === 'json' ? jsonNumber(side, variable) : undefined
  }

  isFieldless(withText: boolean): boolean {
    const { form, hasFields } = this.value
    return !hasFields && (form === 'null' || form === 'json' || withText)
  }

  #encodeHeader(variable: VariableBinding, writer: ByteWriter): Status | typeof ABSENT {
    const header = this.#header(variable)
    if (header === undefined) return ABSENT
    return variable.exact.value(writer, header.value, header.schema)
  }

  #header(variable: VariableBinding) {
    const { source } = variable
    if (source?.kind !== 'header') return undefined
    return this.record.headers.find(header => header.name === source.field)
  }
}

function encodeField(
  side: SideView,
  variable: VariableBinding,
  writer: ByteWriter,
): Status | typeof ABSENT {
  if (side.form === 'json') {
    const { index } = side
    const member = index.find(variable.fieldName!, variable.hint)
    const encoder = side.isConnect ? variable.connect : variable.exact
    if (member < 0) {
      const place = variable.path === undefined ? undefined : findJson(side, variable.path)
      if (place === undefined) return ABSENT
      return encoder.json(writer, side.bytes, place.start, place.end, place.kind)
    }
    variable.hint = member
    const start = index.valueStart[member]!
    return encoder.json(
      writer,
      side.bytes,
      start,
      index.valueEnd[member]!,
      index.valueKind[member]!,
    )
  }
  if (side.form !== 'struct') return ABSENT
  const field = structField(side.struct!, variable)
  if (field === undefined) return ABSENT
  return variable.exact.value(writer, field.value, field.schema)
}

function structField(struct: Struct, variable: VariableBinding): NestedValue | undefined {
  const field = struct.schema.field(variable.field!)
  if (field !== undefined) {
    return { value: struct.values[field.index] ?? null, schema: field.schema }
  }
  return variable.path === undefined ? undefined : findValue(struct, variable.path)
}

function encodeWhole(side: SideView, variable: VariableBinding, writer: ByteWriter): Status {
  switch (side.form) {
    case 'null':
      return NULL
    case 'text':
      return variable.exact.text(writer, side.bytes, side.start, side.end)
    case 'json': {
      const { index } = side
      if (!side.isConnect) return variable.exact.text(writer, side.bytes, side.start, side.end)
      // What JsonConverter read is written again: compact, numbers as FLOAT64 has them.
      return variable.connect.json(
        writer,
        side.bytes,
        index.rootStart,
        index.rootEnd,
        index.rootKind,
      )
    }
    default:
      return variable.exact.value(writer, side.value, side.schema)
  }
}

function jsonNumber(side: SideView, variable: VariableBinding): number | Decimal | undefined {
  const { index } = side
  const member = index.find(variable.fieldName!, variable.hint)
  if (member < 0) {
    const place = variable.path === undefined ? undefined : findJson(side, variable.path)
    return place === undefined ? undefined : numberAt(side, place)
  }
  variable.hint = member
  const start = index.valueStart[member]!
  return numberAt(side, { start, end: index.valueEnd[member]!, kind: index.valueKind[member]! })
}

function numberAt(side: SideView, { start, end, kind }: JsonPlace): number | Decimal | undefined {
  if (kind !== KIND_INTEGER && kind !== KIND_FRACTION) return undefined
  const text = side.bytes.latin1Slice(start, end)
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : Decimal.parse(text)
}

function asNumber(value: Value | undefined): number | bigint | Decimal | undefined {
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal
  return isNumber ? value : undefined
}
