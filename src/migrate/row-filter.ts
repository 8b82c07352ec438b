/**
 * Which rows of the source are copied: by the value of a column, by the row's largest write time, and
 * by the size of their fields. Evaluated per row before it is bound; absent filters cost nothing.
 * Spec: live-migration 3.2 (--include, --exclude, --writetime-min, --writetime-max, --max-field-kb).
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { CellCursor } from '../cql/index.ts'
import { readElements } from './element-times.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { ColumnFilter } from './settings.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import { cellJson, jsonText } from './value-text.ts'

export interface FilterSettings {
  readonly filters: readonly ColumnFilter[]
  readonly writetimeMin: bigint | undefined
  readonly writetimeMax: bigint | undefined
  readonly maxFieldBytes: number | undefined
}

export class RowFilter {
  readonly #settings: FilterSettings
  readonly #plan: TablePlan
  readonly #columns: readonly (readonly [PlanColumn, ColumnFilter])[]
  readonly isIdle: boolean

  constructor(plan: TablePlan, settings: FilterSettings) {
    this.#plan = plan
    this.#settings = settings
    const all = [...plan.keys, ...plan.regulars, ...plan.statics]
    this.#columns = settings.filters.map(filter => {
      const column = all.find(one => one.source.name === filter.column)
      if (column !== undefined) return [column, filter] as const
      const message = `--include and --exclude: table ${plan.source.name} copies no column ${filter.column}`
      throw new ScamanderError(MIGRATE_ERRORS.OPTION, message)
    })
    const { writetimeMin, writetimeMax, maxFieldBytes } = settings
    const isTimed = writetimeMin !== undefined || writetimeMax !== undefined
    this.isIdle = this.#columns.length === 0 && !isTimed && maxFieldBytes === undefined
  }

  accepts(cursor: CellCursor): boolean {
    for (const [column, { keep, value }] of this.#columns) {
      if ((textOf(cursor, column) === value) !== keep) return false
    }
    return this.#isWithinTimes(cursor)
  }

  /** The first field that is too large, as the error it is rejected with. */
  tooLarge(cursor: CellCursor): ScamanderError | undefined {
    const { maxFieldBytes } = this.#settings
    if (maxFieldBytes === undefined) return undefined
    const { keys, regulars, statics } = this.#plan
    for (const column of [...keys, ...regulars, ...statics]) {
      const length = cursor.lengths[column.index]!
      if (length <= maxFieldBytes) continue
      const message = `column ${column.source.name}: expected at most ${maxFieldBytes} bytes, found ${length}`
      return new ScamanderError(MIGRATE_ERRORS.FIELD_TOO_LARGE, message)
    }
    return undefined
  }

  #isWithinTimes(cursor: CellCursor): boolean {
    const { writetimeMin, writetimeMax } = this.#settings
    if (writetimeMin === undefined && writetimeMax === undefined) return true
    const time = largestTime(this.#plan, cursor)
    if (time === undefined) return true
    if (writetimeMin !== undefined && time < writetimeMin) return false
    return writetimeMax === undefined || time <= writetimeMax
  }
}

/** Microseconds; undefined when no cell of the row tells a time. */
export function largestTime(plan: TablePlan, cursor: CellCursor): bigint | undefined {
  let largest: bigint | undefined
  const { bytes, starts, lengths } = cursor
  const note = (time: bigint) => {
    if (largest === undefined || time > largest) largest = time
  }
  for (const column of [...plan.regulars, ...plan.statics]) {
    const { timeIndex, index, shape } = column
    if (timeIndex < 0 || lengths[timeIndex]! < 0 || lengths[index]! < 0) continue
    if (shape === 'simple') {
      note(bytes.readBigInt64BE(starts[timeIndex]!))
      continue
    }
    const cellAt = (at: number) => ({ start: starts[at]!, length: lengths[at]! })
    const parts = { shape, value: cellAt(index), times: cellAt(timeIndex), ttls: NO_CELL }
    for (const one of readElements(bytes, parts)) {
      note((BigInt(one.high) << 32n) | BigInt(one.low >>> 0))
    }
  }
  return largest
}

const NO_CELL = { start: 0, length: 0 }

function textOf(cursor: CellCursor, { source, index }: PlanColumn): string {
  const at = { start: cursor.starts[index]!, length: cursor.lengths[index]! }
  return jsonText(cellJson(source.type, cursor.bytes, at))
}
