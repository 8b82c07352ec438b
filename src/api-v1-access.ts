/**
 * The JSON shapes of API tokens, users, sign-in, named secrets and the audit trail in `/api/v1`, types only.
 * Importable by every room, like api-v1.ts. Times are ISO 8601 in UTC.
 * Invariants: a token is shown once, in the answer that made it; a password and a named secret never.
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
  /** Addresses and networks from where it is taken; empty: from anywhere. */
  readonly addresses: readonly string[]
}

/** `POST /tokens`; the role is at most that of the caller. */
export interface TokenDraft {
  readonly name: string
  readonly role?: Role
  /** @default null */
  readonly expiresAt?: string | null
  /** @default [] */
  readonly addresses?: readonly string[]
}

/** Answer of `POST /tokens`. */
export interface TokenMade {
  readonly token: string
  readonly info: TokenInfo
}

// People ------------------------------------------------------------------------------------------

/** `GET /users`, for administrators. */
export interface UserInfo {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** May not sign in. */
  readonly disabled: boolean
  /** Stands in the server's configuration and is changed there. */
  readonly configured: boolean
  /** Null: of the configuration. */
  readonly createdAt: string | null
  readonly lastSeenAt: string | null
  /** A code is asked for as well. */
  readonly secondFactor: boolean
}

/** `POST /users`; the first user must be an administrator. From then on everybody signs in. */
export interface UserDraft {
  readonly name: string
  readonly role: Role
  readonly password: string
}

/** `PATCH /users/{id}`: what is left out stays; a new password ends the user's sessions. */
export interface UserPatch {
  readonly role?: Role
  readonly disabled?: boolean
  readonly password?: string
}

/** `POST /session` sets a cookie. Without a user the password is the server's token. */
export interface SignIn {
  readonly user: string
  readonly password: string
  /** Of the second factor, or for recovery; a refusal at the field `code` tells that it is needed. */
  readonly code?: string
}

/** `GET /setup`, for everybody. */
export interface SetupInfo {
  /** Nobody can sign in yet: the code in the server's log makes the first user. */
  readonly needed: boolean
}

/** `POST /setup`: the first administrator; the answer is that of signing in. */
export interface SetupDraft {
  readonly code: string
  readonly name: string
  readonly password: string
}

/** `POST /session/stay`, because somebody is at the page: it puts the end off. */
export interface SessionEnd {
  /** When the session ends if nobody does anything; null: the caller has none. */
  readonly endsAt: string | null
}

// Addresses ---------------------------------------------------------------------------------------

/** `GET /addresses`, for administrators: from where the server may be called. */
export interface AddressRulesInfo {
  /** Addresses and networks; empty: from anywhere. This machine always may. */
  readonly allowed: readonly string[]
  /** The list stands in the server's configuration and is changed there. */
  readonly configured: boolean
  readonly trustedProxies: readonly string[]
  /** From where this call came; null: nobody knows. */
  readonly own: string | null
}

/** `PUT /addresses`; one that locks its caller out is refused. */
export interface AddressRulesDraft {
  readonly allowed: readonly string[]
}

// Second factor -----------------------------------------------------------------------------------

/** `GET /account`: of whoever calls. */
export interface AccountInfo {
  readonly name: string
  /** Null: no user of the page, and without a second factor. */
  readonly factor: FactorState | null
}

export interface FactorState {
  readonly on: boolean
  readonly since: string | null
  /** Codes for recovery that were not used. */
  readonly recoveryLeft: number
}

/** Answer of `POST /account/factor` with `{"password"}`: it counts when it is confirmed. */
export interface FactorDraft {
  /** Base 32, for the app; told once. */
  readonly secret: string
  /** The same as a link that apps open. */
  readonly uri: string
}

/** Answer of `POST /account/factor/confirm` with `{"code"}`; `POST /account/factor/off` takes one, too. */
export interface RecoveryCodes {
  /** Each is right once; told once. */
  readonly codes: readonly string[]
}

// Secrets -----------------------------------------------------------------------------------------

/** `GET /secrets`: names only; a reference of the provider `secret` stands for the value in connections and connectors. */
export interface SecretInfo {
  readonly name: string
  readonly setAt: string
  readonly setBy: string
  /** As long as there are any it is not deleted. */
  readonly usedBy: readonly SecretUse[]
}

export interface SecretUse {
  readonly kind: 'connection' | 'connector'
  /** Of a connector its name. */
  readonly id: string
  readonly name: string
}

/** `POST /secrets`; `PUT /secrets/{name}` takes `{"value"}` and replaces the one that is there. */
export interface SecretDraft {
  readonly name: string
  readonly value: string
}

// Audit -------------------------------------------------------------------------------------------

/** `GET /audit`: newest first. */
export interface AuditEntry {
  readonly id: number
  readonly time: string
  readonly user: string
  readonly action: string
  readonly object: string
  readonly detail: string
}
