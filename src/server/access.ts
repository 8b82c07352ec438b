/**
 * Who may call: users with passwords, a bearer token, or everybody on this machine.
 * Asked for every request before anything else. Comparisons take the same time for every input.
 * Without a login, requests that name another host are refused: a page in a browser must not reach
 * the server by a name of its own.
 * Spec: connect-rest 1 (basic auth); design, decision 10.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ScamanderError } from '../base/scamander-error.ts'
import type { Secret } from '../config/index.ts'
import { isAtLeast } from '../replicate/index.ts'
import { type Callers, isApiToken } from './callers.ts'
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
  /** Knows roles and API tokens. @default everybody who is let in is an administrator */
  readonly callers?: Callers | undefined
}

export interface RequestFacts {
  readonly authorization: string | undefined
  readonly host: string | undefined
  readonly method: string
  readonly path: string
}

export type Verdict = 'allowed' | 'login' | 'wrong-host' | 'forbidden'

export class Access {
  /** Digests of the whole `Authorization` values that are accepted. */
  readonly #accepted: readonly Buffer[]
  readonly #inCluster: boolean
  readonly #callers: Callers | undefined
  /** What a caller without a login is told to send. */
  readonly challenge: string

  constructor(settings: LoginSettings) {
    const users = [...parseUsers(settings.users.reveal()), ...(settings.fileUsers ?? [])]
    this.#inCluster = settings.inCluster ?? false
    this.#callers = settings.callers
    this.challenge = users.length > 0 ? 'Basic realm="scamander"' : 'Bearer realm="scamander"'
    const basic = users.map(user => `Basic ${Buffer.from(user).toString('base64')}`)
    const bearer = settings.token.isEmpty ? [] : [`Bearer ${settings.token.reveal()}`]
    this.#accepted = [...basic, ...bearer].map(digest)
  }

  get hasLogin(): boolean {
    return this.#accepted.length > 0
  }

  judge(facts: RequestFacts): Verdict {
    const { authorization, host, method, path } = facts
    if (!this.hasLogin && !isOwnHost(host)) return 'wrong-host'
    if (this.#callers !== undefined && isApiToken(authorization)) return this.#byRole(facts)
    if (!this.hasLogin) return 'allowed'
    if (this.#inCluster && isInternalCall(method, path)) return 'allowed'
    const given = digest(normalised(authorization ?? ''))
    const matches = this.#accepted.map(accepted => timingSafeEqual(accepted, given))
    return matches.includes(true) ? this.#byRole(facts) : 'login'
  }

  /** The routes of `/api/v1` judge for themselves; elsewhere only some roles may change anything. */
  #byRole({ authorization, method, path }: RequestFacts): Verdict {
    if (this.#callers === undefined) return 'allowed'
    const caller = this.#callers.callerOf(authorization)
    if (caller === undefined) return 'login'
    const judgesItself = WITH_RIGHTS.test(path)
    const isReading = ['GET', 'HEAD', 'OPTIONS'].includes(method)
    const mayChange = isAtLeast(caller.role, 'standard')
    return judgesItself || isReading || mayChange ? 'allowed' : 'forbidden'
  }
}

/** Written plainly: an encoded name of a section is not looked into. */
const WITH_RIGHTS = /^\/api\/v1\/(?!cdc\b)[a-z-]+(\/|$)/

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

function isOwnHost(host: string | undefined): boolean {
  if (host === undefined) return true
  const name = /^\[([^\]]+)\]|^([^:]*)/.exec(host)
  return isLoopback((name?.[1] ?? name?.[2] ?? '').toLowerCase())
}
