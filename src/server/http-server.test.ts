import { describe, expect, it } from 'vitest'
import { readProperties, Secret } from '../config/index.ts'
import { parseWorker, StandaloneWorker } from '../connect/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { parseCors } from './cors.ts'
import { HttpServer, type HttpServerOptions } from './http-server.ts'
import { parseHeaderRules } from './response-headers.ts'
import { restRoutes } from './serving.ts'

const WORKER = `
bootstrap.servers=127.0.0.1:1
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=/tmp/offsets
`
const SINK = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'

function serve(
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

const JSON_TYPE = { 'content-type': 'application/json' }
const error = (status: number, message: string) => JSON.stringify({ error_code: status, message })

type Call = Parameters<HttpServer['inject']>[0]
const get = (url: string, headers = {}): Call => ({ method: 'GET', url, headers })
const send = (method: Call['method'], url: string, payload: unknown, headers = {}): Call => ({
  method,
  url,
  headers: { ...JSON_TYPE, ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})

describe('answers', () => {
  const lead = 'Connector configuration is invalid and contains the following'
  it.each<[string, Call, number, string | RegExp]>([
    ['the version', get('/'), 200, '{"version":"4.1.1","commit":"unknown","kafka_cluster_id":""}'],
    ['the version to a browser', get('/', { accept: 'text/html' }), 200, /"version"/],
    [
      'health while starting',
      get('/health'),
      503,
      '{"status":"starting","message":"Worker is still starting up."}',
    ],
    ['no connectors', get('/connectors'), 200, '[]'],
    ['with a slash behind', get('/connectors/'), 200, '[]'],
    ['expanded: an object', get('/connectors?expand=status&expand=info'), 200, '{}'],
    ['an unknown connector', get('/connectors/a'), 404, error(404, 'Connector a not found')],
    [
      'a decoded name',
      get('/connectors/a%20b%2Fc%C3%A9'),
      404,
      error(404, 'Connector a b/cé not found'),
    ],
    [
      'an unknown status',
      get('/connectors/a/status'),
      404,
      error(404, 'No status found for connector a'),
    ],
    [
      'an unknown task',
      get('/connectors/a/tasks/0/status'),
      404,
      error(404, 'No status found for task a-0'),
    ],
    [
      'a task that is no number',
      get('/connectors/a/tasks/x/status'),
      404,
      error(404, 'HTTP 404 Not Found'),
    ],
    [
      'pause',
      { method: 'PUT', url: '/connectors/a/pause' },
      404,
      error(404, 'Unknown connector a'),
    ],
    [
      'resume',
      { method: 'PUT', url: '/connectors/a/resume' },
      404,
      error(404, 'Unknown connector a'),
    ],
    ['stop', { method: 'PUT', url: '/connectors/a/stop' }, 404, error(404, 'Unknown connector a')],
    [
      'restart',
      { method: 'POST', url: '/connectors/a/restart' },
      404,
      error(404, 'Connector a not found'),
    ],
    [
      'delete',
      { method: 'DELETE', url: '/connectors/a' },
      404,
      error(404, 'Connector a not found'),
    ],
    [
      'patch',
      send('PATCH', '/connectors/a/config', { x: null }),
      404,
      error(404, 'Connector a not found'),
    ],
    ['an unknown route', get('/nothing'), 404, error(404, 'HTTP 404 Not Found')],
    [
      'another method',
      { method: 'DELETE', url: '/connectors' },
      405,
      error(405, 'HTTP 405 Method Not Allowed'),
    ],
    [
      'another method below',
      { method: 'POST', url: '/connectors/a/status' },
      405,
      error(405, 'HTTP 405 Method Not Allowed'),
    ],
    ['options', { method: 'OPTIONS', url: '/connectors' }, 200, 'HEAD, POST, GET, OPTIONS'],
    [
      'another type wanted',
      get('/connectors', { accept: 'text/html' }),
      406,
      error(406, 'HTTP 406 Not Acceptable'),
    ],
    ['any type wanted', get('/connectors', { accept: 'text/html, */*;q=0.1' }), 200, '[]'],
    [
      'another type sent',
      send('POST', '/connectors', '{}', { 'content-type': 'text/plain' }),
      415,
      error(415, 'HTTP 415 Unsupported Media Type'),
    ],
    [
      'broken JSON',
      send('POST', '/connectors', '{"name": }'),
      400,
      /"error_code":400,"message":"JSON syntax error: .*line 1, column 10/,
    ],
    [
      'an unknown member',
      send('POST', '/connectors', { name: 'a', nam: 1, config: {} }),
      400,
      /Unrecognized field \\"nam\\"/,
    ],
    [
      'a nested value',
      send('PUT', '/connectors/a/config', { topics: ['t'] }),
      400,
      /topics: expected text, a number or a boolean, found an array/,
    ],
    [
      'a null value',
      send('PUT', '/connectors/a/config', { topics: null }),
      400,
      /Null value can not be supplied as the configuration value/,
    ],
    ['no body', { method: 'POST', url: '/connectors' }, 400, /expected a JSON object as the body/],
    [
      'no class',
      send('POST', '/connectors', { name: 'a', config: { topics: 't', 'auth.password': 'pw' } }),
      400,
      error(
        400,
        'Connector config {name=a, topics=t, auth.password=[hidden]} contains no connector type',
      ),
    ],
    [
      'an unknown class',
      send('PUT', '/connectors/a/config', { 'connector.class': 'X' }),
      400,
      /Failed to find any class that implements Connector and which name matches X, available connectors are: com\./,
    ],
    [
      'another name in the body',
      send('PUT', '/connectors/a/config', { name: 'b', 'connector.class': SINK }),
      400,
      error(400, "Connector name configuration (b) doesn't match connector name in the URL (a)"),
    ],
    [
      'an invalid configuration',
      send('POST', '/connectors', {
        name: 'a',
        config: { 'connector.class': SINK, 'tasks.max': 0 },
      }),
      400,
      error(
        400,
        [
          `${lead} 3 error(s):`,
          'Invalid value 0 for configuration tasks.max: Value must be at least 1',
          'Must configure one of topics or topics.regex',
          'Must configure one of topics or topics.regex',
          'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
        ].join('\n'),
      ),
    ],
    [
      'a masked secret that nobody stored',
      send('PUT', '/connectors/a/config', { 'connector.class': SINK, 'auth.password': '[hidden]' }),
      400,
      /auth\.password: expected the secret itself, found \[hidden\]/,
    ],
    ['an unknown plugin', get('/connector-plugins/X/config'), 404, error(404, 'Unknown plugin X.')],
    [
      'validation without a class',
      send('PUT', '/connector-plugins/CassandraSink/config/validate', { topics: 't' }),
      400,
      error(400, 'Connector config {topics=t} contains no connector type'),
    ],
    [
      'a version that is none',
      get('/connector-plugins/CassandraSink/config?version=%5B1'),
      400,
      error(400, 'Invalid version specification: [1'),
    ],
    [
      'a version that there is not',
      get('/connector-plugins/CassandraSink/config?version=%5B8,9)'),
      400,
      /Plugin CassandraSink not found that matches the version range \[8,9\), available versions/,
    ],
    [
      'a range of versions',
      get('/connector-plugins/CassandraSink/config?version=%5B0.0.1,9)'),
      200,
      /"name":"tasks\.max"/,
    ],
    [
      'validation of another class',
      send('PUT', '/connector-plugins/JsonConverter/config/validate', { 'connector.class': SINK }),
      400,
      error(400, `Included connector type ${SINK} does not match request type JsonConverter`),
    ],
    [
      'the root logger',
      get('/admin/loggers'),
      200,
      '{"root":{"level":"OFF","last_modified":null}}',
    ],
    ['another logger', get('/admin/loggers/x'), 404, error(404, 'Logger x not found.')],
    [
      'an unknown level',
      send('PUT', '/admin/loggers/root', { level: 'LOUD' }),
      404,
      error(404, "invalid log level 'LOUD'."),
    ],
    [
      'no level',
      send('PUT', '/admin/loggers/root', {}),
      400,
      error(400, "Desired 'level' parameter was not specified in request."),
    ],
    ['metrics', get('/metrics'), 200, /^kafka_connect_worker_connector_count 0$/m],
  ])('%s', async (_what, call, status, body) => {
    const { server } = serve()
    const answer = await server.inject(call)
    expect(answer.body).toEqual(typeof body === 'string' ? body : expect.stringMatching(body))
    expect(answer.status).toBe(status)
  })

  it('have the type application/json on entities, and none on errors of the framework', async () => {
    const { server } = serve()
    expect((await server.inject(get('/connectors'))).headers['content-type']).toBe(
      'application/json',
    )
    expect((await server.inject(get('/connectors/a'))).headers['content-type']).toBe(
      'application/json',
    )
    expect((await server.inject(get('/nothing'))).headers['content-type']).toBeUndefined()
  })

  it('to HEAD have no body', async () => {
    const { server } = serve()
    const answer = await server.inject({ method: 'HEAD', url: '/connectors' })
    expect([answer.status, answer.body]).toEqual([200, ''])
  })

  it('change the log level', async () => {
    const { server } = serve()
    const put = await server.inject(
      send('PUT', '/admin/loggers/root?scope=worker', { level: 'debug' }),
    )
    expect([put.status, put.body]).toEqual([200, '["root"]'])
    const { body } = await server.inject(get('/admin/loggers/root'))
    expect(JSON.parse(body)).toEqual({ level: 'DEBUG', last_modified: expect.any(Number) })
  })
})

describe('plugins', () => {
  it('are listed in order, connectors alone by default', async () => {
    const { server } = serve()
    const connectors = JSON.parse((await server.inject(get('/connector-plugins'))).body)
    const sorted = (type: string) => {
      const classes = connectors
        .filter((one: { type: string }) => one.type === type)
        .map((one: { class: string }) => one.class)
      expect(classes).toEqual([...classes].sort())
      return classes
    }
    const sinks = sorted('sink')
    expect(sinks).toContain(SINK)
    expect(connectors.map((one: { class: string }) => one.class)).toEqual([
      ...sinks,
      ...sorted('source'),
    ])
    expect(Object.keys(connectors[0])).toEqual(['class', 'type', 'version'])
    const { body } = await server.inject(get('/connector-plugins?connectorsOnly=false'))
    const types = JSON.parse(body).map((one: { type: string }) => one.type)
    expect([...new Set(types)]).toEqual([
      'sink',
      'source',
      'transformation',
      'predicate',
      'converter',
      'header_converter',
    ])
  })

  it.each([SINK, 'CassandraSinkConnector', 'CassandraSink'])('%s has keys', async plugin => {
    const { server } = serve()
    const { status, body } = await server.inject(get(`/connector-plugins/${plugin}/config`))
    const names = JSON.parse(body).map((one: { name: string }) => one.name)
    expect(status).toBe(200)
    expect(names[0]).toBe('contactPoints')
    expect(names).toContain('tasks.max')
    expect(new Set(names).size).toBe(names.length)
  })

  it('validate every group of keys and hide secrets', async () => {
    const { server } = serve()
    const config = {
      name: 'a',
      'connector.class': 'CassandraSink',
      topics: 't',
      'auth.password': 'pw-1',
      'auth.username': 'u',
      maxConcurrentRequests: 'many',
      'topic.t.ks.tbl.mapping': 'a=key',
      'topic.t.codec.locale': '!',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'perhaps',
      'key.converter': 'NoSuch',
      transforms: 'x',
      'transforms.x.type': 'no.Such',
      'consumer.override.max.poll.records': 'few',
      'consumer.override.session.timeout.ms': 'long',
    }
    const url = '/connector-plugins/CassandraSink/config/validate'
    const { status, body } = await server.inject(send('PUT', url, config))
    expect(status).toBe(200)
    expect(body).not.toContain('pw-1')
    const infos = JSON.parse(body)
    expect(infos.name).toBe('CassandraSink')
    const errors = infos.configs.flatMap((info: { value: { name: string; errors: string[] } }) =>
      info.value.errors.map(() => info.value.name),
    )
    expect(new Set(errors)).toEqual(
      new Set([
        'maxConcurrentRequests',
        'topic.t.codec.locale',
        'value.converter.schemas.enable',
        'key.converter',
        'transforms.x.type',
        'consumer.override.max.poll.records',
        'consumer.override.session.timeout.ms',
      ]),
    )
    expect(infos.error_count).toBe(errors.length)
  })
})

describe('beans', () => {
  const name = (table: string) => `dom:connector=c,table=${table},name=recordCount`
  const query = (text: string) => `/jmx?qry=${encodeURIComponent(text)}`
  it.each([
    ['/jmx', ['a', 'b']],
    ['/jmx/', ['a', 'b']],
    [query('*:*'), ['a', 'b']],
    [query('dom:*'), ['a', 'b']],
    [query('dom:connector=c,table=b'), ['b']],
    [query(name('a')), ['a']],
    [query('other:*'), []],
  ])('GET %s shows %j, sorted', async (url, tables) => {
    const { server, registry } = serve()
    for (const table of ['b', 'a']) registry.jmx.counter('c', name(table)).add(7)
    const { status, headers, body } = await server.inject(get(url))
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    const beans = tables.map(table => ({ name: name(table), Count: 7 }))
    expect(body).toBe(JSON.stringify({ beans }))
  })

  it('are behind the login', async () => {
    const { server } = serve({ token: 't' })
    expect((await server.inject(get('/jmx'))).status).toBe(401)
  })
})

describe('access', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  it.each([
    [{}, undefined, 200],
    [{ users: 'ann:a:b, bob:c' }, undefined, 401],
    [{ users: 'ann:a:b, bob:c' }, basic('ann:a:b'), 200],
    [{ users: 'ann:a:b, bob:c' }, basic('bob:c').replace('Basic', 'basic'), 200],
    [{ users: 'ann:a:b, bob:c' }, basic('bob:a'), 401],
    [{ token: 'tok' }, 'Bearer tok', 200],
    [{ token: 'tok' }, 'Bearer to', 401],
    [{ token: 'tok' }, basic(':tok'), 401],
    [{ users: 'ann:x', token: 'tok' }, 'bearer tok', 200],
  ])('%j with %s is answered %d', async (login, authorization, status) => {
    const { server } = serve(login)
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await server.inject(get('/connectors', headers))
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.body).toBe('User cannot access the resource.')
  })

  it.each([
    ['localhost:8083', 200],
    ['127.0.0.1', 200],
    ['[::1]:8083', 200],
    ['evil.example:8083', 403],
  ])('a call to host %s without a login is answered %d', async (host, status) => {
    const { server } = serve()
    expect((await server.inject(get('/connectors', { host }))).status).toBe(status)
  })

  it('with a login any host will do', async () => {
    const { server } = serve({ token: 't' })
    const headers = { host: 'worker.example:8083', authorization: 'Bearer t' }
    expect((await server.inject(get('/connectors', headers))).status).toBe(200)
  })

  it('a list of users that is not well-formed is told without showing it', () => {
    expect(() => serve({ users: 'annsecret' })).toThrow(
      /scamander\.rest\.basic\.users: expected name:password/,
    )
    expect(() => serve({ users: 'annsecret' })).not.toThrow(/annsecret/)
  })
})

