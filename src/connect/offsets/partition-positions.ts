/**
 * What a change of a sink's positions means before it is made: where each partition begins then, and how
 * many records are read again or never.
 * Called by the server for the offsets editor; the change itself goes the way of the Connect API.
 * Invariants: nothing is changed here; an offset outside the log is refused, because Kafka would begin
 * somewhere else then. Spec: ui 4.5, 5.4 (offsets); connect-rest 2.3.
 */
import type { PositionChange, PositionsPreview } from '../../api-v1-connectors.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../errors.ts'

export interface PartitionRange {
  readonly topic: string
  readonly partition: number
  readonly earliest: number
  readonly latest: number
  /** Undefined: none. */
  readonly committed: number | undefined
}

/** First offset at or after a time; -1: there is none. */
export type OffsetAt = (topic: string, partition: number, timeMs: number) => Promise<number>

type Item = PositionsPreview['items'][number]

export async function previewPositions(
  ranges: readonly PartitionRange[],
  changes: readonly PositionChange[],
  offsetAt: OffsetAt,
): Promise<PositionsPreview> {
  const items: Item[] = []
  for (const change of changes) {
    const range = ranges.find(
      one => one.topic === change.topic && one.partition === change.partition,
    )
    if (range === undefined) {
      throw refused(`${nameOf(change)}: not among the partitions of the connector`)
    }
    items.push(itemOf(range, await nextOf(range, change, offsetAt)))
  }
  const sum = (of: (item: Item) => string) =>
    String(items.reduce((all, one) => all + BigInt(of(one)), 0n))
  return {
    items,
    again: sum(one => one.again),
    skipped: sum(one => one.skipped),
    changed: items.filter(one => one.next !== one.committed).length,
  }
}

/** Undefined: it is removed. */
async function nextOf(
  range: PartitionRange,
  change: PositionChange,
  offsetAt: OffsetAt,
): Promise<number | undefined> {
  const { earliest, latest, committed = earliest } = range
  switch (change.to) {
    case 'earliest':
      return earliest
    case 'latest':
      return latest
    case 'remove':
      return undefined
    case 'shift':
      return Math.min(latest, Math.max(earliest, committed + whole(change)))
    case 'time': {
      const found = await offsetAt(change.topic, change.partition, whole(change))
      return found < 0 ? latest : found
    }
    default: {
      const offset = whole(change)
      if (offset >= earliest && offset <= latest) return offset
      throw refused(
        `${nameOf(change)}: expected an offset from ${earliest} to ${latest}, found ${offset}`,
      )
    }
  }
}

/** A removed position begins at the first record, as sinks of this product do. */
function itemOf({ topic, partition, earliest, committed }: PartitionRange, next?: number): Item {
  const before = committed ?? earliest
  const after = next ?? earliest
  return {
    ...{ topic, partition },
    committed: committed === undefined ? null : String(committed),
    next: next === undefined ? null : String(next),
    again: String(Math.max(0, before - after)),
    skipped: String(Math.max(0, after - before)),
  }
}

function whole(change: PositionChange): number {
  const value = Number(change.value ?? '')
  if (/^[+-]?\d+$/.test(change.value ?? '') && Number.isSafeInteger(value)) return value
  throw refused(`${nameOf(change)}: expected a whole number, found ${change.value ?? 'none'}`)
}

function nameOf({ topic, partition }: PositionChange): string {
  return `${topic}-${partition}`
}

function refused(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.POSITION_REFUSED, message)
}
