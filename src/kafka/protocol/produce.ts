/**
 * The Produce request, version 9, around batches that are encoded already: the client library would
 * take every record through objects and bigints of its own. Its response parser is used.
 * Called by the producer with at most one batch per partition.
 * Spec: Kafka protocol, Produce v9 (flexible encoding; Kafka 2.8 and newer).
 */
import { type Connection, produceV9, Writer } from '@platformatic/kafka'

const PRODUCE_KEY = 0
const PRODUCE_VERSION = 9

export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** Of the first record; -1 when it is not known. */
  readonly baseOffset: number
}

export interface ProduceOptions {
  readonly acks: number
  readonly timeoutMs: number
  /** Given when the batches belong to a transaction. */
  readonly transactionalId?: string
}

/*
  transactional_id COMPACT_NULLABLE_STRING | acks INT16 | timeout_ms INT32
  | topic_data COMPACT_ARRAY: name COMPACT_STRING, partition_data COMPACT_ARRAY: index INT32,
    records COMPACT_RECORDS, TAGS | TAGS | TAGS
*/
function encodeProduce(batches: readonly PartitionBatch[], options: ProduceOptions): Writer {
  const topics = [...Map.groupBy(batches, one => one.topic)]
  const writer = Writer.create()
    .appendString(options.transactionalId ?? null)
    .appendInt16(options.acks)
    .appendInt32(options.timeoutMs)
    .appendArray(topics, (topicWriter, [topic, ones]) => {
      topicWriter.appendString(topic).appendArray(ones, (partitionWriter, { partition, batch }) => {
        partitionWriter
          .appendInt32(partition)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch)
      })
    })
    .appendTaggedFields()
  if (options.acks === 0) writer.context['noResponse'] = true
  return writer
}

/** Sends the batches; the result has one entry per partition, and is empty for acks 0. */
export async function sendProduce(
  connection: Connection,
  batches: readonly PartitionBatch[],
  options: ProduceOptions,
): Promise<ProducedPartition[]> {
  type Response = Awaited<ReturnType<typeof produceV9.parseResponse>> | boolean
  const response = await new Promise<Response>((resolve, reject) => {
    connection.send<Response>(
      PRODUCE_KEY,
      PRODUCE_VERSION,
      () => encodeProduce(batches, options),
      produceV9.parseResponse,
      true,
      true,
      (error, payload) => (error === null ? resolve(payload!) : reject(error)),
    )
  }).catch((error: { response?: Response }) => {
    // Partitions that failed make the library throw what it has parsed.
    if (error.response === undefined) throw error
    return error.response
  })
  if (typeof response === 'boolean') return []
  return response.responses.flatMap(({ name: topic, partitionResponses }) =>
    partitionResponses.map(({ index: partition, errorCode, baseOffset }) => ({
      topic,
      partition,
      errorCode,
      baseOffset: Number(baseOffset),
    })),
  )
}
