/**
 * Who a caller is and what role that person or token has: users by their names, sessions of the page,
 * API tokens by their digests, everybody else on this machine as its administrator.
 * Asked by `Access` before a call is looked at, and by the routes of `/api/v1` for its rights.
 * Invariants: an API token that is unknown, over or deleted is nobody, and so is one whose owner is gone;
 * another acts as its owner, with the lesser of its role and that which its owner has now.
 * Spec: backlog-replication 2.17.
 */
import type { Role } from '../api-v1.ts'
import { AddressList } from '../base/address-list.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { isAtLeast, ROLES } from '../replicate/index.ts'
import { AddressRules, ANYWHERE } from './address-rules.ts'
import { SERVER_ERRORS } from './errors.ts'
import { HeaderLogins } from './header-logins.ts'
import { isSession, SESSION_HEADER, Sessions } from './sessions.ts'
import type { SetupCode } from './setup-code.ts'
import { SignInGuard } from './sign-in-guard.ts'
import { StreamWatch } from './stream-watch.ts'

type CallHeaders = Readonly<Record<string, string | undefined>>

export interface CallerInfo {
  /** Of a token: its owner. */
  readonly name: string
  readonly role: Role
  /** Name of the API token that was sent; undefined: it was none. */
  readonly token?: string | undefined
  /** Of a token: from where it is taken; empty: from anywhere. */
  readonly addresses?: readonly string[]
}

/** Finds an API token; undefined: nobody's. */
export type FindToken = (token: string) => FoundToken | undefined

export interface FoundToken {
  readonly name: string
  readonly owner: string
  readonly role: Role
  /** From where it is taken; empty: from anywhere. */
  readonly addresses?: readonly string[] | undefined
}

/** Users that are managed in the page; `UserDesk` is one. */
export interface People {
  readonly isEmpty: boolean
  /** From where the server may be called; empty: from anywhere. */
  readonly allowedAddresses: readonly string[]
  /** Also one who may not sign in. */
  knows(name: string): boolean
  /** Undefined: unknown, or may not sign in. */
  find(name: string): { readonly role: Role } | undefined
  verify(name: string, password: string): Promise<boolean>
  /** Whether a code is needed as well. */
  hasFactor(name: string): boolean
  /** Whether a code is right; it is not right again. */
  takeCode(name: string, code: string): boolean
  seen(name: string): void
}

const LOCAL: CallerInfo = { name: 'Local admin', role: 'admin' }
const SERVER_TOKEN: CallerInfo = { name: 'token', role: 'admin' }
/** Those that stand for somebody else. */
export const RESERVED_NAMES: readonly string[] = [LOCAL.name, SERVER_TOKEN.name]

export class Callers {
  readonly #roles: ReadonlyMap<string, Role>
  readonly #findToken: FindToken
  readonly sessions = new Sessions(() => this.changed())
  readonly guard = new SignInGuard()
  /** Answers that go on until their caller loses the right to them. */
  readonly streams = new StreamWatch()
  readonly #logins: HeaderLogins
  readonly #listeners = new Set<() => void>()
  /** Undefined: users stand in the configuration only. */
  readonly people: People | undefined

  /** Names of the users of the configuration; told by `Access`, as are the next. */
  configured: readonly string[] = []
  /** The configuration has a token of the server. */
  hasToken = false
  addresses = new AddressRules(ANYWHERE)

  #setup: SetupCode | undefined

  /** `roles`: `name:role`, separated by commas; users that are not named are administrators. */
  constructor(roles: string, findToken: FindToken, people?: People) {
    this.#roles = parseRoles(roles)
    this.#findToken = findToken
    this.people = people
    const isConfigured = (name: string) =>
      name === '' ? this.hasToken : this.configured.includes(name)
    this.#logins = new HeaderLogins({ guard: this.guard, people, isConfigured })
  }

  /** From now on nobody gets in before there is a first user. */
  beginSetup(code: SetupCode): void {
    this.#setup = code
  }

