/**
 * Metrics of a command while it runs: `/metrics` on this machine, on the port that `--metrics-port` names.
 * Used by `migrate` and `validate`; workers and the proxy have listeners of their own.
 * Invariant: nothing listens without the option, and nothing after the command has ended.
 */
import { createServer } from 'node:http'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { MetricRegistry } from '../telemetry/index.ts'
import { CLI_ERRORS } from './errors.ts'

export interface MetricsListener {
  /** Undefined without the option: then nothing is counted for it. */
  readonly registry: MetricRegistry | undefined
  close(): Promise<void>
}

export async function listenForMetrics(port: number | undefined): Promise<MetricsListener> {
  if (port === undefined) return { registry: undefined, close: () => Promise.resolve() }
  const registry = new MetricRegistry()
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end('there is only GET /metrics\n')
      return
    }
    registry.exposition().then(
      text => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
        response.end(text)
      },
      error => response.writeHead(500).end(`${messageOf(error)}\n`),
    )
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', cause => {
    const message = `--metrics-port ${port}: ${messageOf(cause)}`
    reject(new ScamanderError(CLI_ERRORS.OPTION, message, { cause }))
  })
  server.listen(port, '127.0.0.1', resolve)
  await promise
  const close = async () => {
    const closed = new Promise<void>(done => server.close(() => done()))
    server.closeAllConnections()
    await closed
  }
  return { registry, close }
}
