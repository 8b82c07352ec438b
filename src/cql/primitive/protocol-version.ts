/**
 * The protocol versions this room speaks, and what differs between them.
 * Used by every encoder and decoder; v1 and v2 are only recognised, to be refused.
 * Spec: native protocol v3, v4, v5.
 */
export type ProtocolVersion = 3 | 4 | 5

export const PROTOCOL_VERSIONS: readonly ProtocolVersion[] = [3, 4, 5]

export function isProtocolVersion(value: number): value is ProtocolVersion {
  return value === 3 || value === 4 || value === 5
}
