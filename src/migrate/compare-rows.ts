/**
 * Finds the differences between a row of the source and the row of the target with the same key, both
 * as the same SELECT gave them: values, and when asked for write times and TTLs.
 * Made once per table. Invariant: two rows whose bytes are equal are equal, so callers test that first.
 * Spec: live-migration 4.2.
 */
import { type CellsEqual, cellsEqual, type Tolerances } from './compare-values.ts'
import { readElements } from './element-times.ts'
import type { RowCells } from './row-cells.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import { cellJson, type JsonValue } from './value-text.ts'

export type DifferenceKind = 'value' | 'ttl' | 'writetime'

export interface Difference {
  readonly kind: DifferenceKind
  readonly column: string
  readonly source: JsonValue
  readonly target: JsonValue
  /** Milliseconds, of times. */
  readonly difference: number | undefined
}

export interface CompareOptions {
  readonly tolerances: Tolerances
  readonly compareTimestamps: boolean
  readonly ttlToleranceMs: number
  readonly writetimeToleranceMs: number
  readonly ignoreWritetime: ReadonlySet<string>
}

/** Lists are written a little later than they were: two writes at one time would double them. */
export const LIST_TOLERANCE_US = 1_000n

export class RowComparer {
  readonly #options: CompareOptions
  readonly #columns: readonly { readonly column: PlanColumn; readonly isEqual: CellsEqual }[]

  constructor(plan: TablePlan, options: CompareOptions) {
    this.#options = options
    this.#columns = [...plan.regulars, ...plan.statics].map(column => ({
      column,
      isEqual: cellsEqual(column.target.type, options.tolerances),
    }))
  }

  /** Cells in the order of the plan's SELECT, in the encoding of the target. */
  compare(source: RowCells, target: RowCells): Difference[] {
    const out: Difference[] = []
    for (const { column, isEqual } of this.#columns) {
      if (!isEqual(refOf(source, column.index), refOf(target, column.index))) {
        out.push(valueDifference(column, source, target))
      } else if (this.#options.compareTimestamps) {
        this.#compareTimes(column, [source, target], out)
      }
    }
    return out
  }

  #compareTimes(
    column: PlanColumn,
    [source, target]: readonly [RowCells, RowCells],
    out: Difference[],
  ): void {
    const { ttlToleranceMs, writetimeToleranceMs, ignoreWritetime } = this.#options
    const { name } = column.source
    const isList = column.shape === 'list'
    const a = isList ? youngest(timesOf(source, column)) : timesOf(source, column)
    const b = isList ? youngest(timesOf(target, column)) : timesOf(target, column)
    const asked = BigInt(Math.round(writetimeToleranceMs * 1000))
    const limit = isList && asked < LIST_TOLERANCE_US ? LIST_TOLERANCE_US : asked
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const [one, other] = [a[i], b[i]]
      const isIgnored = ignoreWritetime.has(name) || column.timeIndex < 0
      if (!isIgnored && !areTimesNear(one?.time, other?.time, limit)) {
        out.push(timeDifference('writetime', name, [one?.time, other?.time]))
        return
      }
      const ttlLimit = BigInt(Math.round(ttlToleranceMs))
      const [ttl, otherTtl] = [msOf(one?.ttl), msOf(other?.ttl)]
      if (column.ttlIndex >= 0 && !areTimesNear(ttl, otherTtl, ttlLimit)) {
        out.push(timeDifference('ttl', name, [ttl, otherTtl]))
        return
      }
    }
  }
}

interface CellTimes {
  /** Microseconds. */
  readonly time: bigint | undefined
  /** Seconds; 0: none. */
  readonly ttl: number
}

/** One entry for a plain cell, one per element for the others. */
function timesOf(cells: RowCells, column: PlanColumn): CellTimes[] {
  const value = refOf(cells, column.index)
  if (value.length < 0) return []
  const times = cells[column.timeIndex] ?? null
  const ttls = cells[column.ttlIndex] ?? null
  if (column.shape === 'simple') {
    return [{ time: times?.length === 8 ? times.readBigInt64BE(0) : undefined, ttl: ttlOf(ttls) }]
  }
  // The three cells one after the other, as if they lay in a page.
  const bytes = Buffer.concat([value.bytes, times ?? NONE, ttls ?? NONE])
  const timesAt = value.bytes.length
  const parts = {
    shape: column.shape,
    value: { start: 0, length: value.length },
    times: { start: timesAt, length: times?.length ?? 0 },
    ttls: { start: timesAt + (times?.length ?? 0), length: ttls?.length ?? 0 },
  }
  return readElements(bytes, parts).map(({ high, low, ttl }) => ({
    time: (BigInt(high) << 32n) | BigInt(low >>> 0),
    ttl,
  }))
}

/** A list is copied whole, at the time of its youngest element and with the longest TTL. */
function youngest(elements: readonly CellTimes[]): CellTimes[] {
  let time: bigint | undefined
  let ttl = -1
  for (const one of elements) {
    if (time === undefined || (one.time !== undefined && one.time > time)) time = one.time
    if (ttl !== 0 && (one.ttl === 0 || one.ttl > ttl)) ttl = one.ttl
  }
  return elements.length === 0 ? [] : [{ time, ttl }]
}

const NONE = Buffer.alloc(0)

function ttlOf(cell: Buffer | null): number {
  return cell?.length === 4 ? cell.readInt32BE(0) : 0
}

/** None is not the same as a small number. */
function areTimesNear(a: bigint | undefined, b: bigint | undefined, limit: bigint): boolean {
  if (a === undefined || b === undefined) return a === b
  const distance = a - b
  return (distance < 0n ? -distance : distance) <= limit
}

/** `ttl()` is in seconds. */
function msOf(ttl: number | undefined): bigint | undefined {
  return ttl === undefined || ttl === 0 ? undefined : BigInt(ttl) * 1000n
}

function timeDifference(
  kind: 'ttl' | 'writetime',
  column: string,
  [a, b]: readonly [bigint | undefined, bigint | undefined],
): Difference {
  const unit = kind === 'ttl' ? 1 : 1000
  const difference = a === undefined || b === undefined ? undefined : Number(b - a) / unit
  return { kind, column, source: toText(a), target: toText(b), difference }
}

function toText(time: bigint | undefined): JsonValue {
  return time === undefined ? null : String(time)
}

function valueDifference(
  { source, target, index }: PlanColumn,
  a: RowCells,
  b: RowCells,
): Difference {
  return {
    kind: 'value',
    column: source.name,
    source: jsonOf(a, target.type, index),
    target: jsonOf(b, target.type, index),
    difference: undefined,
  }
}

function jsonOf(cells: RowCells, type: PlanColumn['target']['type'], index: number): JsonValue {
  const cell = cells[index] ?? null
  return cell === null ? null : cellJson(type, cell, { start: 0, length: cell.length })
}

function refOf(cells: RowCells, index: number): { bytes: Buffer; start: number; length: number } {
  const cell = cells[index] ?? null
  return { bytes: cell ?? NONE, start: 0, length: cell === null ? -1 : cell.length }
}
