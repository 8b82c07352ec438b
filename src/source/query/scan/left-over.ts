/**
 * What is left to read of a range, by the positions that were stored for the same pass: ranges are
 * divided anew when nodes come and go, and what was read by other bounds is not read again.
 * Pure; called by the progress of a task when it opens.
 * Invariant: of every range, what is left and what was read cover it, and nothing is left twice.
 * Spec: cassandra-sink 11.8; ADR 0017.
 */
import type { TokenRange } from './ring-split.ts'

/** How far a range was read in one pass. */
export interface ReadRange {
  readonly range: TokenRange
  /** Read up to and with this token. */
  readonly token: bigint
  readonly isDone: boolean
  /** Where its pages went on, exactly. */
  readonly resume: Buffer | undefined
}

/** A range or a part of one, with a position of its own. */
export interface LeftRange {
  readonly range: TokenRange
  readonly afterToken: bigint
  readonly resume: Buffer | undefined
}

export function leftOver(range: TokenRange, stored: readonly ReadRange[]): LeftRange[] {
  const near = stored.filter(one => overlap(one.range, range))
  const goOn: LeftRange[] = []
  for (const one of near) {
    const rest = restOf(one)
    const isInside = one.range.start >= range.start && one.range.end <= range.end
    const isAlone =
      near.every(other => other === one || !overlap(readOf(other), rest)) &&
      goOn.every(other => !overlap(other.range, rest))
    if (isEmpty(rest) || !isInside || !isAlone) continue
    goOn.push({ range: one.range, afterToken: one.token, resume: one.resume })
  }
  const taken = [...near.map(readOf), ...goOn.map(one => one.range)]
  const others = subtract(range, taken).map(left => ({
    range: left,
    afterToken: left.start,
    resume: undefined,
  }))
  return [...goOn, ...others]
}

function readOf({ range, token, isDone }: ReadRange): TokenRange {
  return { start: range.start, end: isDone ? range.end : clamp(token, range) }
}

function restOf({ range, token, isDone }: ReadRange): TokenRange {
  return { start: isDone ? range.end : clamp(token, range), end: range.end }
}

function clamp(token: bigint, { start, end }: TokenRange): bigint {
  return token < start ? start : token > end ? end : token
}

function isEmpty({ start, end }: TokenRange): boolean {
  return start >= end
}

export function overlap(one: TokenRange, other: TokenRange): boolean {
  if (isEmpty(one) || isEmpty(other)) return false
  return one.start < other.end && other.start < one.end
}

/** The parts of a range that none of the others has, in order. */
function subtract(range: TokenRange, others: readonly TokenRange[]): TokenRange[] {
  const sorted = others
    .filter(one => overlap(one, range))
    .sort((a, b) => (a.start < b.start ? -1 : 1))
  const left: TokenRange[] = []
  let { start } = range
  for (const one of sorted) {
    if (one.start > start) left.push({ start, end: one.start })
    if (one.end > start) start = one.end
  }
  if (start < range.end) left.push({ start, end: range.end })
  return left
}
