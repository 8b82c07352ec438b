/**
 * Bearer tokens for SASL/OAUTHBEARER: from a token endpoint by client credentials, or unsecured as
 * Kafka's development login module makes them. Called by the client library for each connection.
 * Invariant: a token is used again until shortly before it expires; errors name the endpoint's
 * host and status, never the credentials.
 * Spec: RFC 6749 section 4.4, RFC 7515 appendix A.5.
 */
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { KAFKA_ERRORS } from './errors.ts'

export interface TokenRequest {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | undefined
}

const TIMEOUT_MS = 10_000
/** A token is asked for again when so much of its life is left. */
const EXPIRY_MARGIN_MS = 30_000
const LIFETIME_S = 3_600

/** A provider of tokens from the endpoint. */
export function fetchedToken(request: TokenRequest): () => Promise<string> {
  let token = ''
  let expiresAtMs = 0
  return async () => {
    if (Date.now() < expiresAtMs - EXPIRY_MARGIN_MS) return token
    const answer = await fetchToken(request)
    token = answer.token
    expiresAtMs = Date.now() + answer.lifetimeS * 1_000
    return token
  }
}

/** A token without a signature: brokers accept it only where they are set up for development. */
export function unsecuredToken(subject: string, nowMs: number): string {
  const issued = Math.floor(nowMs / 1_000)
  const claims = { sub: subject, iat: issued, exp: issued + LIFETIME_S }
  return `${base64({ alg: 'none' })}.${base64(claims)}.`
}

async function fetchToken(request: TokenRequest): Promise<{ token: string; lifetimeS: number }> {
  const host = URL.parse(request.url)?.host ?? 'no valid address'
  const credentials = Buffer.from(`${request.clientId}:${request.clientSecret}`).toString('base64')
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (request.scope !== undefined) body.set('scope', request.scope)
  let response: Response
  try {
    response = await fetch(request.url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, accept: 'application/json' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (cause) {
    const message = `OAuth token endpoint ${host}: ${messageOf(cause)}`
    throw new ScamanderError(KAFKA_ERRORS.DISCONNECTED, message, { cause })
  }
  if (!response.ok) {
    const message = `OAuth token endpoint ${host}: status ${response.status}`
    throw new ScamanderError(KAFKA_ERRORS.AUTHENTICATION, message)
  }
  const answer = (await response.json()) as { access_token?: unknown; expires_in?: unknown }
  if (typeof answer.access_token !== 'string') {
    const message = `OAuth token endpoint ${host}: the answer has no access_token`
    throw new ScamanderError(KAFKA_ERRORS.AUTHENTICATION, message)
  }
  const lifetimeS = typeof answer.expires_in === 'number' ? answer.expires_in : LIFETIME_S
  return { token: answer.access_token, lifetimeS }
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
