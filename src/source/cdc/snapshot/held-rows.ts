/**
 * What a chunk of a snapshot has given, by key, with write times: so that changes which it contains
 * already are not given again behind it.
 * Used by SnapshotChunk until everything logged before the chunk was read has passed. Pure.
 * Invariants: a change that is newer than what was given passes, whole or in part; a deletion whose
 * effect cannot be told from the times passes and asks for its partition to be read again.
 * Spec: cdc-replication 5, step 3.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { codecFor } from '../../../cql/index.ts'
import { type Change, isRowChange, type NamedValue, type RowChange } from '../change.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import type { SnapshotCell, SnapshotRow } from './snapshot-query.ts'

/** pass: `event` goes on. drop: it is contained. reread: it goes on, then its partition is read. */
export type Verdict =
  | { readonly kind: 'pass'; readonly event: ChangeEvent }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reread'; readonly event: ChangeEvent }

interface HeldRow {
  /** By column; those without a time are not here. */
  readonly times: ReadonlyMap<string, bigint>
  readonly oldest: bigint | undefined
  readonly newest: bigint | undefined
}

interface HeldPartition {
  staticRow: HeldRow | undefined
  readonly rows: Map<string, HeldRow>
}

const DROP: Verdict = { kind: 'drop' }

export class HeldRows {
  readonly #partitions = new Map<string, HeldPartition>()

  add(row: SnapshotRow): void {
    const name = nameOf(row.key)
    let partition = this.#partitions.get(name)
    if (partition === undefined) {
      partition = { staticRow: undefined, rows: new Map() }
      this.#partitions.set(name, partition)
    }
    if (row.statics.some(cell => cell.value !== null)) partition.staticRow = heldOf(row.statics)
    if (row.hasRow) partition.rows.set(nameOf(row.clustering), heldOf(row.regulars))
  }

  /** Before a partition is added anew. */
  forget(key: readonly NamedValue[]): void {
    this.#partitions.delete(nameOf(key))
  }

  judge(event: ChangeEvent): Verdict {
    const pass: Verdict = { kind: 'pass', event }
    const partition = this.#partitions.get(nameOf(event.key))
    if (partition === undefined) return pass
    const { change } = event
    if (!isRowChange(change)) return judgeDeletion(partition, event, change)
    const held = change.isStatic
      ? partition.staticRow
      : partition.rows.get(nameOf(change.clustering))
    if (held === undefined) return pass
    // A view removes rows by a liveness that has expired.
    if (event.operation === 'DELETE') return judgeCovered([held], event)
    return judgeRow(held, event, change)
  }
}

function judgeRow(held: HeldRow, event: ChangeEvent, change: RowChange): Verdict {
  const columns = change.columns.filter(one => {
    const time = held.times.get(one.column.name)
    if (time === undefined) return true
    const isNewer = (at: bigint | undefined) => at !== undefined && at > time
    return isNewer(one.deletion?.timestamp) || one.cells.some(cell => isNewer(cell.timestamp))
  })
  if (columns.length === change.columns.length && columns.length > 0) return { kind: 'pass', event }
  const isContained =
    held.newest !== undefined && (change.timestamp === undefined || change.timestamp <= held.newest)
  if (columns.length === 0) return isContained ? DROP : { kind: 'pass', event }
  const names = new Set(columns.map(one => one.column.name))
  const trimmed: ChangeEvent = {
    ...event,
    change: { ...change, columns },
    columns: new Map([...event.columns].filter(([name]) => names.has(name))),
    partial: new Set([...event.partial].filter(name => names.has(name))),
  }
  return { kind: 'pass', event: trimmed }
}

function judgeDeletion(
  partition: HeldPartition,
  event: ChangeEvent,
  change: Exclude<Change, RowChange>,
): Verdict {
  if (change.op === 'delete_row') {
    const held = partition.rows.get(nameOf(change.clustering))
    return held === undefined ? { kind: 'pass', event } : judgeCovered([held], event)
  }
  const rows = [...partition.rows.values()]
  if (change.op === 'delete_partition') {
    const { staticRow } = partition
    return judgeCovered(staticRow === undefined ? rows : [...rows, staticRow], event)
  }
  // Which of them lie in the range is not looked at; when that matters the partition is read again.
  return judgeCovered(rows, event)
}

/** A deletion before the chunk was read leaves only what is newer; one after it finds all older. */
function judgeCovered(rows: readonly HeldRow[], event: ChangeEvent): Verdict {
  if (rows.length === 0) return { kind: 'pass', event }
  const at = event.timestamp
  const isBefore = rows.every(row => row.oldest !== undefined && row.oldest > at)
  if (isBefore) return DROP
  const isAfter = rows.every(row => row.newest !== undefined && row.newest <= at)
  return { kind: isAfter ? 'pass' : 'reread', event }
}

function heldOf(cells: readonly SnapshotCell[]): HeldRow {
  const times = new Map<string, bigint>()
  let oldest: bigint | undefined
  let newest: bigint | undefined
  for (const { column, value, timestamp } of cells) {
    if (value === null || timestamp === undefined) continue
    times.set(column.name, timestamp)
    if (oldest === undefined || timestamp < oldest) oldest = timestamp
    if (newest === undefined || timestamp > newest) newest = timestamp
  }
  return { times, oldest, newest }
}

/** Equal values have equal names. */
function nameOf(values: readonly NamedValue[]): string {
  const writer = new ByteWriter(64)
  const parts: string[] = []
  for (const { type, value, isEmpty } of values) {
    if (value === null || isEmpty) parts.push(isEmpty ? 'e' : 'n')
    else {
      writer.reset()
      codecFor(type).encode(value, writer)
      parts.push(Buffer.from(writer.view()).toString('base64'))
    }
  }
  return parts.join('|')
}
