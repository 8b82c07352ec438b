/**
 * A frame of protocol versions 1 and 2, which the proxy does not serve: such clients are told so in the
 * header they understand, of eight bytes with one byte of stream id.
 * Called by the session for refusals only.
 *
 *     [byte] version  [byte] flags  [byte] stream  [byte] opcode  [int] length  body
 *
 * Spec: native protocol v2, section 2; live-migration 2.3 (rule 2).
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { type CqlResponse, writeMessage } from '../../cql/index.ts'

/** Opcode and length stand behind version, flags and two bytes of stream id. */
const OPCODE_AT = 4

export function writeOldFrame(writer: ByteWriter, version: number, message: CqlResponse): number {
  const whole = new ByteWriter(512)
  writeMessage(whole, message, { version: 4, stream: 0 })
  const start = writer.position
  writer.writeBytes(Buffer.from([version | 0x80, 0, 0]))
  writer.writeBytes(whole.bytes, OPCODE_AT, whole.position)
  return start
}
