/**
 * AUTHENTICATE: the server wants an AUTH_RESPONSE before anything else.
 *
 *     [string] class name of the server's authenticator
 *
 * Spec: native protocol v5, section 4.2.3.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ByteReader, readString } from '../primitive/byte-reader.ts'
import { writeString } from '../primitive/writers.ts'

export interface AuthenticateMessage {
  readonly kind: 'AUTHENTICATE'
  readonly authenticator: string
}

export function encodeAuthenticate(writer: ByteWriter, message: AuthenticateMessage): void {
  writeString(writer, message.authenticator)
}

export function decodeAuthenticate(reader: ByteReader): AuthenticateMessage {
  return { kind: 'AUTHENTICATE', authenticator: readString(reader) }
}
