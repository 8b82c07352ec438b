/**
 * One write request, from planning to its answer: an EXECUTE for one row, a BATCH for several.
 * Made by the dispatcher; one object per request, none per row.
 * Values are copied once, from the delivery's arena into the connection's output chunk.
 * Spec: native protocol v5, 4.1.6 (EXECUTE), 4.1.7 (BATCH).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import {
  BATCH_TYPE,
  type BatchType,
  beginBatch,
  beginExecute,
  type ConsistencyCode,
  endBatch,
  endExecute,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  writeBatchChild,
} from '../../cql/index.ts'
import type { ServerError } from '../classify.ts'
import type { NodeRef } from '../topology.ts'
import type { NodePool } from './node-pool.ts'
import type { PlannedRequest } from './request-planner.ts'
import { readServerError } from './server-error.ts'
import type { WireRequest } from './wire-request.ts'
import type { WriteDelivery } from './write-delivery.ts'

// Reused for every frame: the encoders read them at once and keep nothing.
const NO_BYTES = Buffer.alloc(0)
const executeHead = {
  version: 4 as ProtocolVersion,
  stream: 0,
  preparedId: NO_BYTES as Buffer,
  resultMetadataId: undefined as Buffer | undefined,
  consistency: 0 as ConsistencyCode,
}
const batchHead = {
  version: 4 as ProtocolVersion,
  stream: 0,
  type: BATCH_TYPE.UNLOGGED as BatchType,
  consistency: 0 as ConsistencyCode,
}

/** Takes finished requests back: implemented by the dispatcher. */
export interface WriteOwner {
  onWritten(write: InFlightWrite): void
  onServerError(write: InFlightWrite, error: ServerError): void
  onLost(write: InFlightWrite, error: ScamanderError): void
}

export class InFlightWrite implements WireRequest {
  readonly delivery: WriteDelivery
  readonly rows: readonly number[]
  readonly replicas: readonly NodeRef[] | undefined
  readonly bytes: number
  deadlineMs = 0
  attempts = 0
  repreparations = 0
  /** Executions under way: more than one only when speculative. */
  pending = 0
  /** Its outcome was told; answers of other executions no longer count. */
  isFinished = false
  /** Where it went last; also the node to avoid next. */
  pool: NodePool | undefined
  readonly #owner: WriteOwner

  constructor(delivery: WriteDelivery, planned: PlannedRequest, owner: WriteOwner) {
    this.delivery = delivery
    this.rows = planned.rows
    this.replicas = planned.replicas
    this.bytes = planned.bytes
    this.#owner = owner
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    return this.rows.length === 1
      ? this.#writeExecute(writer, version, stream)
      : this.#writeBatch(writer, version, stream)
  }

  onFrame(frame: FrameView): void {
    this.pending -= 1
    if (frame.opcode === OPCODE.RESULT) this.#owner.onWritten(this)
    else this.#owner.onServerError(this, readServerError(frame))
  }

  onError(error: ScamanderError): void {
    this.pending -= 1
    this.#owner.onLost(this, error)
  }

  /** Two halves, for a batch that the server refuses. */
  split(): PlannedRequest[] {
    const { rows, replicas } = this
    const middle = rows.length >> 1
    const halves = [rows.slice(0, middle), rows.slice(middle)]
    return halves.map(half => ({ rows: half, replicas, bytes: this.bytes >> 1 }))
  }

  #writeExecute(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    const { batch } = this.delivery
    const row = this.rows[0]!
    const statement = batch.statements[row]!
    executeHead.version = version
    executeHead.stream = stream
    executeHead.preparedId = statement.id
    executeHead.resultMetadataId = statement.resultMetadataId
    executeHead.consistency = statement.consistency
    const frameStart = beginExecute(writer, executeHead)
    writer.writeBytes(batch.arena.bytes, batch.start[row], batch.end[row])
    endExecute(writer, frameStart, executeHead)
    return frameStart
  }

  #writeBatch(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    const { batch } = this.delivery
    const { rows } = this
    const first = batch.statements[rows[0]!]!
    batchHead.version = version
    batchHead.stream = stream
    batchHead.type = first.isCounter ? BATCH_TYPE.COUNTER : BATCH_TYPE.UNLOGGED
    batchHead.consistency = first.consistency
    const frameStart = beginBatch(writer, batchHead)
    for (const row of rows) {
      writeBatchChild(writer, batch.statements[row]!.id)
      writer.writeBytes(batch.arena.bytes, batch.start[row], batch.end[row])
    }
    endBatch(writer, frameStart, { head: batchHead, count: rows.length })
    return frameStart
  }
}
