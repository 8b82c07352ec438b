/**
 * API tokens: made for a role, shown once, kept as digests.
 * Part of the replicator's store; the server asks it for every bearer token that begins with `sc_`.
 * Invariants: a token never gets more rights than its owner has when it is made; a token that is over or
 * deleted is unknown; the number of tokens is bounded.
 * Spec: backlog-replication 2.17.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Role } from '../api-v1.ts'
import type { TokenDraft, TokenInfo, TokenMade } from '../api-v1-access.ts'
import { wrongAddress } from '../base/address-list.ts'
import { conflict, unknown } from './errors.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

/** Each has the rights of those before it. */
export const ROLES: readonly Role[] = ['viewer', 'job_operator', 'job_creator', 'standard', 'admin']

export interface Owner {
  readonly name: string
  readonly role: Role
}

const KIND = 'token'
const PREFIX = 'sc_'
const SHOWN_LENGTH = PREFIX.length + 4
const TOKENS_MAX = 500
const NAME_MAX = 64
const ADDRESSES_MAX = 50
const USED_STEP_MS = 60_000

export class TokenDesk {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  list({ name, role }: Owner): TokenInfo[] {
    const all = this.#store.all<TokenInfo>(KIND)
    const own = role === 'admin' ? all : all.filter(one => one.owner === name)
    // Those of older versions tell none.
    return own
      .map(one => ({ ...one, addresses: one.addresses ?? [] }))
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
  }

  make(draft: TokenDraft, owner: Owner): TokenMade {
    const { name, role = owner.role, expiresAt = null, addresses = [] } = draft
    if (typeof name !== 'string' || name.trim() === '' || name.length > NAME_MAX)
      throw fieldError('name', `name: expected 1 to ${NAME_MAX} characters`)
    if (!ROLES.includes(role) || !isAtLeast(owner.role, role))
      throw fieldError('role', `role: expected one of ${rolesUpTo(owner.role).join(', ')}`)
    const wrong = Array.isArray(addresses) ? wrongAddress(addresses) : String(addresses)
    if (wrong !== undefined || addresses.length > ADDRESSES_MAX)
      throw fieldError(
        'addresses',
        `addresses: expected at most ${ADDRESSES_MAX} addresses and networks like 10.0.0.0/8, found ${wrong ?? addresses.length}`,
      )
    const untilMs = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
    if (!(untilMs > Date.now()))
      throw fieldError('expiresAt', 'expiresAt: expected a time that is still to come')
    if (this.#store.all(KIND).length >= TOKENS_MAX)
      throw conflict(`there are ${TOKENS_MAX} tokens already; delete those that are not used`)
    const token = PREFIX + randomBytes(32).toString('base64url')
    const id = digestOf(token)
    const info: TokenInfo = {
      ...{ id, name, prefix: token.slice(0, SHOWN_LENGTH), role },
      ...{ owner: owner.name, createdAt: new Date().toISOString() },
      expiresAt: expiresAt === null ? null : new Date(untilMs).toISOString(),
      ...{ lastUsedAt: null, addresses },
    }
    this.#store.put(KIND, id, info)
    return { token, info }
  }

  /** Of one's own, or of anybody for an administrator; answers its name. */
  delete(id: string, owner: Owner): string {
    const info = this.list(owner).find(one => one.id === id)
    if (info === undefined) throw unknown(`there is no token ${id}`)
    this.#store.delete(KIND, id)
    return info.name
  }

  /** Those of a user who is gone. */
  deleteOf(owner: string): void {
    const own = this.#store.all<TokenInfo>(KIND).filter(one => one.owner === owner)
    for (const { id } of own) this.#store.delete(KIND, id)
  }

  /** Undefined: nobody's, or over. */
  find(token: string): TokenInfo | undefined {
    if (!token.startsWith(PREFIX)) return undefined
    const id = digestOf(token)
    const info = this.#store.get<TokenInfo>(KIND, id)
    const now = Date.now()
    if (info === undefined) return undefined
    if (info.expiresAt !== null && Date.parse(info.expiresAt) <= now) return undefined
    if (now - Date.parse(info.lastUsedAt ?? '1970-01-01') >= USED_STEP_MS)
      this.#store.put(KIND, id, { ...info, lastUsedAt: new Date(now).toISOString() })
    return info
  }
}

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}

function rolesUpTo(role: Role): readonly Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1)
}

/** Also the id of the token: nobody comes back from it to the token. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
