/**
 * Where positions of source connectors are kept: a file for a worker that runs alone, a compacted
 * topic for a cluster of workers. Used by source tasks (through `taskOffsets`) and by the calls of
 * the REST API.
 * Invariants: what `write` has resolved for survives a crash and is seen by every later read; of two
 * writes to one partition the later wins; partitions are equal when their JSON is, in any order of
 * members.
 * Spec: connect-rest 6, 13, 17.
 */
import { canonicalJson } from '../../base/json/canonical-json.ts'
import type {
  SourceOffset,
  SourcePartition,
  SourcePosition,
  StoredOffsets,
} from '../../flow/index.ts'

/** A position to be stored; offset null removes it. */
export interface OffsetEntry {
  readonly partition: SourcePartition
  readonly offset: SourceOffset | null
}

export interface OffsetStore {
  /** Every position of a connector, in a stable order. */
  readAll(connector: string): Promise<SourcePosition[]>
  /** One answer per partition, in order; undefined: none. */
  read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]>
  /** The keys of their records, for who writes them itself; in order. */
  keysOf?(connector: string, partitions: readonly SourcePartition[]): Promise<string[]>
  /** Resolves when all entries are safe; rejects when it is not known that they are. */
  write(connector: string, entries: readonly OffsetEntry[]): Promise<void>
  /** They were written by who asked for their keys. */
  written?(connector: string, entries: readonly OffsetEntry[]): Promise<void>
  close(): Promise<void>
}

/** Under which a position is kept: equal for equal partitions. */
export function partitionKey(partition: SourcePartition): string {
  return canonicalJson(partition)
}

/** The key of a record in an offsets topic, and of an entry in Connect's own file. */
export function offsetKey(connector: string, partition: SourcePartition): string {
  return `[${JSON.stringify(connector)},${partitionKey(partition)}]`
}

/** The view of one connector's tasks. */
export function storedOffsets(store: OffsetStore, connector: string): StoredOffsets {
  return {
    read: partitions => store.read(connector, partitions),
    readAll: () => store.readAll(connector),
  }
}
