/** What a log may show of a request: everything but secrets, wherever they stand. */
import { expect, it } from 'vitest'
import { BacklogClient } from './client.ts'
import type { Exchange } from './exchange.ts'

const KEY = 'k/e+y with="signs"'

async function told(options: object, body: string): Promise<Exchange[]> {
  const all: Exchange[] = []
  const headers = { 'set-cookie': 'session=1' }
  const fetch = () => Promise.resolve(new Response(body, { headers }))
  const client = new BacklogClient({ origin: 'https://acme.backlog.com', fetch, ...options })
  const { signal } = new AbortController()
  const onExchange = (one: Exchange) => void all.push(one)
  await client.get('projects', { archived: false }, { signal, onExchange })
  return all
}

it.each([
  ['in a header', { apiKey: KEY }],
  ['in the query', { apiKey: KEY, keyInQuery: true }],
])('masks the key %s and where the answer has it', async (_, options) => {
  const [one, ...more] = await told(options, JSON.stringify([{ key: KEY, name: 'Acme' }]))
  expect(more).toEqual([])
  const text = JSON.stringify(one)
  for (const part of ['k/e', 'k%2Fe', 'signs', 'session=1']) expect(text).not.toContain(part)
  expect(one).toMatchObject({
    ...{ request: expect.stringContaining('GET https://acme.backlog.com/api/v2/projects?') },
    ...{ status: 200, headers: { 'set-cookie': '***' } },
    body: JSON.stringify([{ key: '***', name: 'Acme' }]),
  })
})
