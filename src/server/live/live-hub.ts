/**
 * The live connections of all browsers: streams, the topics that others provide, and the two routes.
 * One per server; made where the server is put together.
 * Invariants: a topic is open exactly while a stream has it; a stream that broke is kept for a minute;
 * who may look is asked again with every heartbeat and every change of sessions and users; streams and
 * topics are bounded in number.
 * Shapes: src/api-v1-live.ts. Spec: ui 4.3, 6.
 */
import type { Role } from '../../api-v1.ts'
import type { LiveTopicsPatch } from '../../api-v1-live.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import { messageOf } from '../../base/scamander-error.ts'
import { isAtLeast } from '../../replicate/index.ts'
import type { MetricRegistry, Series } from '../../telemetry/index.ts'
import { ActivityDesk } from '../activity/activity-desk.ts'
import { type Answer, type Call, json, type Route } from '../route.ts'
import { problem, v1Route } from '../v1/problem.ts'
import { body } from '../v1/v1-calls.ts'
import { LiveChannel, type LiveListener } from './live-channel.ts'
import { STREAMS } from './live-metrics.ts'
import { LiveStream } from './live-stream.ts'
import type { LiveTopic } from './live-topic.ts'

export interface LiveCaller {
  readonly name: string
  readonly role: Role
}

/** Who calls now; undefined: nobody any more. */
export type WhoCalls = (call: Call) => LiveCaller | undefined

const HEARTBEAT_MS = 15_000
const BROKEN_MS_MAX = 60_000
const STREAMS_MAX = 500
const TOPICS_MAX = 100
const PATH = '/api/v1/stream'
const NO_KEY: readonly string[] = ['']

interface Open {
  readonly stream: LiveStream
  readonly listener: LiveListener
  readonly topics: Map<string, LiveChannel>
  call: Call
}

export class LiveHub {
  /** Long acts under way, as a topic of every hub. */
  readonly activity = new ActivityDesk()
  readonly #topics = new Map<string, LiveTopic>()
  readonly #channels = new Map<string, LiveChannel>()
  readonly #open = new Map<string, Open>()
  readonly #whoCalls: WhoCalls
  readonly #timer: NodeJS.Timeout
  #gauge: Series | undefined

