/**
 * Live connections without a socket: snapshots and changes, topics that come and go, who may look, and a
 * connection that goes on where it broke.
 */
import { text } from 'node:stream/consumers'
import { afterEach, expect, it, vi } from 'vitest'
import type { Role } from '../../api-v1.ts'
import type { Answer, Call } from '../route.ts'
import { LiveHub } from './live-hub.ts'
import type { LiveSink } from './live-topic.ts'

afterEach(() => void vi.useRealTimers())

function started(role: Role | undefined = 'admin') {
  vi.useFakeTimers()
  let caller: { name: string; role: Role } | undefined = { name: 'ann', role }
  const hub = new LiveHub(() => caller)
  const sinks = new Map<string, LiveSink>()
  const closed: string[] = []
  const open = (key: string, sink: LiveSink) => {
    if (key === 'none') throw new Error('there is no such thing')
    sinks.set(key, sink)
    return { close: () => void closed.push(key) }
  }
  hub.provide('thing', { keys: ['a', 'b', 'none'], open })
  hub.provide('rows', { least: 'standard', keys: ['r'], keep: 2, open })
  const routes = hub.routes()
  const connect = routes.find(one => one.path.endsWith('/stream'))
  const patch = routes.find(one => one.method === 'PATCH')
  const call = (more: Partial<Call>): Call => ({
    ...{ params: {}, query: new URLSearchParams(), body: '', method: 'GET', url: '', headers: {} },
    ...more,
  })
  const look = (topics: readonly string[], headers = {}) => {
    const query = new URLSearchParams(topics.map((one): [string, string] => ['topics', one]))
    return connect?.handle(call({ query, headers })) as Promise<Answer>
  }
  const change = (id: string, body: object) =>
    patch?.handle(call({ params: { id }, body: JSON.stringify(body) })) as Promise<Answer>
  const leave = () => {
    caller = undefined
  }
  return { hub, sinks, closed, look, change, leave }
}

interface Told {
  readonly id: string | undefined
  readonly event: string
  readonly data: Record<string, unknown>
}

function toTold(chunk: string): Told[] {
  return chunk.split('\n\n').flatMap(block => {
    const of = (name: string) =>
      block
        .split('\n')
        .find(line => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    const event = of('event')
    return event === undefined ? [] : [{ id: of('id'), event, data: JSON.parse(of('data') ?? '') }]
  })
}

const readNow = (answer: Answer) => toTold(String(answer.stream?.body.read() ?? ''))

it('tells the state, then what changed, at most four times a second', async () => {
  const { hub, sinks, look, closed } = started()
  const answer = await look(['thing:a'])
  expect(readNow(answer)).toMatchObject([{ event: 'hello', data: { resumed: false } }])
  const sink = sinks.get('a')
  sink?.state({ n: 1, same: [1] })
  await vi.advanceTimersByTimeAsync(1)
  for (const n of [2, 3, 4]) sink?.state({ n, same: [1] })
  await vi.advanceTimersByTimeAsync(300)
  expect(readNow(answer).map(({ event, data }) => [event, data])).toEqual([
    ['snapshot', { topic: 'thing:a', data: { n: 1, same: [1] } }],
    ['patch', { topic: 'thing:a', changes: [[['n'], 4]] }],
  ])
  const second = await look(['thing:a'])
  expect(readNow(second)[1]).toMatchObject({ event: 'snapshot', data: { data: { n: 4 } } })
  expect(closed).toEqual([])
  hub.close()
  expect(closed).toEqual(['a'])
})

it('adds and removes topics of an open stream, and refuses what is unknown or not allowed', async () => {
  const { hub, sinks, look, change, closed } = started('viewer')
  const answer = await look(['nothing', 'thing:none', 'thing:z', 'thing:a:b', 'rows:r'])
  const [hello, ...refused] = readNow(answer)
  expect(refused.map(one => [one.event, one.data['status']])).toEqual([
    ['refused', 404],
    ['refused', 404],
    ['refused', 404],
    ['refused', 404],
    ['refused', 403],
  ])
  const stream = String(hello?.data['stream'])
  expect((await change(stream, { add: ['thing:b'] })).json).toEqual({ topics: ['thing:b'] })
  sinks.get('b')?.items([1, 2])
  await vi.advanceTimersByTimeAsync(1)
  expect(readNow(answer)).toMatchObject([{ event: 'items', data: { items: [1, 2], skipped: 0 } }])
  await change(stream, { remove: ['thing:b'] })
  expect(closed).toEqual(['b'])
  expect((await change('another', { add: ['thing:b'] })).status).toBe(404)
  hub.close()
})

it('goes on where a connection broke, and begins anew when too much was missed', async () => {
  const { hub, sinks, look } = started()
  const first = await look(['thing:a'])
  sinks.get('a')?.state('one')
  await vi.advanceTimersByTimeAsync(1)
  const id = readNow(first).at(-1)?.id
  first.stream?.body.destroy()
  await vi.advanceTimersByTimeAsync(300)
  sinks.get('a')?.state('two')
  await vi.advanceTimersByTimeAsync(1)
  const second = await look(['thing:a'], { 'last-event-id': id })
  const told = readNow(second)
  expect(told.find(one => one.event === 'hello')?.data['resumed']).toBe(true)
  expect(told.filter(one => one.id !== undefined).map(one => one.data)).toEqual([
    { topic: 'thing:a', changes: [[[], 'two']] },
  ])
  second.stream?.body.destroy()
  await vi.advanceTimersByTimeAsync(80_000)
  const third = await look(['thing:a'], { 'last-event-id': id })
  expect(readNow(third)[0]?.data['resumed']).toBe(false)
  hub.close()
})

it('gives a tail its last items first, and ends when the caller is nobody any more', async () => {
  const { hub, sinks, look, leave } = started()
  const first = await look(['rows:r'])
  sinks.get('r')?.items([1, 2, 3])
  await vi.advanceTimersByTimeAsync(1)
  const second = await look(['rows:r'])
  expect(readNow(second)[1]?.data['items']).toEqual([2, 3])
  leave()
  await vi.advanceTimersByTimeAsync(16_000)
  vi.useRealTimers()
  const rest = first.stream === undefined ? '' : await text(first.stream.body)
  expect(toTold(rest).at(-1)?.event).toBe('items')
  hub.close()
})
