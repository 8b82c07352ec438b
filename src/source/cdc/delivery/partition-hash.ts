/**
 * Which partition of its topic an event goes to: all rows of a Cassandra partition to the same, so that
 * they stay in order, although their message keys differ.
 * Used by EventMaker. The bytes are the partition key as Cassandra writes it, whoever gave the event:
 * the log or a snapshot.
 * Spec: cdc-replication 1.8 (scamander.partition.by).
 */
import { ByteWriter } from '../../../base/byte-writer.ts'
import { codecFor, partitionKeyOf } from '../../../cql/index.ts'
import { murmur2 } from '../../../kafka/index.ts'
import type { NamedValue } from '../change.ts'
import type { ChangeEvent } from './change-event.ts'

/** Events of one frame share their key. */
const hashes = new WeakMap<readonly NamedValue[], number>()

/** Undefined: the bytes of the message key decide, which are those of the partition key alone. */
export function partitionHashOf({ table, key }: ChangeEvent): number | undefined {
  if (table.clusteringKey.length === 0) return undefined
  let hash = hashes.get(key)
  if (hash === undefined) {
    hash = murmur2(partitionKeyOf(key.map(bytesOf), new ByteWriter(64))) & 0x7fffffff
    hashes.set(key, hash)
  }
  return hash
}

function bytesOf({ type, value, isEmpty }: NamedValue): Buffer {
  if (isEmpty || value === null) return Buffer.alloc(0)
  const writer = new ByteWriter(64)
  codecFor(type).encode(value, writer)
  return Buffer.from(writer.view())
}