describe('pages of other origins', () => {
  const origin = 'http://ui.example'
  it.each([
    ['', '', origin, undefined, undefined],
    [origin, '', origin, origin, 'GET,POST,HEAD'],
    [`${origin}, http://b.example`, 'PUT,DELETE', origin, origin, 'PUT,DELETE'],
    [origin, '', 'http://evil.example', undefined, undefined],
    ['*', '', 'http://any.example', '*', 'GET,POST,HEAD'],
  ])('allowed %j, methods %j: %s gets %s', async (allowed, methods, from, header, told) => {
    const { server } = serve({ token: 't' }, { cors: parseCors(allowed, methods) })
    const authorization = 'Bearer t'
    const { status, headers } = await server.inject(
      get('/connectors', { origin: from, authorization }),
    )
    expect([status, headers['access-control-allow-origin']]).toEqual([200, header])
    const ask = { origin: from, 'access-control-request-method': 'PUT' }
    const preflight = await server.inject({ method: 'OPTIONS', url: '/connectors', headers: ask })
    expect(preflight.status).toBe(allowed === '' ? 401 : 200)
    expect(preflight.headers['access-control-allow-methods']).toBe(told)
  })
})

describe('added headers', () => {
  it('stand in every answer, also in refusals', async () => {
    const headers = parseHeaderRules(
      'set X-Frame-Options: DENY,"add Cache-Control: no-cache, no-store",addDate Expires: 0',
    )
    const { server } = serve({}, { headers })
    for (const url of ['/connectors', '/nothing', '/connectors/a']) {
      const answer = await server.inject(get(url))
      expect(answer.headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-cache, no-store',
        expires: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} .* GMT$/),
      })
    }
  })

  it.each(['sit X: a', 'set X', 'set X Y: a', 'setDate X: soon'])('%s is refused', rule => {
    expect(() => parseHeaderRules(rule)).toThrow(/response\.http\.headers\.config: expected/)
  })
})

