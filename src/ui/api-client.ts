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

interface Act {
  /** What it changes: two acts of one place undo each other. */
  readonly place: string
  readonly answer: Promise<unknown>
}

/** Changes that were just asked for, by what they ask. */
const acts = new Map<string, Act>()
const DOUBLE_CLICK_MS = 500

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * With `signal` an answer that nobody waits for any more is given up. The same change asked for twice
 * within half a second, or while the first is under way, is made once: the second click of a double
 * click gets the answer of the first. After another change of the same place it is made again: on,
 * off, on.
 */
export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  if (method === 'GET' || signal !== undefined) return await send<T>(method, path, { body, signal })
  return await once<T>(method, path, { body })
}

/** As `call`, for who has seen this version: another one there refuses the change (412). */
export async function callSeen<T>(
  version: number,
  ...[method, path, body]: readonly [Method, string, unknown]
): Promise<T> {
  return await once<T>(method, path, { body, version })
}

async function once<T>(method: Method, path: string, sent: Sent): Promise<T> {
  const { body, version } = sent
  const act = JSON.stringify([method, path, body, version])
  const under = acts.get(act)
  if (under !== undefined) return (await under.answer) as T
  const place = placeOf(method, path, body) ?? act
  for (const [key, one] of acts) if (one.place === place) acts.delete(key)
  const answer = send<T>(method, path, sent)
  const own: Act = { place, answer }
  acts.set(act, own)
  const pause = new Promise(resolve => setTimeout(resolve, DOUBLE_CLICK_MS))
  void Promise.allSettled([answer, pause]).then(() => {
    if (acts.get(act) === own) acts.delete(act)
  })
  return await answer
}

/** Of verbs without a body what they act on (`…/a/pause`, `…/a/resume`); undefined: nothing undoes it. */
function placeOf(method: Method, path: string, body: unknown): string | undefined {
  const isVerb = body === undefined || JSON.stringify(body) === '{}'
  if (isVerb) return method === 'DELETE' ? undefined : path.slice(0, path.lastIndexOf('/'))
  return method === 'PUT' || method === 'PATCH' ? `${method} ${path}` : undefined
}

async function send<T>(method: Method, path: string, sent: Sent): Promise<T> {
  const response = await fetchOrThrow(method, path, sent)
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
  readonly signal?: AbortSignal | undefined
  readonly version?: number
}

async function fetchOrThrow(
  method: Method,
  path: string,
  { body, signal, version }: Sent,
): Promise<Response> {
  // The server takes a change by a session only with this header, which no other origin can send.
  const headers: Record<string, string> = { accept: 'application/json', 'x-scamander-page': '1' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (version !== undefined) headers['if-match'] = `"${version}"`
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
