/**
 * The tie ranks of a task, per topic partition and table, and their text beside committed offsets:
 * `scamander:1:<milliseconds>:<rank>,<rank>…`, one rank per table of the topic in settings order.
 * Invariant: a text that this version did not write is ignored: ranks then start at 0.
 * Spec: cassandra-sink 12, D7; docs/adr/0008-ties-of-equal-timestamps.md.
 */
import type { TopicPartition, TopicPosition } from '../../flow/index.ts'
import { TieRanks } from './plan/tie-ranks.ts'

const TEXT = /^scamander:1:(\d{1,15}):((?:-?\d{1,3})(?:,-?\d{1,3})*)$/

export class TieRankStore {
  readonly #ranks = new Map<string, TieRanks[][]>()

  /** At least one per table of that topic partition; made on first use. */
  of(topic: string, partition: number, tableCount: number): TieRanks[] {
    let partitions = this.#ranks.get(topic)
    if (partitions === undefined) {
      partitions = []
      this.#ranks.set(topic, partitions)
    }
    let ranks = partitions[partition]
    if (ranks === undefined) {
      ranks = []
      partitions[partition] = ranks
    }
    // A transform may send records of one partition to topics with different numbers of tables.
    while (ranks.length < tableCount) ranks.push(new TieRanks())
    return ranks
  }

  toText({ topic, partition }: TopicPartition, timestampMs: number): string {
    const ranks = this.#ranks.get(topic)?.[partition]
    if (ranks === undefined || timestampMs < 0) return ''
    const highest = ranks.map(one => one.highestOf(timestampMs))
    return highest.some(rank => rank >= 0) ? `scamander:1:${timestampMs}:${highest.join(',')}` : ''
  }

  /** Starts the partition anew, with the ranks of its last committed millisecond. */
  restore({ topic, partition, metadata }: TopicPosition): void {
    const partitions = this.#ranks.get(topic)
    if (partitions !== undefined) delete partitions[partition]
    const match = TEXT.exec(metadata ?? '')
    if (match === null) return
    const highest = match[2]!.split(',')
    const ranks = this.of(topic, partition, highest.length)
    highest.forEach((rank, index) => {
      ranks[index]!.restore(Number(match[1]), Number(rank))
    })
  }
}
