/**
 * Exchanges the code of a sign-in window for a refresh token. Called once per sign-in.
 * Invariants: the secret goes only to the origin, in the body; redirects are not followed.
 * Spec: backlog-replication 1.2.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { BACKLOG_ERRORS } from './errors.ts'

const EXCHANGE_MS = 60_000

export async function exchangeCode(of: {
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  readonly code: string
}): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: of.code,
    redirect_uri: of.redirectUri,
    client_id: of.clientId,
    client_secret: of.clientSecret,
  })
  const signal = AbortSignal.timeout(EXCHANGE_MS)
  const url = `${of.origin}/api/v2/oauth2/token`
  const response = await fetch(url, { method: 'POST', body, signal, redirect: 'manual' })
  const text = await response.text()
  const token = response.ok ? tokenOf(text) : undefined
  if (token !== undefined) return token
  const why = /"error"\s*:\s*"([\w ]{1,64})"/.exec(text)?.[1]
  const message = `the sign-in was answered with ${response.status}${why === undefined ? '' : `, ${why}`}: check OAuth Client Id, OAuth Client Secret and Callback URL`
  throw new ScamanderError(BACKLOG_ERRORS.SIGN_IN, message)
}

function tokenOf(text: string): string | undefined {
  try {
    const { refresh_token: token } = JSON.parse(text) as { refresh_token?: unknown }
    return typeof token === 'string' && token !== '' ? token : undefined
  } catch {
    // A page instead of JSON has no token.
    return undefined
  }
}
