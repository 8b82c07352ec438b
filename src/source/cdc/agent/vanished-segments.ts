/**
 * Which segments went away unread: between two looks at the folder, and while no agent ran.
 * Used by SegmentFollower and NodeAgent. Every segment is in the folder from its beginning on; the node
 * takes it away when it ends without a change of interest, and, with `cdc_block_writes: false`, when the
 * folder is full, the oldest first.
 * Invariant: a segment that had an index and was not read is always told; one without is told when the
 * node may have deleted it.
 * Spec: cdc-replication 6.4.
 */
import type { NodePosition } from '../state/records.ts'
import type { SegmentEntry } from './cdc-folder.ts'

export interface SegmentRange {
  readonly from: bigint
  readonly to: bigint
}

type Entry = Pick<SegmentEntry, 'segmentId' | 'hasIndex' | 'isMoved'>

/** Numbers begin with the time when a node starts: a jump is no hole. */
const JUMP = 100_000n
/** Of its limit: a folder with less than this was not full a moment ago. */
const ROOMY_PART = 4

/** From this on a node that does not refuse writes may have deleted something. */
export function fullBytes(limitBytes: number): number {
  return limitBytes / ROOMY_PART
}

export class VanishedSegments {
  readonly #mayDelete: () => Promise<boolean>
  #newest: bigint | undefined

  constructor(mayDelete: () => Promise<boolean>) {
    this.#mayDelete = mayDelete
  }

  /** `read`: the segment that is being read, or was read last. */
  async between(
    before: readonly Entry[],
    now: readonly Entry[],
    read: bigint,
  ): Promise<SegmentRange[]> {
    const present = new Set(now.map(one => one.segmentId))
    const gone = before.filter(one => one.segmentId > read && !present.has(one.segmentId))
    const certain = gone.filter(one => one.hasIndex).map(one => single(one.segmentId))
    const doubtful = gone.filter(one => !one.hasIndex).map(one => single(one.segmentId))
    doubtful.push(...this.#unseen(now, read))
    // The oldest go first: what is older and still there shows that nothing was deleted.
    const oldest = now.find(one => !one.isMoved)?.segmentId
    const suspected = doubtful.filter(({ from }) => oldest === undefined || from < oldest)
    const isSuspected = suspected.length > 0 && (await this.#mayDelete())
    return merged([...certain, ...(isSuspected ? suspected : [])])
  }

  /** Segments that came and went between two looks. */
  #unseen(now: readonly Entry[], read: bigint): SegmentRange[] {
    const out: SegmentRange[] = []
    const known = this.#newest
    for (const { segmentId } of now) {
      const last = this.#newest ?? segmentId
      const isHole = segmentId > last + 1n && segmentId - last < JUMP
      if (known !== undefined && isHole && last >= read) {
        out.push({ from: last + 1n, to: segmentId - 1n })
      }
      if (segmentId > last) this.#newest = segmentId
      else this.#newest ??= last
    }
    return out
  }
}

export interface StartFacts {
  readonly stored: NodePosition
  readonly entries: readonly Entry[]
  readonly blocksWrites: boolean
  /** The folder was not full. */
  readonly isRoomy: boolean
}

/** What was deleted unread while no agent ran; undefined: nothing that is known of. */
export function missingAtStart(facts: StartFacts): SegmentRange | undefined {
  const { stored, entries, blocksWrites, isRoomy } = facts
  const at = BigInt(stored.segmentId)
  const mayBeDeleted = !blocksWrites && !isRoomy
  const hole = mayBeDeleted ? holeBehind(at, entries) : undefined
  const here = entries.find(one => one.segmentId === at)
  // The oldest go first: nothing behind it was deleted. One that was moved does not stand in the way.
  if (here !== undefined) return here.isMoved ? hole : undefined
  const isRead = stored.done.includes(stored.segmentId)
  const from = isRead ? at + 1n : at
  const next = entries.find(one => one.segmentId > at)?.segmentId
  const to = next === undefined || next <= from ? from : next - 1n
  if (!isRead && (stored.hadIndex || mayBeDeleted)) return { from, to: hole?.to ?? to }
  if (!mayBeDeleted) return undefined
  const isHole = next !== undefined && next > from && next - from < JUMP
  return isHole ? { from, to: hole?.to ?? to } : hole
}

/** Between the last that was moved and the first that was not. */
function holeBehind(at: bigint, entries: readonly Entry[]): SegmentRange | undefined {
  const behind = entries.filter(one => one.segmentId >= at)
  const next = behind.find(one => !one.isMoved)?.segmentId
  if (next === undefined) return undefined
  const last = behind.findLast(one => one.isMoved && one.segmentId < next)?.segmentId
  const isHole = last !== undefined && next > last + 1n && next - last < JUMP
  return isHole ? { from: last + 1n, to: next - 1n } : undefined
}

function single(id: bigint): SegmentRange {
  return { from: id, to: id }
}

/** Neighbours become one. */
function merged(ranges: readonly SegmentRange[]): SegmentRange[] {
  const out: SegmentRange[] = []
  for (const range of [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = out.at(-1)
    if (last === undefined || range.from > last.to + 1n) out.push(range)
    else if (range.to > last.to) out[out.length - 1] = { from: last.from, to: range.to }
  }
  return out
}
