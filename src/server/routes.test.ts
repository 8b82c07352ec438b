/**
 * Calls that need no connector: beans, topics, offsets of nobody, calls between workers.
 * What they answer with connectors is in test/integration.
 */
import { describe, expect, it } from 'vitest'
import { error, get, JSON_TYPE, send, serve } from './test-rest.ts'

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
