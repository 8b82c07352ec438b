/**
 * Copies counters by difference: reads the target's value, adds what is missing. Never repeats an
 * addition that may have been applied: after a time-out the target is read again and the difference
 * computed anew. Safe while the counters rest; else it converges when repeated.
 * Used by the copy of counter tables and by the repair of a validation.
 * Invariant: one addition per row is under way; what is told as done was acknowledged.
 * Spec: live-migration 3.5.
 */
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import {
  type ReadSession,
  RowBatch,
  type WriteSession,
  type WriteStatement,
} from '../cassandra/index.ts'
import type { ConsistencyCode } from '../cql/index.ts'
import { KeyToken } from './key-token.ts'
import { mayRetry } from './patience.ts'
import { PointSelect } from './point-select.ts'
import { firstRow, type RowCells } from './row-cells.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import { counterText } from './target-statements.ts'

const ATTEMPTS_MAX = 8
const RETRY_BASE_MS = 200
const RETRY_MAX_MS = 5_000
const PLANNER = { batchBy: 'replica-set', rowsMax: 1, partitionsMax: 1, bytesMax: 1024 } as const

export type CounterOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'equal' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly error: ScamanderError }

interface Part {
  readonly columns: readonly PlanColumn[]
  readonly statement: WriteStatement
  readonly isStatic: boolean
}

export class CounterCopier {
  readonly #plan: TablePlan
  readonly #target: WriteSession
  readonly #select: PointSelect
  readonly #parts: readonly Part[]

  private constructor(
    plan: TablePlan,
    target: WriteSession,
    prepared: { readonly select: PointSelect; readonly parts: readonly Part[] },
  ) {
    this.#plan = plan
    this.#target = target
    this.#select = prepared.select
    this.#parts = prepared.parts
  }

  static async prepare(
    plan: TablePlan,
    sessions: { readonly reader: ReadSession; readonly writer: WriteSession },
    levels: { readonly read: ConsistencyCode; readonly write: ConsistencyCode },
  ): Promise<CounterCopier> {
    const columns = [...plan.keys, ...plan.regulars, ...plan.statics]
    const selectors = columns.map(one => quoted(one))
    const select = await PointSelect.prepare(sessions.reader, plan.target, {
      selectors,
      consistency: levels.read,
    })
    const parts: Part[] = []
    for (const group of [plan.regulars, plan.statics]) {
      // A statement per column: an unset counter is refused by older servers.
      for (const column of group) {
        const statement = await sessions.writer.prepare(
          counterText(plan, [column]),
          plan.target.keyspace,
          { consistency: levels.write, isIdempotent: false, isCounter: true, batchGroup: 0 },
        )
        const isStatic = column.source.kind === 'static'
        parts.push({ columns: [column], statement, isStatic })
      }
    }
    return new CounterCopier(plan, sessions.writer, { select, parts })
  }

  /** `row`: cells in the order of the plan's SELECT. `isAdding`: write rows that the target lacks. */
  async copy(
    row: RowCells,
    options: { readonly isAdding: boolean; readonly signal: AbortSignal },
  ): Promise<CounterOutcome> {
    const { signal } = options
    const backoff = new Backoff({ baseMs: RETRY_BASE_MS, maxMs: RETRY_MAX_MS })
    let hasWritten = false
    for (let attempt = 0; ; attempt++) {
      const target = firstRow(await this.#select.read(row.slice(0, this.#plan.keys.length), signal))
      if (target === undefined && !options.isAdding) return { kind: 'missing' }
      const error = await this.#addMissing(row, target)
      if (error === 'nothing') return { kind: hasWritten ? 'written' : 'equal' }
      hasWritten = true
      if (error === undefined) return { kind: 'written' }
      if (attempt + 1 >= ATTEMPTS_MAX || !mayRetry(error) || signal.aborted) {
        return { kind: 'failed', error }
      }
      // A late addition has its chance to be applied before the value is read again.
      await systemClock.sleep(backoff.next(), signal)
    }
  }

  /** Undefined: written. */
  async #addMissing(
    row: RowCells,
    target: RowCells | undefined,
  ): Promise<ScamanderError | 'nothing' | undefined> {
    const batch = new RowBatch()
    const token = new KeyToken(this.#plan.partitionKeyCount)
    for (const { columns, statement, isStatic } of this.#parts) {
      const [column] = columns
      const wanted = row[column!.index] ?? null
      const delta = wanted === null ? 0n : wanted.readBigInt64BE(0) - counterAt(target, column!)
      const keys = row.slice(0, isStatic ? this.#plan.partitionKeyCount : this.#plan.keys.length)
      // A counter of zero exists as well: adding nothing makes it.
      const isThere = (target?.[column!.index] ?? null) !== null
      const isDone = wanted === null || (delta === 0n && isThere)
      if (isDone || keys.includes(null)) continue
      const { arena } = batch
      const start = arena.position
      arena.writeInt16(statement.variables.length)
      arena.writeInt32(8)
      arena.writeBigInt64(BigInt.asIntN(64, delta))
      for (const key of keys) {
        arena.writeInt32(key!.length)
        arena.writeBytes(key!)
      }
      const at = batch.add(statement, 0, start, 0)
      const { high, low } = token.ofBound(arena.bytes, { statement, start })
      batch.setToken(at, high, low)
    }
    if (batch.count === 0) return 'nothing'
    const failures = await this.#target.write(batch, undefined, PLANNER)
    return failures[0]?.error
  }
}

function counterAt(row: RowCells | undefined, column: PlanColumn): bigint {
  const cell = row?.[column.index] ?? null
  return cell === null || cell.length !== 8 ? 0n : cell.readBigInt64BE(0)
}

function quoted({ target }: PlanColumn): string {
  return `"${target.name.replaceAll('"', '""')}"`
}
