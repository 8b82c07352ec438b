/**
 * What a capture agent serves on an address of its own: is it alive, does it read, its numbers, and how
 * far it is. Used by `scamander cdc-agent`.
 * Invariants: without the option it listens on this machine alone, and an address that another agent
 * has there is no reason not to capture; nothing listens after the command has ended.
 * Spec: cdc-replication 2.5.
 */
import { createServer } from 'node:http'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { AgentStatus } from '../source/index.ts'
import type { MetricRegistry } from '../telemetry/index.ts'
import { badOption } from './connect/client-options.ts'
import { CLI_ERRORS } from './errors.ts'

interface Served {
  readonly metrics: MetricRegistry
  /** Undefined: its node or its worker has not answered yet. */
  status(): AgentStatus | undefined
}

interface Answer {
  readonly code: number
  readonly type: string
  readonly text: string
}

export interface Listening {
  close(): Promise<void>
}

const DEFAULT_ADDRESS = '127.0.0.1:9465'
const CLOSED: Listening = { close: () => Promise.resolve() }

/** `address` false: nowhere; undefined: at the usual one, unless somebody else is there. */
export async function listenForAgent(
  address: string | false | undefined,
  served: Served,
  warn: (message: string) => void,
): Promise<Listening> {
  if (address === false) return CLOSED
  if (address !== undefined) return await listen(address, served)
  try {
    return await listen(DEFAULT_ADDRESS, served)
  } catch (error) {
    const advice = 'choose another address with --listen, or --no-listen'
    warn(`health and metrics of this agent are not served: ${messageOf(error)}; ${advice}`)
    return CLOSED
  }
}

async function listen(address: string, served: Served): Promise<Listening> {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address)
  const host = found?.[1] ?? found?.[2]
  if (host === undefined) throw badOption(`--listen: expected HOST:PORT, found "${address}"`)
  const server = createServer((request, response) => {
    const path = request.method === 'GET' ? (request.url?.split('?')[0] ?? '') : ''
    answer(path, served).then(
      ({ code, type, text }) => response.writeHead(code, { 'content-type': type }).end(text),
      error => response.writeHead(500).end(`${messageOf(error)}\n`),
    )
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', cause => {
    const message = `--listen ${address}: ${messageOf(cause)}`
    reject(new ScamanderError(CLI_ERRORS.OPTION, message, { cause }))
  })
  server.listen(Number(found?.[3]), host, resolve)
  await promise
  const close = async () => {
    const closed = new Promise<void>(done => server.close(() => done()))
    server.closeAllConnections()
    await closed
  }
  return { close }
}

async function answer(path: string, { metrics, status }: Served): Promise<Answer> {
  const now = status()
  switch (path) {
    case '/health':
      return json(200, { status: 'up' })
    case '/ready':
      return json(now?.state === 'RUNNING' ? 200 : 503, { state: now?.state ?? 'STARTING' })
    case '/status':
      return json(now === undefined ? 503 : 200, now ?? { state: 'STARTING' })
    case '/metrics': {
      const type = 'text/plain; version=0.0.4; charset=utf-8'
      return { code: 200, type, text: await metrics.exposition() }
    }
    default:
      return json(404, { message: 'there are /health, /ready, /metrics and /status' })
  }
}

function json(code: number, document: unknown): Answer {
  return { code, type: 'application/json', text: `${JSON.stringify(document)}\n` }
}
