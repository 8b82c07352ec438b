/**
 * The columns of a changed row as assignments and removals, grouped by write time and TTL: a statement
 * has one of each. Pure. Used by planWrites.
 * Invariant: an overwritten collection keeps its implicit deletion one microsecond before its elements,
 * as its source has it.
 * Spec: cdc-replication 1.6; commit-log 8.
 */
import type { CqlType, CqlValue } from '../../../cql/index.ts'
import type { CellChange, ColumnChange } from '../change.ts'
import type { Assignment, TimeAndTtl } from './statement-builder.ts'

export interface Removal {
  readonly column: string
  readonly timestamp: bigint
}

/** Elements of a list changed: its whole value at the source is written with this time. */
export interface ListToRead {
  readonly column: string
  readonly type: CqlType
  readonly timestamp: bigint
}

export interface AssignmentGroup extends TimeAndTtl {
  readonly assignments: Assignment[]
}

export interface CellWrites {
  readonly groups: readonly AssignmentGroup[]
  readonly removals: readonly Removal[]
  readonly lists: readonly ListToRead[]
}

export function cellWrites(columns: readonly ColumnChange[], nowSeconds: number): CellWrites {
  const writes = new Collector(nowSeconds)
  for (const column of columns) writes.add(column)
  return writes
}

class Collector implements CellWrites {
  readonly groups: AssignmentGroup[] = []
  readonly removals: Removal[] = []
  readonly lists: ListToRead[] = []
  readonly #nowSeconds: number

  constructor(nowSeconds: number) {
    this.#nowSeconds = nowSeconds
  }

  add(change: ColumnChange): void {
    const { column, deletion, cells } = change
    const { name, type } = column
    const [first] = cells
    if (!column.isComplex) {
      if (first !== undefined) this.#simple(name, type, first)
      return
    }
    if (deletion !== undefined && this.#overwrites(change)) {
      const value = wholeValue(type, cells)
      this.#assign({ column: name, set: 'value', type, value }, first!)
      return
    }
    if (deletion !== undefined) this.removals.push({ column: name, timestamp: deletion.timestamp })
    if (type.kind === 'list') {
      let timestamp = 0n
      for (const one of cells) if (one.timestamp > timestamp) timestamp = one.timestamp
      if (cells.length > 0) this.lists.push({ column: name, type, timestamp })
      return
    }
    for (const [cell, ...others] of groupsOf(cells, one => this.#keyOf(one))) {
      this.#elements(name, type, [cell!, ...others])
    }
  }

  /** Written as a whole: all elements with one time, just after the deletion. */
  #overwrites({ deletion, cells }: ColumnChange): boolean {
    const [first] = cells
    if (first === undefined || deletion === undefined) return false
    const isOne = cells.every(
      one =>
        !this.#isGone(one) &&
        one.timestamp === first.timestamp &&
        one.ldt === first.ldt &&
        one.ttl === first.ttl,
    )
    return isOne && deletion.timestamp === first.timestamp - 1n
  }

  #simple(column: string, type: CqlType, cell: CellChange): void {
    if (this.#isGone(cell)) this.removals.push({ column, timestamp: cell.timestamp })
    else
      this.#assign({ column, set: 'value', type, value: cell.value, isEmpty: cell.isEmpty }, cell)
  }

  #elements(column: string, type: CqlType, cells: readonly CellChange[]): void {
    const first = cells[0]!
    const isGone = this.#isGone(first)
    if (type.kind === 'udt') {
      for (const cell of cells) {
        const { name, type: fieldType } = type.fields[Number(cell.path)]!
        const value = isGone ? null : cell.value
        const isEmpty = !isGone && cell.isEmpty
        this.#assign({ column, set: 'field', field: name, type: fieldType, value, isEmpty }, cell)
      }
      return
    }
    if (isGone) {
      const value = cells.map(one => one.path) as CqlValue
      const keyType = type.kind === 'map' ? type.key : type.kind === 'set' ? type.element : type
      const set = { kind: 'set', element: keyType, frozen: true } as unknown as CqlType
      this.#assign({ column, set: 'take', type: set, value }, first)
      return
    }
    this.#assign({ column, set: 'add', type, value: wholeValue(type, cells) }, first)
  }

  #assign(
    given: Omit<Assignment, 'field' | 'isEmpty'> & Partial<Assignment>,
    cell: CellChange,
  ): void {
    const { timestamp } = cell
    const ttl = this.#ttlOf(cell)
    let group = this.groups.find(one => one.timestamp === timestamp && one.ttl === ttl)
    if (group === undefined) {
      group = { timestamp, ttl, assignments: [] }
      this.groups.push(group)
    }
    // An UPDATE names a column once; two additions to one become two statements.
    const isTwice = group.assignments.some(
      one => one.column === given.column && one.set !== 'field',
    )
    if (isTwice) {
      group = { timestamp, ttl, assignments: [] }
      this.groups.push(group)
    }
    group.assignments.push({ field: '', isEmpty: false, ...given })
  }

  #isGone(cell: CellChange): boolean {
    return cell.isDeleted || (cell.ttl !== 0 && cell.ldt <= this.#nowSeconds)
  }

  #ttlOf(cell: CellChange): number {
    return cell.isDeleted || cell.ttl === 0 || this.#isGone(cell) ? 0 : cell.ldt - this.#nowSeconds
  }

  #keyOf(cell: CellChange): string {
    return `${this.#isGone(cell)} ${cell.timestamp} ${this.#ttlOf(cell)}`
  }
}

function groupsOf(
  cells: readonly CellChange[],
  keyOf: (cell: CellChange) => string,
): CellChange[][] {
  const groups = new Map<string, CellChange[]>()
  for (const cell of cells) {
    const key = keyOf(cell)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [cell])
    else group.push(cell)
  }
  return [...groups.values()]
}

/** The elements as one value of the column's type. */
function wholeValue(type: CqlType, cells: readonly CellChange[]): CqlValue {
  switch (type.kind) {
    case 'map':
      return cells.map(one => [one.path, one.value]) as CqlValue
    case 'set':
      return cells.map(one => one.path) as CqlValue
    case 'udt': {
      const fields: CqlValue[] = type.fields.map(() => null)
      for (const one of cells) fields[Number(one.path)] = one.value
      return fields as CqlValue
    }
    default:
      return cells.map(one => one.value) as CqlValue
  }
}
