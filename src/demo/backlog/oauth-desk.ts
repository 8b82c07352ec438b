/**
 * Sign-in of the stand-in: the page that asks, codes of one use, the refresh grant, expiry on its clock,
 * revocation.
 * Used by the stand-in's server for every bearer request.
 * Spec: backlog-replication 1.2, 3.2.
 */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'

const CODE_MS = 600_000

export class OauthDesk {
  readonly clientId = 'client-1'
  readonly clientSecret = 'secret-1'
  /** Valid until it is used, when `isRotating`. */
  refreshToken = 'refresh-0'
  isRotating = true
  refreshes = 0
  /** Where codes may be sent; undefined: anywhere. */
  redirectUri: string | undefined
  readonly #codes = new Map<string, { readonly redirectUri: string; readonly untilMs: number }>()
  readonly #access = new Map<string, number>()
  readonly #now: () => number
  readonly #seconds: number

  constructor(now: () => number, seconds: number) {
    this.#now = now
    this.#seconds = seconds
  }

  isValid(token: string): boolean {
    return (this.#access.get(token) ?? 0) > this.#now()
  }

  revokeAll(): void {
    this.#access.clear()
  }

  answer(body: URLSearchParams, response: ServerResponse): void {
    const isClient =
      body.get('client_id') === this.clientId && body.get('client_secret') === this.clientSecret
    const grant = body.get('grant_type')
    const isRefresh = grant === 'refresh_token' && body.get('refresh_token') === this.refreshToken
    if (!isClient) send(response, 401, { error: 'invalid_client' })
    else if (isRefresh || (grant === 'authorization_code' && this.#takes(body)))
      send(response, 200, this.#renewed())
    else send(response, 400, { error: 'invalid_grant' })
  }

  /** The page with Allow and Deny, and where each leads. */
  authorize(query: URLSearchParams, response: ServerResponse): void {
    const redirectUri = query.get('redirect_uri') ?? ''
    const target = URL.parse(redirectUri)
    const isRight =
      query.get('response_type') === 'code' &&
      query.get('client_id') === this.clientId &&
      target !== null &&
      (this.redirectUri === undefined || this.redirectUri === redirectUri)
    if (!isRight) return void response.writeHead(400).end('The request of the client is wrong.')
    const state = query.get('state') ?? ''
    const answer = query.get('answer')
    if (answer === null) {
      const link = (to: string) =>
        `<a id="${to}" href="?${escaped(query)}&amp;answer=${to}">${to}</a>`
      const page = `<!doctype html><title>Backlog</title><p>Allow access?</p>${link('allow')} ${link('deny')}`
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
    if (answer === 'allow') {
      const code = randomBytes(8).toString('hex')
      this.#codes.set(code, { redirectUri, untilMs: this.#now() + CODE_MS })
      target.searchParams.set('code', code)
    } else target.searchParams.set('error', 'access_denied')
    target.searchParams.set('state', state)
    response.writeHead(302, { location: target.href }).end()
  }

  /** A code is taken once, with the address that it was sent to. */
  #takes(body: URLSearchParams): boolean {
    const code = body.get('code') ?? ''
    const known = this.#codes.get(code)
    this.#codes.delete(code)
    return known?.redirectUri === body.get('redirect_uri') && this.#now() < (known?.untilMs ?? 0)
  }

  #renewed(): unknown {
    this.refreshes++
    const token = randomBytes(12).toString('hex')
    this.#access.set(token, this.#now() + this.#seconds * 1000)
    if (this.isRotating) this.refreshToken = `refresh-${this.refreshes}`
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: this.#seconds,
      refresh_token: this.refreshToken,
    }
  }
}

function escaped(query: URLSearchParams): string {
  return query.toString().replaceAll('&', '&amp;')
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
