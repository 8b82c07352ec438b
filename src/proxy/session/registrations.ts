/**
 * What a client registered for: repeated on a target connection that is opened again, so that events
 * come from the target when reads are switched to it later.
 * Kept by the session; filled by dispatch.
 * Invariant: at most REGISTRATIONS_MAX are kept, the newest ones.
 * Spec: live-migration 2.7 (REGISTER / EVENT).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { ClusterLink, LinkRequest } from '../link/cluster-link.ts'
import { closeFrame, FrameCopy, writeHeader } from '../link/frame-copy.ts'
import type { DualRequest } from '../request/dual-request.ts'

const REGISTRATIONS_MAX = 8

export class Registrations {
  readonly #kept: Registration[] = []

  add(request: DualRequest): void {
    this.#kept.push(new Registration(request))
    if (this.#kept.length > REGISTRATIONS_MAX) this.#kept.shift()
  }

  repeatOn(link: ClusterLink | undefined): void {
    for (const registration of this.#kept) link?.send(registration)
  }
}

class Registration implements LinkRequest {
  readonly #version: number
  readonly #frame: FrameCopy

  constructor({ version, flags, opcode, bytes, start, end }: DualRequest) {
    this.#version = version
    // Copied: it outlives the chunk by far.
    const body = Buffer.from(bytes.subarray(start, end))
    this.#frame = new FrameCopy({ flags, opcode, bytes: body, start: 0, end: body.length })
  }

  writeTo(writer: ByteWriter, stream: number): number {
    const start = writeHeader(writer, this.#version, stream, this.#frame)
    writer.writeBytes(this.#frame.bytes)
    closeFrame(writer, start)
    return start
  }

  onAnswer(): void {
    // READY, or an error that no client waits for.
  }

  onLost(): void {
    // The next connection gets it again.
  }
}
