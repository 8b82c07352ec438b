/**
 * Who a caller is and what role that person or token has: users by their names, API tokens by their
 * digests, everybody else on this machine as its administrator.
 * Asked by `Access` before a call is looked at, and by the routes of `/api/v1` for its rights.
 * Invariants: an API token that is unknown, over or deleted is nobody; another acts as its owner, with
 * the lesser of its role and that which its owner has now.
 * Spec: backlog-replication 2.17.
 */
import type { Role } from '../api-v1.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { isAtLeast, ROLES } from '../replicate/index.ts'
import { SERVER_ERRORS } from './errors.ts'

export interface CallerInfo {
  /** Of a token: its owner. */
  readonly name: string
  readonly role: Role
  /** Name of the API token that was sent; undefined: it was none. */
  readonly token?: string | undefined
}

/** Finds an API token; undefined: nobody's. */
export type FindToken = (
  token: string,
) => { readonly name: string; readonly owner: string; readonly role: Role } | undefined

const LOCAL: CallerInfo = { name: 'Local admin', role: 'admin' }

export class Callers {
  readonly #roles: ReadonlyMap<string, Role>
  readonly #findToken: FindToken

  /** `roles`: `name:role`, separated by commas; users that are not named are administrators. */
  constructor(roles: string, findToken: FindToken) {
    this.#roles = parseRoles(roles)
    this.#findToken = findToken
  }

  /** Only of what `Access` let in; undefined for an API token that is nobody's. */
  callerOf(authorization: string | undefined): CallerInfo | undefined {
    const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/)
    if (scheme === '') return LOCAL
    if (scheme.toLowerCase() === 'basic') {
      const name = Buffer.from(value, 'base64').toString().split(':')[0] ?? ''
      return { name, role: this.#roleOf(name) }
    }
    return isApiToken(authorization) ? this.#ownerOf(value) : { name: 'token', role: 'admin' }
  }

  #ownerOf(token: string): CallerInfo | undefined {
    const found = this.#findToken(token)
    if (found === undefined) return undefined
    const now = this.#roleOf(found.owner)
    const role = isAtLeast(now, found.role) ? found.role : now
    return { name: found.owner, role, token: found.name }
  }

  #roleOf(user: string): Role {
    return this.#roles.get(user) ?? 'admin'
  }
}

export function isApiToken(authorization: string | undefined): boolean {
  return /^\s*bearer\s+sc_/i.test(authorization ?? '')
}

function parseRoles(text: string): Map<string, Role> {
  const roles = new Map<string, Role>()
  for (const part of text.split(',').map(one => one.trim())) {
    if (part === '') continue
    const at = part.lastIndexOf(':')
    const role = ROLES.find(one => one === part.slice(at + 1))
    if (at < 1 || role === undefined) {
      const message = `SCAMANDER_ROLES: expected name:role with a role of ${ROLES.join(', ')}, separated by commas`
      throw new ScamanderError(SERVER_ERRORS.USERS, message)
    }
    roles.set(part.slice(0, at), role)
  }
  return roles
}
