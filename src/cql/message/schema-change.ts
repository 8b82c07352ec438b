/**
 * A change of the schema: the body of RESULT kind 5 and of the SCHEMA_CHANGE event.
 *
 *     [string] CREATED | UPDATED | DROPPED   [string] target   [string] keyspace
 *     TABLE, TYPE: [string] name             FUNCTION, AGGREGATE: [string] name [string list] arguments
 *
 * Spec: native protocol v5, section 4.2.5.5.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { type ByteReader, readString } from '../primitive/byte-reader.ts'
import { readStringList, writeStringList } from '../primitive/structures.ts'
import { writeString } from '../primitive/writers.ts'

const TARGETS = ['KEYSPACE', 'TABLE', 'TYPE', 'FUNCTION', 'AGGREGATE'] as const
export type SchemaTarget = (typeof TARGETS)[number]

export interface SchemaChange {
  readonly change: string
  readonly target: SchemaTarget
  readonly keyspace: string
  /** Absent for a keyspace. */
  readonly name?: string | undefined
  /** Only for functions and aggregates. */
  readonly argumentTypes?: readonly string[] | undefined
}

export function writeSchemaChange(writer: ByteWriter, change: SchemaChange): void {
  writeString(writer, change.change)
  writeString(writer, change.target)
  writeString(writer, change.keyspace)
  if (change.target === 'KEYSPACE') return
  writeString(writer, change.name ?? '')
  if (hasArguments(change.target)) writeStringList(writer, change.argumentTypes ?? [])
}

export function readSchemaChange(reader: ByteReader): SchemaChange {
  const change = readString(reader)
  const written = readString(reader)
  const target = TARGETS.find(t => t === written)
  if (target === undefined) throw malformed(`unknown target of a schema change: ${written}`)
  const keyspace = readString(reader)
  const name = target === 'KEYSPACE' ? undefined : readString(reader)
  const argumentTypes = hasArguments(target) ? readStringList(reader) : undefined
  return { change, target, keyspace, name, argumentTypes }
}

function hasArguments(target: SchemaTarget): boolean {
  return target === 'FUNCTION' || target === 'AGGREGATE'
}
