/**
 * All messages of the protocol, and the two tables that lead from an opcode to its codec.
 * READY and OPTIONS have no body. Bodies only: frames with their prefixes are message-frame.ts.
 * Spec: native protocol v5, section 4.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { OPCODE, opcodeName } from '../frame/opcode.ts'
import type { ByteReader } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import {
  type AuthChallengeMessage,
  decodeAuthChallenge,
  encodeAuthChallenge,
} from './auth-challenge.ts'
import {
  type AuthResponseMessage,
  decodeAuthResponse,
  encodeAuthResponse,
} from './auth-response.ts'
import { type AuthSuccessMessage, decodeAuthSuccess, encodeAuthSuccess } from './auth-success.ts'
import { type AuthenticateMessage, decodeAuthenticate, encodeAuthenticate } from './authenticate.ts'
import { type BatchMessage, decodeBatch, encodeBatch } from './batch.ts'
import { decodeError, type ErrorMessage, encodeError } from './error.ts'
import { decodeEvent, type EventMessage, encodeEvent } from './event.ts'
import { decodeExecute, type ExecuteMessage, encodeExecute } from './execute.ts'
import { decodePrepare, encodePrepare, type PrepareMessage } from './prepare.ts'
import { decodeQuery, encodeQuery, type QueryMessage } from './query.ts'
import { decodeRegister, encodeRegister, type RegisterMessage } from './register.ts'
import { decodeResult, encodeResult, type ResultMessage } from './result.ts'
import { decodeStartup, encodeStartup, type StartupMessage } from './startup.ts'
import { decodeSupported, encodeSupported, type SupportedMessage } from './supported.ts'

export interface OptionsMessage {
  readonly kind: 'OPTIONS'
}

export interface ReadyMessage {
  readonly kind: 'READY'
}

export type CqlRequest =
  | StartupMessage
  | OptionsMessage
  | QueryMessage
  | PrepareMessage
  | ExecuteMessage
  | BatchMessage
  | RegisterMessage
  | AuthResponseMessage

export type CqlResponse =
  | ErrorMessage
  | ReadyMessage
  | AuthenticateMessage
  | SupportedMessage
  | ResultMessage
  | EventMessage
  | AuthChallengeMessage
  | AuthSuccessMessage

export type CqlMessage = CqlRequest | CqlResponse

type Encoders = {
  readonly [K in CqlMessage['kind']]: (
    writer: ByteWriter,
    message: Extract<CqlMessage, { kind: K }>,
    version: ProtocolVersion,
  ) => void
}

const ENCODERS: Encoders = {
  STARTUP: encodeStartup,
  OPTIONS: () => undefined,
  QUERY: encodeQuery,
  PREPARE: encodePrepare,
  EXECUTE: encodeExecute,
  BATCH: encodeBatch,
  REGISTER: encodeRegister,
  AUTH_RESPONSE: encodeAuthResponse,
  ERROR: encodeError,
  READY: () => undefined,
  AUTHENTICATE: encodeAuthenticate,
  SUPPORTED: encodeSupported,
  RESULT: encodeResult,
  EVENT: encodeEvent,
  AUTH_CHALLENGE: encodeAuthChallenge,
  AUTH_SUCCESS: encodeAuthSuccess,
}

/** Writes the body of a message. */
export function encodeBody(
  writer: ByteWriter,
  message: CqlMessage,
  version: ProtocolVersion,
): void {
  const encode = ENCODERS[message.kind] as (
    writer: ByteWriter,
    message: CqlMessage,
    version: ProtocolVersion,
  ) => void
  encode(writer, message, version)
}

const READY: ReadyMessage = Object.freeze({ kind: 'READY' })
const OPTIONS: OptionsMessage = Object.freeze({ kind: 'OPTIONS' })

type Decoder = (reader: ByteReader, version: ProtocolVersion) => CqlMessage

const DECODERS = new Map<number, Decoder>([
  [OPCODE.ERROR, decodeError],
  [OPCODE.STARTUP, decodeStartup],
  [OPCODE.READY, () => READY],
  [OPCODE.AUTHENTICATE, decodeAuthenticate],
  [OPCODE.OPTIONS, () => OPTIONS],
  [OPCODE.SUPPORTED, decodeSupported],
  [OPCODE.QUERY, decodeQuery],
  [OPCODE.RESULT, decodeResult],
  [OPCODE.PREPARE, decodePrepare],
  [OPCODE.EXECUTE, decodeExecute],
  [OPCODE.REGISTER, decodeRegister],
  [OPCODE.EVENT, decodeEvent],
  [OPCODE.BATCH, decodeBatch],
  [OPCODE.AUTH_CHALLENGE, decodeAuthChallenge],
  [OPCODE.AUTH_RESPONSE, decodeAuthResponse],
  [OPCODE.AUTH_SUCCESS, decodeAuthSuccess],
])

/** Reads the body of a message, behind its prefixes. */
export function decodeBody(
  reader: ByteReader,
  opcode: number,
  version: ProtocolVersion,
): CqlMessage {
  const decode = DECODERS.get(opcode)
  if (decode === undefined) throw malformed(`unknown opcode ${opcodeName(opcode)}`)
  return decode(reader, version)
}
