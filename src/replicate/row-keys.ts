/**
 * The name under which a row is known: the cells of its primary key, as JSON in one form for each CQL
 * type, whether the source, an expression or a query told their values. Used by the table writer.
 * Invariants: one row of the destination has one name; a name gives its cells back; the names that
 * earlier versions kept, which were as the values were told, are changed before anything is compared.
 * Spec: backlog-replication 1.8, 2.9.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { CqlType, CqlValue } from '../cql/index.ts'
import { fromCql, toCql } from './cell-value.ts'
import type { Value } from './sql-engine.ts'
import type { Store } from './store.ts'
import type { TaskTarget } from './task-target.ts'

/** Of what is kept per task: the form that its names have. */
const FORM_KIND = 'key-form'
const FORM = 1
const DATE_MS_MAX = 8.64e15
const ISO_LENGTH = 24

/** `cells`: at least those of the key. */
export function keyOf(cells: readonly CqlValue[], { columns, keyCount }: TaskTarget): string {
  const values: Value[] = []
  for (let at = 0; at < keyCount; at++) values.push(toName(cells[at]!, columns[at]!.type))
  return JSON.stringify(values)
}

/** The cells of a name with or without a place before it. */
export function cellsOf(key: string, { columns }: TaskTarget): CqlValue[] {
  const values = JSON.parse(plainKey(key)) as Value[]
  return values.map((value, at) => toCql(value, columns[at]!.type, columns[at]!.name))
}

/** A kept key without its place. */
export function plainKey(key: string): string {
  return key.slice(key.indexOf('['))
}

/** Once per task: rows that an earlier version noted get the names that they have now. */
export async function uniteKeys(store: Store, taskId: string, target: TaskTarget): Promise<void> {
  if (store.get<number>(FORM_KIND, taskId) === FORM) return
  const nameOf = (key: string) => {
    try {
      const cells = cellsOf(key, target)
      const isWhole = cells.length === target.keyCount && !cells.includes(null)
      return isWhole ? key.slice(0, key.indexOf('[')) + keyOf(cells, target) : key
    } catch {
      // Of no row that this task can write.
      return key
    }
  }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after
    after = store.transaction(() => store.rows.rename(taskId, from, nameOf))
    await store.settled()
    await breathe()
  }
  store.put(FORM_KIND, taskId, FORM)
}

function toName(cell: CqlValue, type: CqlType): Value {
  if (type.kind === 'timestamp') {
    const ms = Number(cell)
    const text = Math.abs(ms) <= DATE_MS_MAX ? new Date(ms).toISOString() : ''
    return text.length === ISO_LENGTH ? text : ms
  }
  if (type.kind === 'uuid' || type.kind === 'timeuuid') return String(cell).toLowerCase()
  // Infinity has no form in JSON.
  if (typeof cell === 'number' && !Number.isFinite(cell)) return String(cell)
  return fromCql(cell, type)
}
