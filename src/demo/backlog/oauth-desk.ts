/**
 * Tokens of the stand-in: the refresh grant, expiry on its clock, revocation.
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
    if (body.get('client_id') !== this.clientId || body.get('client_secret') !== this.clientSecret)
      return send(response, 401, { error: 'invalid_client' })
    if (
      body.get('grant_type') !== 'refresh_token' ||
      body.get('refresh_token') !== this.refreshToken
    )
      return send(response, 400, { error: 'invalid_grant' })
    this.refreshes++
    const token = randomBytes(12).toString('hex')
    this.#access.set(token, this.#now() + this.#seconds * 1000)
    if (this.isRotating) this.refreshToken = `refresh-${this.refreshes}`
    send(response, 200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: this.#seconds,
      refresh_token: this.refreshToken,
    })
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
