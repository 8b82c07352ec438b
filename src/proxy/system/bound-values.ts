/**
 * The bound values of a QUERY or EXECUTE, for the few statements that the proxy answers itself.
 * The reader stands at the consistency.
 * Spec: live-migration 2.7.
 */
import {
  type BoundValue,
  type ByteReader,
  QUERY_FLAG,
  readShort,
  readString,
  readValue,
} from '../../cql/index.ts'
import { readParameters } from '../request/request-places.ts'

export interface BoundValues {
  readonly positional: readonly BoundValue[]
  readonly named: ReadonlyMap<string, BoundValue>
}

export function readBoundValues(reader: ByteReader, version: number): BoundValues {
  const { flags } = readParameters(reader, version)
  const positional: BoundValue[] = []
  const named = new Map<string, BoundValue>()
  if ((flags & QUERY_FLAG.VALUES) === 0) return { positional, named }
  const isNamed = (flags & QUERY_FLAG.NAMED_VALUES) !== 0
  for (let count = readShort(reader); count > 0; count--) {
    const name = isNamed ? readString(reader) : undefined
    const value = readValue(reader)
    positional.push(value)
    if (name !== undefined) named.set(name, value)
  }
  return { positional, named }
}
