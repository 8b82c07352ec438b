/** Pace, retries and credentials of the client, without a socket. */
import { expect, it } from 'vitest'
import { BacklogClient, type BacklogClientOptions } from './client.ts'
import { toOrigin } from './origin.ts'

const caller = { signal: new AbortController().signal }

function script(answers: readonly Response[], more: Partial<BacklogClientOptions> = {}) {
  const urls: string[] = []
  const waits: number[] = []
  let nowMs = 1_000_000
  const client = new BacklogClient({
    ...{ origin: 'https://acme.backlog.com', apiKey: 'key' },
    fetch: async url => {
      urls.push(url)
      return answers[urls.length - 1]!
    },
    now: () => nowMs,
    sleep: async ms => {
      waits.push(ms)
      nowMs += ms
    },
    ...more,
  })
  return { client, urls, waits }
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })

it('waits for the reset of a 429, and a minute when there is none', async () => {
  const tooMany = { errors: [{ code: 13, message: 'Too many requests.' }] }
  const { client, waits } = script([
    json(tooMany, 429, { 'x-ratelimit-reset': '1030' }),
    json(tooMany, 429),
    json([1]),
  ])
  expect(await client.get('users', {}, caller)).toEqual([1])
  expect(waits).toHaveLength(2)
  expect(waits[0]).toBeGreaterThanOrEqual(30_000)
  expect(waits[0]).toBeLessThan(31_000)
  expect(waits[1]).toBeGreaterThanOrEqual(60_000)
})

it('leaves the reserve to others', async () => {
  const headers = {
    'x-ratelimit-limit': '100',
    'x-ratelimit-remaining': '10',
    'x-ratelimit-reset': '1010',
  }
  const { client, waits } = script([json([], 200, headers), json([])])
  await client.get('users', {}, caller)
  await client.get('users', {}, caller)
  expect(waits[0]).toBeGreaterThanOrEqual(10_000)
})

it('gives up after five retries, and at once on a wrong key', async () => {
  const { client, urls } = script(
    Array.from({ length: 6 }, () => new Response('<html>', { status: 502 })),
  )
  await expect(client.get('users', {}, caller)).rejects.toThrow('GET users failed 6 times')
  expect(urls).toHaveLength(6)
  const refused = script([
    json({ errors: [{ code: 11, message: 'Authentication failure.' }] }, 401),
  ])
  await expect(refused.client.get('users', {}, caller)).rejects.toThrow('Authentication failure')
})

it('renews a sign-in again when the renewal was not answered, and tells when it is over', async () => {
  const stored: string[] = []
  const oauth = {
    ...{ clientId: 'c', clientSecret: 's', refreshToken: 'r0' },
    store: (token: string) => void stored.push(token),
  }
  const token = { access_token: 'a', refresh_token: 'r1', expires_in: 3600 }
  const refusals: string[] = []
  const { client, urls } = script(
    [json({}, 503), json(token), json([1]), new Response('', { status: 401 }), json({}, 400)],
    { apiKey: undefined, oauth, onRefused: status => void refusals.push(status) },
  )
  expect(await client.get('users', {}, caller)).toEqual([1])
  expect([stored, client.isRefused]).toEqual([['r1'], false])
  await expect(client.get('users', {}, caller)).rejects.toThrow('sign in again')
  expect([refusals, client.isRefused, urls.length]).toEqual([['AUTH_EXPIRED'], true, 5])
})

it('follows no redirect and keeps the key out of the address', async () => {
  const { client, urls } = script([
    new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
  ])
  await expect(client.get('users', { projectId: [1, 2] }, caller)).rejects.toThrow('redirected')
  expect(urls).toEqual([
    'https://acme.backlog.com/api/v2/users?projectId%5B%5D=1&projectId%5B%5D=2',
  ])
})

it.each([
  ['acme.backlog.com', 'https://acme.backlog.com'],
  ['https://acme.backlog.jp/dashboard', 'https://acme.backlog.jp'],
  ['http://127.0.0.1:4010/', 'http://127.0.0.1:4010'],
])('reads %s', (given, origin) => {
  expect(toOrigin(given)).toBe(origin)
})

it.each(['', 'http://acme.backlog.com', 'ftp://acme', 'https://user@acme'])('refuses %s', given => {
  expect(() => toOrigin(given)).toThrow('URL')
})
