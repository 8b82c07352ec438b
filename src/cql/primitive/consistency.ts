/**
 * Consistency levels and their [consistency] codes.
 * Structs of this room carry the code; names are for configuration and messages.
 * Spec: native protocol v5, section 3 ([consistency]).
 */
export const CONSISTENCY = {
  ANY: 0,
  ONE: 1,
  TWO: 2,
  THREE: 3,
  QUORUM: 4,
  ALL: 5,
  LOCAL_QUORUM: 6,
  EACH_QUORUM: 7,
  SERIAL: 8,
  LOCAL_SERIAL: 9,
  LOCAL_ONE: 10,
  NODE_LOCAL: 11,
} as const

export type ConsistencyName = keyof typeof CONSISTENCY
/** A code of the table, or a code of a newer server passed through unchanged. */
export type ConsistencyCode = number

const NAMES = Object.keys(CONSISTENCY) as ConsistencyName[]

/** The level's name, or `UNKNOWN(n)` for a code this table does not have. */
export function consistencyName(code: ConsistencyCode): string {
  return NAMES[code] ?? `UNKNOWN(${code})`
}

/** The code of a name written in any case; undefined when there is no such level. */
export function consistencyCode(name: string): ConsistencyCode | undefined {
  const upper = name.trim().toUpperCase()
  return Object.hasOwn(CONSISTENCY, upper) ? CONSISTENCY[upper as ConsistencyName] : undefined
}
