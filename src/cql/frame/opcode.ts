/**
 * Opcodes of the protocol, the flags of a frame header, the limits of stream ids.
 * Used by the frame writers, the message codecs and whoever routes frames undecoded.
 * Spec: native protocol v5, sections 2.1.2 and 2.1.4 (v3 and v4 alike).
 */
export const OPCODE = {
  ERROR: 0x00,
  STARTUP: 0x01,
  READY: 0x02,
  AUTHENTICATE: 0x03,
  OPTIONS: 0x05,
  SUPPORTED: 0x06,
  QUERY: 0x07,
  RESULT: 0x08,
  PREPARE: 0x09,
  EXECUTE: 0x0a,
  REGISTER: 0x0b,
  EVENT: 0x0c,
  BATCH: 0x0d,
  AUTH_CHALLENGE: 0x0e,
  AUTH_RESPONSE: 0x0f,
  AUTH_SUCCESS: 0x10,
} as const

export type OpcodeName = keyof typeof OPCODE

const NAMES = new Map(Object.entries(OPCODE).map(([name, code]) => [code as number, name]))

/** The opcode's name, or `UNKNOWN(n)`. */
export function opcodeName(opcode: number): string {
  return NAMES.get(opcode) ?? `UNKNOWN(${opcode})`
}

export const FRAME_FLAG = {
  COMPRESSED: 0x01,
  TRACING: 0x02,
  CUSTOM_PAYLOAD: 0x04,
  WARNING: 0x08,
  BETA: 0x10,
} as const

/** The stream id of events, which answer no request. */
export const EVENT_STREAM = -1
export const STREAM_ID_MAX = 32_767
