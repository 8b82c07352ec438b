/**
 * Which records of a topic a page shows: the newest, the oldest, or those on either side of another page.
 * Reads partitions side by side, keeps what the filter wants, and merges by time.
 * Invariants: within a partition records stand in offset order and none between two shown ones is left
 * out, so pages follow each other without a gap; records, bytes and time of a look are bounded, and a
 * look that ended at a bound says so.
 * Spec: ui 5.7 (records).
 */
import type { RawMessage } from '../flow/index.ts'
import type { TopicInspector } from '../kafka/index.ts'

type Reader = Pick<TopicInspector, 'read'>
type PartitionRead = Parameters<TopicInspector['read']>[1]

export type Topic = Parameters<TopicInspector['read']>[0]
/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, number>

export interface WindowQuery {
  readonly topic: Topic
  /** The partitions that are looked into, with the first and the next offset to consider. */
  readonly starts: Offsets
  readonly ends: Offsets
  /** From the ends towards the starts, or the other way round. */
  readonly isBackward: boolean
  readonly recordsMax: number
  readonly isWanted: (message: RawMessage) => boolean
  /** Without one the pages of records need not be read further than they are shown. */
  readonly hasFilter: boolean
  readonly signal: AbortSignal
}

export interface RecordWindow {
  /** Newest first when backward, else oldest first. */
  readonly messages: readonly RawMessage[]
  /** What lies below and above of what is shown, by partition. */
  readonly lows: Offsets
  readonly highs: Offsets
  readonly scanned: number
  readonly isCutOff: boolean
}

const SCAN_MAX = 20_000
const SCAN_BYTES_MAX = 64 * 1024 * 1024
const STEP_MAX = 2_000
/** Of one step backwards: so much is held before anything of it counts. */
const STEP_BYTES_MAX = 4 * 1024 * 1024
const AT_ONCE = 4

/** What one look may still cost; shared by its partitions. */
interface Budget {
  records: number
  bytes: number
}

interface Found {
  readonly partition: number
  /** In the order of the look. */
  readonly messages: RawMessage[]
  /** Everything on the near side of it was looked at. */
  edge: number
  isCutOff: boolean
}

