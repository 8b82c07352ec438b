/**
 * Who a caller is and what role that person or token has: users by their names, sessions of the page,
 * API tokens by their digests, everybody else on this machine as its administrator.
 * Asked by `Access` before a call is looked at, and by the routes of `/api/v1` for its rights.
 * Invariants: an API token that is unknown, over or deleted is nobody; another acts as its owner, with
 * the lesser of its role and that which its owner has now.
 * Spec: backlog-replication 2.17.
 */
import { createHash } from 'node:crypto'
import type { Role } from '../api-v1.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { isAtLeast, ROLES } from '../replicate/index.ts'
import { SERVER_ERRORS } from './errors.ts'
import { isSession, Sessions } from './sessions.ts'

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

/** Users that are managed in the page; `UserDesk` is one. */
export interface People {
  readonly isEmpty: boolean
  /** Undefined: unknown, or may not sign in. */
  find(name: string): { readonly role: Role } | undefined
  verify(name: string, password: string): Promise<boolean>
  seen(name: string): void
}

const VERIFIED_MS = 60_000
const VERIFIED_MAX = 1_000
const LOCAL: CallerInfo = { name: 'Local admin', role: 'admin' }

export class Callers {
  readonly #roles: ReadonlyMap<string, Role>
  readonly #findToken: FindToken
  readonly sessions = new Sessions()
  /** Logins of managed users that were right a moment ago, by their digests. */
  readonly #verified = new Map<string, number>()
  /** Undefined: users stand in the configuration only. */
  readonly people: People | undefined

  /** Names of the users of the configuration; told by `Access`. */
  configured: readonly string[] = []

  /** `roles`: `name:role`, separated by commas; users that are not named are administrators. */
  constructor(roles: string, findToken: FindToken, people?: People) {
    this.#roles = parseRoles(roles)
    this.#findToken = findToken
    this.people = people
  }

  /** Only of what `Access` let in; undefined for an API token that is nobody's. */
  callerOf(authorization: string | undefined): CallerInfo | undefined {
    const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/)
    if (scheme === '') return LOCAL
    if (isSession(authorization)) return this.#signedIn(authorization ?? '')
    if (scheme.toLowerCase() === 'basic') {
      const name = Buffer.from(value, 'base64').toString().split(':')[0] ?? ''
      return { name, role: this.roleOf(name) }
    }
    return isApiToken(authorization) ? this.#ownerOf(value) : { name: 'token', role: 'admin' }
  }

  /** Whether it is the login of a managed user; to compute that takes a while, so it is remembered. */
  async verify(authorization: string): Promise<boolean> {
    const { people } = this
    if (people === undefined || people.isEmpty || !/^\s*basic\s/i.test(authorization)) return false
    const text = Buffer.from(authorization.trim().split(/\s+/)[1] ?? '', 'base64').toString()
    const [name = '', ...rest] = text.split(':')
    if (people.find(name) === undefined) return false
    const key = createHash('sha256').update(text).digest('base64')
    if ((this.#verified.get(key) ?? 0) > Date.now()) return true
    if (!(await people.verify(name, rest.join(':')))) return false
    if (this.#verified.size >= VERIFIED_MAX) this.#verified.clear()
    this.#verified.set(key, Date.now() + VERIFIED_MS)
    people.seen(name)
    return true
  }

  /** A managed user was changed: what was right may be wrong now. */
  forget(name: string): void {
    this.#verified.clear()
    this.sessions.endOf(name)
  }

  #ownerOf(token: string): CallerInfo | undefined {
    const found = this.#findToken(token)
    if (found === undefined) return undefined
    const now = this.roleOf(found.owner)
    const role = isAtLeast(now, found.role) ? found.role : now
    return { name: found.owner, role, token: found.name }
  }

  #signedIn(authorization: string): CallerInfo | undefined {
    const name = this.sessions.nameOf(authorization)
    const user = name === undefined ? undefined : this.people?.find(name)
    return name === undefined || user === undefined ? undefined : { name, role: user.role }
  }

  /** Of a user who may sign in. */
  roleOf(user: string): Role {
    return this.#roles.get(user) ?? this.people?.find(user)?.role ?? 'admin'
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
