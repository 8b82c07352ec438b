/**
 * Serves routes over HTTP with the conventions of Kafka Connect's REST API; the only file that
 * knows the HTTP library. Made once per listener, with or without TLS.
 * Invariants: every error is a JSON document whose code is the status; errors of the framework
 * (404, 405, 406, 415) carry no content type; nothing is answered before access was checked.
 * Spec: connect-rest 1.
 */
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
} from 'fastify'
import type { AccessLine } from '../api-v1-monitor.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../connect/index.ts'
import { isTracing, type Logger } from '../telemetry/index.ts'
import type { Access } from './access.ts'
import { CLIENT_HEADER } from './address-rules.ts'
import { type CorsSettings, corsHeaders } from './cors.ts'
import { errorAnswer, errorInfo } from './error-answer.ts'
import { SERVER_ERRORS } from './errors.ts'
import { isForeignCall } from './foreign-call.ts'
import { forward, PASSED_HEADER } from './forward.ts'
import { hostPort, type Listener } from './listener.ts'
import { RequestSpans } from './request-spans.ts'
import { type HeaderRule, headerValue } from './response-headers.ts'
import type { Answer, Call, Route } from './route.ts'
import { SESSION_HEADER } from './sessions.ts'
import type { ServerTls } from './tls.ts'

