/**
 * Calls the server that served the page. Used by the queries and actions of every screen.
 * Invariants: an answer that is no success is thrown as `ApiError`, whichever of the two error
 * bodies it has (Connect's or problem+json); an unreachable server is one too, with status 0.
 * Spec: ui 4.2 (error), 6.
 */
import type { ErrorInfo } from '../api.ts'
import type { Problem } from '../api-v1.ts'

export class ApiError extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly advice: string | undefined
  readonly errors: NonNullable<Problem['errors']>
  /** The whole answer, where it was JSON. */
  readonly body: unknown

  constructor(status: number, message: string, problem?: Partial<Problem>) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = problem?.code
    this.advice = problem?.advice
    this.errors = problem?.errors ?? []
    this.body = problem
  }
}

/** Told on the window when the server wants a login that the page does not have. */
export const SIGNED_OUT = 'scamander-signed-out'
/** Asks who is signed in; whoever asks that sees the answer. */
const SESSION = '/api/v1/session'

/** Changes that were just asked for, by what they ask. */
const acts = new Map<string, Promise<unknown>>()
const DOUBLE_CLICK_MS = 500

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * With `signal` an answer that nobody waits for any more is given up. The same change asked for twice
 * within half a second, or while the first is under way, is made once: the second click of a double
 * click gets the answer of the first.
 */
export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  if (method === 'GET' || signal !== undefined) return await send<T>(method, path, { body, signal })
  const act = JSON.stringify([method, path, body])
  const under = acts.get(act)
  if (under !== undefined) return (await under) as T
  const sent = send<T>(method, path, { body, signal })
  acts.set(act, sent)
  const pause = new Promise(resolve => setTimeout(resolve, DOUBLE_CLICK_MS))
  void Promise.allSettled([sent, pause]).then(() => acts.delete(act))
  return await sent
}

async function send<T>(method: Method, path: string, { body, signal }: Sent): Promise<T> {
  const response = await fetchOrThrow(method, path, { body, signal })
  const text = await response.text()
  if (response.status === 401 && path !== SESSION) dispatchEvent(new Event(SIGNED_OUT))
  if (!response.ok) throw toError(response.status, text)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** One part of a path: names may hold slashes, spaces and percent signs. */
export function part(name: string): string {
  return encodeURIComponent(name)
}

interface Sent {
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

async function fetchOrThrow(
  method: Method,
  path: string,
  { body, signal }: Sent,
): Promise<Response> {
  // The server takes a change by a session only with this header, which no other origin can send.
  const headers: Record<string, string> = { accept: 'application/json', 'x-scamander-page': '1' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return await fetch(path, { method, headers, signal: signal ?? null, ...sent })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, 'The server does not answer.')
  }
}

function toError(status: number, text: string): ApiError {
  try {
    const body = JSON.parse(text) as Partial<ErrorInfo & Problem>
    const message = body.detail ?? body.message ?? body.title
    return new ApiError(status, message ?? `The server answered ${status}.`, body)
  } catch {
    // No JSON: the text itself is the best there is.
  }
  return new ApiError(status, text === '' ? `The server answered ${status}.` : text)
}
