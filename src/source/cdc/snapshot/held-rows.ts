/**
 * What a chunk of a snapshot has given, by key, with write times: so that changes which it contains
 * already are not given again behind it.
 * Used by SnapshotChunk until everything logged before the chunk was read has passed. Pure.
 * Invariants: a change that is newer than what was given passes, whole or in part, and so does what
 * concerns a row or column that was not there; a deletion of what was given since passes too, and asks
 * for what it covers to be read again, since older changes before it may have passed.
 * Spec: cdc-replication 5, step 3.
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { codecFor } from '../../../cql/index.ts'
import { type Change, isRowChange, type NamedValue, type RowChange } from '../change.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import type { SnapshotCell, SnapshotRow } from './snapshot-query.ts'

/** pass: `event` goes on. drop: it is contained. reread: it goes on, then what it covers is read. */
export type Verdict =
  | { readonly kind: 'pass'; readonly event: ChangeEvent }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reread'; readonly event: ChangeEvent }

interface HeldRow {
  /** By column; those without a time are not here. */
  readonly times: ReadonlyMap<string, bigint>
  /** Every column has a time. */
  readonly isWhole: boolean
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

  /** Before a partition, or a row of it, is added anew. */
  forget(key: readonly NamedValue[], clustering: readonly NamedValue[]): void {
    const name = nameOf(key)
    if (clustering.length === 0) this.#partitions.delete(name)
    else this.#partitions.get(name)?.rows.delete(nameOf(clustering))
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
    if (event.operation === 'DELETE') return judgeRowDeletion(held, event)
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
    return held === undefined ? { kind: 'pass', event } : judgeRowDeletion(held, event)
  }
  const rows = [...partition.rows.values()]
  if (change.op === 'delete_partition') {
    const { staticRow } = partition
    const isSingle = event.table.clusteringKey.length === 0 && rows.length === 1
    if (isSingle) return judgeRowDeletion(rows[0]!, event)
    if (staticRow !== undefined) rows.push(staticRow)
  }
  // Which of them lie in a range is not looked at: when one may, the partition is read again.
  return { kind: rows.every(row => isOlder(row, event)) ? 'pass' : 'reread', event }
}

/** Of a whole row nothing older has passed, so that nothing is left for the deletion to do. */
function judgeRowDeletion(held: HeldRow, event: ChangeEvent): Verdict {
  const isContained = held.isWhole && held.oldest !== undefined && held.oldest > event.timestamp
  if (isContained) return DROP
  return { kind: isOlder(held, event) ? 'pass' : 'reread', event }
}

/** The deletion came after the row was read. */
function isOlder({ newest }: HeldRow, { timestamp }: ChangeEvent): boolean {
  return newest !== undefined && newest <= timestamp
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
  return { times, isWhole: times.size === cells.length, oldest, newest }
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
