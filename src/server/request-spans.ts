/**
 * The span of a call of the REST API: begun when its route is known, ended when it was answered.
 * Used by the HTTP server alone. Calls that only watch (metrics, health) have none.
 * Invariant: paths and routes are told, never a query, a body or a header.
 * Spec: OpenTelemetry, conventions for HTTP servers.
 */
import { beginSpan, type Span } from '../telemetry/index.ts'

export interface TracedRequest {
  readonly method: string
  readonly path: string
  readonly scheme: string
  /** Undefined: no route fits. */
  readonly route: string | undefined
  readonly client: string
  readonly traceparent: string | undefined
}

/** They are called every few seconds, by programs. */
const WATCHING = new Set(['/metrics', '/jmx', '/health'])

export class RequestSpans {
  readonly #spans = new WeakMap<object, Span>()

  begin(request: object, of: TracedRequest): void {
    if (of.route !== undefined && WATCHING.has(of.route)) return
    const span = beginSpan({
      name: of.route === undefined ? of.method : `${of.method} ${of.route}`,
      kind: 'server',
      parent: of.traceparent,
      attributes: {
        'http.request.method': of.method,
        'http.route': of.route,
        'url.path': of.path,
        'url.scheme': of.scheme,
        'client.address': of.client,
      },
    })
    if (span !== undefined) this.#spans.set(request, span)
  }

  /** For whom the call is passed on to; empty when nobody follows it. */
  headersOf(request: object): { readonly traceparent?: string } {
    const span = this.#spans.get(request)
    return span === undefined ? {} : { traceparent: span.traceparent }
  }

  end(request: object, status: number): void {
    const span = this.#spans.get(request)
    span?.set({ 'http.response.status_code': status })
    span?.end(status >= 500 ? new HttpFailure(status) : undefined)
  }
}

/** Named by its status, as the conventions ask. */
class HttpFailure extends Error {
  constructor(status: number) {
    super(`HTTP ${status}`)
    this.name = String(status)
  }
}
