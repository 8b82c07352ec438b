import { describe, expect, it } from 'vitest'
import { clientSettingsOf, type Fetch, RestClient } from './rest-client.ts'

/** Answers in turn; the last answer stays. */
function answering(...answers: readonly [number, string][]) {
  const seen: string[] = []
  const fetchUrl: Fetch = async (url, init) => {
    const [status, body] = answers[Math.min(seen.length, answers.length - 1)]!
    seen.push(`${init?.method} ${url}`)
    return new Response(body, { status })
  }
  return { seen, client: new RestClient({ url: 'http://w:1', pauseMs: 1 }, fetchUrl) }
}

const REBALANCE = JSON.stringify({
  error_code: 409,
  message: 'Cannot complete request (rebalance)',
})

describe('RestClient', () => {
  it('repeats a call that meets a rebalance', async () => {
    const quirk = '{"message":"Request cannot be completed because a rebalance is expected"}'
    const { seen, client } = answering([409, REBALANCE], [500, quirk], [200, '["a"]'])
    expect(await client.call('GET', '/connectors')).toEqual(['a'])
    expect(seen).toEqual(Array(3).fill('GET http://w:1/connectors'))
  })

  it('gives up after a while, and at once when the name is taken', async () => {
    const { seen, client } = answering([409, REBALANCE])
    await expect(client.call('GET', '/')).rejects.toThrow(/rebalance/)
    expect(seen).toHaveLength(6)
    const other = answering([409, '{"message":"Connector a already exists"}'])
    await expect(other.client.call('GET', '/')).rejects.toThrow('exists')
    expect(other.seen).toHaveLength(1)
  })

  it.each([
    [400, 'config'],
    [401, 'config'],
    [404, 'request'],
    [409, 'request'],
    [500, 'fatal'],
    [503, 'retriable'],
  ])('tells a %d as an error of kind %s', async (status, kind) => {
    const { client } = answering([status, '{"message":"because already exists"}'])
    await expect(client.call('GET', '/')).rejects.toMatchObject({ kind })
  })

  it('tells an answer that is no JSON', async () => {
    const { client } = answering([200, '<html>'])
    await expect(client.call('GET', '/')).rejects.toThrow(/expected JSON/)
  })
})

describe('clientSettingsOf', () => {
  const basic = `Basic ${Buffer.from('ann:pw').toString('base64')}`
  it.each([
    [undefined, {}, 'http://127.0.0.1:8083', undefined],
    [undefined, { SCAMANDER_URL: 'https://w:1/' }, 'https://w:1', undefined],
    ['http://a:2', { SCAMANDER_URL: 'http://b:3' }, 'http://a:2', undefined],
    [undefined, { SCAMANDER_TOKEN: 't' }, 'http://127.0.0.1:8083', 'Bearer t'],
    [
      undefined,
      { SCAMANDER_USER: 'ann', SCAMANDER_PASSWORD: 'pw' },
      'http://127.0.0.1:8083',
      basic,
    ],
  ])('url %s with %j', (given, env, url, authorization) => {
    expect(clientSettingsOf(given, env)).toEqual({ url, authorization })
  })

  it.each(['localhost:8083', 'ftp://a', 'http://ann:pw@a'])('refuses %s', given => {
    expect(() => clientSettingsOf(given, {})).toThrow(/--url: expected http:\/\/host:port/)
    expect(() => clientSettingsOf(given, {})).not.toThrow(/pw/)
  })
})
