/**
 * AUTH_RESPONSE: the client's answer to AUTHENTICATE or to a challenge.
 *
 *     [bytes] token, null allowed
 *
 * Spec: native protocol v5, section 4.1.2. The token's content belongs to the authenticator.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readBytes } from '../primitive/byte-reader.ts'
import { writeBytesOrNull } from '../primitive/writers.ts'

export interface AuthResponseMessage {
  readonly kind: 'AUTH_RESPONSE'
  readonly token: Buffer | null
}

export function encodeAuthResponse(writer: ByteWriter, message: AuthResponseMessage): void {
  writeBytesOrNull(writer, message.token)
}

export function decodeAuthResponse(reader: ByteReader): AuthResponseMessage {
  return { kind: 'AUTH_RESPONSE', token: readBytes(reader) }
}