describe('the limit of time', () => {
  it('ends a call that hangs', async () => {
    const logger = Logger.silent()
    const access = new Access({ users: new Secret(''), token: new Secret('') })
    const handle = () => new Promise<never>(() => undefined)
    const routes = [{ method: 'GET' as const, path: '/slow', summary: '', handle }]
    const server = new HttpServer({ routes, access, logger, timeoutMs: 1 })
    const { status, body } = await server.inject(get('/slow'))
    expect([status, body]).toEqual([500, error(500, 'Request timed out')])
  })
})

describe('topics', () => {
  it('are an empty list for an unknown connector', async () => {
    const { server } = serve()
    const { status, body } = await server.inject(get('/connectors/a/topics'))
    expect([status, body]).toEqual([200, '{"a":{"topics":[]}}'])
    const reset = await server.inject({ method: 'PUT', url: '/connectors/a/topics/reset' })
    expect([reset.status, reset.body]).toEqual([202, ''])
  })

  it.each([
    ['topic.tracking.enable=false', 'GET', '/connectors/a/topics', 'Topic tracking is disabled.'],
    [
      'topic.tracking.allow.reset=false',
      'PUT',
      '/connectors/a/topics/reset',
      'Topic tracking reset is disabled.',
    ],
  ] as const)('%s: %s %s is refused', async (property, method, url, message) => {
    const { server } = serve({}, {}, property)
    const answer = await server.inject({ method, url })
    expect([answer.status, answer.body]).toEqual([403, error(403, message)])
  })
})