export interface HttpServerOptions {
  readonly routes: readonly Route[]
  readonly access: Access
  readonly logger: Logger
  /** Undefined: no page of another origin may call. */
  readonly cors?: CorsSettings | undefined
  /** Added to every answer. */
  readonly headers?: readonly HeaderRule[]
  /** Undefined: plain HTTP. */
  readonly tls?: ServerTls | undefined
  /** Called after another worker did a write, before its answer is passed back. */
  readonly forwarded?: (() => Promise<void>) | undefined
  /** Told of every call that was answered. */
  readonly called?: ((line: AccessLine) => void) | undefined
  /** After this a call is answered with an error. @default 90 s */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 90_000
const BODY_BYTES_MAX = 4 * 1024 * 1024
const NAME_LENGTH_MAX = 4096
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const ALLOWED = ['HEAD', 'POST', 'GET', 'OPTIONS']

export class HttpServer {
  readonly #app: FastifyInstance
  readonly #options: HttpServerOptions
  readonly #patterns: readonly RegExp[]
  readonly #spans = new RequestSpans()

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#patterns = options.routes.map(route => patternOf(route.path))
    this.#app = Fastify({
      bodyLimit: BODY_BYTES_MAX,
      forceCloseConnections: 'idle',
      ...(options.tls === undefined ? {} : { serverFactory: tlsFactory(options.tls) }),
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: NAME_LENGTH_MAX },
    })
    this.#app.removeAllContentTypeParsers()
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body)
    })
    this.#app.addHook('onRequest', (request, reply) => this.#check(request, reply))
    this.#app.addHook('onResponse', async (request, reply) => this.#log(request, reply))
    this.#app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply))
    this.#app.setNotFoundHandler((request, reply) => this.#notFound(request, reply))
    for (const route of options.routes) this.#add(route)
  }

  /** The address, with the port that was chosen. */
  async listen(listener: Listener, key: string): Promise<{ url: string; hostPort: string }> {
    try {
      await this.#app.listen({ host: listener.host, port: listener.port })
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
      const at = hostPort(listener.host, listener.port)
      const reason = code === 'EADDRINUSE' ? 'the port is in use' : code
      const message = `${key}: cannot listen on ${at}: ${reason}`
      throw new ScamanderError(SERVER_ERRORS.LISTENER, message, { cause })
    }
    const { port } = this.#app.server.address() as AddressInfo
    const at = hostPort(listener.host === '::' ? 'localhost' : listener.host, port)
    return { url: `${listener.scheme}://${at}`, hostPort: at }
  }

  /** A call without a socket; for tests. */
  async inject(call: {
    method: Route['method'] | 'HEAD' | 'OPTIONS'
    url: string
    headers?: Record<string, string>
    payload?: string
    remoteAddress?: string
  }): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
    const { statusCode, headers, body } = await this.#app.inject(call)
    return { status: statusCode, headers, body }
  }

  async close(): Promise<void> {
    await this.#app.close()
  }

  #add(route: Route): void {
    this.#app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyBytesMax ?? BODY_BYTES_MAX,
      handler: async (request, reply) => {
        const refusal = refusalOf(route, request)
        if (refusal !== undefined) return frameworkAnswer(reply, refusal)
        return send(reply, await this.#answer(route, request))
      },
    })
  }

  async #check(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    this.#beginSpan(request)
    const { cors, headers = [], access } = this.#options
    const { authorization, host, origin } = request.headers
    const client = clientOf(request, access)
    if (!access.addresses.isAllowed(client)) {
      const message = `calls from ${client ?? 'an address that nobody tells'} are not allowed here`
      return send(reply, { status: 403, json: errorInfo(403, message) })
    }
    for (const rule of headers) addHeader(reply, rule)
    const allowed = corsHeaders(cors, origin)
    for (const [name, value] of Object.entries(allowed)) reply.header(name, value)
    if (isPreflight(request) && cors !== undefined) {
      return send(reply, { status: 200, headers: corsHeaders(cors, origin, true) })
    }
    const { method } = request
    if (isForeign(request) && Object.keys(allowed).length === 0) {
      const message =
        'pages of other origins may not change anything here; access.control.allow.origin names those that may'
      return send(reply, { status: 403, json: errorInfo(403, message) })
    }
    const { cookie } = request.headers
    const isPage = request.headers['x-scamander-page'] !== undefined
    const path = pathOf(request)
    const verdict = await access.judge({
      ...{ authorization, cookie, isPage, host, method, path, client },
      forwardedFor: forwardedForOf(request),
    })
    if (verdict === 'allowed') {
      // From here on a session is the login that it stands for.
      const session = access.sessionOf({ authorization, cookie })
      delete request.headers[SESSION_HEADER]
      if (session !== undefined) {
        request.headers.authorization = session.authorization
        request.headers[SESSION_HEADER] = session.id
      }
      return undefined
    }
    if (verdict === 'forbidden') {
      const message =
        'expected a role that may change this, and with a session of the page its header x-scamander-page'
      return send(reply, { status: 403, json: errorInfo(403, message) })
    }
    if (verdict === 'wrong-host') {
      const message =
        'without a login only this machine may call: expected the host 127.0.0.1 and no proxy that passes on calls of other machines; configure a login for those'
      return send(reply, { status: 403, json: errorInfo(403, message) })
    }
    if (verdict === 'wrong-path') {
      const message = 'expected a path that begins with / and has no #'
      return send(reply, { status: 400, json: errorInfo(400, message) })
    }
    if (path === '/' && isPageAsked(request)) {
      return send(reply, {
        status: 302,
        headers: { location: '/ui/', 'cache-control': 'no-store' },
      })
    }
    const text = { body: 'User cannot access the resource.', type: 'text/plain' }
    // The page asks for the login itself: a browser that is told how would ask, too.
    const challenge: Record<string, string> = isPage ? {} : { 'WWW-Authenticate': access.challenge }
    return send(reply, { status: 401, text, headers: challenge })
  }

  /** Within the limit of time; on another worker when this one may not do it. */
  async #answer(route: Route, request: FastifyRequest): Promise<Answer> {
    const given = toCall(request)
    const call = { ...given, headers: { ...given.headers, ...this.#spans.headersOf(request) } }
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(timedOut()), this.#options.timeoutMs ?? TIMEOUT_MS)
    try {
      return await Promise.race([answerOf(route, call, this.#options.forwarded), late])
    } finally {
      clearTimeout(timer)
    }
  }

  #notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = pathOf(request)
    const isKnown = this.#patterns.some(pattern => pattern.test(path))
    if (!isKnown) return frameworkAnswer(reply, 404)
    if (request.method !== 'OPTIONS') return frameworkAnswer(reply, 405)
    const text = { body: ALLOWED.join(', '), type: 'text/plain' }
    return send(reply, { status: 200, text, headers: { Allow: ALLOWED.join(',') } })
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const status = (error as { statusCode?: number }).statusCode
    if (status === 415 || status === 404) return frameworkAnswer(reply, status)
    if (status === 413) {
      const { bodyLimit = BODY_BYTES_MAX } = request.routeOptions
      const message = `expected a body of at most ${bodyLimit} bytes, found a larger one`
      return send(reply, { status, json: errorInfo(status, message) })
    }
    if (status !== undefined && status < 500) {
      const { message } = error as Error
      return send(reply, { status, json: errorInfo(status, message) })
    }
    const answer = errorAnswer(error)
    if (answer.status >= 500) this.#options.logger.error('a REST call failed', error)
    return send(reply, answer)
  }

  #beginSpan(request: FastifyRequest): void {
    if (!isTracing()) return
    const { traceparent } = request.headers
    this.#spans.begin(request, {
      method: request.method,
      path: pathOf(request),
      scheme: request.protocol,
      route: request.routeOptions.url,
      client: request.ip,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    })
  }

  #log(request: FastifyRequest, reply: FastifyReply): void {
    const { logger } = this.#options
    this.#spans.end(request, reply.statusCode)
    this.#options.called?.({
      time: new Date().toISOString(),
      user: this.#options.access.nameOf(request.headers.authorization),
      ...{ method: request.method, path: pathOf(request), status: reply.statusCode },
      ms: Math.round(reply.elapsedTime),
    })
    if (!logger.isEnabled('debug')) return
    logger.debug('request', {
      client: request.ip,
      method: request.method,
      // Without the query: it may hold keys of rows and the code of a sign-in.
      path: pathOf(request),
      status: reply.statusCode,
      bytes: Number(reply.getHeader('content-length') ?? 0),
      ms: Math.round(reply.elapsedTime),
    })
  }
}

type Forwarded = HttpServerOptions['forwarded']

async function answerOf(route: Route, call: Call, forwarded: Forwarded): Promise<Answer> {
  try {
    return await handled(route, call, forwarded)
  } catch (error) {
    const answer = errorAnswer(error)
    if (answer.status >= 500) throw error
    return answer
  }
}

