/**
 * `/api/v1` on the workers of a group: answered by the worker that has the replication jobs, passed on
 * to it by all others, streams of events included.
 * Put beside the routes of a worker by startDistributed.
 * Invariants: what was changed is kept before it is answered; a call is passed on once; a page of
 * another origin is refused where it calls; the headers of the caller, its login included, go along.
 * Spec: backlog-replication 2.16; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { REPLICATE_ERRORS } from '../../replicate/index.ts'
import { CLIENT_HEADER } from '../address-rules.ts'
import { isApiToken } from '../callers.ts'
import { forwardedFor, PASSED_HEADER } from '../forward.ts'
import type { Answer, Call, Method, Route } from '../route.ts'
import { problem, v1Route } from './problem.ts'
import type { RouteTable } from './route-table.ts'

/** The replication of this worker, while it has it. */
export interface HeldRoutes {
  readonly table: RouteTable
  /** Resolves when all that was changed is kept; rejects when the jobs are elsewhere. */
  settled(): Promise<void>
}

export interface SharedRoutesParts {
  readonly held: () => HeldRoutes | undefined
  /** Base address of the worker that has the jobs; undefined: nobody, or this one. */
  readonly holder: () => string | undefined
  /** Who calls, as this worker knows: sessions of the page are its own. */
  readonly session: Route
  /** Ends a stream of another worker when the session that asked for it ends here. */
  readonly watch: (body: Readable, call: Call) => void
}

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const CALLBACK = '/oauth/backlog/callback'
const TIMEOUT_MS = 90_000
/** Of one connection, or judged here. */
const OWN_HEADERS = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'origin'],
  ...['accept-encoding', 'transfer-encoding', 'upgrade'],
  ...[CLIENT_HEADER, 'x-forwarded-for'],
])
const ANSWER_HEADERS = [
  ...['cache-control', 'content-disposition', 'etag', 'location', 'retry-after'],
  ...['content-security-policy', 'referrer-policy'],
]

export function sharedRoutes(parts: SharedRoutesParts): Route[] {
  const summary = 'Replication jobs of the group; passed on to the worker that has them.'
  const handle = (call: Call) => answer(parts, call)
  const session = (call: Call) =>
    isApiToken(call.headers['authorization']) ? handle(call) : parts.session.handle(call)
  return [
    { ...parts.session, handle: session },
    ...METHODS.map(method => v1Route({ method, path: '/api/v1/*', summary, handle })),
    v1Route({ method: 'GET', path: CALLBACK, summary, handle }),
  ]
}

async function answer(parts: SharedRoutesParts, call: Call): Promise<Answer> {
  const held = parts.held()
  if (held === undefined) return await passOn(parts, call)
  const found = held.table.find(call.method, call.url.split('?')[0] ?? '')
  if (found === undefined) return problem(404, 'there is nothing at this address')
  const given = await found.route.handle({ ...call, params: found.params })
  if (call.method !== 'GET') await held.settled()
  return given
}

async function passOn({ holder, watch }: SharedRoutesParts, call: Call): Promise<Answer> {
  const url = call.headers[PASSED_HEADER] === undefined ? holder() : undefined
  if (url === undefined) throw moved('no worker has the replication jobs at present')
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), TIMEOUT_MS)
  try {
    const response = await fetch(`${url}${call.url}`, {
      method: call.method,
      headers: headersOf(call),
      redirect: 'manual',
      signal: limit.signal,
      ...(call.body === '' ? {} : { body: call.body }),
    })
    const answer = await toAnswer(response)
    if (answer.stream !== undefined) watch(answer.stream.body, call)
    return answer
  } catch (cause) {
    throw moved('the worker that has the replication jobs does not answer', cause)
  } finally {
    clearTimeout(timer)
  }
}

function headersOf({ headers }: Call): Record<string, string> {
  const out: Record<string, string> = { [PASSED_HEADER]: 'true', ...forwardedFor(headers) }
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !OWN_HEADERS.has(name)) out[name] = value
  return out
}

async function toAnswer(response: Response): Promise<Answer> {
  const type = response.headers.get('content-type') ?? 'application/json'
  const headers: Record<string, string> = {}
  for (const name of ANSWER_HEADERS) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  const { status, body } = response
  if (body !== null && type.startsWith('text/event-stream')) {
    const stream = Readable.fromWeb(body as ReadableStream)
    // The worker at the other end is gone: the caller comes back by itself.
    stream.on('error', () => stream.destroy())
    return { status, headers, stream: { body: stream, type } }
  }
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status, headers, ...(bytes.length === 0 ? {} : { bytes: { body: bytes, type } }) }
}

function moved(what: string, cause?: unknown): ScamanderError {
  const reason = cause === undefined ? '' : `: ${messageOf(cause)}`
  const message = `${what}${reason}; send the call again in a few seconds`
  return new ScamanderError(REPLICATE_ERRORS.MOVED, message, cause === undefined ? {} : { cause })
}
