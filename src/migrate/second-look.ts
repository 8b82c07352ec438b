/**
 * The second look at rows that a scan found different: both sides are read again by the whole key,
 * after a pause, several times if need be, because a live row differs for a moment between its two
 * writes. Only what differs in the last look counts; then the repairer may act.
 * Shared by all ranges of a table. Invariants: at most `PENDING_MAX` keys wait; a key is looked at once
 * per range although both scans may bring it.
 * Spec: live-migration 4.2 (live traffic), 4.3.
 */
import { systemClock } from '../base/clock.ts'
import type { RowComparer } from './compare-rows.ts'
import { convertPage } from './convert-page.ts'
import type { PointSelect } from './point-select.ts'
import { firstRow, type RowCells } from './row-cells.ts'
import type { TablePlan } from './table-plan.ts'
import { type RepairResult, rowTime, type Verdict } from './verdict.ts'

export interface SecondLookParts {
  readonly plan: TablePlan
  readonly comparer: RowComparer
  readonly source: PointSelect
  readonly target: PointSelect
  readonly looks: number
  readonly delayMs: number
  readonly signal: AbortSignal
  /** Undefined: nothing is repaired. */
  readonly repair: ((verdict: Verdict) => Promise<RepairResult>) | undefined
  readonly onVerdict: (verdict: Verdict, repair: RepairResult | undefined) => void
}

const PENDING_MAX = 2_000
const READS_AT_ONCE = 32
/** How far the clock of a client may be ahead of ours. */
const SKEW_US = 60_000_000n

export class SecondLook {
  readonly #parts: SecondLookParts
  #pending = 0
  #reading = 0
  #waitingForRoom: (() => void)[] = []
  #waitingToRead: (() => void)[] = []

  constructor(parts: SecondLookParts) {
    this.#parts = parts
  }

  /** The keys of one range. */
  ofRange(): RangeLook {
    return new RangeLook(this)
  }

  get hasRoom(): boolean {
    return this.#pending < PENDING_MAX
  }

  untilRoom(): Promise<void> {
    return new Promise(resolve => this.#waitingForRoom.push(resolve))
  }

  /** Resolves to true when the row is equal or was repaired. */
  async look(keys: RowCells): Promise<boolean> {
    this.#pending += 1
    try {
      const verdict = await this.#settle(keys)
      const { repair, onVerdict, signal } = this.#parts
      if (signal.aborted) return false
      const isWrong = ['missing', 'extra', 'mismatch'].includes(verdict.kind)
      const result =
        isWrong && repair !== undefined ? await this.#inTurn(() => repair(verdict)) : undefined
      onVerdict(verdict, result)
      return !isWrong || result?.isRepaired === true
    } finally {
      this.#pending -= 1
      if (this.hasRoom) this.#waitingForRoom.shift()?.()
    }
  }

  async #settle(keys: RowCells): Promise<Verdict> {
    const { looks, delayMs, signal } = this.#parts
    let verdict: Verdict | undefined
    let before: Verdict | undefined
    for (let look = 0; look < Math.max(1, looks) && !signal.aborted; look++) {
      if (looks > 0) await systemClock.sleep(delayMs, signal)
      before = verdict
      verdict = await this.#inTurn(() => this.judge(keys))
      if (verdict.kind === 'equal' || verdict.kind === 'gone') return verdict
    }
    if (verdict === undefined) return { ...NOTHING, keys }
    return looks > 0 && this.#isMoving(verdict, before)
      ? { ...verdict, kind: 'unsettled' }
      : verdict
  }

  /** Reads and compares now. */
  async judge(keys: RowCells): Promise<Verdict> {
    const { plan, comparer, source, target, signal } = this.#parts
    const [sourceRows, targetRows] = await Promise.all([
      source.read(keys, signal),
      target.read(keys, signal),
    ])
    const own = firstRow(sourceRows)
    const encoded = own === undefined ? undefined : firstRow(convertPage(plan, sourceRows))
    const other = firstRow(targetRows)
    const found = { keys, source: own, target: other }
    if (encoded === undefined || other === undefined) {
      const isGone = encoded === undefined && other === undefined
      const kind = isGone ? 'gone' : encoded === undefined ? 'extra' : 'missing'
      return { ...found, kind, differences: [] }
    }
    const differences = comparer.compare(encoded, other)
    return { ...found, kind: differences.length === 0 ? 'equal' : 'mismatch', differences }
  }

  /**
   * Written so recently on one side that the other may still be under way. A row that was the same one
   * look ago is not, whatever its write time says: clocks differ, and clients may write in the future.
   */
  #isMoving(now: Verdict, before: Verdict | undefined): boolean {
    const time = this.#youngest(now)
    if (time === undefined) return false
    if (before !== undefined) return time !== this.#youngest(before)
    const nowUs = BigInt(Date.now()) * 1000n
    const sinceUs = nowUs - BigInt(this.#parts.delayMs) * 1000n
    return time > sinceUs && time <= nowUs + SKEW_US
  }

  /** The largest write time of both rows. */
  #youngest({ source, target }: Verdict): bigint | undefined {
    let youngest: bigint | undefined
    for (const row of [source, target]) {
      const time = row === undefined ? undefined : rowTime(this.#parts.plan, row)
      if (time !== undefined && (youngest === undefined || time > youngest)) youngest = time
    }
    return youngest
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#reading >= READS_AT_ONCE) {
      await new Promise<void>(resolve => this.#waitingToRead.push(resolve))
    }
    this.#reading += 1
    try {
      return await work()
    } finally {
      this.#reading -= 1
      this.#waitingToRead.shift()?.()
    }
  }
}

const NOTHING = {
  kind: 'unsettled',
  source: undefined,
  target: undefined,
  differences: [],
} as const

/** The keys that one range put aside. */
export class RangeLook {
  readonly #look: SecondLook
  readonly #known = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  #error: unknown
  #open = 0
  #found = 0

  constructor(look: SecondLook) {
    this.#look = look
  }

  /** Rows that differed, repaired ones included. */
  get found(): number {
    return this.#found
  }

  /** Rows that still differ. */
  get open(): number {
    return this.#open
  }

  readonly put = (keys: RowCells): Promise<void> | undefined => {
    const name = keys.map(key => (key === null ? '-' : key.toString('latin1'))).join('\u0000')
    if (this.#known.has(name)) return undefined
    this.#known.add(name)
    const running = this.#run(keys)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
    return this.#look.hasRoom ? undefined : this.#look.untilRoom()
  }

  /** Resolves when every key was settled; throws what kept one from it. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    if (this.#error !== undefined) throw this.#error
  }

  async #run(keys: RowCells): Promise<void> {
    try {
      this.#found += 1
      if (!(await this.#look.look(keys))) this.#open += 1
    } catch (error) {
      this.#error ??= error
    }
  }
}
