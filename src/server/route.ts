/**
 * A route as data: method, path, and what it does with a call. The routes of the product are
 * lists of these; `HttpServer` alone knows the HTTP library.
 * Paths name their variable parts as `:name`; parts come percent-decoded.
 * Spec: connect-rest 1, 2.
 */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as text; empty when there is none. */
  readonly body: string
}

export interface Answer {
  readonly status: number
  /** Sent as JSON. */
  readonly json?: unknown
  readonly text?: { readonly body: string; readonly type: string }
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: Method
  readonly path: string
  /** The call takes a JSON document: any other media type is refused. */
  readonly takesBody?: boolean
  /** What the answer is made of; decides which `Accept` fits. @default 'json' */
  readonly produces?: 'json' | 'text' | 'any'
  readonly handle: (call: Call) => Answer | Promise<Answer>
}

export function json(status: number, body: unknown): Answer {
  return { status, json: body }
}

export function empty(status: number): Answer {
  return { status }
}

/** `?forward=true`; anything else is false, as Java reads it. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}
