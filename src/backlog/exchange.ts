/**
 * One request to Backlog and its answer, as a log may show them. Made by the client.
 * Invariant: no secret of the client is in it, wherever it stood: header, query or body.
 * Spec: backlog-replication 2.13, 2.17.
 */
export interface Exchange {
  /** `GET https://…`, as it was sent. */
  readonly request: string
  readonly requestHeaders: Readonly<Record<string, string>>
  /** 0: there was no answer. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly tookMs: number
  /** Of the answer; why there was none. */
  readonly body: string
}

const MASK = '***'
/** Whatever they hold. */
const SECRET_HEADERS = new Set(['authorization', 'backlog-api-key', 'cookie', 'set-cookie'])

export function withoutSecrets(exchange: Exchange, secrets: readonly string[]): Exchange {
  const forms = [...new Set(secrets.flatMap(formsOf))]
  const masked = (text: string) => forms.reduce((left, one) => left.replaceAll(one, MASK), text)
  const all = (headers: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        SECRET_HEADERS.has(name.toLowerCase()) ? MASK : masked(value),
      ]),
    )
  return {
    ...exchange,
    ...{ request: masked(exchange.request), body: masked(exchange.body) },
    ...{ requestHeaders: all(exchange.requestHeaders), headers: all(exchange.headers) },
  }
}

/** As it is, in a query, in a path, in JSON. */
function formsOf(secret: string): string[] {
  const inQuery = new URLSearchParams([['', secret]]).toString().slice(1)
  return [secret, inQuery, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}
