/**
 * The value of a counter cell: one shard per replica that ever led a write, with its running total.
 *
 *     headerCount i16 | headerCount × i16 | shards
 *     shard  counterId:16 clock:i64 count:i64
 *
 * Called for cells of counter columns. A record holds results, not increments: an increment is the
 * difference to the same counterId's count before.
 * Spec: commit-log, section 7.2.
 */
import { formatUuid } from '../cql/index.ts'
import { undecodable } from './errors.ts'

export interface CounterShard {
  readonly counterId: string
  readonly clock: bigint
  readonly count: bigint
  /** global: written by 2.1 and later. local, remote: left from older releases. */
  readonly kind: 'global' | 'local' | 'remote'
}

const SHARD_BYTES = 32

/** The shards in `bytes[start..end)`, in order. */
export function readCounterShards(bytes: Buffer, start: number, end: number): CounterShard[] {
  const first = shardsStart(bytes, start, end)
  const kinds = new Map<number, 'global' | 'local'>()
  for (let at = start + 2; at < first; at += 2) {
    const element = bytes.readInt16BE(at)
    if (element < 0) kinds.set(element + 0x8000, 'global')
    else kinds.set(element, 'local')
  }
  const shards: CounterShard[] = []
  for (let at = first; at < end; at += SHARD_BYTES) {
    shards.push({
      counterId: formatUuid(bytes, at),
      clock: bytes.readBigInt64BE(at + 16),
      count: bytes.readBigInt64BE(at + 24),
      kind: kinds.get(shards.length) ?? 'remote',
    })
  }
  return shards
}

/** The sum of the counts of all shards: the counter's value as this replica knows it. */
export function counterTotal(bytes: Buffer, start: number, end: number): bigint {
  let total = 0n
  for (let at = shardsStart(bytes, start, end); at < end; at += SHARD_BYTES) {
    total += bytes.readBigInt64BE(at + 24)
  }
  return BigInt.asIntN(64, total)
}

function shardsStart(bytes: Buffer, start: number, end: number): number {
  const count = end - start < 2 ? -1 : Math.abs(bytes.readInt16BE(start))
  const first = start + 2 + count * 2
  if (count < 0 || first > end || (end - first) % SHARD_BYTES !== 0) {
    throw undecodable(`expected a counter context, found ${end - start} bytes`)
  }
  return first
}
