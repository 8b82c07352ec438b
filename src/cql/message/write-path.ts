/**
 * The write path's primitives: EXECUTE and BATCH framed in place around values that are bytes already.
 * A sink binds a row once into a buffer of its own as the values region `[short n] n × [value]`, and
 * copies that region here, so that one row may go out alone, in a batch, or again after a failure.
 *
 *     const at = beginExecute(writer, head); writer.writeBytes(region); endExecute(writer, at, head)
 *     const at = beginBatch(writer, head); { writeBatchChild(writer, id); writer.writeBytes(region) }…
 *     endBatch(writer, at, head)
 *
 * `head` may be one reused object whose fields are set per frame; nothing is allocated here.
 * Layouts: execute.ts, batch.ts, query-parameters.ts.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { FRAME_HEADER_BYTES } from '../frame/frame-view.ts'
import { beginFrame, endFrame } from '../frame/frame-writer.ts'
import { OPCODE } from '../frame/opcode.ts'
import type { ConsistencyCode } from '../primitive/consistency.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeShortBytes } from '../primitive/writers.ts'
import { BATCH_CHILD, type BatchTail, type BatchType } from './batch.ts'
import {
  QUERY_FLAG,
  type RequestTail,
  tailFlags,
  writeFlags,
  writeTail,
} from './query-parameters.ts'

const NO_BYTES = new Uint8Array(0)
/** Reused for every frame: beginFrame reads them and keeps nothing. */
const executeHeader = { version: 0, stream: 0, opcode: OPCODE.EXECUTE }
const batchHeader = { version: 0, stream: 0, opcode: OPCODE.BATCH }

export interface ExecuteHead extends RequestTail {
  readonly version: ProtocolVersion
  readonly stream: number
  readonly preparedId: Uint8Array
  /** Required by v5 (from PREPARED), ignored before. */
  readonly resultMetadataId?: Uint8Array | undefined
  readonly consistency: ConsistencyCode
  readonly skipMetadata?: boolean | undefined
}

/** Starts an EXECUTE; the caller then writes the values region. Returns the frame's start. */
export function beginExecute(writer: ByteWriter, head: ExecuteHead): number {
  const { version } = head
  executeHeader.version = version
  executeHeader.stream = head.stream
  const at = beginFrame(writer, executeHeader)
  writeShortBytes(writer, head.preparedId)
  if (version >= 5) writeShortBytes(writer, head.resultMetadataId ?? NO_BYTES)
  writer.writeInt16(head.consistency)
  let flags = QUERY_FLAG.VALUES | tailFlags(head, version)
  if (head.skipMetadata === true) flags |= QUERY_FLAG.SKIP_METADATA
  writeFlags(writer, flags, version)
  return at
}

/** Writes what follows the values (timestamp and such) and the length; `head` as in `beginExecute`. */
export function endExecute(writer: ByteWriter, frameStart: number, head: ExecuteHead): void {
  writeTail(writer, head, tailFlags(head, head.version))
  endFrame(writer, frameStart)
}

export interface BatchHead extends BatchTail {
  readonly version: ProtocolVersion
  readonly stream: number
  readonly type: BatchType
  readonly consistency: ConsistencyCode
}

/** Starts a BATCH; children follow. Returns the frame's start. */
export function beginBatch(writer: ByteWriter, head: BatchHead): number {
  batchHeader.version = head.version
  batchHeader.stream = head.stream
  const at = beginFrame(writer, batchHeader)
  writer.writeUInt8(head.type)
  writer.writeInt16(0)
  return at
}

/** Starts a prepared child; the caller then writes its values region (`0000` when it has none). */
export function writeBatchChild(writer: ByteWriter, preparedId: Uint8Array): void {
  writer.writeUInt8(BATCH_CHILD.PREPARED)
  writeShortBytes(writer, preparedId)
}

/** Ends a BATCH of `count` children (at most 65535). */
export function endBatch(
  writer: ByteWriter,
  frameStart: number,
  { head, count }: { readonly head: BatchHead; readonly count: number },
): void {
  const countAt = frameStart + FRAME_HEADER_BYTES + 1
  writer.bytes[countAt] = count >> 8
  writer.bytes[countAt + 1] = count
  writer.writeInt16(head.consistency)
  const flags = tailFlags(head, head.version)
  writeFlags(writer, flags, head.version)
  writeTail(writer, head, flags)
  endFrame(writer, frameStart)
}
