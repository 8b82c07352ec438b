/**
 * A real HTTP server that answers like Backlog: credentials, OAuth, limits per user and class, faults on
 * demand, a journal of requests. Started by tests and by the demo, in process.
 * Invariants: every answer of `/api/v2` carries the limit headers; a fault is applied once per rule
 * use; the journal never holds a credential.
 * Spec: backlog-replication 1.2, 1.4, 1.5, 3.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BacklogFailure } from './bad-request.ts'
import { OauthDesk } from './oauth-desk.ts'
import { RateWindows } from './rate-windows.ts'
import { routeOf } from './routes.ts'
import { Space, type SpaceOptions } from './space.ts'

export interface Fault {
  /** Path below `/api/v2/`, as a regular expression. */
  readonly path: RegExp
  /** How often it strikes. @default 1 */
  times?: number
  /** Lets so many matching requests through first. @default 0 */
  skip?: number
  readonly action: 'status' | 'truncate' | 'close' | 'html' | 'delay' | 'revoke'
  readonly status?: number
  readonly backlogCode?: number
  readonly delayMs?: number
  /** Of a 429: no X-RateLimit-Reset. */
  readonly isBare?: boolean
  /** Of a 429: the window ends then. */
  readonly resetInSeconds?: number
  /** Called before the answer is made: changes the space between two pages. */
  readonly before?: (space: Space) => void
}

export interface StandInOptions extends SpaceOptions {
  /** @default any free */
  readonly port?: number
  readonly apiKey?: string
  readonly limits?: { readonly read?: number; readonly search?: number }
  /** @default false */
  readonly isInclusive?: boolean
  /** @default 3600 */
  readonly tokenSeconds?: number
}

export interface JournalEntry {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly credential: 'key' | 'bearer' | 'none'
  readonly status: number
  readonly inFlight: number
  /** From the first byte of the request to the last of the answer. */
  readonly tookMs: number
}

const JOURNAL_MAX = 200_000

export class BacklogStandIn {
  readonly space: Space
  readonly journal: JournalEntry[] = []
  readonly faults: Fault[] = []
  readonly oauth: OauthDesk
  readonly limits: RateWindows
  readonly apiKey: string
  readonly #options: StandInOptions
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  #inFlight = 0

  constructor(options: StandInOptions = {}) {
    this.#options = options
    this.space = new Space(options)
    this.apiKey = options.apiKey ?? 'test-key-0123456789'
    this.limits = new RateWindows({ now: this.space.now, ...options.limits })
    this.oauth = new OauthDesk(this.space.now, options.tokenSeconds ?? 3600)
  }

