/**
 * Reads what `writetime(c)` and `ttl(c)` tell of a column: one number for a plain cell, a list with
 * an entry per element for collections and user-defined types that are not frozen, where entries can
 * be null. And cuts a collection into the elements of one time.
 * Pure functions over the bytes of a page. Spec: live-migration 3.4 (facts about writetime and ttl).
 *
 *     list<bigint>  [int n] n × [bytes]      map value  [int n] n × ([bytes] key, [bytes] value)
 */
import type { ByteWriter } from '../base/byte-writer.ts'
import { int32At } from '../cql/index.ts'
import type { ColumnShape } from './table-plan.ts'

/** Where one element of a collection lies, with its times. */
export interface TimedElement {
  /** Lengths included; of a map the key and the value. */
  readonly start: number
  readonly end: number
  readonly high: number
  readonly low: number
  readonly ttl: number
}

export interface CellAt {
  readonly start: number
  readonly length: number
}

/** TTL of a plain cell: 0 when null. */
export function ttlAt(bytes: Buffer, start: number, length: number): number {
  return length === 4 ? int32At(bytes, start) : 0
}

/** The elements of a collection or the fields of a UDT that have a time; null fields have none. */
export function readElements(
  bytes: Buffer,
  cells: {
    readonly shape: ColumnShape
    readonly value: CellAt
    readonly times: CellAt
    readonly ttls: CellAt
  },
): TimedElement[] {
  const { shape, value, times, ttls } = cells
  const out: TimedElement[] = []
  const end = value.start + value.length
  let at = shape === 'udt' ? value.start : value.start + 4
  let timeAt = times.start + 4
  let ttlAt = ttls.start + 4
  while (at < end) {
    const start = at
    const isNull = int32At(bytes, at) < 0
    at = skip(bytes, at)
    if (shape === 'map') at = skip(bytes, at)
    const hasTime = timeAt < times.start + times.length && int32At(bytes, timeAt) === 8
    const hasTtl = ttlAt < ttls.start + ttls.length && int32At(bytes, ttlAt) === 4
    if (!isNull) {
      out.push({
        ...{ start, end: at },
        high: hasTime ? int32At(bytes, timeAt + 4) : 0,
        low: hasTime ? int32At(bytes, timeAt + 8) : 0,
        ttl: hasTtl ? int32At(bytes, ttlAt + 4) : 0,
      })
    }
    if (timeAt < times.start + times.length) timeAt = skip(bytes, timeAt)
    if (ttlAt < ttls.start + ttls.length) ttlAt = skip(bytes, ttlAt)
  }
  return out
}

/** Writes the cell, with its length, that holds only these elements of a set or map. */
export function writeElements(
  writer: ByteWriter,
  bytes: Buffer,
  elements: readonly TimedElement[],
): void {
  let size = 4
  for (const one of elements) size += one.end - one.start
  writer.writeInt32(size)
  writer.writeInt32(elements.length)
  for (const one of elements) writer.writeBytes(bytes, one.start, one.end)
}

function skip(bytes: Buffer, at: number): number {
  return at + 4 + Math.max(0, int32At(bytes, at))
}
