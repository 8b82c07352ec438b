/**
 * Who may call: users with passwords, a bearer token, whoever signed in at the page, or everybody on this
 * machine. Asked for every request before anything else. Comparisons take the same time for every input.
 * The page itself and the call that signs in are open: they hold nothing.
 * Without a login, requests that name another host are refused: a page in a browser must not reach
 * the server by a name of its own; and those that a proxy passes on for other machines. A session of the page changes something only for the page's own calls.
 * Invariant: a path that the router reads otherwise than it stands there is refused before it is judged.
 * Spec: connect-rest 1 (basic auth); design, decision 10.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Role } from '../api-v1.ts'
import type { SignIn } from '../api-v1-access.ts'
import { isLoopbackAddress } from '../base/address-list.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { Secret } from '../config/index.ts'
import { isAtLeast } from '../replicate/index.ts'
import { AddressRules, ANYWHERE } from './address-rules.ts'
import { type Callers, isApiToken, mayCallFrom } from './callers.ts'
import { SERVER_ERRORS } from './errors.ts'
import { isInternalCall } from './internal-routes.ts'
import { isLoopback } from './listener.ts'

export interface LoginSettings {
  /** `name:password`, separated by commas. */
  readonly users: Secret
  readonly token: Secret
  /** More users, `name:password` each. */
  readonly fileUsers?: readonly string[]
  /** Signed calls between workers need no login. @default false */
  readonly inCluster?: boolean
  /** API tokens are known to another worker, which judges them; they count for `/api/v1` alone. @default false */
  readonly tokensElsewhere?: boolean
  /** From where the server may be called. @default from anywhere */
  readonly addresses?: AddressRules
  /** Knows roles and API tokens. @default everybody who is let in is an administrator */
  readonly callers?: Callers | undefined
}

export interface RequestFacts {
  readonly authorization: string | undefined
  /** The header `Cookie`. */
  readonly cookie?: string | undefined
  /** The call says that the page makes it: no other origin can. */
  readonly isPage?: boolean
  readonly host: string | undefined
  /** Of the caller; undefined: nobody knows. */
  readonly client?: string | undefined
  /** Whom a proxy names as its callers, separated by commas. */
  readonly forwardedFor?: string | undefined
  readonly method: string
  readonly path: string
}

/** What stands for the login: nothing that may be kept of a managed user. */
export type SignedIn = { readonly authorization?: string } | 'wrong' | 'code-needed' | 'wrong-code'

export type Verdict = 'allowed' | 'login' | 'wrong-host' | 'wrong-path' | 'forbidden'

export class Access {
  /** Digests of the whole `Authorization` values that are accepted. */
  readonly #accepted: readonly Buffer[]
  readonly #inCluster: boolean
  readonly #callers: Callers | undefined
  readonly #tokensElsewhere: boolean
  readonly #token: string
  readonly addresses: AddressRules
  /** What a caller without a login is told to send. */
  readonly challenge: string

  constructor(settings: LoginSettings) {
    const users = [...parseUsers(settings.users.reveal()), ...(settings.fileUsers ?? [])]
    this.#inCluster = settings.inCluster ?? false
    this.#callers = settings.callers
    this.#tokensElsewhere = settings.tokensElsewhere ?? false
    this.#token = settings.token.reveal()
    this.addresses = settings.addresses ?? new AddressRules(ANYWHERE)
    const names = users.map(user => user.slice(0, user.indexOf(':')))
    if (settings.callers !== undefined) {
      settings.callers.configured = names
      settings.callers.hasToken = !settings.token.isEmpty
      settings.callers.addresses = this.addresses
      this.addresses.manage(settings.callers.people?.allowedAddresses ?? [])
    }
    this.challenge = users.length > 0 ? 'Basic realm="scamander"' : 'Bearer realm="scamander"'
    const basic = users.map(basicOf)
    const bearer = settings.token.isEmpty ? [] : [`Bearer ${settings.token.reveal()}`]
    this.#accepted = [...basic, ...bearer].map(digest)
  }

  get hasLogin(): boolean {
    return this.#accepted.length > 0 || this.#callers?.people?.isEmpty === false
  }

  /** The session of the page, where there is no other login. */
  sessionOf({ authorization, cookie }: Pick<RequestFacts, 'authorization' | 'cookie'>) {
    return authorization === undefined ? this.#callers?.sessions.find(cookie) : undefined
  }

  /** For the log of calls; empty: nobody. */
  nameOf(authorization: string | undefined): string {
    if (this.hasLogin && authorization === undefined) return ''
    return this.#callers?.callerOf(authorization)?.name ?? ''
  }

