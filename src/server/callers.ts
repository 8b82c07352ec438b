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
import { isSession, SESSION_HEADER, Sessions } from './sessions.ts'
import { SignInGuard } from './sign-in-guard.ts'

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
  /** Also one who may not sign in. */
  knows(name: string): boolean
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
  readonly guard = new SignInGuard()
  /** Logins of managed users that were right a moment ago, by their digests. */
  readonly #verified = new Map<string, number>()
  /** Those that are looked at now, by their digests. */
  readonly #verifying = new Map<string, Promise<boolean>>()
  /** How often users were changed. */
  #changes = 0
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
      const role = this.#roleNow(name)
      return role === undefined ? undefined : { name, role }
    }
    return isApiToken(authorization) ? this.#ownerOf(value) : { name: 'token', role: 'admin' }
  }

  /** Of a call that goes on for long: nobody any more once the session that it came with has ended. */
  callerStill(headers: Readonly<Record<string, string | undefined>>): CallerInfo | undefined {
    const session = headers[SESSION_HEADER]
    const isOver = session !== undefined && !this.sessions.isOpen(session)
    return isOver ? undefined : this.callerOf(headers['authorization'])
  }

  /** Whether it is the login of a managed user; to compute that takes a while, so it is remembered. */
  async verify(authorization: string): Promise<boolean> {
    const { people } = this
    if (people === undefined || people.isEmpty || !/^\s*basic\s/i.test(authorization)) return false
    const text = Buffer.from(authorization.trim().split(/\s+/)[1] ?? '', 'base64').toString()
    const [name = '', ...rest] = text.split(':')
    const key = createHash('sha256').update(text).digest('base64')
    if ((this.#verified.get(key) ?? 0) > Date.now()) return people.find(name) !== undefined
    const same = this.#verifying.get(key)
    if (same !== undefined) return await same
    if (this.guard.waitMs(name) > 0) return false
    const verifying = this.#verify(people, { name, password: rest.join(':'), key })
    this.#verifying.set(key, verifying)
    try {
      return await verifying
    } finally {
      this.#verifying.delete(key)
    }
  }

  async #verify(people: People, of: { name: string; password: string; key: string }) {
    const { name, password, key } = of
    const changes = this.#changes
    if (!(await this.tried(name, () => people.verify(name, password)))) return false
    if (this.#verified.size >= VERIFIED_MAX) this.#verified.clear()
    // What was right before a change is not remembered after it.
    if (changes === this.#changes) this.#verified.set(key, Date.now() + VERIFIED_MS)
    people.seen(name)
    return true
  }

  /** Counts a try for the name as wrong unless `look` finds it right. */
  async tried<T>(name: string, look: () => Promise<T>): Promise<T> {
    this.guard.wrong(name)
    try {
      const found = await look()
      if (found !== undefined && found !== false) this.guard.right(name)
      return found
    } catch (error) {
      this.guard.undo(name)
      throw error
    }
  }

  /** A managed user was changed: what was right may be wrong now. */
  forget(name: string): void {
    this.#changes++
    this.#verified.clear()
    this.sessions.endOf(name)
  }

  #ownerOf(token: string): CallerInfo | undefined {
    const found = this.#findToken(token)
    if (found === undefined) return undefined
    const now = this.#ownerRole(found.owner)
    if (now === undefined) return undefined
    const role = isAtLeast(now, found.role) ? found.role : now
    return { name: found.owner, role, token: found.name }
  }

  #signedIn(authorization: string): CallerInfo | undefined {
    const name = this.sessions.nameOf(authorization)
    const user = name === undefined ? undefined : this.people?.find(name)
    return name === undefined || user === undefined ? undefined : { name, role: user.role }
  }

  /** Undefined: a managed user who was locked or deleted since the login was looked at. */
  #roleNow(name: string): Role | undefined {
    const { people } = this
    const isManaged = people?.isEmpty === false && !this.configured.includes(name)
    return isManaged ? people.find(name)?.role : this.roleOf(name)
  }

  /** Undefined: a managed user who may not sign in. */
  #ownerRole(owner: string): Role | undefined {
    const { people } = this
    const isManaged = people?.knows(owner) === true && !this.configured.includes(owner)
    return isManaged ? people.find(owner)?.role : this.roleOf(owner)
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