describe('offsets', () => {
  const url = '/connectors/a/offsets'
  it.each([
    ['null', { offsets: null }, /Partitions \/ offsets need to be provided/],
    ['an empty list', { offsets: [] }, /Partitions \/ offsets need to be provided/],
    ['no list', { offsets: {} }, /expected an array in/],
    ['another member', { offset: [] }, /Unrecognized field/],
    ['another member within', { offsets: [{ topic: 't' }] }, /Unrecognized field/],
    ['no object', { offsets: [1] }, /expected an object as each member/],
    ['a partition that is none', { offsets: [{ partition: 1 }] }, /expected an object or null/],
  ])('%s is refused', async (_what, body, message) => {
    const { server } = serve()
    const answer = await server.inject(send('PATCH', url, body))
    expect([answer.status, answer.body]).toEqual([400, expect.stringMatching(message)])
  })

  it.each(['GET', 'DELETE'] as const)('%s of an unknown connector', async method => {
    const { server } = serve()
    const answer = await server.inject({ method, url })
    expect([answer.status, answer.body]).toEqual([404, error(404, 'Connector a not found')])
  })
})

describe('calls between workers', () => {
  it.each([
    ['POST', '/connectors/a/tasks'],
    ['PUT', '/connectors/a/fence'],
  ] as const)(
    '%s %s is refused by a worker that is alone, after the login',
    async (method, url) => {
      const { server } = serve({ token: 't' })
      const call = { method, url, headers: JSON_TYPE, payload: '[]' }
      expect((await server.inject(call)).status).toBe(401)
      const headers = { ...JSON_TYPE, authorization: 'Bearer t' }
      expect((await server.inject({ ...call, headers })).status).toBe(500)
    },
  )
})
