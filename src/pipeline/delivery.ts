/**
 * One delivery on its way: the records decoded from a batch, what failed in decoding, and which
 * offsets each partition reaches when all of it is settled.
 * Built by the sink task; settled exactly once, in the order deliveries were read.
 */
import { type FlowRecord, type RawMessage, SchemaNeeded } from '../flow/index.ts'
import type { BatchTrace } from './batch-trace.ts'
import type { PositionTracker } from './position-tracker.ts'
import type { DecodeFailure, RecordDecoder } from './record-decoder.ts'
import type { SchemaFailures } from './schema-needs.ts'

/** How far one partition gets with this delivery. */
export interface Reach {
  readonly topic: string
  readonly partition: number
  readonly epoch: number
  readonly firstOffset: number
  nextOffset: number
  timestampMs: number
}

export interface Delivery {
  readonly records: FlowRecord[]
  readonly decodeFailures: DecodeFailure[]
  readonly reaches: Reach[]
  readonly messageCount: number
  /** Schemas to fetch before the messages are decoded again; what else was decoded is not to be used. */
  readonly needs: ReadonlySet<SchemaNeeded>
  /** Undefined: nobody follows it. */
  readonly trace: BatchTrace | undefined
}

const NO_NEEDS: ReadonlySet<SchemaNeeded> = new Set()

/**
 * Decodes the messages of assigned partitions; what belongs to no assignment is dropped. The second
 * time `first` is what the first time told: a partition that was given away or rewound meanwhile is
 * read again from where it stands now, so what came before that is dropped as well. With `givenUp`
 * messages that lack one of these schemas have failed by it.
 */
export function toDelivery(
  messages: readonly RawMessage[],
  decoder: RecordDecoder,
  positions: PositionTracker,
  again: {
    readonly first?: Delivery
    readonly givenUp?: SchemaFailures
    readonly trace?: BatchTrace | undefined
  } = {},
): Delivery {
  const { first, givenUp, trace = first?.trace } = again
  const records: FlowRecord[] = []
  const decodeFailures: DecodeFailure[] = []
  const reaches: Reach[] = []
  let reach: Reach | undefined
  let needs: Set<SchemaNeeded> | undefined
  let messageCount = 0
  for (const message of messages) {
    if (reach?.partition !== message.partition || reach.topic !== message.topic) {
      reach = reachOf(message, reaches, { positions, first })
    }
    if (reach === undefined) continue
    messageCount++
    reach.nextOffset = message.offset + 1
    reach.timestampMs = message.timestampMs
    const decoded = decoder.decode(message)
    if (decoded === undefined) continue
    if ('origin' in decoded) records.push(decoded)
    else if (decoded instanceof SchemaNeeded) {
      const failure = givenUp?.get(decoded.what)
      if (failure !== undefined) {
        decodeFailures.push(decoder.failureOf(message, failure))
        continue
      }
      needs ??= new Set()
      needs.add(decoded)
    } else decodeFailures.push(decoded)
  }
  for (const one of reaches) positions.noteRead(one)
  return { records, decodeFailures, reaches, messageCount, needs: needs ?? NO_NEEDS, trace }
}

function reachOf(
  message: RawMessage,
  reaches: Reach[],
  { positions, first }: { positions: PositionTracker; first: Delivery | undefined },
): Reach | undefined {
  const { topic, partition, offset } = message
  const isIt = (one: Reach) => one.partition === partition && one.topic === topic
  const known = reaches.find(isIt)
  if (known !== undefined) return known
  const epoch = positions.epoch(topic, partition)
  if (epoch === undefined) return undefined
  if (first !== undefined && first.reaches.find(isIt)?.epoch !== epoch) return undefined
  const made = { topic, partition, epoch, firstOffset: offset, nextOffset: offset, timestampMs: -1 }
  reaches.push(made)
  return made
}
