/**
 * Whole messages as frames: header, the prefixes that header flags announce, body.
 * Used for everything that is not the row path: handshake, prepare, events, errors, the proxy.
 *
 *     response: [uuid tracing id] [string list warnings] [bytes map custom payload] body
 *     request:  [bytes map custom payload] body
 *
 * Spec: native protocol v5, section 2.1.2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { Compressor } from '../compress/compressor.ts'
import { malformed } from '../errors.ts'
import { decompressFrame } from '../frame/frame-compression.ts'
import type { FrameView } from '../frame/frame-view.ts'
import { beginFrame, endFrame } from '../frame/frame-writer.ts'
import { FRAME_FLAG, OPCODE } from '../frame/opcode.ts'
import { ByteReader } from '../primitive/byte-reader.ts'
import { isProtocolVersion, type ProtocolVersion } from '../primitive/protocol-version.ts'
import {
  type BytesMap,
  readBytesMap,
  readStringList,
  writeBytesMap,
  writeStringList,
} from '../primitive/structures.ts'
import { readUuid, writeUuidText } from '../primitive/uuid.ts'
import { type CqlMessage, decodeBody, encodeBody } from './message.ts'

export interface MessageOptions {
  readonly version: ProtocolVersion
  readonly stream: number
  /** Asks for tracing; only in requests. */
  readonly tracing?: boolean | undefined
  /** Only in responses. */
  readonly tracingId?: string | undefined
  /** Only in responses. */
  readonly warnings?: readonly string[] | undefined
  readonly customPayload?: BytesMap | undefined
}

export interface DecodedMessage {
  readonly message: CqlMessage
  readonly tracingId: string | undefined
  readonly warnings: readonly string[] | undefined
  readonly customPayload: BytesMap | undefined
}

const RESPONSES: ReadonlySet<CqlMessage['kind']> = new Set([
  'ERROR',
  'READY',
  'AUTHENTICATE',
  'SUPPORTED',
  'RESULT',
  'EVENT',
  'AUTH_CHALLENGE',
  'AUTH_SUCCESS',
] as const)

/** Writes a message as one frame; returns where it starts. */
export function writeMessage(
  writer: ByteWriter,
  message: CqlMessage,
  options: MessageOptions,
): number {
  const { version, stream, tracingId, warnings, customPayload } = options
  const isResponse = RESPONSES.has(message.kind)
  let flags = 0
  if (tracingId !== undefined || options.tracing === true) flags |= FRAME_FLAG.TRACING
  if (warnings !== undefined) flags |= FRAME_FLAG.WARNING
  if (customPayload !== undefined) flags |= FRAME_FLAG.CUSTOM_PAYLOAD
  const opcode = OPCODE[message.kind]
  const start = beginFrame(writer, { version, stream, opcode, flags, isResponse })
  if (tracingId !== undefined && !writeUuidText(writer, tracingId)) {
    throw malformed('expected a UUID as tracing id')
  }
  if (warnings !== undefined) writeStringList(writer, warnings)
  if (customPayload !== undefined) writeBytesMap(writer, customPayload)
  encodeBody(writer, message, version)
  endFrame(writer, start)
  return start
}

/** Reads the message of a frame, decompressing its body first where it must. */
export function readMessage(frame: FrameView, compressor?: Compressor): DecodedMessage {
  decompressFrame(frame, compressor)
  const { version, flags, isResponse } = frame
  if (!isProtocolVersion(version)) throw malformed(`expected protocol 3 to 5, found ${version}`)
  const reader = new ByteReader(frame.bytes, frame.start, frame.end)
  const has = (flag: number) => (flags & flag) !== 0
  const tracingId = isResponse && has(FRAME_FLAG.TRACING) ? readUuid(reader) : undefined
  const warnings = isResponse && has(FRAME_FLAG.WARNING) ? readStringList(reader) : undefined
  const customPayload = has(FRAME_FLAG.CUSTOM_PAYLOAD) ? readBytesMap(reader) : undefined
  const message = decodeBody(reader, frame.opcode, version)
  return { message, tracingId, warnings, customPayload }
}
