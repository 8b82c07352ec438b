/**
 * GET requests to one Backlog space: credentials, pace, retries, sign-in renewal.
 * One client per origin and user; it sends one request at a time for all its callers, job by job in turn.
 * Invariants: a credential goes only to the origin, in a header unless told otherwise; redirects are
 * not followed; 429 never uses up retries; a new refresh token is stored before it is used; of those who
 * share a sign-in one renews it at a time.
 * Spec: backlog-replication 1.2, 1.4, 1.5.
 */
import { setTimeout as sleepFor } from 'node:timers/promises'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { BACKLOG_ERRORS, failureOf } from './errors.ts'
import { type Exchange, withoutSecrets } from './exchange.ts'
import { Turns } from './turns.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface OauthTokens {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** Keeps a new refresh token; it is used once that resolved. */
  readonly store: (refreshToken: string) => void | Promise<void>
  /** @default at once, with its own token: nobody else has it */
  readonly exclusively?: RenewExclusively | undefined
}

/**
 * Does the work when nobody else renews this sign-in, with the token that is kept then: a token that
 * was used by another client is worth nothing any more. `own` is that of this client.
 */
export type RenewExclusively = <T>(
  own: string,
  work: (current: string) => Promise<T>,
  signal: AbortSignal,
) => Promise<T>

export interface BacklogClientOptions {
  readonly origin: string
  /** One of the two. */
  readonly apiKey?: string | undefined
  readonly oauth?: OauthTokens | undefined
  /** @default false */
  readonly keyInQuery?: boolean
  /** Part of the limit that is left to the user's other tools. @default 10 */
  readonly reservePercent?: number
  readonly requestTimeoutMs?: number
  /** Of errors that may pass. @default 5 */
  readonly retries?: number
  /** Told when the credential is refused for good. */
  readonly onRefused?: (status: 'AUTH_FAILED' | 'AUTH_EXPIRED', message: string) => void
  readonly fetch?: Fetch
  readonly now?: () => number
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What a caller is told and may stop. */
export interface Caller {
  readonly signal: AbortSignal
  /** Requests of one job wait for one request of each other job at most. @default a job of its own */
  readonly job?: string | undefined
  /** Throws to end the run. */
  readonly onWait?: (ms: number) => void
  readonly onRequest?: (kind: 'sent' | 'retried') => void
  /** Told of every request that was answered, or was not; without a secret. */
  readonly onExchange?: (exchange: Exchange) => void
}

export type Params = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[] | undefined>
>

const RETRIES = 5
const BACKOFF_BASE_MS = 1000
const BACKOFF_MAX_MS = 60_000
const WAIT_DEFAULT_MS = 60_000
const WAIT_MAX_MS = 120_000
const RENEW_BEFORE_MS = 120_000
const BODY_BYTES_MAX = 64 * 1024 * 1024

export class BacklogClient {
  readonly origin: string
  readonly #options: BacklogClientOptions
  readonly #now: () => number
  /** By limit value: until when requests of that class wait. */
  readonly #pauses = new Map<string, number>()
  /** Class of a path, as its limit value; learned from answers. */
  readonly #classes = new Map<string, string>()
  readonly #turns = new Turns()
  #access: { token: string; expiresMs: number } | undefined
  #refreshToken: string
  #isRefused = false

  constructor(options: BacklogClientOptions) {
    this.#options = options
    this.origin = options.origin
    this.#now = options.now ?? Date.now
    this.#refreshToken = options.oauth?.refreshToken ?? ''
  }

  /** The credential was refused for good: only a client with another one can go on. */
  get isRefused(): boolean {
    return this.#isRefused
  }

  /** The JSON of one resource; requests of all callers go one after the other. */
  get<T>(path: string, params: Params, caller: Caller): Promise<T> {
    const work = async () => {
      try {
        return (await this.#attempts(path, params, caller)) as T
      } catch (error) {
        this.#noteRefusal(error)
        throw error
      }
    }
    return this.#turns.take(caller.job ?? '', work)
  }

  #noteRefusal(error: unknown): void {
    const status = isScamanderError(error) ? REFUSALS[error.code] : undefined
    if (status === undefined) return
    this.#isRefused = true
    this.#options.onRefused?.(status, messageOf(error))
  }

