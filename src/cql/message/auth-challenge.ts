/**
 * AUTH_CHALLENGE: the server asks the client for another AUTH_RESPONSE.
 *
 *     [bytes] token, null allowed
 *
 * Spec: native protocol v5, section 4.2.7. The token's content belongs to the authenticator.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readBytes } from '../primitive/byte-reader.ts'
import { writeBytesOrNull } from '../primitive/writers.ts'

export interface AuthChallengeMessage {
  readonly kind: 'AUTH_CHALLENGE'
  readonly token: Buffer | null
}

export function encodeAuthChallenge(writer: ByteWriter, message: AuthChallengeMessage): void {
  writeBytesOrNull(writer, message.token)
}

export function decodeAuthChallenge(reader: ByteReader): AuthChallengeMessage {
  return { kind: 'AUTH_CHALLENGE', token: readBytes(reader) }
}
