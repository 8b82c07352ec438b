/**
 * Makes the target's row like the source's: writes what is missing, overwrites what differs, clears
 * what the source does not have, and deletes extra rows when told to. Then looks again, because a
 * tombstone may hide what was written.
 * Called by the second look, for settled differences only.
 * Invariant: a younger cell of the target is never overwritten unless the repair has its own, later
 * time; nothing is deleted unless asked for.
 * Spec: live-migration 4.3.
 */
import {
  FLAG_UNROUTED,
  qualifiedName,
  quoteIdentifier,
  RowBatch,
  type WriteSession,
  type WriteStatement,
} from '../cassandra/index.ts'
import { CellCursor, type ConsistencyCode } from '../cql/index.ts'
import { LIST_TOLERANCE_US } from './compare-rows.ts'
import type { CounterCopier } from './counter-copier.ts'
import { readElements } from './element-times.ts'
import { RowBinder } from './row-binder.ts'
import { pageOfRow, type RowCells } from './row-cells.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'
import type { TargetStatements } from './target-statements.ts'
import { type RepairResult, rowTime, type Verdict } from './verdict.ts'

export interface RepairSettings {
  readonly missing: boolean
  readonly mismatch: boolean
  readonly missingCounters: boolean
  readonly deleteExtra: boolean
  /** Undefined: the times of the source. */
  readonly timeUs: bigint | undefined
}

export interface RepairParts {
  readonly plan: TablePlan
  readonly target: WriteSession
  /** Undefined for counter tables, which have `counters`. */
  readonly statements: TargetStatements | undefined
  readonly counters: CounterCopier | undefined
  readonly settings: RepairSettings
  readonly consistency: ConsistencyCode
  readonly signal: AbortSignal
  /** Of all that differ. @default every row */
  readonly isChosen?: (keys: RowCells) => boolean
  /** Reads both rows again. */
  readonly judge: (keys: RowCells) => Promise<Verdict>
}

const COUNTER_GONE =
  'a counter that is missing may have been deleted there: --repair-missing-counters adds it'
const NOT_ASKED: RepairResult = { isRepaired: false, note: undefined }
const PLANNER = { batchBy: 'replica-set', rowsMax: 1, partitionsMax: 1, bytesMax: 1024 } as const

export class Repairer {
  readonly #parts: RepairParts
  readonly #deletes = new Map<string, Promise<WriteStatement>>()

  constructor(parts: RepairParts) {
    this.#parts = parts
  }

  readonly repair = async (verdict: Verdict): Promise<RepairResult> => {
    const { settings, counters, isChosen } = this.#parts
    if (isChosen?.(verdict.keys) === false) return NOT_ASKED
    if (verdict.kind === 'extra')
      return settings.deleteExtra ? await this.#delete(verdict) : NOT_ASKED
    const isMissing = verdict.kind === 'missing'
    if (counters !== undefined) return await this.#repairCounter(verdict, counters)
    if (isMissing ? !settings.missing : !settings.mismatch) return NOT_ASKED
    if (!isMissing && settings.timeUs === undefined && this.#isTargetNewer(verdict)) {
      return { isRepaired: false, note: 'target-newer' }
    }
    const error = await this.#upsert(verdict)
    if (error !== undefined) return { isRepaired: false, note: error }
    return await this.#verify(verdict, isMissing ? 'shadowed' : 'still different')
  }