export async function readWindow(inspector: Reader, query: WindowQuery): Promise<RecordWindow> {
  const budget: Budget = { records: SCAN_MAX, bytes: SCAN_BYTES_MAX }
  const partitions = [...query.starts.keys()]
  const found: Found[] = []
  const search = query.isBackward ? searchBackward : searchForward
  const worker = async () => {
    for (let next = partitions.shift(); next !== undefined; next = partitions.shift()) {
      found.push(await search(inspector, query, { partition: next, budget }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const messages = merged(found, query)
  return {
    messages,
    ...edgesOf(found, messages, query),
    scanned: SCAN_MAX - budget.records,
    isCutOff: messages.length < query.recordsMax && found.some(one => one.isCutOff),
  }
}

interface Place {
  readonly partition: number
  readonly budget: Budget
}

async function searchForward(
  inspector: Reader,
  query: WindowQuery,
  { partition, budget }: Place,
): Promise<Found> {
  const { topic, recordsMax, isWanted, signal } = query
  const toOffset = query.ends.get(partition) ?? 0
  const found: Found = {
    partition,
    messages: [],
    edge: query.starts.get(partition) ?? 0,
    isCutOff: false,
  }
  while (found.edge < toOffset && found.messages.length < recordsMax) {
    if (isSpent(budget, signal)) return { ...found, isCutOff: true }
    const step = query.hasFilter ? STEP_MAX : recordsMax
    const at = {
      partition,
      fromOffset: found.edge,
      toOffset,
      recordsMax: Math.min(step, budget.records),
      bytesMax: STEP_BYTES_MAX,
    }
    const got = await inspector.read(topic, at, signal)
    spend(budget, got)
    for (const message of got.messages) if (isWanted(message)) found.messages.push(message)
    if (got.nextOffset <= found.edge) break
    found.edge = got.nextOffset
  }
  return found
}

/** In steps away from the end; each step is read forward. */
async function searchBackward(
  inspector: Reader,
  query: WindowQuery,
  { partition, budget }: Place,
): Promise<Found> {
  const { recordsMax, signal } = query
  const start = query.starts.get(partition) ?? 0
  const found: Found = {
    partition,
    messages: [],
    edge: query.ends.get(partition) ?? 0,
    isCutOff: false,
  }
  let step = query.hasFilter ? STEP_MAX : recordsMax
  let stepMax = STEP_MAX
  while (found.edge > start && found.messages.length < recordsMax) {
    if (isSpent(budget, signal)) return { ...found, isCutOff: true }
    const fromOffset = Math.max(start, found.edge - step)
    const range = { partition, fromOffset, toOffset: found.edge }
    const { wanted, next } = await readStep(inspector, query, { range, budget })
    if (next < found.edge) {
      // Nothing was passed, or the step is too large: once more, from nearer to the edge.
      if (next === fromOffset || signal.aborted) return { ...found, isCutOff: true }
      stepMax = Math.max(1, Math.floor((next - fromOffset) / 2))
      step = stepMax
      continue
    }
    found.messages.push(...wanted.reverse())
    found.edge = fromOffset
    // Compacted topics and transactions have gaps: look further back at once.
    step = Math.min(stepMax, step * 2)
  }
  return found
}

interface Step {
  readonly range: Pick<PartitionRead, 'partition' | 'fromOffset' | 'toOffset'>
  readonly budget: Budget
}

/** Ends before the range does when that is larger than STEP_BYTES_MAX. */
async function readStep(
  inspector: Reader,
  { topic, isWanted, signal }: WindowQuery,
  { range, budget }: Step,
): Promise<{ wanted: RawMessage[]; next: number }> {
  const { fromOffset, toOffset } = range
  const wanted: RawMessage[] = []
  let next = fromOffset
  let sizeBytes = 0
  while (next < toOffset && (sizeBytes < STEP_BYTES_MAX || toOffset - fromOffset === 1)) {
    const at = { ...range, fromOffset: next, recordsMax: STEP_MAX, bytesMax: STEP_BYTES_MAX }
    const got = await inspector.read(topic, at, signal)
    spend(budget, got)
    sizeBytes += got.sizeBytes
    for (const message of got.messages) if (isWanted(message)) wanted.push(message)
    if (got.nextOffset <= next) break
    next = got.nextOffset
  }
  return { wanted, next }
}

function isSpent({ records, bytes }: Budget, signal: AbortSignal): boolean {
  return records <= 0 || bytes <= 0 || signal.aborted
}

function spend(budget: Budget, got: { messages: readonly unknown[]; sizeBytes: number }): void {
  budget.records -= got.messages.length
  budget.bytes -= got.sizeBytes
}

/** Takes the next of the partition whose next has the earliest (or latest) time, again and again. */
function merged(found: readonly Found[], { recordsMax, isBackward }: WindowQuery): RawMessage[] {
  const places = found.map(() => 0)
  const sign = isBackward ? -1 : 1
  const out: RawMessage[] = []
  while (out.length < recordsMax) {
    let best = -1
    let bestTime = 0
    for (let i = 0; i < found.length; i++) {
      const head = found[i]?.messages[places[i] ?? 0]
      if (head === undefined) continue
      const time = sign * head.timestampMs
      if (best < 0 || time < bestTime) {
        best = i
        bestTime = time
      }
    }
    const taken = found[best]?.messages[places[best] ?? 0]
    if (taken === undefined) break
    places[best] = (places[best] ?? 0) + 1
    out.push(taken)
  }
  return out
}

/** Records that were found and not shown lie outside: the page behind begins with them. */
function edgesOf(
  found: readonly Found[],
  shown: readonly RawMessage[],
  { starts, ends, isBackward }: WindowQuery,
): { lows: Offsets; highs: Offsets } {
  const lows = new Map(starts)
  const highs = new Map(ends)
  const byPartition = Map.groupBy(shown, one => one.partition)
  for (const { partition, messages, edge } of found) {
    const ours = byPartition.get(partition) ?? []
    const hidden = messages[ours.length]
    const last = ours.at(-1)
    if (isBackward) {
      lows.set(
        partition,
        hidden === undefined ? edge : (last?.offset ?? ends.get(partition) ?? edge),
      )
    } else {
      highs.set(
        partition,
        hidden === undefined
          ? edge
          : last === undefined
            ? (starts.get(partition) ?? edge)
            : last.offset + 1,
      )
    }
  }
  return { lows, highs }
}