  async #attempts(path: string, params: Params, caller: Caller): Promise<unknown> {
    let isRenewed = false
    for (let attempt = 0; ; ) {
      stopIf(caller.signal)
      await this.#pace(classOf(path), caller)
      caller.onRequest?.('sent')
      const answer = await this.#once(path, params, caller)
      if (answer.isOk) return answer.body
      if (answer.status === 429) {
        this.#pauseFor(classOf(path), answer.resetMs)
        continue
      }
      const isExpired = answer.status === 401 && this.#options.oauth !== undefined
      if (isExpired && !isRenewed) {
        isRenewed = true
        this.#access = undefined
        continue
      }
      if (isExpired) throw expired('a renewed sign-in was refused')
      const failure =
        answer.problem === undefined ? failureOf(answer.status, answer.body, path) : undefined
      if (failure !== undefined) throw failure
      if (attempt++ === (this.#options.retries ?? RETRIES)) {
        const why = answer.problem ?? `status ${answer.status}`
        throw new ScamanderError(
          BACKLOG_ERRORS.UNREACHABLE,
          `GET ${path} failed ${attempt} times: ${why}`,
        )
      }
      caller.onRequest?.('retried')
      const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1))
      await this.#sleep(Math.random() * waitMs, caller.signal)
    }
  }

  async #once(path: string, params: Params, caller: Caller): Promise<OneAnswer> {
    const {
      fetch: send = fetch,
      requestTimeoutMs = 60_000,
      apiKey,
      keyInQuery = false,
    } = this.#options
    const query = toQuery(params)
    const headers: Record<string, string> = { accept: 'application/json' }
    if (apiKey === undefined) {
      const renewed = await this.#token(caller).catch(error => this.#problemOf(error, caller))
      if (typeof renewed === 'object') return renewed
      headers['authorization'] = `Bearer ${renewed}`
    } else if (keyInQuery) query.set('apiKey', apiKey)
    else headers['backlog-api-key'] = apiKey
    const text = query.toString()
    const url = `${this.origin}/api/v2/${path}${text === '' ? '' : `?${text}`}`
    const signal = AbortSignal.any([caller.signal, AbortSignal.timeout(requestTimeoutMs)])
    const startedMs = this.#now()
    const told = (answer: Pick<Exchange, 'status' | 'headers' | 'body'>) => {
      const tookMs = this.#now() - startedMs
      const exchange = { request: `GET ${url}`, requestHeaders: headers, ...answer, tookMs }
      caller.onExchange?.(withoutSecrets(exchange, this.#secrets()))
    }
    try {
      const response = await send(url, { headers, signal, redirect: 'manual' })
      const text = await readText(response)
      told({ status: response.status, headers: headersOf(response), body: text })
      const body = toJson(text)
      this.#learn(classOf(path), response.headers)
      if (response.status >= 300 && response.status < 400) {
        const message = `GET ${path} was redirected, which is not followed: check the URL of the connection`
        throw new ScamanderError(BACKLOG_ERRORS.URL, message)
      }
      const resetMs = Number(response.headers.get('x-ratelimit-reset') ?? 0) * 1000
      const problem = response.ok && body === undefined ? 'the answer is not JSON' : undefined
      const isOk = response.ok && problem === undefined
      return { isOk, status: response.status, body, resetMs, problem }
    } catch (error) {
      if (!(error instanceof ScamanderError)) told({ status: 0, headers: {}, body: causeOf(error) })
      return this.#problemOf(error, caller)
    }
  }

  #secrets(): string[] {
    const { apiKey, oauth } = this.#options
    const known = [apiKey, oauth?.clientSecret, this.#refreshToken, this.#access?.token]
    return known.flatMap(one => one || [])
  }

  /** What may pass: the network, a timeout, a renewal that was not answered. */
  #problemOf(error: unknown, caller: Caller): OneAnswer {
    if (error instanceof ScamanderError) throw error
    stopIf(caller.signal)
    return { isOk: false, status: 0, body: undefined, resetMs: 0, problem: causeOf(error) }
  }

  /** Keeps the reserve: the last requests of a window are left to others. */
  #learn(key: string, headers: Headers): void {
    const limit = Number(headers.get('x-ratelimit-limit') ?? 0)
    const remaining = Number(headers.get('x-ratelimit-remaining') ?? Number.POSITIVE_INFINITY)
    if (limit === 0) return
    this.#classes.set(key, String(limit))
    const reserve = Math.max(
      Math.min(5, limit - 1),
      Math.floor((limit * (this.#options.reservePercent ?? 10)) / 100),
    )
    if (remaining <= reserve)
      this.#pauseFor(key, Number(headers.get('x-ratelimit-reset') ?? 0) * 1000)
  }

  #pauseFor(key: string, resetMs: number): void {
    const now = this.#now()
    const isUsable = resetMs > now && resetMs - now <= WAIT_MAX_MS
    const until = (isUsable ? resetMs : now + WAIT_DEFAULT_MS) + Math.floor(Math.random() * 1000)
    this.#pauses.set(this.#classes.get(key) ?? key, until)
  }

  async #pace(key: string, caller: Caller): Promise<void> {
    const until = this.#pauses.get(this.#classes.get(key) ?? key) ?? 0
    const waitMs = until - this.#now()
    if (waitMs <= 0) return
    caller.onWait?.(waitMs)
    await this.#sleep(waitMs, caller.signal)
    caller.onWait?.(0)
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#options.sleep !== undefined) await this.#options.sleep(ms, signal)
    else await sleepFor(ms, undefined, { signal }).catch(() => undefined)
    stopIf(signal)
  }

  async #token(caller: Caller): Promise<string> {
    const { oauth } = this.#options
    if (oauth === undefined) throw expired('no sign-in is configured')
    const known = this.#access
    if (
      known !== undefined &&
      known.expiresMs - this.#now() > Math.min(RENEW_BEFORE_MS, known.expiresMs / 2)
    )
      return known.token
    const renew = (current: string) => this.#renew(current, oauth, caller)
    if (oauth.exclusively === undefined) return await renew(this.#refreshToken)
    return await oauth.exclusively(this.#refreshToken, renew, caller.signal)
  }

  async #renew(current: string, oauth: OauthTokens, caller: Caller): Promise<string> {
    const { fetch: send = fetch } = this.#options
    this.#refreshToken = current
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: oauth.clientId,
      client_secret: oauth.clientSecret,
      refresh_token: current,
    })
    const signal = AbortSignal.any([caller.signal, AbortSignal.timeout(60_000)])
    const response = await send(`${this.origin}/api/v2/oauth2/token`, {
      method: 'POST',
      body,
      signal,
      redirect: 'manual',
    })
    const answer = (await readJson(response)) as TokenAnswer | undefined
    if (response.status === 400 || response.status === 401)
      throw expired(`the renewal was answered with ${response.status}`)
    if (!response.ok || answer?.access_token === undefined)
      throw new TypeError(`the renewal was answered with ${response.status}`)
    if (answer.refresh_token !== undefined && answer.refresh_token !== current) {
      this.#refreshToken = answer.refresh_token
      await oauth.store(answer.refresh_token)
    }
    this.#access = {
      token: answer.access_token,
      expiresMs: this.#now() + (answer.expires_in ?? 3600) * 1000,
    }
    return answer.access_token
  }
}

