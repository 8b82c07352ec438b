/**
 * One batch of a source on its way: its records transformed and converted, those that failed, and
 * the positions it reaches. Built by the source task; settled once, in the order of reading.
 * Invariant: the records keep the order in which the source gave them.
 */
import { assert } from '../base/assert.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import {
  type FlowRecord,
  SchemaNeeded,
  type SourceBatch,
  type SourcePosition,
} from '../flow/index.ts'
import {
  EncodeFailure,
  type OutgoingRecord,
  type RecordEncoder,
  type RecordPlace,
} from './record-encoder.ts'
import { decisive, fetchSchemas, isPassing, SCHEMA_ROUNDS_MAX } from './schema-needs.ts'

export interface EncodedBatch {
  readonly records: readonly OutgoingRecord[]
  readonly failures: readonly EncodeFailure[]
  readonly readCount: number
  readonly droppedCount: number
  /** About what the batch holds until it is settled. */
  readonly sizeBytes: number
  /** Where it leads to, the last of each partition object, in order. */
  readonly positions: readonly SourcePosition[]
}

const SOURCE_CLASS = 'org.apache.kafka.connect.source.SourceTask'

/** What happens when a schema cannot be fetched. */
export interface SchemaRetry {
  /** Waits; false: it is not asked for again. */
  again(error: ScamanderError): Promise<boolean>
}

/**
 * A schema that could not be fetched is answered as the error it is: nothing of the batch counts.
 * With `retry` it is asked for until that says no; then the records that lack it have failed.
 */
export async function encodeBatch(
  batch: SourceBatch,
  encoder: RecordEncoder,
  retry?: SchemaRetry,
): Promise<EncodedBatch | ScamanderError> {
  const failures = (batch.failures ?? []).map(
    error => new EncodeFailure('TASK_POLL', SOURCE_CLASS, error),
  )
  const transformed: { record: FlowRecord; place: RecordPlace }[] = []
  let droppedCount = 0
  for (const item of batch.items) {
    const record = encoder.transform(item)
    if (record === undefined) droppedCount += 1
    else if (record instanceof EncodeFailure) failures.push(record)
    else transformed.push({ record, place: item })
  }
  const converted: (OutgoingRecord | EncodeFailure | SchemaNeeded)[] = transformed.map(
    ({ record, place }) => encoder.encode(record, place),
  )
  for (let round = 0; round < SCHEMA_ROUNDS_MAX; round++) {
    const needs = new Set(converted.filter(one => one instanceof SchemaNeeded))
    if (needs.size === 0) break
    let failures = await fetchSchemas(needs)
    let failure = decisive(failures)
    while (failure !== undefined && (await retry?.again(failure))) {
      failures = await fetchSchemas(needs)
      failure = decisive(failures)
    }
    if (failure !== undefined && (retry === undefined || !isPassing(failure))) return failure
    transformed.forEach(({ record, place }, index) => {
      if (!(converted[index] instanceof SchemaNeeded)) return
      const one = encoder.encode(record, place)
      const lost = one instanceof SchemaNeeded ? failures.get(one.what) : undefined
      converted[index] = lost === undefined ? one : encoder.failureOf(lost)
    })
  }
  const records: OutgoingRecord[] = []
  for (const one of converted) {
    if (one instanceof EncodeFailure) failures.push(one)
    else {
      assert(!(one instanceof SchemaNeeded), 'a schema that was fetched is known')
      records.push(one)
    }
  }
  return {
    records,
    failures,
    readCount: batch.items.length,
    droppedCount,
    sizeBytes: Math.max(batch.sizeBytes, sizeOf(records)),
    positions: positionsOf(batch),
  }
}

function sizeOf(records: readonly OutgoingRecord[]): number {
  let bytes = 0
  for (const { key, value } of records) bytes += 64 + (key?.length ?? 0) + (value?.length ?? 0)
  return bytes
}

function positionsOf(batch: SourceBatch): SourcePosition[] {
  const positions: SourcePosition[] = []
  let last: SourcePosition | undefined
  for (const { position } of batch.items) {
    if (position === null || position === last) continue
    // Records of one partition follow each other mostly: only the last of them is kept.
    if (last !== undefined && last.partition === position.partition) positions.pop()
    positions.push(position)
    last = position
  }
  for (const position of batch.positions ?? []) positions.push(position)
  return positions
}