  async #repairCounter(verdict: Verdict, counters: CounterCopier): Promise<RepairResult> {
    const { settings, signal } = this.#parts
    const isMissing = verdict.kind === 'missing'
    if (isMissing && !settings.missingCounters) {
      return settings.missing ? { isRepaired: false, note: COUNTER_GONE } : NOT_ASKED
    }
    if (!isMissing && !settings.mismatch) return NOT_ASKED
    const outcome = await counters.copy(verdict.source!, { isAdding: isMissing, signal })
    if (outcome.kind === 'failed') return { isRepaired: false, note: outcome.error.message }
    return await this.#verify(verdict, 'still different')
  }

  async #verify({ keys }: Verdict, note: string): Promise<RepairResult> {
    const { kind } = await this.#parts.judge(keys)
    const isRepaired = kind === 'equal' || kind === 'gone'
    return { isRepaired, note: isRepaired ? undefined : note }
  }

  /** Undefined: done. */
  async #upsert(verdict: Verdict): Promise<string | undefined> {
    const { plan, target, statements, settings } = this.#parts
    const isOwnTime = settings.timeUs !== undefined
    const sourceTime = rowTime(plan, verdict.source!)
    const timeUs = settings.timeUs ?? sourceTime ?? BigInt(Date.now()) * 1000n
    const binder = new RowBinder(plan, statements!, {
      using: { timestamp: true, ttl: true },
      ...{ backdateUs: timeUs, isTimed: !isOwnTime, collectionTimestamp: 'row-max' },
    })
    const cursor = cursorOn(verdict.source!)
    const batch = new RowBatch()
    const listShiftUs = listShift(plan, verdict)
    const moment = { elapsedSeconds: 0, listShiftUs, listsNewBeforeUs: 0n }
    binder.bind(cursor, batch, { index: 0, isPartitionStart: true, moment })
    const failures = await target.write(batch, undefined, PLANNER)
    if (failures[0] !== undefined) return failures[0].error.message
    return await this.#clear(verdict, timeUs)
  }

  /** Deletes the cells that only the target has. */
  async #clear(verdict: Verdict, timeUs: bigint): Promise<string | undefined> {
    const { plan } = this.#parts
    const { source, target } = verdict
    if (source === undefined || target === undefined) return undefined
    const extra = [...plan.regulars, ...plan.statics].filter(
      ({ index }) => source[index] === null && target[index] !== null,
    )
    for (const column of extra) {
      const { name, kind } = column.target
      const error = await this.#deleteBy(`DELETE ${quoteIdentifier(name)}`, verdict.keys, {
        timeUs,
        isPartition: kind === 'static',
      })
      if (error !== undefined) return error
    }
    return undefined
  }

  /** A row that only the target has, at the time of its youngest cell. */
  async #delete(verdict: Verdict): Promise<RepairResult> {
    const { plan } = this.#parts
    if (verdict.keys.includes(null)) {
      return { isRepaired: false, note: 'a partition with static cells alone is not deleted' }
    }
    const timeUs = rowTime(plan, verdict.target!) ?? BigInt(Date.now()) * 1000n
    const error = await this.#deleteBy('DELETE', verdict.keys, { timeUs, isPartition: false })
    if (error !== undefined) return { isRepaired: false, note: error }
    return await this.#verify(verdict, 'still there: its marker is younger than its cells')
  }

  async #deleteBy(
    head: string,
    keys: RowCells,
    of: { readonly timeUs: bigint; readonly isPartition: boolean },
  ): Promise<string | undefined> {
    const { plan, target, consistency } = this.#parts
    const count = of.isPartition ? plan.partitionKeyCount : plan.keys.length
    const conditions = plan.keys
      .slice(0, count)
      .map(one => `${quoteIdentifier(one.target.name)} = ?`)
      .join(' AND ')
    const table = qualifiedName(plan.target.keyspace, plan.target.name)
    const using = plan.isCounter ? '' : ' USING TIMESTAMP ?'
    const cql = `${head} FROM ${table}${using} WHERE ${conditions}`
    const options = { consistency, isIdempotent: true, isCounter: false, batchGroup: 0 }
    const prepared = this.#deletes.get(cql) ?? target.prepare(cql, plan.target.keyspace, options)
    this.#deletes.set(cql, prepared)
    const statement = await prepared
    const batch = new RowBatch()
    const { arena } = batch
    arena.writeInt16(statement.variables.length)
    if (!plan.isCounter) {
      arena.writeInt32(8)
      arena.writeBigInt64(of.timeUs)
    }
    for (const key of keys.slice(0, count)) {
      arena.writeInt32(key?.length ?? -1)
      if (key !== null) arena.writeBytes(key)
    }
    batch.add(statement, 0, 0, FLAG_UNROUTED)
    const failures = await target.write(batch, undefined, PLANNER)
    return failures[0]?.error.message
  }

  /** A cell that differs was written on the target after the source's. */
  #isTargetNewer({ source, target, differences }: Verdict): boolean {
    const { plan } = this.#parts
    const rowMax = rowTime(plan, source!)
    return [...plan.regulars, ...plan.statics].some(column => {
      if (!differences.some(one => one.column === column.source.name && one.kind === 'value')) {
        return false
      }
      const other = cellTime(target!, column)
      const own = source![column.index] === null ? rowMax : cellTime(source!, column)
      const limit = column.shape === 'list' ? LIST_TOLERANCE_US : 0n
      return other !== undefined && (own === undefined || other > own + limit)
    })
  }
}

/** A list is written after the one that is there, which may be a copy a little younger. */
function listShift(plan: TablePlan, { source, target }: Verdict): number {
  let shift = 1n
  for (const column of [...plan.regulars, ...plan.statics]) {
    if (column.shape !== 'list' || target === undefined) continue
    const [own, other] = [cellTime(source!, column), cellTime(target, column)]
    if (own !== undefined && other !== undefined && other - own >= shift) shift = other - own + 1n
  }
  return shift > LIST_TOLERANCE_US ? 1 : Number(shift)
}

/** The youngest time of a cell, microseconds. */
function cellTime(row: RowCells, column: PlanColumn): bigint | undefined {
  const value = row[column.index] ?? null
  const times = row[column.timeIndex] ?? null
  if (value === null || times === null) return undefined
  if (column.shape === 'simple') return times.readBigInt64BE(0)
  const bytes = Buffer.concat([value, times])
  const elements = readElements(bytes, {
    shape: column.shape,
    value: { start: 0, length: value.length },
    times: { start: value.length, length: times.length },
    ttls: { start: 0, length: 0 },
  })
  let largest: bigint | undefined
  for (const { high, low } of elements) {
    const time = (BigInt(high) << 32n) | BigInt(low >>> 0)
    if (largest === undefined || time > largest) largest = time
  }
  return largest
}

function cursorOn(row: RowCells): CellCursor {
  const cursor = new CellCursor(row.length)
  cursor.reset(pageOfRow(row))
  cursor.nextRow()
  return cursor
}
