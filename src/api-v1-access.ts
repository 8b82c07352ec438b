/**
 * The JSON shapes of API tokens in `/api/v1`, types only.
 * Importable by every room, like api-v1.ts. Times are ISO 8601 in UTC.
 * Invariant: a token is shown once, in the answer that made it.
 * Spec: backlog-replication 2.17.
 */
import type { Role } from './api-v1.ts'

/** `GET /tokens`: those of the caller; of everybody for an administrator. */
export interface TokenInfo {
  readonly id: string
  readonly name: string
  /** `sc_` and four characters, to tell tokens apart. */
  readonly prefix: string
  readonly role: Role
  readonly owner: string
  readonly createdAt: string
  /** Null: until it is deleted. */
  readonly expiresAt: string | null
  /** To the minute. */
  readonly lastUsedAt: string | null
}

/** `POST /tokens`; the role is at most that of the caller. */
export interface TokenDraft {
  readonly name: string
  readonly role?: Role
  /** @default null */
  readonly expiresAt?: string | null
}

/** Answer of `POST /tokens`. */
export interface TokenMade {
  readonly token: string
  readonly info: TokenInfo
}
