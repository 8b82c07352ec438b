/**
 * OPTIONS to a cluster, so that a link is not taken for dead while its client is idle.
 * Sent by sessions when clients send OPTIONS. The answer says nothing; a lost link tells itself.
 * Spec: live-migration 2.3 (rule 5).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { OPCODE } from '../../cql/index.ts'
import type { LinkRequest } from './cluster-link.ts'
import { closeFrame, writeHeader } from './frame-copy.ts'

export class Heartbeat implements LinkRequest {
  readonly #version: number

  constructor(version: number) {
    this.#version = version
  }

  writeTo(writer: ByteWriter, stream: number): number {
    const start = writeHeader(writer, this.#version, stream, { flags: 0, opcode: OPCODE.OPTIONS })
    closeFrame(writer, start)
    return start
  }

  onAnswer(): undefined {
    return undefined
  }

  onLost(): undefined {
    return undefined
  }
}
