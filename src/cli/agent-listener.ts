/**
 * What a capture agent serves on an address of its own: is it alive, does it read, its numbers, and how
 * far it is. Used by `scamander cdc-agent --listen`.
 * Invariant: nothing listens without the option, and nothing after the command has ended.
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

export async function listenForAgent(
  address: string | undefined,
  served: Served,
): Promise<{ close(): Promise<void> }> {
  if (address === undefined) return { close: () => Promise.resolve() }
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