  /** Without `whoCalls` everybody who reaches the server is its administrator. */
  constructor(whoCalls: WhoCalls = () => ({ name: '', role: 'admin' })) {
    this.#whoCalls = whoCalls
    this.provide('activity', this.activity.topic())
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS).unref()
  }

  /** `name` is what stands before the colon of topics. */
  provide(name: string, topic: LiveTopic): void {
    this.#topics.set(name, topic)
  }

  countIn(registry: MetricRegistry): void {
    this.#gauge = registry.series(STREAMS)
    this.#count()
  }

  routes(): Route[] {
    return [
      ...this.activity.routes(),
      v1Route({
        method: 'GET',
        path: PATH,
        summary: 'Server-sent events of topics: a snapshot, then what changes.',
        query: { topics: 'names, repeated; `Last-Event-ID` goes on where a connection broke' },
        handle: call => this.#connect(call),
      }),
      v1Route({
        method: 'PATCH',
        path: `${PATH}/:id`,
        summary: 'Adds and removes topics of an open stream.',
        body: '`{"add": ["topic"], "remove": ["topic"]}`',
        handle: call => this.#patch(call),
      }),
    ]
  }

  close(): void {
    clearInterval(this.#timer)
    for (const open of [...this.#open.values()]) this.#end(open)
  }

  #connect(call: Call): Answer {
    const caller = this.#whoCalls(call)
    if (caller === undefined) return problem(403, 'expected a caller with a role, found none')
    const wanted = new Set(call.query.getAll('topics'))
    const [id = '', after = ''] = (call.headers['last-event-id'] ?? '').split('.')
    const known = this.#open.get(id)
    const isOwn = known !== undefined && known.stream.owner === caller.name
    const body = isOwn ? known.stream.attach(Number(after)) : undefined
    if (known !== undefined && body !== undefined) {
      known.call = call
      this.#hello(known, true)
      this.#change(known, caller, {
        add: [...wanted].filter(one => !known.topics.has(one)),
        remove: [...known.topics.keys()].filter(one => !wanted.has(one)),
      })
      return streamOf(body)
    }
    if (isOwn) this.#end(known)
    if (this.#open.size >= STREAMS_MAX)
      return problem(503, `there are ${STREAMS_MAX} live connections already`)
    return this.#begin(call, caller, [...wanted])
  }

  #begin(call: Call, caller: LiveCaller, add: readonly string[]): Answer {
    const stream = new LiveStream(caller.name)
    const open: Open = {
      ...{ stream, call, topics: new Map() },
      listener: message => stream.send(message),
    }
    this.#open.set(stream.id, open)
    this.#count()
    const body = stream.attach(0)
    this.#hello(open, false)
    this.#change(open, caller, { add })
    return body === undefined ? problem(500, 'a new stream has no beginning') : streamOf(body)
  }

  /** Streams of callers who are nobody any more end, and topics that they may not see any more. */
  look(): void {
    for (const open of [...this.#open.values()]) {
      const caller = this.#whoCalls(open.call)
      if (caller === undefined) this.#end(open)
      else
        for (const name of [...open.topics.keys()])
          if (!isAtLeast(caller.role, this.#leastOf(name))) this.#leave(open, name)
    }
  }

  #hello({ stream }: Open, resumed: boolean): void {
    const data = { stream: stream.id, version: PRODUCT_VERSION, resumed }
    stream.sendNow({ event: 'hello', data })
  }

  #patch(call: Call): Answer {
    const caller = this.#whoCalls(call)
    const open = this.#open.get(call.params['id'] ?? '')
    if (caller === undefined || open === undefined || open.stream.owner !== caller.name)
      return problem(404, 'there is no such stream; open a new one')
    const given = body<LiveTopicsPatch>(call)
    const names = (list: unknown) =>
      Array.isArray(list) ? list.filter(one => typeof one === 'string') : []
    this.#change(open, caller, { add: names(given.add), remove: names(given.remove) })
    return json(200, { topics: [...open.topics.keys()] })
  }

  #change(open: Open, caller: LiveCaller, { add = [], remove = [] }: LiveTopicsPatch): void {
    for (const name of remove) this.#leave(open, name)
    for (const name of add) {
      if (open.topics.has(name)) continue
      const refusal = open.topics.size >= TOPICS_MAX ? tooMany() : this.#join(open, caller, name)
      if (refusal === undefined) continue
      const data = { topic: name, ...refusal }
      open.stream.send({ event: 'refused', data })
    }
  }

  #join(open: Open, { role }: LiveCaller, name: string): Refusal | undefined {
    const [kind = '', key = ''] = name.split(':', 2)
    const topic = this.#topics.get(kind)
    const isKnown = name === (key === '' ? kind : `${kind}:${key}`)
    if (topic === undefined || !isKnown || !(topic.keys ?? NO_KEY).includes(key))
      return { status: 404, detail: `there is no topic ${name}` }
    const least = this.#leastOf(name)
    if (!isAtLeast(role, least))
      return { status: 403, detail: `expected the role ${least}, found ${role}` }
    try {
      const channel = this.#channels.get(name) ?? new LiveChannel(name, topic)
      this.#channels.set(name, channel)
      open.topics.set(name, channel)
      channel.join(open.listener)
    } catch (error) {
      return { status: 404, detail: messageOf(error) }
    }
    return undefined
  }

  #leave(open: Open, name: string): void {
    const channel = open.topics.get(name)
    open.topics.delete(name)
    if (channel === undefined) return
    channel.leave(open.listener)
    if (!channel.isIdle) return
    channel.close()
    this.#channels.delete(name)
  }

  #end(open: Open): void {
    for (const name of [...open.topics.keys()]) this.#leave(open, name)
    open.stream.end()
    this.#open.delete(open.stream.id)
    this.#count()
  }

  #beat(): void {
    const now = performance.now()
    for (const open of [...this.#open.values()]) {
      const { brokenMs } = open.stream
      const isLost = brokenMs !== undefined && now - brokenMs > BROKEN_MS_MAX
      if (isLost) this.#end(open)
      else open.stream.beat()
    }
    this.look()
  }

  #leastOf(name: string): Role {
    return this.#topics.get(name.split(':')[0] ?? '')?.least ?? 'viewer'
  }

  #count(): void {
    this.#gauge?.set(this.#open.size)
  }
}

interface Refusal {
  readonly status: number
  readonly detail: string
}

function tooMany(): Refusal {
  return { status: 409, detail: `a stream has at most ${TOPICS_MAX} topics` }
}

function streamOf(body: NonNullable<ReturnType<LiveStream['attach']>>): Answer {
  return {
    status: 200,
    stream: { body, type: 'text/event-stream' },
    headers: { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
  }
}
