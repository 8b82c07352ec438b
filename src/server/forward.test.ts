import { describe, expect, it } from 'vitest'
import { type Fetch, forward } from './forward.ts'
import type { Call } from './route.ts'

function callOf(url: string, more: Partial<Call> = {}): Call {
  const query = new URLSearchParams(url.split('?')[1] ?? '')
  return { params: {}, query, body: '', method: 'POST', url, headers: {}, ...more }
}

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const sent: { url: string; init: RequestInit }[] = []
  const fetchUrl: Fetch = async (url, init = {}) => {
    sent.push({ url: String(url), init })
    return new Response(status === 204 ? null : body, { status, headers })
  }
  return { sent, fetchUrl }
}

describe('forward', () => {
  it.each([
    ['/connectors', 'http://b:1/connectors?forward=true'],
    [
      '/connectors/a%20b/restart?onlyFailed=true',
      'http://b:1/connectors/a%20b/restart?onlyFailed=true&forward=true',
    ],
    ['/connectors?forward=true', 'http://b:1/connectors?forward=false'],
  ])('%s goes to %s', async (url, expected) => {
    const { sent, fetchUrl } = answering(204, '')
    expect(await forward(callOf(url), 'http://b:1/', fetchUrl)).toEqual({ status: 204 })
    expect(sent.map(one => one.url)).toEqual([expected])
  })

  it('passes nothing on a third time', async () => {
    const { sent, fetchUrl } = answering(200, '')
    expect(
      await forward(callOf('/connectors?forward=false'), 'http://b:1', fetchUrl),
    ).toBeUndefined()
    expect(sent).toEqual([])
  })

  it('takes the login, the body and the answer along', async () => {
    const headers = { location: '/connectors/a', 'content-type': 'application/json' }
    const { sent, fetchUrl } = answering(201, '{"name":"a"}', headers)
    const call = callOf('/connectors', {
      body: '{}',
      headers: { authorization: 'Bearer t', host: 'a:1', 'content-length': '2', 'x-y': 'z' },
    })
    expect(await forward(call, 'http://b:1', fetchUrl)).toEqual({
      status: 201,
      bytes: { body: Buffer.from('{"name":"a"}'), type: 'application/json' },
      headers: { location: '/connectors/a' },
    })
    expect(sent[0]?.init).toMatchObject({
      method: 'POST',
      body: '{}',
      headers: { authorization: 'Bearer t', 'x-y': 'z' },
    })
    expect(sent[0]?.init.headers).not.toHaveProperty('host')
  })

  it('tells when the other worker is gone', async () => {
    const fetchUrl: Fetch = async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
    }
    await expect(forward(callOf('/connectors'), 'http://b:1', fetchUrl)).rejects.toThrow(
      'IO Error trying to forward REST request: connect ECONNREFUSED',
    )
  })
})
