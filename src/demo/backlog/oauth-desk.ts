/**
 * Tokens of the stand-in: the refresh grant, expiry on its clock, revocation.
 * Used by the stand-in's server for every bearer request.
 * Spec: backlog-replication 1.2, 3.2.
 */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'

export class OauthDesk {
  readonly clientId = 'client-1'
  readonly clientSecret = 'secret-1'
  /** Valid until it is used, when `isRotating`. */
  refreshToken = 'refresh-0'
  isRotating = true
  refreshes = 0
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
    const isRefresh =
      body.get('grant_type') === 'refresh_token' && body.get('refresh_token') === this.refreshToken
    if (!isClient) send(response, 401, { error: 'invalid_client' })
    else if (isRefresh) send(response, 200, this.#renewed())
    else send(response, 400, { error: 'invalid_grant' })
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

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
