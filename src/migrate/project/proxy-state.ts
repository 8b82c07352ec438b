/**
 * What a proxy tells of itself over HTTP: whether both clusters are up, its routing, and the metrics
 * that the checks of a migration need.
 * Asked by the checks, which change nothing, and by the desk, which changes one proxy at a time.
 * Invariant: an answer within a few seconds, or none.
 * Spec: live-migration 2.9 (control API), 2.13, 5.
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import { type ProxyReading, readingOf } from './proxy-reading.ts'

export interface ProxyState {
  readonly url: string
  /** Undefined: it answers. */
  readonly problem: string | undefined
  /** Both clusters are up. */
  readonly isReady: boolean
  readonly primary: string
  readonly readMode: string
  readonly clients: number
  /** Writes that failed on the target only, or were not sent to it. */
  readonly missedWrites: number
  /** Undefined: no answer. */
  readonly reading?: ProxyReading | undefined
}

const TIMEOUT_MS = 5_000

export async function fetchProxyState(url: string, token: string | undefined): Promise<ProxyState> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const get = async (path: string) =>
    await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  const json = async (path: string) =>
    (await (await get(path)).json()) as Readonly<Record<string, unknown>>
  try {
    const ready = await get('/health/readiness')
    const text = await (await get('/metrics')).text()
    const { primary, message } = await json('/api/v1/primary')
    const { readMode } = await json('/api/v1/read-mode')
    if (typeof primary !== 'string') return unknown(url, String(message ?? 'no control API'))
    return {
      ...{ url, problem: undefined, isReady: ready.status === 200 },
      ...{ primary, readMode: String(readMode), reading: readingOf(text) },
      clients: sum(text, /^scamander_proxy_client_connections(?:\{[^}]*\})? /),
      missedWrites:
        sum(
          text,
          /^scamander_proxy_failed_writes_total\{[^}]*failed_on="(?:target|both)"[^}]*\} /,
        ) + sum(text, /^scamander_proxy_source_only_writes_total\{[^}]*\} /),
    }
  } catch (error) {
    return unknown(url, reasonOf(error))
  }
}

/** Changes the routing of one proxy; throws when it does not take it. */
export async function changeProxy(
  url: string,
  token: string | undefined,
  change: { readonly primary?: string | undefined; readonly readMode?: string | undefined },
): Promise<void> {
  const { primary, readMode } = change
  const [path, body] =
    primary === undefined ? ['read-mode', { readMode }] : ['primary', { primary }]
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  try {
    const answer = await fetch(new URL(`/api/v1/${path}`, url), {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (answer.ok) return
    const told = (await answer.json()) as { readonly message?: string }
    refuse(`${url} does not take it: ${told.message ?? answer.status}`)
  } catch (error) {
    refuse(`${url}: ${reasonOf(error)}`)
  }
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.PROJECT_STATE, message)
}

/** `fetch` hides why in its cause, which may be several errors without words. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error)) return messageOf(error)
  return messageOf(cause) || String((cause as NodeJS.ErrnoException).code ?? messageOf(error))
}

function unknown(url: string, problem: string): ProxyState {
  const none = { isReady: false, primary: '', readMode: '', clients: 0, missedWrites: 0 }
  return { url, problem, ...none }
}

function sum(text: string, series: RegExp): number {
  let total = 0
  for (const line of text.split('\n')) {
    if (series.test(line)) total += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return total
}
