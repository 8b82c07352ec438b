/**
 * ERROR: the answer to a request that failed. Fields after the message depend on the code, see
 * `writeDetails`. Decoded by connections; encoded by the proxy and by scripted servers.
 *
 *     [int] code  [string] message  fields by code
 *
 * Spec: native protocol v5, section 8.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import {
  type ByteReader,
  readByte,
  readInt,
  readShort,
  readShortBytes,
  readString,
  remaining,
} from '../primitive/byte-reader.ts'
import type { ConsistencyCode } from '../primitive/consistency.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import {
  readInetAddress,
  readStringList,
  writeInetAddress,
  writeStringList,
} from '../primitive/structures.ts'
import { writeShortBytes, writeString } from '../primitive/writers.ts'
import { ERROR_CODE } from './error-code.ts'

/** One replica that failed and why (v5). */
export interface FailureReason {
  readonly address: string
  readonly reason: number
}

/** How many replicas failed; since v5 also which and why. */
export interface Failures {
  readonly count: number
  readonly reasons?: readonly FailureReason[] | undefined
}

interface Acknowledged {
  readonly consistency: ConsistencyCode
  readonly received: number
  readonly blockFor: number
}

export type ErrorDetails =
  | {
      readonly code: typeof ERROR_CODE.UNAVAILABLE
      readonly consistency: ConsistencyCode
      readonly required: number
      readonly alive: number
    }
  | (Acknowledged & {
      readonly code: typeof ERROR_CODE.WRITE_TIMEOUT
      readonly writeType: string
      /** v5, only for write type CAS. */
      readonly contentions?: number | undefined
    })
  | (Acknowledged & {
      readonly code: typeof ERROR_CODE.READ_TIMEOUT
      readonly isDataPresent: boolean
    })
  | (Acknowledged & {
      readonly code: typeof ERROR_CODE.READ_FAILURE
      readonly failures: Failures
      readonly isDataPresent: boolean
    })
  | (Acknowledged & {
      readonly code: typeof ERROR_CODE.WRITE_FAILURE
      readonly failures: Failures
      readonly writeType: string
    })
  | (Acknowledged & { readonly code: typeof ERROR_CODE.CAS_WRITE_UNKNOWN })
  | {
      readonly code: typeof ERROR_CODE.FUNCTION_FAILURE
      readonly keyspace: string
      readonly functionName: string
      readonly argumentTypes: readonly string[]
    }
  | {
      readonly code: typeof ERROR_CODE.ALREADY_EXISTS
      readonly keyspace: string
      readonly table: string
    }
  | { readonly code: typeof ERROR_CODE.UNPREPARED; readonly preparedId: Buffer }

export interface ErrorMessage {
  readonly kind: 'ERROR'
  readonly code: number
  readonly message: string
  /** Present exactly for the codes of `ErrorDetails`. */
  readonly details?: ErrorDetails | undefined
}

export function encodeError(
  writer: ByteWriter,
  message: ErrorMessage,
  version: ProtocolVersion,
): void {
  writer.writeInt32(message.code)
  writeString(writer, message.message)
  const { details } = message
  if (details !== undefined) writeDetails(writer, details, version)
}

/*
 * UNAVAILABLE        [consistency] [int] required [int] alive
 * WRITE_TIMEOUT      [consistency] [int] received [int] blockFor [string] type; v5 CAS: [short] contentions
 * READ_TIMEOUT       [consistency] [int] received [int] blockFor [byte] data present
 * READ_FAILURE       [consistency] [int] received [int] blockFor failures [byte] data present
 * WRITE_FAILURE      [consistency] [int] received [int] blockFor failures [string] write type
 * CAS_WRITE_UNKNOWN  [consistency] [int] received [int] blockFor
 * FUNCTION_FAILURE   [string] keyspace [string] function [string list] arguments
 * ALREADY_EXISTS     [string] keyspace [string] table       UNPREPARED  [short bytes] id
 * failures           v3, v4: [int] count      v5: [int] n, n × [inetaddr] [short] reason
 */
