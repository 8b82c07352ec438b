/**
 * Signing in to Backlog in a window: addresses to open, codes that come back, and what stands for the
 * refresh token until the connection is saved. Part of the connection desk.
 * Invariants: a state is random, used once, of one user and ten minutes; the token never leaves the
 * process; a token that is renewed by a test is the one that is saved.
 * Spec: backlog-replication 1.2.
 */
import { randomBytes } from 'node:crypto'
import type { Properties } from '../api-v1.ts'
import type { OauthSignIn } from '../api-v1-alerts.ts'
import { exchangeCode, toOrigin } from '../backlog/index.ts'
import { messageOf } from '../base/scamander-error.ts'
import { unknown } from './errors.ts'
import { fieldError } from './task-target.ts'

const STATE_BYTES = 16
const VALID_MS = 600_000
const OPEN_MAX = 100
const GRANT = 'sign-in:'
const CALLBACK = '/oauth/backlog/callback'

interface SignIn {
  readonly state: string
  readonly user: string
  readonly startedMs: number
  readonly properties: Properties
  readonly redirectUri: string
  readonly authorizeUrl: string
  status: OauthSignIn['status']
  text: string
  refreshToken: string
  isUsed: boolean
}

/** Tells who signed in, and any token that took the place of the first. */
export type Identify = (
  properties: Properties,
  storeRefresh: (token: string) => void,
) => Promise<string>

interface OauthParts {
  readonly identify: Identify
  /** Replaces references to named secrets. */
  readonly open: (properties: Properties) => Properties
}

export class OauthDesk {
  readonly #open = new Map<string, SignIn>()
  readonly #parts: OauthParts

  constructor(parts: OauthParts) {
    this.#parts = parts
  }

  start(properties: Properties, of: { readonly redirectUri: string; readonly user: string }) {
    const redirect = URL.parse(of.redirectUri)
    if (redirect === null || !/^https?:$/.test(redirect.protocol) || redirect.pathname !== CALLBACK)
      throw fieldError(
        'redirectUri',
        `redirectUri: expected the origin of the page and ${CALLBACK}`,
      )
    for (const [key, label] of [
      ['oauthClientId', 'OAuth Client Id'],
      ['oauthClientSecret', 'OAuth Client Secret'],
    ] as const)
      if ((properties[key] ?? '') === '') throw fieldError(key, `${label} is missing`)
    const origin = toOrigin(String(properties['url'] ?? ''), properties['allowPlainHttp'] === true)
    const state = randomBytes(STATE_BYTES).toString('base64url')
    const url = new URL('/OAuth2AccessRequest.action', origin)
    url.searchParams.set('response_type', 'code')
    url.searchParams.set('client_id', String(properties['oauthClientId']))
    url.searchParams.set('redirect_uri', redirect.href)
    url.searchParams.set('state', state)
    this.#forgetOld()
    const opened: SignIn = {
      ...{ state, user: of.user, startedMs: Date.now(), properties, redirectUri: redirect.href },
      ...{ authorizeUrl: url.href, status: 'waiting', text: '', refreshToken: '', isUsed: false },
    }
    this.#open.set(state, opened)
    return toShown(opened)
  }

  signIn(state: string, user: string): OauthSignIn {
    return toShown(this.#find(state, user))
  }

  /** The code of the window, or one that was pasted; `refusal` is what the window came back with instead. */
  async finish(
    state: string,
    of: { readonly user: string; readonly code: string; readonly refusal?: string },
  ): Promise<OauthSignIn> {
    const found = this.#find(state, of.user)
    if (found.isUsed) return toShown(found)
    found.isUsed = true
    try {
      if (of.code === '') throw new Error(`Backlog refused the sign-in: ${of.refusal ?? 'no code'}`)
      const { properties, redirectUri } = found
      const origin = toOrigin(String(properties['url']), properties['allowPlainHttp'] === true)
      const clientId = String(properties['oauthClientId'])
      const clientSecret = String(this.#parts.open(properties)['oauthClientSecret'])
      const exchanged = { origin, clientId, clientSecret, redirectUri, code: of.code.trim() }
      found.refreshToken = await exchangeCode(exchanged)
      const all = { ...properties, oauthRefreshToken: found.refreshToken }
      found.text = await this.#parts.identify(all, token => {
        found.refreshToken = token
      })
      found.status = 'connected'
    } catch (error) {
      found.status = 'failed'
      found.text = messageOf(error)
    }
    return toShown(found)
  }

  /** Properties with the token in the place of what stood for it. */
  resolve(properties: Properties): Properties {
    const given = String(properties['oauthRefreshToken'] ?? '')
    if (!given.startsWith(GRANT)) return properties
    const found = this.#open.get(given.slice(GRANT.length))
    if (found?.status !== 'connected')
      throw fieldError('oauthRefreshToken', 'the sign-in is too old: connect to Backlog again')
    return { ...properties, oauthRefreshToken: found.refreshToken }
  }

  /** A test renewed the token of a draft. */
  renewed(properties: Properties, token: string): void {
    const given = String(properties['oauthRefreshToken'] ?? '')
    const found = this.#open.get(given.slice(GRANT.length))
    if (given.startsWith(GRANT) && found !== undefined) found.refreshToken = token
  }

  #find(state: string, user: string): SignIn {
    const found = this.#open.get(state)
    if (found === undefined || found.user !== user || Date.now() - found.startedMs > VALID_MS)
      throw unknown('there is no sign-in of that state; it may be too old: connect again')
    return found
  }

  #forgetOld(): void {
    for (const [state, { startedMs }] of this.#open)
      if (Date.now() - startedMs > 2 * VALID_MS || this.#open.size >= OPEN_MAX)
        this.#open.delete(state)
  }
}

function toShown({ state, authorizeUrl, status, text }: SignIn): OauthSignIn {
  const grant = status === 'connected' ? `${GRANT}${state}` : null
  return { state, authorizeUrl, status, text, grant }
}
