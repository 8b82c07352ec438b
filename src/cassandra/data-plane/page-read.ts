/**
 * One EXECUTE of a SELECT and its page of rows. A promise per page, none per row.
 * The rows stay undecoded in the bytes of the frame, which nobody else uses afterwards.
 * Called by the read session. Spec: native protocol v5, 4.1.6 and 4.2.5.2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import {
  beginExecute,
  endExecute,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  type RowsResult,
  readMessage,
} from '../../cql/index.ts'
import { classify } from '../classify.ts'
import type { PageRequest, ReadStatement } from './read-statement.ts'
import { readServerError } from './server-error.ts'
import type { WireRequest } from './wire-request.ts'

export class PageRead implements WireRequest {
  readonly deadlineMs: number
  readonly finished: Promise<RowsResult>
  readonly #statement: ReadStatement
  readonly #page: PageRequest
  readonly #node: string
  readonly #resolve: (rows: RowsResult) => void
  readonly #reject: (error: ScamanderError) => void

  constructor(
    statement: ReadStatement,
    page: PageRequest,
    where: { readonly node: string; readonly deadlineMs: number },
  ) {
    this.#statement = statement
    this.#page = page
    this.#node = where.node
    this.deadlineMs = where.deadlineMs
    const { promise, resolve, reject } = Promise.withResolvers<RowsResult>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    const { id, resultMetadataId, consistency } = this.#statement
    const { values, pageSize, pagingState } = this.#page
    const head = {
      ...{ version, stream, preparedId: id, resultMetadataId, consistency },
      ...{ skipMetadata: true, pageSize, pagingState },
    }
    const frameStart = beginExecute(writer, head)
    writer.writeBytes(values)
    endExecute(writer, frameStart, head)
    return frameStart
  }

  onFrame(frame: FrameView): void {
    const failure = { phase: 'read' as const, node: this.#node, statement: this.#statement.cql }
    if (frame.opcode !== OPCODE.RESULT) {
      this.#reject(classify(readServerError(frame), failure))
      return
    }
    try {
      const { message } = readMessage(frame)
      if (message.kind !== 'RESULT' || message.result !== 'ROWS') throw new Error('expected rows')
      const { newMetadataId } = message.metadata
      if (newMetadataId !== undefined) this.#statement.resultMetadataId = newMetadataId
      this.#resolve(message)
    } catch (error) {
      this.#reject(classify(error, failure))
    }
  }

  onError(error: ScamanderError): void {
    this.#reject(error)
  }
}
