/**
 * Positions in memory, by connector and partition: what every offset store reads from.
 * Fed with the keys and values of Connect's offset records, as files and topics hold them.
 * Invariant: a key that is not Connect's form is ignored, never an error: the topic or file may be
 * shared with writers of another version.
 * Spec: connect-rest 17 (offsets: key `["NAME",{partition}]`, value `{offset}` or null).
 */
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import { type OffsetEntry, offsetKey, partitionKey } from './offset-store.ts'

interface Kept {
  readonly partition: SourcePartition
  /** Null: removed. */
  readonly offset: SourceOffset | null
  /** The record's key as its writer spelled it. */
  readonly key: string
}

export class OffsetTable {
  readonly #byConnector = new Map<string, Map<string, Kept>>()

  readAll(connector: string): SourcePosition[] {
    const positions: SourcePosition[] = []
    for (const { partition, offset } of this.#byConnector.get(connector)?.values() ?? []) {
      if (offset !== null) positions.push({ partition, offset })
    }
    return positions
  }

  read(connector: string, partitions: readonly SourcePartition[]): (SourceOffset | undefined)[] {
    const known = this.#byConnector.get(connector)
    return partitions.map(partition => known?.get(partitionKey(partition))?.offset ?? undefined)
  }

  /** `offset: null` removes; removed ones are remembered for the spelling of their keys. */
  apply(connector: string, entries: readonly OffsetEntry[]): void {
    for (const { partition, offset } of entries) {
      this.#put(connector, { partition, offset, key: this.keyOf(connector, partition) })
    }
  }

  /**
   * The key to write a position under: as an earlier writer spelled it, so that a compacted topic
   * keeps one record per position also when another product began it.
   */
  keyOf(connector: string, partition: SourcePartition): string {
    const known = this.#byConnector.get(connector)?.get(partitionKey(partition))
    return known?.key ?? offsetKey(connector, partition)
  }

  /** One record of a file or topic, in the order they were written; false when it is none of Connect's. */
  applyRecord(key: string, value: string | null): boolean {
    const named = parse(key)
    if (!Array.isArray(named) || named.length !== 2) return false
    const [connector, partition] = named as [unknown, unknown]
    const offset = value === null ? null : parse(value)
    if (typeof connector !== 'string' || !isObject(partition)) return false
    if (offset !== null && !isObject(offset)) return false
    this.#put(connector, { partition, offset, key })
    return true
  }

  /** Everything, as [connector, partition, offset]. */
  *entries(): Generator<[connector: string, partition: SourcePartition, offset: SourceOffset]> {
    for (const [connector, positions] of this.#byConnector) {
      for (const { partition, offset } of positions.values()) {
        if (offset !== null) yield [connector, partition, offset]
      }
    }
  }

  #put(connector: string, kept: Kept): void {
    let known = this.#byConnector.get(connector)
    if (known === undefined) {
      known = new Map()
      this.#byConnector.set(connector, known)
    }
    known.set(partitionKey(kept.partition), kept)
  }
}

function isObject(value: unknown): value is SourcePartition {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined for text that is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
