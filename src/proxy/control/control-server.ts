/**
 * HTTP beside the proxy: metrics, health, and the control API that changes routing while clients are
 * served. Node's own server: the routes are few and have no bodies to speak of.
 * Invariants: /api is for this machine, or for who has the token; requests of web pages are refused;
 * a body is at most BODY_MAX bytes.
 * Spec: live-migration 1.6, 2.9 (control API), 2.13.
 */

import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { clusterName, SOURCE, TARGET } from '../cluster.ts'
import { PROXY_ERRORS } from '../errors.ts'
import { METRICS } from '../metrics.ts'
import type { Routing } from '../session/proxy-context.ts'
import { renderMetrics } from './exposition.ts'
import { mergeSnapshots } from './meters.ts'
import type { ProxyReport } from './proxy-report.ts'

/** The proxy as the control server sees it. */
export interface ControlledProxy {
  readonly routing: Readonly<Routing>
  setRouting(change: Partial<Pick<Routing, 'primary' | 'readMode' | 'isTargetEnabled'>>): void
  reports(): Promise<readonly ProxyReport[]>
}

const BODY_MAX = 4_096

interface Answer {
  readonly status: number
  readonly body: unknown
}

export class ControlServer {
  readonly #proxy: ControlledProxy
  readonly #token: string | undefined
  readonly #server: Server

  constructor(proxy: ControlledProxy, token: string | undefined) {
    this.#proxy = proxy
    this.#token = token
    this.#server = createServer((request, response) => {
      void this.#handle(request, response)
    })
    this.#server.requestTimeout = 10_000
  }

  /** Resolves with the port. */
  async start(port: number, host?: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', cause =>
      reject(
        new ScamanderError(PROXY_ERRORS.LISTEN, `metrics port ${port}: ${messageOf(cause)}`, {
          cause,
        }),
      ),
    )
    this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve())
    await promise
    return (this.#server.address() as { port: number }).port
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = new URL(request.url ?? '/', 'http://proxy').pathname
      if (path === '/metrics' && request.method === 'GET') {
        const reports = await this.#proxy.reports()
        const merged = mergeSnapshots(reports.map(report => report.series))
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        response.end(renderMetrics(Object.values(METRICS), merged))
        return
      }
      const { status, body } = await this.#answer(request, path)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(body)}\n`)
    } catch (error) {
      response.writeHead(500, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ message: messageOf(error) })}\n`)
    }
  }

  async #answer(request: IncomingMessage, path: string): Promise<Answer> {
    if (path === '/health/liveness') return { status: 200, body: { status: 'UP' } }
    if (path === '/health/readiness') return await this.#readiness()
    if (!path.startsWith('/api/v1/')) return notFound(path)
    if (!this.#isAdmitted(request)) {
      const message =
        'the control API is for this machine, or needs --control-token as bearer token'
      return { status: 403, body: { message } }
    }
    const isPost = request.method === 'POST'
    if (!isPost && request.method !== 'GET')
      return { status: 405, body: { message: 'GET or POST' } }
    const name = path.slice('/api/v1/'.length)
    const body = isPost ? await readJson(request) : {}
    if (body === undefined) return { status: 400, body: { message: 'expected a JSON object' } }
    return isPost ? this.#change(name, body) : this.#show(name)
  }

  #show(name: string): Answer {
    const { primary, readMode, isTargetEnabled } = this.#proxy.routing
    switch (name) {
      case 'target':
        return { status: 200, body: { enabled: isTargetEnabled } }
      case 'primary':
        return { status: 200, body: { primary: clusterName(primary) } }
      case 'read-mode':
        return { status: 200, body: { readMode } }
      default:
        return notFound(name)
    }
  }

  #change(name: string, body: Readonly<Record<string, unknown>>): Answer {
    switch (name) {
      case 'target/enable':
      case 'target/disable':
        return this.#switchTarget(name === 'target/enable')
      case 'target': {
        const { enabled } = body
        if (typeof enabled !== 'boolean') return wrong('enabled', 'true or false')
        return this.#switchTarget(enabled)
      }
      case 'primary': {
        const { primary } = body
        if (primary !== 'source' && primary !== 'target')
          return wrong('primary', 'source or target')
        if (primary === 'target' && !this.#proxy.routing.isTargetEnabled) {
          return conflict('the target is switched off: enable it and repair what it missed first')
        }
        this.#proxy.setRouting({ primary: primary === 'source' ? SOURCE : TARGET })
        return this.#show('primary')
      }
      case 'read-mode': {
        const { readMode } = body
        if (readMode !== 'primary' && readMode !== 'dual-async' && readMode !== 'compare') {
          return wrong('readMode', 'primary, dual-async or compare')
        }
        this.#proxy.setRouting({ readMode })
        return this.#show('read-mode')
      }
      default:
        return notFound(name)
    }
  }

  /** Reads of a target that gets no writes would be of the past. */
  #switchTarget(isEnabled: boolean): Answer {
    if (!isEnabled && this.#proxy.routing.primary === TARGET) {
      return conflict('reads are answered by the target: set primary to source first')
    }
    this.#proxy.setRouting({ isTargetEnabled: isEnabled })
    return this.#show('target')
  }

  async #readiness(): Promise<Answer> {
    const [report] = await this.#proxy.reports()
    const clusters = report?.clusters ?? []
    const isReady = clusters.length > 0 && clusters.every(cluster => cluster.status === 'UP')
    const [source, target] = clusters
    return {
      status: isReady ? 200 : 503,
      body: { status: isReady ? 'UP' : 'DOWN', source, target },
    }
  }

  /** From this machine and not from a web page, or with the token. */
  #isAdmitted(request: IncomingMessage): boolean {
    const { authorization = '', origin } = request.headers
    if (this.#token !== undefined && isEqual(authorization, `Bearer ${this.#token}`)) return true
    const address = request.socket.remoteAddress ?? ''
    const isLocal = address === '::1' || /^(::ffff:)?127\./.test(address)
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    const isLocalName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host)
    return isLocal && isLocalName && origin === undefined
  }
}

async function readJson(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > BODY_MAX) return undefined
  }
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function notFound(name: string): Answer {
  return { status: 404, body: { message: `there is no ${name}` } }
}

function conflict(message: string): Answer {
  return { status: 409, body: { message } }
}

function wrong(field: string, expected: string): Answer {
  return { status: 400, body: { message: `${field}: expected ${expected}` } }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
