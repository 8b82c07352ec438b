/**
 * The live connection against scripted answers: it reads events, changes topics on the open stream, comes
 * back by itself with the last id, and stops where a login is wanted.
 */
import { afterEach, expect, it, vi } from 'vitest'
import type { LiveMessage } from '../../api-v1-live.ts'
import { LiveConnection } from './live-connection.ts'

let connection: LiveConnection | undefined
afterEach(() => connection?.close())

interface Asked {
  readonly url: string
  readonly init: RequestInit
}

function scripted() {
  const asked: Asked[] = []
  const states: string[] = []
  const messages: LiveMessage[] = []
  const bodies: ReadableStreamDefaultController<Uint8Array>[] = []
  const status = { next: 200 }
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    if (init.method === 'PATCH') return new Response('{}')
    if (status.next !== 200) return new Response('', { status: status.next })
    const body = new ReadableStream<Uint8Array>({ start: at => void bodies.push(at) })
    init.signal?.addEventListener('abort', () => bodies.at(-1)?.error(new Error('aborted')))
    return new Response(body)
  }
  connection = new LiveConnection({
    onState: state => states.push(state),
    onMessage: message => messages.push(message),
    fetch: fetch as typeof globalThis.fetch,
    ...{ silentMs: 60_000, slowMs: 60_000, retryMs: [5] },
  })
  const send = (text: string) => bodies.at(-1)?.enqueue(new TextEncoder().encode(text))
  const hello = (resumed: boolean) =>
    send(`event: hello\ndata: ${JSON.stringify({ stream: 's', version: '1', resumed })}\n\n`)
  return { connection, asked, states, messages, bodies, status, send, hello }
}

const header = (asked: Asked | undefined, name: string) =>
  new Headers(asked?.init.headers).get(name)

it('reads events, cut anywhere, and asks for topics that come later on the same stream', async () => {
  const { connection, asked, states, messages, bodies, send, hello } = scripted()
  connection.add('flows')
  connection.open()
  await vi.waitFor(() => expect(bodies).toHaveLength(1))
  expect(asked[0]?.url).toBe('/api/v1/stream?topics=flows')
  hello(false)
  send(': alive\n\nid: s.1\nevent: snap')
  send('shot\ndata: {"topic":"flows","data":1}\n\n')
  await vi.waitFor(() => expect(messages.map(one => one.event)).toEqual(['hello', 'snapshot']))
  expect(states).toEqual(['live'])
  connection.add('jobs')
  connection.remove('flows')
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  expect(asked[1]?.url).toBe('/api/v1/stream/s')
  expect(JSON.parse(String(asked[1]?.init.body))).toEqual({ add: ['jobs'], remove: ['flows'] })
})

it('comes back with the last id after the stream broke', async () => {
  const { connection, asked, states, bodies, send, hello } = scripted()
  connection.open()
  await vi.waitFor(() => expect(bodies).toHaveLength(1))
  hello(false)
  send('id: s.7\nevent: items\ndata: {"topic":"t","items":[],"skipped":0}\n\n')
  await vi.waitFor(() => expect(states).toEqual(['live']))
  bodies[0]?.error(new Error('cut'))
  await vi.waitFor(() => expect(bodies).toHaveLength(2))
  expect(states).toEqual(['live', 'reconnecting'])
  expect(header(asked.at(-1), 'last-event-id')).toBe('s.7')
  hello(true)
  await vi.waitFor(() => expect(states.at(-1)).toBe('live'))
})

it('waits for a login, and tries again when it is told', async () => {
  const { connection, states, bodies, status, asked } = scripted()
  status.next = 401
  connection.open()
  await vi.waitFor(() => expect(states).toEqual(['out']))
  const tries = asked.length
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(asked).toHaveLength(tries)
  status.next = 200
  connection.retry()
  await vi.waitFor(() => expect(bodies).toHaveLength(1))
})
