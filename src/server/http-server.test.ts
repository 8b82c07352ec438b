/**
 * The conventions of the HTTP server on the whole API: statuses, error bodies, access, pages of
 * other origins, added headers, the limit of time.
 */
import { describe, expect, it } from 'vitest'
import { Secret } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { Access } from './access.ts'
import { parseCors } from './cors.ts'
import { HttpServer } from './http-server.ts'
import { parseHeaderRules } from './response-headers.ts'
import { type Call, error, get, SINK, send, serve } from './test-rest.ts'

describe('answers', () => {
  const lead = 'Connector configuration is invalid and contains the following'
  it.each<[string, Call, number, string | RegExp]>([
    ['the version', get('/'), 200, '{"version":"4.1.1","commit":"unknown","kafka_cluster_id":""}'],
    ['the version to whoever takes no JSON', get('/', { accept: 'text/plain' }), 200, /"version"/],
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
      /^\{"root":\{"level":"OFF","last_modified":null\}/,
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
    expect([put.status, JSON.parse(put.body)]).toEqual([200, expect.arrayContaining(['root'])])
    const { body } = await server.inject(get('/admin/loggers/root'))
    expect(JSON.parse(body)).toEqual({ level: 'DEBUG', last_modified: expect.any(Number) })
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

  it.each([
    ['127.0.0.1', 200],
    ['::1, 127.0.0.1', 200],
    ['203.0.113.7', 403],
    ['127.0.0.1, 203.0.113.7', 403],
    ['unknown', 403],
  ])('a proxy that passes on for %s without a login is answered %d', async (hops, status) => {
    const { server } = serve()
    const headers = { host: '127.0.0.1:8083', 'x-forwarded-for': hops }
    expect((await server.inject(get('/connectors', headers))).status).toBe(status)
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
    ['', 'cross-site', 403],
    ['', 'same-site', 403],
    ['', 'same-origin', 404],
    [origin, 'cross-site', 404],
  ])('allowed %j: a change that is %s gets %i', async (allowed, site, status) => {
    const { server } = serve({}, { cors: parseCors(allowed, '') })
    const headers = { origin, 'sec-fetch-site': site }
    const call: Call = { method: 'POST', url: '/connectors/a/restart', headers }
    expect((await server.inject(call)).status).toBe(status)
    expect((await server.inject(get('/connectors', headers))).status).toBe(200)
  })

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
