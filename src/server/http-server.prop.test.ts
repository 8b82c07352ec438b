/**
 * Random requests at the whole REST API: every answer is a success or Kafka Connect's error body
 * with the status in it; nothing but the calls between workers ends in 500; nothing is thrown.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readProperties, Secret } from '../config/index.ts'
import { parseWorker, StandaloneWorker } from '../connect/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { HttpServer } from './http-server.ts'
import { isInternalCall } from './internal-routes.ts'
import { restRoutes } from './serving.ts'

const WORKER = `
bootstrap.servers=127.0.0.1:1
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=/tmp/offsets
`
const logger = Logger.silent()
const registry = new MetricRegistry()
const herder = new StandaloneWorker({
  config: parseWorker(readProperties(WORKER)),
  logger,
  registry,
})
herder.markReady()
const access = new Access({ users: new Secret(''), token: new Secret('') })
const routes = restRoutes({ herder, logger, registry })
const server = new HttpServer({ routes, access, logger })
// Not the page: without a build it answers so in plain text.
const known = routes.filter(route => !route.path.startsWith('/ui'))

const part = fc.oneof(
  fc.constantFrom('connectors', 'a', 'status', 'config', 'tasks', '0', 'offsets', 'topics', '..'),
  fc.constantFrom('connector-plugins', 'CassandraSink', 'validate', 'admin', 'loggers', 'restart'),
  fc.string({ maxLength: 12, unit: 'binary' }).map(encodeURIComponent.bind(undefined)),
)
const knownPath = fc
  .tuple(fc.constantFrom(...known.map(route => route.path)), fc.string({ maxLength: 8 }))
  .map(([path, name]) => path.replace(/:\w+/g, encodeURIComponent(name === '' ? 'x' : name)))
const path = fc.oneof(
  knownPath,
  fc.array(part, { maxLength: 5 }).map(parts => `/${parts.join('/')}`),
)
const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom('?expand=info', '?expand', '?forward=false', '?includeTasks=x&version=[', '?%'),
)
const config = fc.dictionary(
  fc.constantFrom('name', 'connector.class', 'topics', 'tasks.max', 'transforms', 'port', 'x'),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
)
const body = fc.oneof(
  fc.json(),
  fc.string(),
  config.map(one => JSON.stringify(one)),
  fc.record({ name: fc.string(), config }).map(one => JSON.stringify(one)),
  fc.record({ offsets: fc.anything() }).map(one => JSON.stringify(one)),
  fc.record({ level: fc.string() }).map(one => JSON.stringify(one)),
)
const call = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
  path,
  query,
  type: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain'),
  accept: fc.constantFrom('*/*', 'application/json', 'text/html'),
  body: fc.option(body, { nil: undefined }),
})

describe('a body above the limit', () => {
  const large = `{"name":"${'a'.repeat(4 * 1024 * 1024)}"}`
  const writing = routes.filter(route => route.takesBody === true)
  it.each(writing.map(({ method, path: at }) => [method, at] as const))(
    '%s %s is refused before it is read, with the limit',
    async (method, at) => {
      const headers = { 'content-type': 'application/json' }
      const url = at.replace(/:\w+/g, 'x')
      const answer = await server.inject({ method, url, headers, payload: large })
      const message = 'expected a body of at most 4194304 bytes, found a larger one'
      expect(JSON.parse(answer.body)).toEqual({ error_code: 413, message })
      expect(answer.status).toBe(413)
    },
  )
})

describe('any request', () => {
  it('is answered, wrong ones with the error body of Kafka Connect', async () => {
    await fc.assert(
      fc.asyncProperty(call, async one => {
        const hasBody = one.body !== undefined && one.method !== 'GET' && one.method !== 'HEAD'
        const headers = { accept: one.accept, 'content-type': one.type }
        const answer = await server.inject({
          method: one.method as 'GET',
          url: one.path + one.query,
          headers,
          ...(hasBody ? { payload: one.body! } : {}),
        })
        if (answer.status < 400) return
        if (one.method !== 'HEAD') {
          const info = JSON.parse(answer.body)
          expect(Object.keys(info)).toEqual(['error_code', 'message'])
          expect(info.error_code).toBe(answer.status)
        }
        if (!isInternalCall(one.method, one.path)) expect(answer.status).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
  })
})