  /** The origin, on loopback. */
  async listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject).listen(this.#options.port ?? 0, '127.0.0.1', resolve)
    await promise
    return this.url
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#inFlight++
    const startedMs = performance.now()
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace(/^\/api\/v2\//, '')
    const credential = credentialOf(request, url)
    try {
      await this.#answer({ request, response, url, path })
    } catch (error) {
      const failure =
        error instanceof BacklogFailure ? error : new BacklogFailure(500, 1, String(error))
      sendError(response, failure)
    } finally {
      url.searchParams.delete('apiKey')
      if (this.journal.length < JOURNAL_MAX) {
        const entry = { method: request.method ?? '', path, query: url.searchParams.toString() }
        this.journal.push({
          ...entry,
          credential,
          status: response.statusCode,
          inFlight: this.#inFlight,
          tookMs: performance.now() - startedMs,
        })
      }
      this.#inFlight--
    }
  }

  async #answer(of: {
    request: IncomingMessage
    response: ServerResponse
    url: URL
    path: string
  }): Promise<void> {
    const { request, response, url, path } = of
    const body = new URLSearchParams(await readBody(request))
    if (url.pathname.endsWith('/oauth2/token')) return this.oauth.answer(body, response)
    if (url.pathname === '/OAuth2AccessRequest.action')
      return this.oauth.authorize(url.searchParams, response)
    const { space } = this
    const fault = this.#faultOf(path)
    fault?.before?.(space)
    if (fault?.action === 'revoke') this.oauth.revokeAll()
    if (fault?.action === 'close') return void request.socket.destroy()
    if (fault?.action === 'delay')
      await new Promise(resolve => setTimeout(resolve, fault.delayMs ?? 100))
    if (!this.#isKnown(request, url)) return this.#refuse(request, response)
    const kind =
      request.method === 'GET' ? (/^issues(\/count)?$/.test(path) ? 'search' : 'read') : 'update'
    const window = this.limits.take(kind)
    for (const [name, value] of Object.entries(window.headers)) response.setHeader(name, value)
    if (!window.isAllowed) throw new BacklogFailure(429, 13, 'Too many requests.')
    if (fault?.action === 'status') {
      if (fault.isBare === true) response.removeHeader('X-RateLimit-Reset')
      if (fault.resetInSeconds !== undefined) {
        const reset = Math.ceil(space.now() / 1000) + fault.resetInSeconds
        response.setHeader('X-RateLimit-Reset', String(reset))
      }
      throw new BacklogFailure(fault.status ?? 500, fault.backlogCode ?? 1, 'A fault on demand.')
    }
    if (path === 'rateLimit') return sendJson(response, this.limits.all())
    const route = routeOf(request.method ?? '', path)
    if (route === undefined) throw new BacklogFailure(404, 6, `No such resource. (${path})`)
    const isInclusive = this.#options.isInclusive === true
    const answer = route.handle({
      space,
      params: route.params,
      query: url.searchParams,
      body,
      userId: 40_001,
      isInclusive,
    })
    if (fault?.action === 'html')
      return void response.setHeader('content-type', 'text/html').end('<html>busy</html>')
    sendJson(response, answer, fault?.action === 'truncate')
  }

  #faultOf(path: string): Fault | undefined {
    const index = this.faults.findIndex(one => one.path.test(path))
    const fault = this.faults[index]
    if (fault === undefined) return undefined
    if ((fault.skip ?? 0) > 0) {
      fault.skip = (fault.skip ?? 0) - 1
      return undefined
    }
    fault.times = (fault.times ?? 1) - 1
    if (fault.times <= 0) this.faults.splice(index, 1)
    return fault
  }

  #isKnown(request: IncomingMessage, url: URL): boolean {
    const header = request.headers['backlog-api-key']
    if (header !== undefined) return header === this.apiKey
    const bearer = request.headers.authorization?.replace(/^Bearer /, '')
    return bearer === undefined
      ? url.searchParams.get('apiKey') === this.apiKey
      : this.oauth.isValid(bearer)
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization === undefined)
      throw new BacklogFailure(401, 11, 'Authentication failure.')
    const text = 'Bearer error="invalid_token", error_description="The access token expired"'
    response.writeHead(401, { 'WWW-Authenticate': text }).end()
  }
}

/** Listens at once. */
export async function startBacklogStandIn(options: StandInOptions = {}): Promise<BacklogStandIn> {
  const standIn = new BacklogStandIn(options)
  await standIn.listen()
  return standIn
}

function credentialOf(request: IncomingMessage, url: URL): JournalEntry['credential'] {
  if (request.headers['backlog-api-key'] !== undefined || url.searchParams.has('apiKey'))
    return 'key'
  return request.headers.authorization === undefined ? 'none' : 'bearer'
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function sendJson(response: ServerResponse, value: unknown, isCut = false): void {
  const text = JSON.stringify(value)
  response.setHeader('content-type', 'application/json;charset=utf-8')
  response.end(isCut ? text.slice(0, Math.floor(text.length / 2)) : text)
}

function sendError(
  response: ServerResponse,
  { status, backlogCode, message }: BacklogFailure,
): void {
  if (response.headersSent) return
  response.statusCode = status
  sendJson(response, { errors: [{ message, code: backlogCode, moreInfo: '' }] })
}
