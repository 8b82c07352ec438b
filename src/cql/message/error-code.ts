/**
 * Error codes of the server. What they mean for a retry is decided by the room that owns the
 * connections, in one table of its own.
 * Spec: native protocol v5, section 8 (v3 and v4: subsets).
 */
export const ERROR_CODE = {
  SERVER_ERROR: 0x0000,
  PROTOCOL_ERROR: 0x000a,
  BAD_CREDENTIALS: 0x0100,
  UNAVAILABLE: 0x1000,
  OVERLOADED: 0x1001,
  IS_BOOTSTRAPPING: 0x1002,
  TRUNCATE_ERROR: 0x1003,
  WRITE_TIMEOUT: 0x1100,
  READ_TIMEOUT: 0x1200,
  READ_FAILURE: 0x1300,
  FUNCTION_FAILURE: 0x1400,
  WRITE_FAILURE: 0x1500,
  CDC_WRITE_FAILURE: 0x1600,
  CAS_WRITE_UNKNOWN: 0x1700,
  SYNTAX_ERROR: 0x2000,
  UNAUTHORIZED: 0x2100,
  INVALID: 0x2200,
  CONFIG_ERROR: 0x2300,
  ALREADY_EXISTS: 0x2400,
  UNPREPARED: 0x2500,
} as const

export type ErrorCodeName = keyof typeof ERROR_CODE

const NAMES = new Map(Object.entries(ERROR_CODE).map(([name, code]) => [code as number, name]))

/** The code's name, or `UNKNOWN(0x…)` for a code of a newer server. */
export function errorCodeName(code: number): string {
  return NAMES.get(code) ?? `UNKNOWN(0x${code.toString(16)})`
}
