/**
 * Values for the variables that stand for replaced function calls, put among the client's values.
 * Called for EXECUTE and for prepared children of a BATCH.
 * Invariant: the count of values grows by exactly the number of added variables.
 * Spec: live-migration 2.6 (prepared statements).
 */
import { type ByteReader, QUERY_FLAG, readInt, readShort, take } from '../../cql/index.ts'
import type { BodyEdit } from '../request/body-edit.ts'
import { bytesOfCall } from '../request/function-values.ts'
import type { AddedVariable } from './prepared-statement.ts'

/** The reader stands at the values' count, or where it would be. Flags of EXECUTE without values cannot be. */
export function addedValueEdits(
  reader: ByteReader,
  flags: number,
  added: readonly AddedVariable[],
): BodyEdit[] {
  const hasValues = (flags & QUERY_FLAG.VALUES) !== 0
  if (hasValues) return insertValues(reader, added, (flags & QUERY_FLAG.NAMED_VALUES) !== 0)
  // A statement whose only variables are ours: the flag and the whole list are new.
  const lowFlags = Buffer.from([(flags & 0xff) | QUERY_FLAG.VALUES])
  const list = Buffer.concat([shortOf(added.length), ...added.map(one => fieldOf(one, false))])
  return [
    { at: reader.position - 1, skip: 1, insert: lowFlags },
    { at: reader.position, skip: 0, insert: list },
  ]
}

/** The reader stands at the count and moves behind the values. */
export function insertValues(
  reader: ByteReader,
  added: readonly AddedVariable[],
  isNamed: boolean,
): BodyEdit[] {
  const countAt = reader.position
  const count = readShort(reader)
  const edits: BodyEdit[] = [{ at: countAt, skip: 2, insert: shortOf(count + added.length) }]
  let index = 0
  let next = 0
  const insertHere = () => {
    const fields: Buffer[] = []
    for (; next < added.length && (isNamed || added[next]!.index === index); next++, index++) {
      fields.push(fieldOf(added[next]!, isNamed))
    }
    if (fields.length > 0) {
      edits.push({ at: reader.position, skip: 0, insert: Buffer.concat(fields) })
    }
  }
  for (let i = 0; i < count; i++) {
    if (!isNamed) insertHere()
    if (isNamed) take(reader, readShort(reader))
    const length = readInt(reader)
    if (length > 0) take(reader, length)
    index++
  }
  insertHere()
  return edits
}

function fieldOf(variable: AddedVariable, isNamed: boolean): Buffer {
  const value = bytesOfCall(variable.result)
  const length = Buffer.alloc(4)
  length.writeInt32BE(value.length)
  if (!isNamed) return Buffer.concat([length, value])
  const name = Buffer.from(variable.name ?? '')
  return Buffer.concat([shortOf(name.length), name, length, value])
}

function shortOf(value: number): Buffer {
  const out = Buffer.alloc(2)
  out.writeUInt16BE(value)
  return out
}
