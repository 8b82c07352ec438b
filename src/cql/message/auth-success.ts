/**
 * AUTH_SUCCESS: the client is authenticated, the connection is ready.
 *
 *     [bytes] token, null allowed
 *
 * Spec: native protocol v5, section 4.2.8. The token's content belongs to the authenticator.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readBytes } from '../primitive/byte-reader.ts'
import { writeBytesOrNull } from '../primitive/writers.ts'

export interface AuthSuccessMessage {
  readonly kind: 'AUTH_SUCCESS'
  readonly token: Buffer | null
}

export function encodeAuthSuccess(writer: ByteWriter, message: AuthSuccessMessage): void {
  writeBytesOrNull(writer, message.token)
}

export function decodeAuthSuccess(reader: ByteReader): AuthSuccessMessage {
  return { kind: 'AUTH_SUCCESS', token: readBytes(reader) }
}
