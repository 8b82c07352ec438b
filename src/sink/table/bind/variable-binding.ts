/**
 * Where one bind variable of a prepared statement gets its value from, and how it is encoded.
 * Compiled once after PREPARE; `hint` is the only thing that changes (the member index at which the
 * previous record had the field).
 * Spec: cassandra-sink 4.2, 5.4.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { WriteStatement } from '../../../cassandra/index.ts'
import { type CqlType, formatCqlType } from '../../../cql/index.ts'
import { type CellEncoder, type Codec, compileCellEncoder } from '../conversion/index.ts'
import type { FieldSource, MappingEntry } from '../datastax/mapping.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import { TIMESTAMP_VARIABLE, TTL_VARIABLE } from '../plan/statement-text.ts'
import { keyOf, primaryKeyOf, type TablePlan } from '../plan/table-plan.ts'

/** clock: the write time of this process, for rows that take no time from their record. */
export type VariableRole = 'field' | 'now' | 'timestamp' | 'clock' | 'ttl' | 'unset'

export interface VariableBinding {
  readonly name: string
  readonly role: VariableRole
  readonly type: CqlType
  /** Undefined for `unset` and for the record's own timestamp. */
  readonly source: FieldSource | undefined
  readonly field: string | undefined
  /** The field's name in UTF-8; undefined: the whole key or value. */
  readonly fieldName: Buffer | undefined
  /** A name with dots, split: where to look when no field has the whole name. */
  readonly path: readonly Buffer[] | undefined
  hint: number
  /** For JSON that came as text, and for everything that is not JSON. */
  readonly exact: CellEncoder
  /** For JSON that passed through JsonConverter without schemas. */
  readonly connect: CellEncoder
  readonly isPrimaryKey: boolean
}

/** Both number modes of one topic's codec. */
export interface TopicCodecs {
  readonly exact: Codec
  readonly connect: Codec
}

export function bindVariables(
  plan: TablePlan,
  statement: WriteStatement,
  codecs: TopicCodecs,
): VariableBinding[] {
  const primaryKey = new Set(
    plan.kind === 'query' ? [] : primaryKeyOf(plan.schema).map(({ name }) => name),
  )
  return statement.variables.map(({ name, type }) => {
    const { role, entry } = roleOf(plan, name)
    const source = entry?.source
    const field = source === undefined || source.kind === 'now' ? undefined : source.field
    return {
      name,
      role,
      type,
      source,
      field,
      fieldName: field === undefined ? undefined : Buffer.from(field),
      path: field === undefined || source!.kind === 'header' ? undefined : pathOf(field),
      hint: 0,
      exact: encoderOf(plan, name, { type, codec: codecs.exact }),
      connect: encoderOf(plan, name, { type, codec: codecs.connect }),
      isPrimaryKey: primaryKey.has(name),
    }
  })
}

function pathOf(field: string): readonly Buffer[] | undefined {
  return field.includes('.') ? field.split('.').map(part => Buffer.from(part)) : undefined
}

function encoderOf(
  plan: TablePlan,
  name: string,
  { type, codec }: { type: CqlType; codec: Codec },
): CellEncoder {
  const encoder = compileCellEncoder(type, codec)
  if (encoder !== undefined) return encoder
  const found = `${name} of type ${formatCqlType(type)}, which nothing converts to`
  const message = `${keyOf(plan.settings)}: expected columns of CQL types, found ${found}`
  throw new ScamanderError(TABLE_SINK_ERRORS.MAPPING_COLUMNS, message)
}

function roleOf(
  plan: TablePlan,
  name: string,
): { role: VariableRole; entry: MappingEntry | undefined } {
  if (plan.kind !== 'query') {
    if (name === TIMESTAMP_VARIABLE && plan.hasClock) return { role: 'clock', entry: undefined }
    if (name === TIMESTAMP_VARIABLE) return { role: 'timestamp', entry: plan.timestampEntry }
    if (name === TTL_VARIABLE) return { role: 'ttl', entry: plan.ttlEntry }
  }
  const entry = plan.entries.get(name)
  if (entry === undefined) return { role: 'unset', entry }
  return { role: entry.source.kind === 'now' ? 'now' : 'field', entry }
}