/** A caller that wrote through this worker reads it here afterwards. */
async function handled(route: Route, call: Call, forwarded: Forwarded): Promise<Answer> {
  try {
    return await route.handle(call)
  } catch (error) {
    if (!isScamanderError(error) || error.code !== CONNECT_ERRORS.ELSEWHERE.code) throw error
    const answer = await forward(call, String(error.context['url']))
    if (answer === undefined) throw error
    if (call.method !== 'GET' && answer.status < 400) await forwarded?.()
    return answer
  }
}

function toCall(request: FastifyRequest): Call {
  const [, query = ''] = request.url.split('?', 2)
  return {
    params: request.params as Record<string, string>,
    query: new URLSearchParams(query),
    body: typeof request.body === 'string' ? request.body : '',
    method: request.method,
    url: request.url,
    headers: request.headers as Record<string, string | undefined>,
  }
}

/** The address of a caller; from here on it stands in the headers, and nothing else says it. */
function clientOf(request: FastifyRequest, { addresses }: Access): string | undefined {
  const { headers, socket } = request
  const forwardedFor = forwardedForOf(request)
  const client = addresses.clientOf({ remote: socket.remoteAddress, forwardedFor })
  delete headers[CLIENT_HEADER]
  // For whom a worker passes a call on is known only where that worker is trusted.
  const isOwn = headers[PASSED_HEADER] === undefined || addresses.isTrusted(socket.remoteAddress)
  if (client !== undefined && isOwn) headers[CLIENT_HEADER] = client
  return client
}

function forwardedForOf({ headers }: FastifyRequest): string | undefined {
  const forwarded = headers['x-forwarded-for']
  return Array.isArray(forwarded) ? forwarded.join(',') : forwarded
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? ''
}

/** A browser that opens the address of the server, which has a page. */
function isPageAsked({ headers, method }: FastifyRequest): boolean {
  return method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '')
}

/** A change that a browser sends for a page of another origin. */
function isForeign({ headers, method }: FastifyRequest): boolean {
  return !READING.has(method) && isForeignCall(headers)
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function addHeader(reply: FastifyReply, rule: HeaderRule): void {
  const value = headerValue(rule, Date.now())
  const present = rule.action.startsWith('add') ? reply.getHeader(rule.name) : undefined
  reply.header(rule.name, present === undefined ? value : [present, value].flat().map(String))
}

function timedOut(): ScamanderError {
  return new ScamanderError(SERVER_ERRORS.TIMEOUT, 'Request timed out')
}

/** `requested`: none is fine, a wrong one is not. */
function tlsFactory({ options, clientAuth }: ServerTls): FastifyServerFactory {
  return handler => {
    const server = createTlsServer(options, handler)
    if (clientAuth === 'requested') server.on('secureConnection', refuseWrongCertificate)
    return server as unknown as Server
  }
}

function refuseWrongCertificate(socket: TLSSocket): void {
  const hasCertificate = Object.keys(socket.getPeerCertificate()).length > 0
  if (hasCertificate && !socket.authorized) socket.destroy()
}

function refusalOf(route: Route, request: FastifyRequest): 406 | 415 | undefined {
  if (!accepts(request.headers.accept, route.produces ?? 'json')) return 406
  const hasBody = typeof request.body === 'string' && request.body !== ''
  if (route.takesBody !== true || !hasBody) return undefined
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  return type === undefined || type === 'application/json' ? undefined : 415
}

function accepts(accept: string | undefined, produces: 'json' | 'text' | 'any'): boolean {
  if (accept === undefined || produces === 'any') return true
  const fitting =
    produces === 'json' ? /^(\*\/\*|application\/(\*|json))$/ : /^(\*|text|application)\//
  return accept.split(',').some(range => fitting.test(range.split(';')[0]?.trim() ?? ''))
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value)
  if (answer.text !== undefined) {
    return reply.header('content-type', answer.text.type).send(answer.text.body)
  }
  if (answer.bytes !== undefined) {
    return reply.header('content-type', answer.bytes.type).send(answer.bytes.body)
  }
  if (answer.stream !== undefined) {
    return reply.header('content-type', answer.stream.type).send(answer.stream.body)
  }
  if (answer.json === undefined) return reply.send()
  // Bytes, so that the library adds no charset to the type.
  const bytes = Buffer.from(JSON.stringify(answer.json))
  return reply.header('content-type', 'application/json').send(bytes)
}

const PHRASES = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
} as const

/** Written past the library, which would add a content type. */
function frameworkAnswer(reply: FastifyReply, status: keyof typeof PHRASES): FastifyReply {
  const body = JSON.stringify(errorInfo(status, `HTTP ${status} ${PHRASES[status]}`))
  reply.hijack()
  const added = reply.getHeaders() as Record<string, string | string[]>
  reply.raw.writeHead(status, { ...added, 'content-length': Buffer.byteLength(body) })
  reply.raw.end(reply.request.method === 'HEAD' ? undefined : body)
  return reply
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')
  return new RegExp(`^${escaped === '/' ? '/' : `${escaped}/?`}$`)
}
