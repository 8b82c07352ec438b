/**
 * Knows, per assigned partition, up to where everything is settled and may be committed.
 * Deliveries settle in the order they were read; an assignment and a rewind start a new epoch, and
 * what belongs to an older epoch no longer moves the position.
 * Invariant: the committable offset never passes a record that is neither written nor given up.
 */
import type { TopicPartition, TopicPosition } from '../flow/index.ts'

interface Track {
  readonly topic: string
  readonly partition: number
  epoch: number
  /** A rewind is decided but not yet carried out: nothing settles until the next epoch. */
  held: boolean
  /** Next offset to read once everything before is settled; -1: nothing known. */
  settledOffset: number
  /** Behind the last record of this epoch that was read; -1: none was. */
  readOffset: number
  settledTimestampMs: number
  committedOffset: number
}

interface ReadReach extends TopicPartition {
  readonly epoch: number
  readonly nextOffset: number
}

export class PositionTracker {
  readonly #tracks = new Map<string, Map<number, Track>>()
  /** Never used twice, so that work of an earlier assignment is not taken for the present one's. */
  #lastEpoch = 0

  assign(position: TopicPosition): void {
    let byPartition = this.#tracks.get(position.topic)
    if (byPartition === undefined) {
      byPartition = new Map()
      this.#tracks.set(position.topic, byPartition)
    }
    byPartition.set(position.partition, {
      topic: position.topic,
      partition: position.partition,
      epoch: ++this.#lastEpoch,
      held: false,
      settledOffset: position.offset,
      readOffset: -1,
      settledTimestampMs: -1,
      committedOffset: position.offset,
    })
  }

  revoke({ topic, partition }: TopicPartition): void {
    this.#tracks.get(topic)?.delete(partition)
  }

  /** Tells one assignment of a partition from the next; undefined when it is not assigned. */
  assignment({ topic, partition }: TopicPartition): unknown {
    return this.#tracks.get(topic)?.get(partition)
  }

  /** The partition's epoch, or undefined when it is not assigned. */
  epoch(topic: string, partition: number): number | undefined {
    return this.#tracks.get(topic)?.get(partition)?.epoch
  }

  /**
   * Everything before it is settled, and something behind it was read; undefined: all that was read is
   * settled, so that the consumer's position counts, which passes marks that are no records.
   */
  unsettledOffset({ topic, partition }: TopicPartition): number | undefined {
    const track = this.#tracks.get(topic)?.get(partition)
    if (track === undefined || track.settledOffset < 0) return undefined
    return track.settledOffset < track.readOffset ? track.settledOffset : undefined
  }

  /** Records before that offset were read. */
  noteRead({ topic, partition, epoch, nextOffset }: ReadReach): void {
    const track = this.#tracks.get(topic)?.get(partition)
    if (track?.epoch === epoch) track.readOffset = nextOffset
  }

  /** Everything before that offset is settled; false: the epoch is over, it does not count. */
  settle(at: TopicPosition, epoch: number, timestampMs: number): boolean {
    const track = this.#tracks.get(at.topic)?.get(at.partition)
    if (track === undefined || track.epoch !== epoch || track.held) return false
    track.settledOffset = at.offset
    track.settledTimestampMs = timestampMs
    return true
  }

  /** From now on nothing of the current epoch settles this partition. */
  hold({ topic, partition }: TopicPartition): void {
    const track = this.#tracks.get(topic)?.get(partition)
    if (track !== undefined) track.held = true
  }

  /** The partition was sought: what is read from now on counts again. */
  startEpoch({ topic, partition }: TopicPartition): void {
    const track = this.#tracks.get(topic)?.get(partition)
    if (track === undefined) return
    track.epoch = ++this.#lastEpoch
    track.held = false
    track.readOffset = -1
  }

  /** Positions that moved since the last commit; all partitions, or only the named ones. */
  committable(only?: readonly TopicPartition[]): (TopicPosition & { timestampMs: number })[] {
    const out: (TopicPosition & { timestampMs: number })[] = []
    for (const byPartition of this.#tracks.values()) {
      for (const track of byPartition.values()) {
        if (track.settledOffset < 0 || track.settledOffset === track.committedOffset) continue
        if (only !== undefined && !only.some(one => isSame(one, track))) continue
        out.push({
          topic: track.topic,
          partition: track.partition,
          offset: track.settledOffset,
          timestampMs: track.settledTimestampMs,
        })
      }
    }
    return out
  }

  committed(positions: readonly TopicPosition[]): void {
    for (const { topic, partition, offset } of positions) {
      const track = this.#tracks.get(topic)?.get(partition)
      if (track !== undefined) track.committedOffset = offset
    }
  }

  /** Every assigned partition. */
  partitions(): TopicPartition[] {
    return [...this.#tracks.values()].flatMap(byPartition => [...byPartition.values()])
  }
}

function isSame(a: TopicPartition, b: TopicPartition): boolean {
  return a.partition === b.partition && a.topic === b.topic
}
