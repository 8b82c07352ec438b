/**
 * Calls the REST API of a worker for the commands below `scamander connect` and `scamander dlq`.
 * Address and login come from options or the environment; any worker with Kafka Connect's API will
 * do. A call that meets a rebalance is repeated a few times.
 * Invariant: neither token nor password is part of a message or an argument.
 * Spec: connect-rest 1, 20.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorInfo } from '../../api.ts'
import type { Problem } from '../../api-v1.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { CLI_ERRORS } from '../errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RestClientSettings {
  readonly url: string
  /** The whole `Authorization` value; undefined: none. */
  readonly authorization?: string | undefined
  /** Between two attempts. @default 200 */
  readonly pauseMs?: number
}

export type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_URL = 'http://127.0.0.1:8083'
const ATTEMPTS_MAX = 6
const PAUSE_MS = 200
const TIMEOUT_MS = 100_000

/** `SCAMANDER_URL`; `SCAMANDER_TOKEN`, or `SCAMANDER_USER` with `SCAMANDER_PASSWORD`. */
export function clientSettingsOf(url: string | undefined, env: Environment): RestClientSettings {
  const given = url ?? env['SCAMANDER_URL'] ?? DEFAULT_URL
  const parsed = parseUrl(given)
  const token = env['SCAMANDER_TOKEN']
  const user = env['SCAMANDER_USER']
  const basic = Buffer.from(`${user}:${env['SCAMANDER_PASSWORD'] ?? ''}`).toString('base64')
  const authorization = token ? `Bearer ${token}` : user ? `Basic ${basic}` : undefined
  return { url: parsed.href.replace(/\/$/, ''), authorization }
}

export type Fetch = typeof fetch

export class RestClient {
  readonly #settings: RestClientSettings
  readonly #fetch: Fetch

  constructor(settings: RestClientSettings, fetchUrl: Fetch = fetch) {
    this.#settings = settings
    this.#fetch = fetchUrl
  }

  /** The parsed body, or undefined for an empty one; an answer of 400 or more is thrown. */
  async call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    return (await this.callFull<T>(method, path, body)).body
  }

  /** With the status, for calls whose success has two of them. */
  async callFull<T>(
    method: Method,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }> {
    for (let attempt = 1; ; attempt++) {
      const { status, text } = await this.#send(method, path, body)
      if (status < 400) return { status, body: parse(text) as T }
      const message = messageIn(text) ?? `HTTP ${status}`
      if (!isPassing(status, message) || attempt >= ATTEMPTS_MAX) throw refused(status, message)
      await sleep(this.#settings.pauseMs ?? PAUSE_MS)
    }
  }

  async #send(method: Method, path: string, body: unknown) {
    const { url, authorization } = this.#settings
    try {
      const response = await this.#fetch(url + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(authorization === undefined ? {} : { authorization }),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, text: await response.text() }
    } catch (cause) {
      const message = `no answer from ${url}: ${reasonOf(cause)}`
      throw new ScamanderError(CLI_ERRORS.UNREACHABLE, message, { cause })
    }
  }
}

/** The path of one connector, its name encoded. */
export function connectorPath(name: string, rest = ''): string {
  return `/connectors/${encodeURIComponent(name)}${rest}`
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url !== null && isHttp && url.username === '') return url
  const message = `--url: expected http://host:port without a login, found ${isHttp ? 'a login in it' : text}`
  throw new ScamanderError(CLI_ERRORS.OPTION, message)
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ScamanderError(CLI_ERRORS.ANSWER, 'expected JSON as the answer, found other text', {
      cause,
    })
  }
}

function messageIn(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as Partial<ErrorInfo & Problem>
    return body.message ?? body.detail
  } catch {
    return text.trim() === '' ? undefined : text.trim().slice(0, 500)
  }
}

/** The workers of a cluster are about to agree. */
function isPassing(status: number, message: string): boolean {
  if (status === 409) return !message.endsWith('already exists')
  return status === 500 && message.includes('because a rebalance is expected')
}

function refused(status: number, message: string): ScamanderError {
  if (status === 401 || status === 403) {
    return new ScamanderError(CLI_ERRORS.LOGIN, `HTTP ${status}: ${message}`)
  }
  const declaration =
    status === 400
      ? CLI_ERRORS.BAD_REQUEST
      : status < 500
        ? CLI_ERRORS.REFUSED
        : status === 503
          ? CLI_ERRORS.UNREADY
          : CLI_ERRORS.FAILED
  return new ScamanderError(declaration, message)
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  return messageOf(cause ?? error)
}
