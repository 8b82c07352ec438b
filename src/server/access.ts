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
}

export interface RequestFacts {
  readonly authorization: string | undefined
  readonly host: string | undefined
  readonly method: string
  readonly path: string
}

export type Verdict = 'allowed' | 'login' | 'wrong-host'

export class Access {
  /** Digests of the whole `Authorization` values that are accepted. */
  readonly #accepted: readonly Buffer[]
  readonly #inCluster: boolean
  /** What a caller without a login is told to send. */
  readonly challenge: string

  constructor(settings: LoginSettings) {
    const users = [...parseUsers(settings.users.reveal()), ...(settings.fileUsers ?? [])]
    this.#inCluster = settings.inCluster ?? false
    this.challenge = users.length > 0 ? 'Basic realm="scamander"' : 'Bearer realm="scamander"'
    const basic = users.map(user => `Basic ${Buffer.from(user).toString('base64')}`)
    const bearer = settings.token.isEmpty ? [] : [`Bearer ${settings.token.reveal()}`]
    this.#accepted = [...basic, ...bearer].map(digest)
  }

  get hasLogin(): boolean {
    return this.#accepted.length > 0
  }

  judge({ authorization, host, method, path }: RequestFacts): Verdict {
    if (!this.hasLogin) return isOwnHost(host) ? 'allowed' : 'wrong-host'
    if (this.#inCluster && isInternalCall(method, path)) return 'allowed'
    const given = digest(normalised(authorization ?? ''))
    const matches = this.#accepted.map(accepted => timingSafeEqual(accepted, given))
    return matches.includes(true) ? 'allowed' : 'login'
  }
}

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
