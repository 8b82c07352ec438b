/**
 * Whether a gap of one node is none, because the other replicas of its ranges logged the same changes
 * and were read without a gap. Pure; used by GapHealer.
 * Invariant: what is not known is never taken for given; gaps that overlap heal neither.
 * Spec: cdc-replication 6.4.
 */
import type { Gap } from './state/records.ts'

export type Verdict = 'healed' | 'open' | 'wait'

/** How another node is read. */
export interface Reader {
  readonly hostId: string
  /** Everything logged before this moment is queued. */
  readonly caughtUpMs: number | undefined
  /** It is read since this moment. */
  readonly sinceMs: number
  /** When the node last said that it logs for capture; undefined: it was not asked, or did not answer. */
  readonly loggedMs: number | undefined
  /** Parts of its log could not be read. */
  readonly isDamaged: boolean
}

export interface GapFacts {
  /** Host ids of those that have the node's ranges too, in its data centre; undefined: not known. */
  readonly others: ReadonlySet<string> | undefined
  /** A range of the node has no other replica. */
  readonly isAlone: boolean
  readonly readers: readonly Reader[]
  readonly gaps: readonly Gap[]
}

/** Clocks of nodes differ. */
const CLOCK_MS = 2000

export function judgeGap(gap: Gap, facts: GapFacts): Verdict {
  const { others, isAlone, readers, gaps } = facts
  if (others === undefined) return 'wait'
  if (isAlone || others.size === 0 || gap.toTime === null) return 'open'
  const [from, to] = spanOf(gap)
  let isWaiting = false
  for (const hostId of others) {
    if (gaps.some(one => one.id !== gap.id && concerns(one, hostId) && overlaps(one, from, to))) {
      return 'open'
    }
    const reader = readers.find(one => one.hostId === hostId)
    if (reader === undefined) {
      isWaiting = true
      continue
    }
    if (reader.isDamaged || reader.sinceMs > from) return 'open'
    // The log of a node that is down, or logs nothing, is read to its end as well.
    if (Math.min(reader.caughtUpMs ?? 0, reader.loggedMs ?? 0) < to) isWaiting = true
  }
  return isWaiting ? 'wait' : 'healed'
}

/** Of the node itself, or of everybody. Queues drop what all replicas gave. */
function concerns({ kind, node }: Gap, hostId: string): boolean {
  return node === hostId && (kind === 'segments' || kind === 'node')
}

function overlaps(gap: Gap, from: number, to: number): boolean {
  const [otherFrom, otherTo] = spanOf(gap)
  return otherFrom <= to && otherTo >= from
}

/** Wider by what clocks may differ; without a beginning or an end it has none. */
function spanOf({ fromTime, toTime }: Gap): readonly [from: number, to: number] {
  const from = fromTime === null ? Number.NEGATIVE_INFINITY : Date.parse(fromTime) - CLOCK_MS
  const to = toTime === null ? Number.POSITIVE_INFINITY : Date.parse(toTime) + CLOCK_MS
  return [from, to]
}
