/**
 * The whole REST API in this process, without a socket and without servers behind it; and the calls
 * that its tests make. Used by the unit tests of this room only.
 * Invariant: nothing of it is in the build.
 */
import { readProperties, Secret } from '../config/index.ts'
import { parseWorker, StandaloneWorker } from '../connect/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { HttpServer, type HttpServerOptions } from './http-server.ts'
import { restRoutes } from './serving.ts'

const WORKER = `
bootstrap.servers=127.0.0.1:1
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=/tmp/offsets
`
export const SINK = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'

export function serve(
  login: { users?: string; token?: string } = {},
  more: Partial<HttpServerOptions> = {},
  properties = '',
) {
  const logger = Logger.silent()
  const registry = new MetricRegistry()
  const worker = new StandaloneWorker({
    config: parseWorker(readProperties(WORKER + properties)),
    logger,
    registry,
  })
  const access = new Access({
    users: new Secret(login.users ?? ''),
    token: new Secret(login.token ?? ''),
  })
  const routes = restRoutes({ herder: worker, logger, registry })
  return { worker, registry, server: new HttpServer({ routes, access, logger, ...more }) }
}

export const JSON_TYPE = { 'content-type': 'application/json' }
export const error = (status: number, message: string) =>
  JSON.stringify({ error_code: status, message })

export type Call = Parameters<HttpServer['inject']>[0]
export const get = (url: string, headers = {}): Call => ({ method: 'GET', url, headers })
export const send = (
  method: Call['method'],
  url: string,
  payload: unknown,
  headers = {},
): Call => ({
  method,
  url,
  headers: { ...JSON_TYPE, ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})
