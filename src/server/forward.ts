/**
 * Passes a call on to the worker that must answer it. A user's call may be passed on twice: the
 * first time with `forward=true`, the second time with `forward=false`; then it is a conflict.
 * Called by the HTTP server when a worker answers `elsewhere`.
 * Invariant: the headers of the caller, its login included, go along; nothing is passed on a third
 * time, so that workers that disagree never send a call in circles.
 * Spec: connect-rest 2 (forward), 7.
 */
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../connect/index.ts'
import { CLIENT_HEADER } from './address-rules.ts'
import type { Answer, Call } from './route.ts'

/** A worker passes on what another one answers. */
export const PASSED_HEADER = 'x-scamander-passed'

const TIMEOUT_MS = 90_000
/** Of one connection, not of the call. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  CLIENT_HEADER,
  'x-forwarded-for',
])

export type Fetch = typeof fetch

/** Undefined: it was passed on often enough. `url` is the other worker's base address. */
export async function forward(
  call: Call,
  url: string,
  fetchUrl: Fetch = fetch,
): Promise<Answer | undefined> {
  const next = nextHop(call.query)
  if (next === undefined) return undefined
  const [path = '', query = ''] = call.url.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('forward', next)
  const target = `${url.replace(/\/$/, '')}${path}?${parameters}`
  try {
    const response = await fetchUrl(target, {
      method: call.method,
      headers: headersOf(call),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(call.body === '' ? {} : { body: call.body }),
    })
    return await toAnswer(response)
  } catch (cause) {
    const message = `IO Error trying to forward REST request: ${reasonOf(cause)}`
    throw new ScamanderError(CONNECT_ERRORS.UNEXPECTED, message, { cause })
  }
}

function nextHop(query: URLSearchParams): 'true' | 'false' | undefined {
  const hop = query.get('forward')?.toLowerCase()
  if (hop === undefined) return 'true'
  return hop === 'true' ? 'false' : undefined
}

function headersOf({ headers }: Call): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !OWN_HEADERS.has(name)) out[name] = value
  }
  return { ...out, ...forwardedFor(headers) }
}

/** For whom a worker calls another one, where that trusts it. */
export function forwardedFor(headers: Call['headers']): Record<string, string> {
  const client = headers[CLIENT_HEADER]
  return client === undefined ? {} : { 'x-forwarded-for': client }
}

async function toAnswer(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? 'application/json'
  const location = response.headers.get('location')
  return {
    status: response.status,
    ...(body.length === 0 ? {} : { bytes: { body, type } }),
    ...(location === null ? {} : { headers: { location } }),
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  return cause === undefined ? messageOf(error) : messageOf(cause)
}
