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

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await fetchOrThrow(method, path, body)
  const text = await response.text()
  if (!response.ok) throw toError(response.status, text)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** One part of a path: names may hold slashes, spaces and percent signs. */
export function part(name: string): string {
  return encodeURIComponent(name)
}

async function fetchOrThrow(method: Method, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return await fetch(path, { method, headers, ...sent })
  } catch {
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