  async judge(facts: RequestFacts): Promise<Verdict> {
    const { authorization, method, path } = facts
    if (!PLAIN.test(path)) return 'wrong-path'
    if (this.#callers?.setup !== undefined) return isOpen(method, path) ? 'allowed' : 'login'
    if (!this.hasLogin && !isOfThisMachine(facts)) return 'wrong-host'
    if (this.#callers !== undefined && isApiToken(authorization)) {
      if (this.#tokensElsewhere) return WITH_RIGHTS.test(path) ? 'allowed' : 'login'
      return this.#byRole(facts)
    }
    if (!this.hasLogin) return 'allowed'
    if (this.#inCluster && isInternalCall(method, path)) return 'allowed'
    if (isOpen(method, path)) return 'allowed'
    const session = this.sessionOf(facts)
    if (session !== undefined) {
      const isSafe = facts.isPage === true || READING.has(method)
      return isSafe ? this.#byRole({ ...facts, authorization: session.authorization }) : 'forbidden'
    }
    return (await this.#isKnown(authorization ?? '')) ? this.#byRole(facts) : 'login'
  }

  /** A user of the configuration, or a managed one, to whom a code may belong. */
  async signIn({ user, password, code }: Required<SignIn>): Promise<SignedIn> {
    // Part of the password would count as part of the name, and wrong tries for another name.
    if (user.includes(':')) return 'wrong'
    const isToken = user === '' && this.#token !== ''
    const authorization = isToken ? `Bearer ${password}` : basicOf(`${user}:${password}`)
    if (this.#isConfigured(authorization)) return { authorization }
    const people = this.#callers?.people
    if ((await people?.verify(user, password)) !== true) return 'wrong'
    if (people?.hasFactor(user) !== true) return {}
    if (code === '') return 'code-needed'
    return people.takeCode(user, code) ? {} : 'wrong-code'
  }

  #isConfigured(authorization: string): boolean {
    const given = digest(normalised(authorization))
    const matches = this.#accepted.map(accepted => timingSafeEqual(accepted, given))
    return matches.includes(true)
  }

  async #isKnown(authorization: string): Promise<boolean> {
    const isRight = this.#isConfigured(authorization)
    return this.#callers === undefined ? isRight : this.#callers.verify(authorization, isRight)
  }

  /** The routes of `/api/v1` judge for themselves; elsewhere only some roles may change anything. */
  #byRole({ authorization, method, path, client }: RequestFacts): Verdict {
    if (this.#callers === undefined) return 'allowed'
    const caller = this.#callers.callerOf(authorization)
    if (caller === undefined || !mayCallFrom(caller, client)) return 'login'
    const judgesItself = WITH_RIGHTS.test(path)
    const mayChange = isAtLeast(caller.role, leastFor(method, path))
    return judgesItself || READING.has(method) || mayChange ? 'allowed' : 'forbidden'
  }
}

/** The router cuts off a host before the path, and what follows a number sign. */
const PLAIN = /^\/[^#]*$/
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const OPERATING = /^\/connectors\/[^/]+\/(pause|resume|stop|restart|tasks\/\d+\/restart)\/?$/

/** Outside `/api/v1`, of calls that change something. */
function leastFor(method: string, path: string): Role {
  if (decoded(path).startsWith('/admin/')) return 'admin'
  return method !== 'DELETE' && OPERATING.test(path) ? 'job_operator' : 'standard'
}

/** As the router reads it: what needs no code may be written with one. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** The page and its files, the call that signs in, and those for the first user. */
function isOpen(method: string, path: string): boolean {
  if (path === '/api/v1/session') return method === 'POST' || method === 'DELETE'
  if (path === '/api/v1/setup') return method === 'POST' || method === 'GET'
  return READING.has(method) && /^\/ui(\/|$)/.test(path)
}

function basicOf(user: string): string {
  return `Basic ${Buffer.from(user).toString('base64')}`
}

/** Written plainly: an encoded name of a section is not looked into. */
const WITH_RIGHTS = /^\/api\/v1\/[a-z-]+(\/|$)/

function parseUsers(text: string): string[] {
  const users = text
    .split(',')
    .map(user => user.trim())
    .filter(user => user !== '')
  if (users.every(user => /^[^:]+:.+$/.test(user))) return users
  const message = 'scamander.rest.basic.users: expected name:password, separated by commas'
  throw new ScamanderError(SERVER_ERRORS.USERS, message)
}

/** The scheme is case-insensitive. */
function normalised(authorization: string): string {
  const [scheme = '', ...rest] = authorization.trim().split(/\s+/)
  const name = scheme.toLowerCase() === 'basic' ? 'Basic' : 'Bearer'
  return `${name} ${rest.join(' ')}`
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** A proxy on this machine may write the host anew; whom it speaks for counts, too. */
function isOfThisMachine({ host, forwardedFor = '' }: RequestFacts): boolean {
  const hops = forwardedFor.split(',').map(hop => hop.trim())
  return isOwnHost(host) && hops.every(hop => hop === '' || isLoopbackAddress(hop))
}

function isOwnHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = /^\[([^\]]+)\]|^([^:]*)/.exec(host)
  return isLoopback((name?.[1] ?? name?.[2] ?? '').toLowerCase())
}
