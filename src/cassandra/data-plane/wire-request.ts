/**
 * What a data connection carries: anything that can write itself as one frame and take the answer.
 * Implemented by classes with methods, not closures: one object per request, none per row.
 * Invariant: exactly one of `onFrame` and `onError` is called, once, per `send`.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ScamanderError } from '../../base/scamander-error.ts'
import type { FrameView, ProtocolVersion } from '../../cql/index.ts'

export interface WireRequest {
  /** Monotonic milliseconds after which the client gives up waiting. */
  readonly deadlineMs: number
  /** Writes one whole frame and returns where it starts. */
  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number
  /** The answer, valid during the call. */
  onFrame(frame: FrameView): void
  /** No answer: time-out or lost connection. */
  onError(error: ScamanderError): void
}