function writeDetails(writer: ByteWriter, details: ErrorDetails, version: ProtocolVersion): void {
  switch (details.code) {
    case ERROR_CODE.UNAVAILABLE:
      writer.writeInt16(details.consistency)
      writer.writeInt32(details.required)
      writer.writeInt32(details.alive)
      break
    case ERROR_CODE.FUNCTION_FAILURE:
      writeString(writer, details.keyspace)
      writeString(writer, details.functionName)
      writeStringList(writer, details.argumentTypes)
      break
    case ERROR_CODE.ALREADY_EXISTS:
      writeString(writer, details.keyspace)
      writeString(writer, details.table)
      break
    case ERROR_CODE.UNPREPARED:
      writeShortBytes(writer, details.preparedId)
      break
    default:
      writer.writeInt16(details.consistency)
      writer.writeInt32(details.received)
      writer.writeInt32(details.blockFor)
      if ('failures' in details) writeFailures(writer, details.failures, version)
      if ('isDataPresent' in details) writer.writeUInt8(details.isDataPresent ? 1 : 0)
      if ('writeType' in details) writeString(writer, details.writeType)
      if ('contentions' in details && details.contentions !== undefined && version >= 5) {
        writer.writeInt16(details.contentions)
      }
  }
}

export function decodeError(reader: ByteReader, version: ProtocolVersion): ErrorMessage {
  const code = readInt(reader)
  const message = readString(reader)
  return { kind: 'ERROR', code, message, details: readDetails(reader, code, version) }
}

function readDetails(
  reader: ByteReader,
  code: number,
  version: ProtocolVersion,
): ErrorDetails | undefined {
  switch (code) {
    case ERROR_CODE.UNAVAILABLE: {
      const consistency = readShort(reader)
      const required = readInt(reader)
      return { code, consistency, required, alive: readInt(reader) }
    }
    case ERROR_CODE.WRITE_TIMEOUT: {
      const acknowledged = readAcknowledged(reader)
      const writeType = readString(reader)
      const contentions = version >= 5 && remaining(reader) > 0 ? readShort(reader) : undefined
      return { code, ...acknowledged, writeType, contentions }
    }
    case ERROR_CODE.READ_TIMEOUT:
      return { code, ...readAcknowledged(reader), isDataPresent: readByte(reader) !== 0 }
    case ERROR_CODE.READ_FAILURE: {
      const acknowledged = readAcknowledged(reader)
      const failures = readFailures(reader, version)
      return { code, ...acknowledged, failures, isDataPresent: readByte(reader) !== 0 }
    }
    case ERROR_CODE.WRITE_FAILURE: {
      const acknowledged = readAcknowledged(reader)
      const failures = readFailures(reader, version)
      return { code, ...acknowledged, failures, writeType: readString(reader) }
    }
    case ERROR_CODE.CAS_WRITE_UNKNOWN:
      return { code, ...readAcknowledged(reader) }
    case ERROR_CODE.FUNCTION_FAILURE: {
      const keyspace = readString(reader)
      const functionName = readString(reader)
      return { code, keyspace, functionName, argumentTypes: readStringList(reader) }
    }
    case ERROR_CODE.ALREADY_EXISTS: {
      const keyspace = readString(reader)
      return { code, keyspace, table: readString(reader) }
    }
    case ERROR_CODE.UNPREPARED:
      return { code, preparedId: readShortBytes(reader) }
    default:
      return undefined
  }
}

function readAcknowledged(reader: ByteReader): Acknowledged {
  const consistency = readShort(reader)
  const received = readInt(reader)
  return { consistency, received, blockFor: readInt(reader) }
}

function writeFailures(writer: ByteWriter, failures: Failures, version: ProtocolVersion): void {
  if (version < 5) {
    writer.writeInt32(failures.count)
    return
  }
  const reasons = failures.reasons ?? []
  writer.writeInt32(reasons.length)
  for (const { address, reason } of reasons) {
    writeInetAddress(writer, address)
    writer.writeInt16(reason)
  }
}

function readFailures(reader: ByteReader, version: ProtocolVersion): Failures {
  const count = readInt(reader)
  if (version < 5) return { count, reasons: undefined }
  const reasons: FailureReason[] = []
  for (let i = 0; i < count; i++) {
    const address = readInetAddress(reader)
    reasons.push({ address, reason: readShort(reader) })
  }
  return { count, reasons }
}
