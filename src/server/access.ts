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
import { isLoopback } from './listener.ts'

export interface LoginSettings {
  /** `name:password`, separated by commas. */
  readonly users: Secret
  readonly token: Secret
}

export interface RequestFacts {
  readonly authorization: string | undefined
  readonly host: string | undefined
}

export type Verdict = 'allowed' | 'login' | 'wrong-host'

export class Access {
  /** Digests of the whole `Authorization` values that are accepted. */
  readonly #accepted: readonly Buffer[]

  constructor(settings: LoginSettings) {
    const users = parseUsers(settings.users.reveal())
    const basic = users.map(user => `Basic ${Buffer.from(user).toString('base64')}`)
    const bearer = settings.token.isEmpty ? [] : [`Bearer ${settings.token.reveal()}`]
    this.#accepted = [...basic, ...bearer].map(digest)
  }

  get hasLogin(): boolean {
    return this.#accepted.length > 0
  }

  judge({ authorization, host }: RequestFacts): Verdict {
    if (!this.hasLogin) return isOwnHost(host) ? 'allowed' : 'wrong-host'
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
