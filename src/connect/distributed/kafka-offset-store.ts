/**
 * Positions of source connectors in the compacted topic of offsets, shared by all workers.
 * Reads answer from what was read of the topic, after reading it to its end; writes resolve when
 * Kafka has them.
 * Invariants: a read sees every write that was acknowledged before it, by whichever worker, also what
 * the transaction of a task wrote; the key of a position stays as its first writer spelled it, so
 * that compaction keeps one record.
 * Spec: connect-rest 13, 17 (offsets).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import type { ProducerRecord } from '../../kafka/index.ts'
import type { OffsetEntry, OffsetStore } from '../offsets/offset-store.ts'
import { OffsetTable } from '../offsets/offset-table.ts'
import { CLUSTER_ERRORS } from './errors.ts'

export interface OffsetTopic {
  readonly name: string
  /** Transactions that are open are waited for: one of them may be about to commit. */
  readToEnd(): Promise<void>
  /** Rejects when one of them is not known to be in the topic. */
  send(records: readonly ProducerRecord[]): Promise<void>
}

export class KafkaOffsetStore implements OffsetStore {
  readonly #topic: OffsetTopic
  readonly #table = new OffsetTable()

  constructor(topic: OffsetTopic) {
    this.#topic = topic
  }

  /** A record of the topic; others than Connect's are passed over. */
  applyRecord(key: Buffer, value: Buffer | null): void {
    this.#table.applyRecord(key.toString(), value === null ? null : value.toString())
  }

  async readAll(connector: string): Promise<SourcePosition[]> {
    await this.#topic.readToEnd()
    return this.#table.readAll(connector)
  }

  async read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    await this.#topic.readToEnd()
    return this.#table.read(connector, partitions)
  }

  async keysOf(connector: string, partitions: readonly SourcePartition[]): Promise<string[]> {
    return partitions.map(partition => this.#table.keyOf(connector, partition))
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const records = entries.map(({ partition, offset }) => ({
      topic: this.#topic.name,
      key: Buffer.from(this.#table.keyOf(connector, partition)),
      value: offset === null ? null : Buffer.from(JSON.stringify(offset)),
      headers: [],
    }))
    try {
      await this.#topic.send(records)
    } catch (cause) {
      const message = `positions of ${connector} are not known to be in ${this.#topic.name}`
      throw new ScamanderError(CLUSTER_ERRORS.OFFSETS_LATE, message, { cause })
    }
    // The topic brings them as well; a read before that must not see the older ones.
    this.#table.apply(connector, entries)
  }

  /** The topic belongs to the worker. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