const REFUSALS: Readonly<Record<string, 'AUTH_FAILED' | 'AUTH_EXPIRED' | undefined>> = {
  [BACKLOG_ERRORS.AUTH_FAILED.code]: 'AUTH_FAILED',
  [BACKLOG_ERRORS.AUTH_EXPIRED.code]: 'AUTH_EXPIRED',
}

interface TokenAnswer {
  readonly access_token?: string
  readonly refresh_token?: string
  readonly expires_in?: number
}

interface OneAnswer {
  readonly isOk: boolean
  readonly status: number
  readonly body: unknown
  readonly resetMs: number
  readonly problem: string | undefined
}

/** Until the limits tell otherwise, issues are searched and all else is read. */
function classOf(path: string): string {
  return /^issues(\/count)?$/.test(path) ? 'search' : 'read'
}

function toQuery(params: Params): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue
    if (typeof value === 'object') for (const one of value) query.append(`${name}[]`, String(one))
    else query.set(name, String(value))
  }
  return query
}

/** Undefined: not JSON, or cut off. */
async function readJson(response: Response): Promise<unknown> {
  return toJson(await readText(response))
}

async function readText(response: Response): Promise<string> {
  const bytes = Number(response.headers.get('content-length') ?? 0)
  if (bytes > BODY_BYTES_MAX) throw new TypeError(`the answer has ${bytes} bytes`)
  return await response.text()
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function headersOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(headers)
}

function causeOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  return cause === undefined ? messageOf(error) : messageOf(cause)
}

function expired(why: string): ScamanderError {
  return new ScamanderError(
    BACKLOG_ERRORS.AUTH_EXPIRED,
    `the sign-in to Backlog ended: ${why}; sign in again`,
  )
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new ScamanderError(BACKLOG_ERRORS.CANCELLED, 'the run was stopped')
}
