/**
 * What a proxy tells of itself over HTTP: whether both clusters are up, its routing, and the metrics
 * that the checks of a migration need.
 * Asked by the checks; nothing is changed. Invariant: an answer within a few seconds, or none.
 * Spec: live-migration 2.9 (control API), 2.13, 5.
 */
import { messageOf } from '../../base/scamander-error.ts'

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
      ...{ primary, readMode: String(readMode) },
      clients: sum(text, /^scamander_proxy_client_connections(?:\{[^}]*\})? /),
      missedWrites:
        sum(
          text,
          /^scamander_proxy_failed_writes_total\{[^}]*failed_on="(?:target|both)"[^}]*\} /,
        ) + sum(text, /^scamander_proxy_source_only_writes_total\{[^}]*\} /),
    }
  } catch (error) {
    return unknown(url, messageOf(error))
  }
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
