/**
 * Which ranges are read when, by the lanes of one task: passes over all ranges, with a pause between
 * them, and where an earlier run left off, be it with other ranges.
 * Invariant: a range is given to one lane at a time; a pass begins after the one before is finished.
 * Spec: cassandra-sink 11.8 (offset `{"pass","token","done"}`, `mode`, `poll.interval.ms`).
 */
import type { Clock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { SourcePartition, SourcePosition } from '../../../flow/index.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import { leftOver, overlap, type ReadRange } from './left-over.ts'
import type { TokenRange } from './ring-split.ts'

/** One range to be read in one pass. */
export interface RangeWork {
  readonly range: TokenRange
  readonly partition: SourcePartition
  readonly pass: number
  /** The range was read up to this token. */
  readonly afterToken: bigint
  /** Where the pages went on, exactly. */
  readonly resume: Buffer | undefined
}

export interface ScanProgressParts {
  /** `keyspace.table`, part of every source partition. */
  readonly table: string
  readonly ranges: readonly TokenRange[]
  /** Undefined: one pass only. */
  readonly pauseMs: number | undefined
  readonly clock: Clock
}

interface Stored extends ReadRange {
  readonly pass: number
}

export class ScanProgress {
  readonly #parts: ScanProgressParts
  #waiting: RangeWork[] = []
  #underWay = 0
  #pass = 1
  #nextPass = Promise.withResolvers<void>()

  /** `stored`: all positions of the connector, those of other tasks and of former ranges too. */
  constructor(parts: ScanProgressParts, stored: readonly SourcePosition[]) {
    this.#parts = parts
    const { table, ranges } = parts
    const known = stored
      .flatMap(position => toStored(position, table) ?? [])
      .filter(one => ranges.some(range => overlap(range, one.range)))
    this.#pass = Math.max(1, ...known.map(one => one.pass))
    this.#waiting = this.#workOf(known.filter(one => one.pass === this.#pass))
  }

  /** The next range, after a pause between passes; undefined: there will be none. */
  async take(signal: AbortSignal): Promise<RangeWork | undefined> {
    for (;;) {
      const work = this.#waiting.shift()
      if (work !== undefined) {
        this.#underWay += 1
        return work
      }
      const { pauseMs } = this.#parts
      if (pauseMs === undefined || signal.aborted) return undefined
      if (this.#underWay === 0) this.#schedule(pauseMs, signal)
      await this.#nextPass.promise
    }
  }

  /** The range was read to its end. */
  finish(signal: AbortSignal): void {
    this.#underWay -= 1
    const { pauseMs } = this.#parts
    if (pauseMs === undefined || this.#underWay > 0 || this.#waiting.length > 0) return
    this.#schedule(pauseMs, signal)
  }

  #isScheduled = false

  #schedule(pauseMs: number, signal: AbortSignal): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    void this.#parts.clock.sleep(pauseMs, signal).then(() => {
      this.#isScheduled = false
      if (!signal.aborted) {
        this.#pass += 1
        this.#waiting = this.#workOf([])
      }
      const ended = this.#nextPass
      this.#nextPass = Promise.withResolvers()
      ended.resolve()
    })
  }

  /** What is left of the present pass. */
  #workOf(stored: readonly Stored[]): RangeWork[] {
    const { table, ranges } = this.#parts
    return ranges.flatMap(range =>
      leftOver(range, stored).map(left => ({
        ...left,
        partition: partitionOf(table, left.range),
        pass: this.#pass,
      })),
    )
  }
}

export function partitionOf(table: string, { start, end }: TokenRange): SourcePartition {
  return { table, start: String(start), end: String(end) }
}

/** Reached within a range: everything up to and including `token` is read. */
export function reachedWithin(
  work: RangeWork,
  at: { readonly token: bigint; readonly pagingState: Buffer },
): SourcePosition {
  const paging = at.pagingState.toString('base64')
  const offset = { pass: work.pass, token: String(at.token), done: false, paging }
  return { partition: work.partition, offset }
}

export function reachedEnd(work: RangeWork): SourcePosition {
  const offset = { pass: work.pass, token: String(work.range.end), done: true }
  return { partition: work.partition, offset }
}

const TOKEN = /^-?\d{1,40}$/

/** Undefined: of another table. */
function toStored({ partition, offset }: SourcePosition, table: string): Stored | undefined {
  const [start, end] = [String(partition['start']), String(partition['end'])]
  if (partition['table'] !== table || !TOKEN.test(start) || !TOKEN.test(end)) return undefined
  const { pass, token, done, paging } = offset
  if (!Number.isSafeInteger(pass) || !TOKEN.test(String(token)) || typeof done !== 'boolean') {
    const message = `expected an offset {"pass": n, "token": "n", "done": boolean} for ${JSON.stringify(partition)}, found another form`
    throw new ScamanderError(QUERY_SOURCE_ERRORS.OFFSET, message)
  }
  return {
    range: { start: BigInt(start), end: BigInt(end) },
    pass: Number(pass),
    token: BigInt(String(token)),
    isDone: done,
    resume: typeof paging === 'string' ? Buffer.from(paging, 'base64') : undefined,
  }
}
