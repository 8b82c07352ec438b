/**
 * Requests to a schema registry: several addresses with failover, login, TLS, connections kept.
 * Used by the registry client. Spec: connect-rest 12 (media type, errors).
 * Invariants: a request ends within its time limits; an answer is at most ANSWER_BYTES_MAX; no
 * message shows credentials. The address that answered last is asked first.
 */
import http from 'node:http'
import https from 'node:https'
import { isScamanderError, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { RegistrySettings } from '../../flow/index.ts'
import { KAFKA_ERRORS } from '../errors.ts'
import { refusedAnswer, transportError, unreachable } from './registry-classify.ts'
import { type Authorize, loginOf, toRegistryTls } from './registry-login.ts'

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'
const ANSWER_BYTES_MAX = 32 * 1024 * 1024
const SOCKETS_MAX = 8
const IDLE_MS = 30_000

export interface RegistryRequest {
  readonly method: 'GET' | 'POST'
  /** Below the address, percent-encoded. */
  readonly path: string
  readonly body?: unknown
  /** Names subject and version in messages. */
  readonly what: string
}

interface Answer {
  readonly status: number
  readonly text: string
}

interface Endpoint {
  readonly url: URL
  readonly authorize: Authorize
}

export class RegistryHttp {
  readonly #settings: RegistrySettings
  readonly #endpoints: readonly Endpoint[]
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS })
  readonly #secure: https.Agent
  #first = 0

  /** Throws a config error when a key store or an address cannot be used. */
  constructor(settings: RegistrySettings) {
    this.#settings = settings
    this.#endpoints = settings.urls.map(text => {
      const url = new URL(text)
      const authorize = loginOf(settings.login, url)
      url.username = ''
      url.password = ''
      return { url, authorize }
    })
    const tls = toRegistryTls(settings.tls)
    this.#secure = new https.Agent({
      ...tls,
      keepAlive: true,
      maxSockets: SOCKETS_MAX,
      timeout: IDLE_MS,
    })
  }

  /** The parsed answer; asks the other addresses when one cannot serve. */
  async call(request: RegistryRequest): Promise<unknown> {
    let failure: ScamanderError | undefined
    for (let n = 0; n < this.#endpoints.length; n++) {
      const index = (this.#first + n) % this.#endpoints.length
      const endpoint = this.#endpoints[index]!
      try {
        const answer = await this.#ask(endpoint, request)
        this.#first = index
        return answer
      } catch (error) {
        if (!isScamanderError(error, 'retriable')) throw error
        failure = error
      }
    }
    throw unreachable(request.what, failure)
  }

  async #ask({ url, authorize }: Endpoint, request: RegistryRequest): Promise<unknown> {
    const host = url.host
    let answer: Answer
    try {
      const login = await authorize()
      answer = await this.#send(url, request, login)
    } catch (error) {
      throw isScamanderError(error) ? error : transportError(error, host)
    }
    if (answer.status >= 200 && answer.status < 300) return parsed(answer, host)
    throw refusedAnswer(answer, { host, what: request.what })
  }

  #send(base: URL, request: RegistryRequest, login: string | undefined): Promise<Answer> {
    const isSecure = base.protocol === 'https:'
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const options: https.RequestOptions = {
      method: request.method,
      agent: isSecure ? this.#secure : this.#plain,
      signal: AbortSignal.timeout(this.#settings.readTimeoutMs),
      headers: {
        accept: `${MEDIA_TYPE}, application/json`,
        ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...this.#settings.headers,
        ...(login === undefined ? {} : { authorization: login }),
      },
    }
    const target = base.origin + base.pathname.replace(/\/+$/, '') + request.path
    const sent = isSecure ? https.request(target, options) : http.request(target, options)
    limitConnecting(sent, this.#settings.connectTimeoutMs)
    const answer = collect(sent)
    sent.end(body)
    return answer
  }
}

/** The time until the connection stands; a kept one stands already. */
function limitConnecting(sent: http.ClientRequest, timeoutMs: number): void {
  sent.once('socket', socket => {
    if (!socket.connecting) return
    const timer = setTimeout(() => {
      sent.destroy(new Error(`no connection within ${timeoutMs} ms`))
    }, timeoutMs)
    const stop = () => clearTimeout(timer)
    socket.once('connect', stop)
    socket.once('close', stop)
  })
}

function collect(sent: http.ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  sent.once('error', reject)
  sent.once('response', response => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    response.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > ANSWER_BYTES_MAX) sent.destroy(new Error('the answer is too large'))
      else chunks.push(chunk)
    })
    response.once('error', reject)
    response.once('end', () => {
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
    })
  })
  return promise
}

function parsed({ text }: Answer, host: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `Schema registry ${host}: expected JSON, found something else: ${messageOf(cause)}`
    throw new ScamanderError(KAFKA_ERRORS.REGISTRY_REFUSED, message)
  }
}
