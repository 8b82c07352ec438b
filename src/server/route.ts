/**
 * A route as data: method, path, what it does with a call, and what the reference page says of it.
 * The routes of the product are lists of these; `HttpServer` alone knows the HTTP library.
 * Paths name their variable parts as `:name`; parts come percent-decoded.
 * Spec: connect-rest 1, 2.
 */
import type { Readable } from 'node:stream'
import type { RouteShapes } from './v1/open-api.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as text; empty when there is none. */
  readonly body: string
  /** The rest is for calls that are passed on to another worker, or signed by one. */
  readonly method: string
  /** Path and query as they came. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Answer {
  readonly status: number
  /** Sent as JSON. */
  readonly json?: unknown
  readonly text?: { readonly body: string; readonly type: string }
  /** Sent as it comes, until it ends or the caller leaves. */
  readonly stream?: { readonly body: Readable; readonly type: string }
  readonly bytes?: { readonly body: Buffer; readonly type: string }
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: Method
  readonly path: string
  /** One sentence for the reference page. */
  readonly summary: string
  /** What each parameter of the query means. */
  readonly query?: Readonly<Record<string, string>>
  /** What the body looks like. */
  readonly body?: string
  /** The call takes a JSON document: any other media type is refused. */
  readonly takesBody?: boolean
  /** @default 4 MiB */
  readonly bodyBytesMax?: number
  /** JSON that it takes and gives, for the OpenAPI document. */
  readonly shapes?: RouteShapes
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

/** The connector that a call is about. */
export function nameOf(call: Call): string {
  return call.params['name'] ?? ''
}

/** `?forward=true`; anything else is false, as Java reads it. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}
