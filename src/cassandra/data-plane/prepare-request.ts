/**
 * PREPARE on one data connection. Occasional, so it answers through a promise.
 * Sent by the write session at start, and again when a node forgot a statement.
 * Spec: native protocol v5, 4.1.5; cassandra-sink 7 (a refused statement is told with its CQL).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import {
  type FrameView,
  OPCODE,
  type PreparedResult,
  type ProtocolVersion,
  readMessage,
  writeMessage,
} from '../../cql/index.ts'
import { classify, type RequestPhase } from '../classify.ts'
import { readServerError } from './server-error.ts'
import type { WireRequest } from './wire-request.ts'

export class PrepareRequest implements WireRequest {
  readonly deadlineMs: number
  readonly finished: Promise<PreparedResult>
  readonly #cql: string
  readonly #phase: RequestPhase
  readonly #resolve: (result: PreparedResult) => void
  readonly #reject: (error: ScamanderError) => void

  constructor(cql: string, phase: RequestPhase, deadlineMs: number) {
    this.deadlineMs = deadlineMs
    this.#cql = cql
    this.#phase = phase
    const { promise, resolve, reject } = Promise.withResolvers<PreparedResult>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    return writeMessage(writer, { kind: 'PREPARE', query: this.#cql }, { version, stream })
  }

  onFrame(frame: FrameView): void {
    const { message } = frame.opcode === OPCODE.RESULT ? readMessage(frame) : { message: undefined }
    if (message?.kind === 'RESULT' && message.result === 'PREPARED') this.#resolve(message)
    else {
      const failure = { phase: this.#phase, statement: this.#cql }
      this.#reject(classify(readServerError(frame), failure))
    }
  }

  onError(error: ScamanderError): void {
    this.#reject(error)
  }
}