  /** Undefined: there are users, or none are needed. */
  get setup(): SetupCode | undefined {
    return this.#hasNoLogin ? this.#setup : undefined
  }

  /** Hears of every change of sessions, users and tokens, until the answer is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Who may do what may be another matter now. */
  changed(): void {
    this.streams.look()
    for (const listener of this.#listeners) listener()
  }

  /** Only of what `Access` let in; undefined for an API token that is nobody's. */
  callerOf(authorization: string | undefined): CallerInfo | undefined {
    const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/)
    if (scheme === '') return this.#isOpen ? LOCAL : undefined
    if (isSession(authorization)) return this.#signedIn(authorization ?? '')
    if (scheme.toLowerCase() === 'basic') {
      const name = Buffer.from(value, 'base64').toString().split(':')[0] ?? ''
      return this.#named(name)
    }
    return isApiToken(authorization) ? this.#ownerOf(value) : SERVER_TOKEN
  }

  /** Of a call that goes on for long: nobody any more once the session that it came with has ended. */
  callerStill(headers: CallHeaders): CallerInfo | undefined {
    return this.hasEnded(headers) ? undefined : this.callerOf(headers['authorization'])
  }

  /** Whether the session that a call came with has ended; false: it came with none. */
  hasEnded(headers: CallHeaders): boolean {
    const session = headers[SESSION_HEADER]
    return session !== undefined && !this.sessions.isOpen(session)
  }

  /** Whether a header is a login; `isRight`: it is one of the configuration. */
  async verify(authorization: string, isRight = false): Promise<boolean> {
    return await this.#logins.verify(authorization, isRight)
  }

  /** A managed user was changed: what was right may be wrong now. */
  forget(name: string, exceptSession?: string): void {
    this.#logins.forget()
    this.sessions.endOf(name, exceptSession)
    this.streams.endOf(name)
    this.changed()
  }

  #ownerOf(token: string): CallerInfo | undefined {
    const found = this.#findToken(token)
    if (found === undefined) return undefined
    const now = this.#ownerRole(found.owner)
    if (now === undefined) return undefined
    const role = isAtLeast(now, found.role) ? found.role : now
    return { name: found.owner, role, token: found.name, addresses: found.addresses ?? [] }
  }

  #signedIn(authorization: string): CallerInfo | undefined {
    const name = this.sessions.nameOf(authorization)
    const user = name === undefined ? undefined : this.people?.find(name)
    return name === undefined || user === undefined ? undefined : { name, role: user.role }
  }

  /** Undefined: a managed user who was locked or deleted since the login was looked at. */
  #named(name: string): CallerInfo | undefined {
    if (this.#isOpen) return LOCAL
    const isConfigured = this.configured.includes(name)
    const role = isConfigured ? this.roleOf(name) : this.people?.find(name)?.role
    return role === undefined ? undefined : { name, role }
  }

  /** Nobody signs in: whoever is at this machine is its administrator. */
  get #isOpen(): boolean {
    return this.#hasNoLogin && this.#setup === undefined
  }

  get #hasNoLogin(): boolean {
    return this.configured.length === 0 && !this.hasToken && this.people?.isEmpty !== false
  }

  /** Undefined: a user who may not sign in, or is gone. */
  #ownerRole(owner: string): Role | undefined {
    const { people, configured, hasToken } = this
    if (configured.includes(owner)) return this.roleOf(owner)
    if (people?.knows(owner) === true) return people.find(owner)?.role
    if (owner === SERVER_TOKEN.name) return hasToken ? SERVER_TOKEN.role : undefined
    return owner === LOCAL.name && this.#isOpen ? LOCAL.role : undefined
  }

  /** Of a user who may sign in. */
  roleOf(user: string): Role {
    return this.#roles.get(user) ?? this.people?.find(user)?.role ?? 'admin'
  }
}

/** Whether a token is taken from an address; whoever signed in is. */
export function mayCallFrom({ addresses = [] }: CallerInfo, client: string | undefined): boolean {
  return addresses.length === 0 || new AddressList(addresses).has(client)
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
